"""What is the least that would have to change for a lot to find a taker?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from matching.assign import clear
from matching.changes import Change, Step, change_for, with_changes
from matching.compatibility import pair_reasons, transport_reason
from matching.misses import effort
from matching.pairs import lawful_pairs
from matching.price import shadow_prices
from matching.problem import Lot, Problem, Taker
from matching.reasons import Reason, ReasonCode
from matching.score import FEN
from matching.solution import Solution
from matching.stopping import Limits

TAKERS_TRIED = 5


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Changes that bring a lot to a taker: the market was cleared again and `gained_kg` more went."""

    lot_id: str
    taker_id: str
    changes: tuple[Change, ...]
    gained_kg: int


def cheapest_relaxation(
    problem: Problem, lot_id: str, solution: Solution | None = None, limits: Limits | None = None
) -> Relaxation | None:
    """Find the least change after which more of the lot is taken, proven by clearing again.

    Takers are tried by the effort of their obstacles (`reasons.EFFORT`), then by the money the holder
    would have to give up; at most `TAKERS_TRIED` of them. None: the lot is already taken entire, or
    nothing tried helps. Several clearings: for one lot on demand, not for all.
    """
    lot = problem.lot(lot_id)
    before = _served_kg(solution or clear(problem, limits), lot)
    if before == lot.kg:
        return None
    for taker_id, changes in _attempts(problem, lot):
        eased = with_changes(problem, lot.id, taker_id, changes)
        gained = _served_kg(clear(eased, limits), lot) - before
        if gained > 0:
            return Relaxation(lot.id, taker_id, changes, gained)
    return None


def _attempts(problem: Problem, lot: Lot) -> Iterator[tuple[str, tuple[Change, ...]]]:
    """Propose changes, least effort first: the obstacles alone, then with money, then with more room."""
    obstacles = _obstacles(problem, lot)[:TAKERS_TRIED]
    plans: list[tuple[int, Decimal, str, tuple[Change, ...]]] = []
    for taker, metres, reasons in obstacles:
        changes = tuple(change_for(lot, reason, metres) for reason in reasons)
        short = _shortfall(with_changes(problem, lot.id, taker.id, changes), lot.id, taker.id)
        if short > 0:
            changes = (*changes, Change(Step.LOWER_EXPECTATION, short))
        plans.append((effort(reasons), short, taker.id, changes))
    plans.sort(key=lambda plan: plan[:3])
    for *_, taker_id, changes in plans:
        if changes:
            yield taker_id, changes
    more = Decimal(lot.kg)
    for *_, taker_id, changes in plans:
        yield taker_id, (*changes, Change(Step.ADD_QUOTA, more), Change(Step.ADD_TOTAL, more))


def _obstacles(problem: Problem, lot: Lot) -> list[tuple[Taker, int, list[Reason]]]:
    """List the takers with the road in metres and all that keeps them from the lot, least effort first."""
    transport = transport_reason(problem, lot)
    takers = problem.takers
    legs = problem.distances.legs([lot.point] * len(takers), [taker.point for taker in takers])
    rows: list[tuple[Taker, int, list[Reason]]] = []
    for taker, metres, seconds in zip(takers, legs.metres.tolist(), legs.seconds.tolist(), strict=True):
        reasons = pair_reasons(problem, lot, taker, metres, seconds)
        if all(reason.code is not ReasonCode.NO_ROAD for reason in reasons):
            rows.append((taker, metres, reasons if transport is None else [*reasons, transport]))
    rows.sort(key=lambda row: (effort(row[2]), row[1], row[0].id))
    return rows


def _shortfall(problem: Problem, lot_id: str, taker_id: str) -> Decimal:
    """Give the CNY per tonne that part the lot from winning a place at the taker; 0: it has one."""
    lot = problem.lot(lot_id)
    ask = shadow_prices(problem).ask.get((taker_id, lot.code), Decimal(0))
    found = lawful_pairs(problem, [lot])
    for pair in (found.row(n) for n in range(len(found))):
        if pair.taker.id == taker_id:
            return max(Decimal(0), ask - Decimal(pair.fen) / 100 + FEN)
    return Decimal(0)


def _served_kg(solution: Solution, lot: Lot) -> int:
    return sum(one.kg for one in solution.assignments if one.lot_id == lot.id)


def relaxed(problem: Problem, relaxation: Relaxation) -> Problem:
    """Give the problem as it would be after the relaxation."""
    return with_changes(problem, relaxation.lot_id, relaxation.taker_id, relaxation.changes)
