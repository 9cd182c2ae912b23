"""What does a vehicle weigh empty, and is a new empty weight believable?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from statistics import median
from uuid import UUID

LEAST = 5
"""Fewer empty weights make no band."""
NEWEST = 40
OLDEST = timedelta(days=365)
RUN = 3
"""So many tares in a row that agree among themselves, all outside, are the vehicle's new body."""
SPREADS = 4
"""The k of the band: so many robust standard deviations to either side."""
MAD_TO_SIGMA = 1.4826
FUEL_KG = 150
"""Half a tank more or less is no other vehicle."""


class How(StrEnum):
    """How an empty weight came about."""

    WEIGHED = "weighed"
    STORED = "stored"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Tare:
    """One empty weight of a vehicle: kilograms, when, by which ticket and scale, and how."""

    kg: int
    at: datetime
    division_kg: int
    how: How = How.WEIGHED
    weighing_id: UUID | None = None
    device_id: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """Between which weights the empty vehicle lies: median ± half, from `count` weighed tares."""

    median_kg: int
    half_kg: int
    count: int

    @property
    def low_kg(self) -> int:
        """Return the least believable empty weight."""
        return self.median_kg - self.half_kg

    @property
    def high_kg(self) -> int:
        """Return the greatest believable empty weight."""
        return self.median_kg + self.half_kg

    def gap_kg(self, kg: int) -> int:
        """Return how far a weight lies outside, with its sign; 0 inside."""
        return min(0, kg - self.low_kg) + max(0, kg - self.high_kg)


def band(history: Sequence[Tare], at: datetime) -> Band | None:
    """Return the band of the tares weighed before a moment, None where there are too few.

    Robust: median and median absolute deviation, so that a cheat's own tares do not widen the band as the
    mean would; never narrower than the fuel and two divisions. Typed and stored tares do not count. Where a
    run of tares shows another body, the band begins anew with it; each of that run was outside, and told.
    """
    known = [one for one in history if one.how is How.WEIGHED and at - OLDEST <= one.at < at]
    newest = sorted(known, key=lambda one: (one.at, one.kg))[-NEWEST:]
    if len(newest) < LEAST:
        return None
    since = next((place for place in range(len(newest) - RUN, LEAST - 1, -1) if _begins(newest, place)), 0)
    return _around(newest[since:])


def _begins(ordered: Sequence[Tare], place: int) -> bool:
    """Tell whether a new body begins here: a run that agrees, all of it outside what was before."""
    run, before = ordered[place : place + RUN], ordered[:place]
    return _agree(run) and all(_around(before).gap_kg(one.kg) for one in run)


def _agree(run: Sequence[Tare]) -> bool:
    weights = [one.kg for one in run]
    return max(weights) - min(weights) <= 2 * FUEL_KG


def _around(newest: Sequence[Tare]) -> Band:
    weights = [one.kg for one in newest]
    middle = median(weights)
    sigma = MAD_TO_SIGMA * median(abs(kg - middle) for kg in weights)
    floor_kg = FUEL_KG + 2 * max(one.division_kg for one in newest)
    return Band(round(middle), max(ceil(SPREADS * sigma), floor_kg), len(newest))
