"""At what prices did a waste change hands lately, seen from a given day?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from matching.learning.history import Deals, Floats, Integers, family

LEVELS = (0.1, 0.5, 0.9)
LEAST = 8
"""Below so many deals a group says nothing of its own."""
QUARTER, YEAR = 91, 365
LEAST_SPREAD = 20.0
"""CNY/t: quotes are round, so that eight equal prices are no proof of certainty."""
IQR_OF_NORMAL = 1.349
REGION_PRIOR = 5


class Basis(StrEnum):
    """Which deals an answer rests on, the narrowest group that is large enough."""

    QUARTER_OF_CODE = "quarter_of_code"
    YEAR_OF_CODE = "year_of_code"
    YEAR_OF_FAMILY = "year_of_family"


@dataclass(frozen=True, slots=True)
class Level:
    """What a group's recent deals say, as of a day: CNY/t at `LEVELS`, the normal-equivalent spread.

    `lately` is how far the last ten deals, and `here` how far those of the same region (shrunk towards none)
    lie from the middle, in spreads.
    """

    basis: Basis
    deals: int
    quantiles: tuple[float, float, float]
    spread: float
    lately: float
    here: float

    @property
    def middle(self) -> float:
        """Give the median."""
        return self.quantiles[1]


class Recent:
    """Levels of a history of deals, as of any day: rows of that day and later are never looked at."""

    def __init__(self, deals: Deals) -> None:
        self._deals = deals
        self._codes = _rows(deals.code)
        self._families = _rows(np.array([family(str(code)) for code in deals.code], dtype=np.str_))

    def knows(self, code: str) -> bool:
        """Tell whether any deal is of this code or of its family."""
        return code in self._codes or family(code) in self._families

    def level(self, code: str, region: str, day: int) -> Level | None:
        """Return the level of the narrowest group with enough deals; None where there is none."""
        groups = (
            (Basis.QUARTER_OF_CODE, self._codes.get(code), QUARTER),
            (Basis.YEAR_OF_CODE, self._codes.get(code), YEAR),
            (Basis.YEAR_OF_FAMILY, self._families.get(family(code)), YEAR),
        )
        for basis, rows, reach in groups:
            if rows is None:
                continue
            since, until = np.searchsorted(self._deals.day[rows], [day - reach, day])
            if until - since >= LEAST:
                return self._level(basis, rows[since:until], region)
        return None

    def _level(self, basis: Basis, rows: Integers, region: str) -> Level:
        prices = self._deals.price[rows]
        low, quarter, middle, three, high = np.quantile(prices, (0.1, 0.25, 0.5, 0.75, 0.9))
        spread = max(float(three - quarter) / IQR_OF_NORMAL, LEAST_SPREAD)
        here = prices[self._deals.region[rows] == region]
        share = len(here) / (len(here) + REGION_PRIOR)
        return Level(
            basis=basis,
            deals=len(rows),
            quantiles=(float(low), float(middle), float(high)),
            spread=spread,
            lately=float(np.median(prices[-10:]) - middle) / spread,
            here=share * float(np.median(here) - middle) / spread if len(here) else 0.0,
        )


def _rows(names: np.ndarray[tuple[int], np.dtype[np.str_]]) -> dict[str, Integers]:
    return {str(name): np.flatnonzero(names == name) for name in np.unique(names)}


def season(day: Integers) -> Floats:
    """Return where in the year days lie, as a point on the unit circle."""
    turn = 2 * np.pi * day / 365.25
    return np.column_stack([np.sin(turn), np.cos(turn)])
