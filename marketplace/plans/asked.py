"""Which plan does somebody mean who names moves, a solve, or both, and how far are its roads?"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from compliance.record.errors import N_, Conflict, Invalid
from compliance.record.work import Work
from marketplace.edge.door import Door
from marketplace.edge.identity import Visit
from marketplace.plans import proposal
from marketplace.plans.day import Day, problem_of
from marketplace.plans.day import of as day_of
from marketplace.plans.service import Wanted
from marketplace.roads.choice import distances_of
from marketplace.roads.choice import told as log_setbacks
from marketplace.solves import queries as solves
from matching.distances import Distances, Estimate

MOST_MOVES = 200


def measured(door: Door, request: Visit) -> Distances:
    """Return the provider of roads with those of the day asked for: a server is never waited for in a lock.

    What could not be measured is logged with its reason, and an estimate from then on.
    """
    roads = distances_of(door.settings)
    if not isinstance(roads, Estimate):
        with door.reading(request) as work:
            problem_of(day_of(work, roads))
        log_setbacks(roads)
    return roads


def wanted(
    work: Work, day: Day, moves: Iterable[str], solve_id: UUID | None, mark: str | None = None
) -> Wanted:
    """Return the plan that a solve's answer (or the plan that runs) becomes by moves, one after the other.

    `mark` is the day it was looked at, where that matters. Raises `Invalid` for a move that names no load or
    vehicle of this day, `Conflict` for a solve without an answer.
    """
    pairs = [_pair(day, move) for move in moves]
    if len(pairs) > MOST_MOVES:
        raise Invalid(
            N_("No more than {most} loads are moved at once."), field="moves", values={"most": MOST_MOVES}
        )
    if solve_id is None:
        sequences, left_out = proposal.present(day).sequences, frozenset[str]()
    else:
        row = solves.solve(work.session, solve_id, work.who)
        if row.result is None or "sequences" not in row.result:
            raise Conflict(N_("This solve has no answer."), code="no_answer")
        sequences = row.result["sequences"]
        left_out = frozenset(one["load"] for one in row.result["unserved"])
    moved = proposal.move(day, sequences, pairs)
    return Wanted(moved, mark if mark is not None else day.mark, solve_id, left_out - _ids(pairs))


def _pair(day: Day, move: str) -> tuple[UUID, UUID]:
    load, _, vehicle = move.partition(":")
    try:
        pair = UUID(load), UUID(vehicle)
    except ValueError:
        raise Invalid(N_("A move is written load:vehicle, by their ids."), field="moves") from None
    if day.load(pair[0]) is None or day.unit(pair[1]) is None:
        raise Invalid(N_("This move names no load or vehicle of the day."), field="moves")
    return pair


def _ids(pairs: Iterable[tuple[UUID, UUID]]) -> frozenset[str]:
    return frozenset(str(load) for load, _ in pairs)
