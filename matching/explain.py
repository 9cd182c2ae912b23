"""What became of one lot, why, what else was possible, and what would help?"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from matching.assign import clear, rank
from matching.problem import Problem
from matching.reasons import Reason
from matching.relax import Relaxation, cheapest_relaxation
from matching.score import Part, Score
from matching.solution import Assignment, Ranking, Solution
from matching.stopping import Limits


class Outcome(StrEnum):
    """How a lot fared in a clearing."""

    SERVED = "served"
    SERVED_IN_PART = "served_in_part"
    UNMATCHED = "unmatched"


@dataclass(frozen=True, slots=True)
class Figure:
    """One named part of a score and its CNY per tonne, for a table or a bar chart."""

    part: Part
    per_tonne: Decimal


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole story of one lot in codes and figures; the reader's language is put on elsewhere."""

    lot_id: str
    outcome: Outcome
    assignments: tuple[Assignment, ...]
    rest_kg: int
    reasons: tuple[Reason, ...]
    ranking: Ranking
    relaxation: Relaxation | None


def explain_lot(
    problem: Problem, lot_id: str, solution: Solution | None = None, limits: Limits | None = None
) -> Explanation:
    """Explain one lot of a cleared market (cleared here where no `solution` is given)."""
    cleared = solution or clear(problem, limits)
    mine = tuple(one for one in cleared.assignments if one.lot_id == lot_id)
    rest = next((one for one in cleared.unmatched if one.lot_id == lot_id), None)
    return Explanation(
        lot_id=lot_id,
        outcome=outcome_of(cleared, lot_id),
        assignments=mine,
        rest_kg=0 if rest is None else rest.kg,
        reasons=() if rest is None else rest.reasons,
        ranking=rank(problem, lot_id),
        relaxation=None if rest is None else cheapest_relaxation(problem, lot_id, cleared, limits),
    )


def outcome_of(solution: Solution, lot_id: str) -> Outcome:
    """Say how a lot fared in a clearing."""
    if all(one.lot_id != lot_id for one in solution.unmatched):
        return Outcome.SERVED
    served = any(one.lot_id == lot_id for one in solution.assignments)
    return Outcome.SERVED_IN_PART if served else Outcome.UNMATCHED


def figures(score: Score) -> tuple[Figure, ...]:
    """List the parts of a score, the weightiest first; zero parts are left out."""
    rows = [Figure(part, value) for part, value in score.parts.items() if value]
    return tuple(sorted(rows, key=lambda row: (-abs(row.per_tonne), row.part)))
