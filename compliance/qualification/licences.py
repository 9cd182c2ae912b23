"""What does a licence to take waste look like: how long may it run, which codes, which number?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from compliance.record.errors import RuleBroken
from compliance.registry.rules import LicenceKind
from compliance.rulebook.rules import broken

YEARS = {LicenceKind.COMPREHENSIVE: 5, LicenceKind.COLLECTION: 3}
"""For how many years the two kinds of hazardous-waste licence are issued (L2)."""
_USUAL_NUMBER = re.compile(r"G?\d{10}")
"""The guide of 2009: province, prefecture, county and serial; the ministry's start with G (L7)."""
_SOLID = re.compile(r"SW\d{2}|.*-S\d{2}")


def years_at_most(kind: LicenceKind | None, valid_from: date, valid_to: date) -> int | None:
    """Return for how many years a licence may run at most where it runs longer, else None (L2)."""
    years = YEARS.get(kind) if kind is not None else None
    if years is None or valid_to <= _years_later(valid_from, years):
        return None
    return years


def _years_later(day: date, years: int) -> date:
    if (day.month, day.day) == (2, 29):
        return date(day.year + years, 3, 1)
    return day.replace(year=day.year + years)


SCOPE: Mapping[LicenceKind, frozenset[str]] = {
    LicenceKind.COLLECTION: frozenset({"900-214-08", "900-044-49"}),
}
"""Waste mineral oil of vehicle repair, waste NiCd batteries of households (L2)."""


def outside_scope(kind: LicenceKind | None, codes: Iterable[str], on: date) -> list[RuleBroken]:
    """Return of which codes a kind of licence does not speak; it only warns, provinces try out more (L2)."""
    allowed = SCOPE.get(kind) if kind is not None else None
    if allowed is None:
        return []
    beyond = (code for code in codes if code not in allowed)
    return [broken("L2.outside_scope", on, field="lines", code=code) for code in beyond]


def number_is_usual(number: str) -> bool:
    """Tell whether a licence's number has the form of the guide; provinces deviate, so it only warns (L7)."""
    return _USUAL_NUMBER.fullmatch(number.strip().upper()) is not None


def kind_fault(kind: LicenceKind, code: str) -> bool:
    """Tell whether a code cannot stand on a licence: other waste on a hazardous one, or the reverse."""
    return (_SOLID.fullmatch(code) is None) == (kind is LicenceKind.CONTRACTOR)
