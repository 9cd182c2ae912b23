"""What does a dispatcher see: the day as it runs, a change beside it, how far a solve is, the way back?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote
from uuid import UUID

import msgspec

from compliance.record.errors import DomainError
from compliance.record.work import Work
from marketplace.plans import asked, day, proposal, queries
from marketplace.plans.board import (
    BoardView,
    LoadView,
    PlanView,
    ProposalView,
    UnservedView,
    VehicleView,
    board_view,
    proposal_view,
)
from marketplace.plans.day import Day
from marketplace.plans.tables import Plan
from marketplace.solves import queries as solves
from marketplace.solves.rules import OVER, Kind, State
from marketplace.solves.tables import Solve
from marketplace.web.plan_words import words_for
from marketplace.web.translation import Language
from matching.distances import Distances

LATE_SLACK_S = 900
"""A stop that may be later by less than this is marked: a traffic jam would break the plan."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page's address asks to be shown: moves, on top of a solve's answer."""

    moves: tuple[str, ...] = ()
    solve: UUID | None = None

    @property
    def nothing(self) -> bool:
        """Tell whether the day is shown as it runs."""
        return not self.moves and self.solve is None

    def query(self) -> str:
        """Return the address's query that asks the same."""
        parts = [f"move={quote(move, safe=':')}" for move in self.moves]
        parts += [f"solve={self.solve}"] if self.solve else []
        return "&".join(parts)


@dataclass(frozen=True, slots=True)
class Desk:
    """The dispatcher's desk; `seen` names what it shows, apart from the clock."""

    board: BoardView
    proposal: ProposalView | None
    refusal: DomainError | None
    asked: Asked
    solve: Solve | None
    undo: Plan | None
    seen: str

    @property
    def shown(self) -> PlanView:
        """Return the plan that is drawn: the change if there is one, else the day as it runs."""
        return self.proposal.plan if self.proposal else self.board.plan

    @property
    def cleaning_more(self) -> int:
        """Return by how much a change's fees for cleaning differ, in fen."""
        return self.shown.fen["cleaning"] - self.board.plan.fen["cleaning"]

    @property
    def loads(self) -> dict[UUID, LoadView]:
        """Return the planned loads by id."""
        return {load.id: load for load in self.board.loads}

    @property
    def vehicles(self) -> dict[UUID, VehicleView]:
        """Return the vehicles by id."""
        return {vehicle.id: vehicle for vehicle in self.board.vehicles}

    @property
    def unserved(self) -> list[UnservedView]:
        """Return what the shown plan leaves out, apart from what it would break."""
        broken = {one.load_id for one in self.proposal.broken} if self.proposal else set()
        return [one for one in self.shown.unserved if one.load_id not in broken]

    @property
    def drawn(self) -> dict[str, Any]:
        """Return what the drawings draw, JSON-ready: the shown plan, and the present one beside a change."""
        told = msgspec.to_builtins(
            {
                "at": self.board.at,
                "vehicles": self.board.vehicles,
                "loads": self.board.loads,
                "tours": self.shown.tours,
                "before": self.board.plan.tours if self.proposal else [],
            }
        )
        return cast("dict[str, Any]", told)

    @property
    def going(self) -> bool:
        """Tell whether a solve waits or runs."""
        return self.solve is not None and State(self.solve.state) not in OVER

    @property
    def answer(self) -> Solve | None:
        """Return a solve whose answer nobody has looked at: newer than the last plan, not shown now."""
        if self.solve is None or self.going or not self.solve.result or self.solve.id == self.asked.solve:
            return None
        fresh = self.undo is None or self.undo.at < (self.solve.ended_at or self.solve.asked_at)
        return self.solve if fresh else None


def desk_of(work: Work, wanted: Asked, language: Language, distances: Distances) -> Desk:
    """Gather what the desk shows."""
    found = day.of(work, distances)
    words = words_for(found, language)
    problem = day.problem_of(found)
    board = board_view(found, proposal.present(found, problem), problem, words)
    proposed, refusal = None, None
    if not wanted.nothing:
        try:
            plan = asked.wanted(work, found, wanted.moves, wanted.solve)
            changed = proposal.propose(found, plan.sequences, plan.left_out)
            proposed = proposal_view(changed, words)
        except DomainError as fault:
            refusal = fault
    solve = solves.newest(work.session, work.who, Kind.PLAN_DAY)
    undo = queries.last_accepted(work.session, work.who)
    return Desk(board, proposed, refusal, wanted, solve, undo, _seen(found, solve, undo, wanted.moves))


def _seen(found: Day, solve: Solve | None, undo: Plan | None, moves: Sequence[str]) -> str:
    told = (found.mark, solve and (str(solve.id), solve.state), undo and str(undo.id), moves)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
