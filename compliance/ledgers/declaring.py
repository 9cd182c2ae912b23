"""Of which class is a unit, and what must it declare by when (HJ 1259-2022; G1 to G3)?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from compliance.ledgers.forms import PLAN, Form

YEARS = 3
"""The yearly amount is the largest of the last three years (G1)."""
KEY_KG, SIMPLIFIED_KG = 100_000, 10_000


class UnitClass(StrEnum):
    """How closely a unit is managed (G1)."""

    KEY = "key"
    SIMPLIFIED = "simplified"
    REGISTERED = "registered"


class Rhythm(StrEnum):
    """How long a period a declaration covers (G3)."""

    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"
    PLAN = "plan"
    """A year's management plan: filed, not declared, but owed by a day as well (G2)."""


RHYTHMS: Mapping[UnitClass, tuple[Rhythm, ...]] = {
    UnitClass.KEY: (Rhythm.MONTHLY, Rhythm.ANNUAL),
    UnitClass.SIMPLIFIED: (Rhythm.QUARTERLY, Rhythm.ANNUAL),
    UnitClass.REGISTERED: (Rhythm.ANNUAL,),
}
DUE_DAY = 15
ANNUAL_DUE = (3, 31)
PLAN_SHOWS_DAYS = 59
"""From the end of January on, a year's plan that is not filed shows as a deadline."""
PLAN_TABLES: Mapping[UnitClass, tuple[Form, ...]] = {
    UnitClass.KEY: PLAN,
    UnitClass.SIMPLIFIED: (Form.UNIT, Form.GENERATION, Form.STORAGE, Form.REDUCTION, Form.TRANSFER),
    UnitClass.REGISTERED: (Form.UNIT, Form.GENERATION, Form.TRANSFER),
}
"""Which tables of appendix A a plan fills: of a key unit all (G2); of the others as we read it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A unit's class and what it rests on: the largest yearly amount, own treatment, a licence."""

    unit: UnitClass
    yearly_kg: int
    amounts: Mapping[int, int]
    treats_itself: bool = False
    licensed: bool = False


@dataclass(frozen=True, slots=True)
class Period:
    """What one declaration covers, both days included, and its last day for declaring."""

    rhythm: Rhythm
    first: date
    last: date
    due_on: date

    @property
    def name(self) -> str:
        """Return the period as people write it: `2026-10`, `2026-Q3`, `2026`, `2026-P`."""
        if self.rhythm is Rhythm.PLAN:
            return f"{self.first:%Y}-P"
        if self.rhythm is Rhythm.ANNUAL:
            return f"{self.first:%Y}"
        if self.rhythm is Rhythm.QUARTERLY:
            return f"{self.first:%Y}-Q{(self.first.month + 2) // 3}"
        return f"{self.first:%Y-%m}"


def standing(
    amounts: Mapping[int, int], today: date, *, treats_itself: bool = False, licensed: bool = False
) -> Standing:
    """Judge a unit by its yearly amounts in kilograms (G1): this year counts as far as it has come."""
    counted = {year: amounts.get(year, 0) for year in range(today.year - YEARS, today.year + 1)}
    most = max(counted.values(), default=0)
    if most >= KEY_KG or treats_itself or licensed:
        unit = UnitClass.KEY
    else:
        unit = UnitClass.SIMPLIFIED if most >= SIMPLIFIED_KG else UnitClass.REGISTERED
    return Standing(unit, most, counted, treats_itself, licensed)


def owed(unit: UnitClass, today: date) -> tuple[Period, ...]:
    """Return what a class owes: the newest finished period of each rhythm (G3), in season the plan (G2)."""
    return (*(_last(rhythm, today) for rhythm in RHYTHMS[unit]), *_plan(today))


def _plan(today: date) -> tuple[Period, ...]:
    due = plan_due(today.year)
    first, last = date(today.year, 1, 1), date(today.year, 12, 31)
    in_season = 0 <= (due - today).days <= PLAN_SHOWS_DAYS
    return (Period(Rhythm.PLAN, first, last, due),) if in_season else ()


def _last(rhythm: Rhythm, today: date) -> Period:
    if rhythm is Rhythm.ANNUAL:
        year = today.year - 1
        return Period(rhythm, date(year, 1, 1), date(year, 12, 31), date(today.year, *ANNUAL_DUE))
    months = 1 if rhythm is Rhythm.MONTHLY else 3
    begun = date(today.year, (today.month - 1) // months * months + 1, 1)
    last = begun - timedelta(days=1)
    first = date(last.year, last.month - months + 1, 1)
    return Period(rhythm, first, last, begun.replace(day=DUE_DAY))


def plan_due(year: int) -> date:
    """Return the day by which a year's management plan must be filed (G2)."""
    return date(year, *ANNUAL_DUE)
