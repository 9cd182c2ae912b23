"""Does the filed management plan cover what a unit wants to move (M5, G2)?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from compliance.record.errors import RuleBroken
from compliance.rulebook.rules import broken


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One waste of a plan: its mass for the year, and to whom and for what, where the plan says so."""

    code: str
    kg: int
    receiver: str = ""
    """The receiver's credit code; empty: anybody."""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """A year's plan as it was filed."""

    year: int
    number: str
    lines: tuple[PlanLine, ...]


def coverage(
    plan: Filed | None, code: str, kg: int, moved_kg: int, on: date, receivers: Sequence[str] = ()
) -> list[RuleBroken]:
    """Return where a plan does not cover a move (M5); `moved_kg` left under this code this year already.

    These warn: who files late must still be able to get rid of what lies in the yard.
    """
    if plan is None:
        return [broken("M5.no_plan", on, field="code", code=code, year=on.year)]
    lines = [line for line in plan.lines if line.code == code]
    if not lines:
        return [broken("M5.not_in_plan", on, field="code", code=code, plan=plan.number)]
    found = []
    planned = sum(line.kg for line in lines)
    if moved_kg + kg > planned:
        left = max(0, planned - moved_kg)
        found.append(broken("M5.over_plan", on, field="kg", code=code, kg=kg, left_kg=left, plan=plan.number))
    named = {line.receiver for line in lines}
    if receivers and "" not in named and not named.intersection(receivers):
        found.append(broken("M5.other_receiver", on, field="receiver", code=code, plan=plan.number))
    return found
