"""What price band is to be expected for a waste here and now, and on how many deals does that rest?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

import numpy as np

from matching.learning.card import Card, Metric, Model, Parts, Rule, in_time, pinball
from matching.learning.conformal import conformal
from matching.learning.history import (
    CONSTITUENTS,
    BadHistory,
    Deals,
    Floats,
    Integers,
    Unfit,
    constituent,
    family,
)
from matching.learning.recent import LEVELS, Basis, Level, Recent, season
from matching.learning.trees import Centre

LEAST_DEALS = 1_000
"""Fewer deals make no model: guidance then rests on the market's dual prices alone."""
COVERAGE = Decimal("0.8")
"""The share of deals a band is to hold: from the 10 % to the 90 % quantile."""
BASES = tuple(Basis)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Band:
    """Prices in CNY/t (P1) of which four in five deals should fall between `low` and `high`.

    `deals` of the group `basis` were looked at. `learned`: by the model; else by the plain rule, which did no
    worse on held-back time.
    """

    low: Decimal
    middle: Decimal
    high: Decimal
    basis: Basis
    deals: int
    learned: bool


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Deals seen from their own day: `which` have a level, the level, features, target in spreads."""

    which: Integers
    levels: list[Level]
    features: Floats
    target: Floats
    rule: Floats
    group: Integers

    def price(self, told: Floats, rows: Integers) -> Floats:
        """Return quantiles in spreads as CNY/t."""
        middle = np.array([self.levels[row].middle for row in rows])
        spread = np.array([self.levels[row].spread for row in rows])
        found: Floats = middle[:, None] + told * spread[:, None]
        return found


class Prices:
    """Price bands learned from a history of deals; make one with `learn_prices`."""

    def __init__(self, deals: Deals, card: Card, centre: Centre, rule: Floats) -> None:
        self.card = card
        self._deals = deals
        self._recent = Recent(deals)
        self._encode = Encoder(deals)
        self._centre = centre
        self._rule = rule
        self._usual_kg = float(np.median(deals.kg))

    def band(
        self,
        code: str,
        region: str,
        composition: Mapping[str, float | Decimal],
        on: date,
        kg: float | None = None,
    ) -> Band | None:
        """Return the band for a tonne of waste on a day; None where even its family has too few deals.

        `composition` by names of `CONSTITUENTS`, only what was measured. Raises BadHistory for a code of no
        known family, an unknown constituent, and whatever is no number in its bounds.
        """
        self._check(code, region, composition, kg)
        level = self._recent.level(code, region, on.toordinal())
        if level is None:
            return None
        if self.card.used:
            asked = _asked(code, region, composition, on, kg or self._usual_kg)
            told = self._centre.quantiles(self._encode.features(asked, [level]), _group([level]))[0]
        else:
            told = (np.array(level.quantiles) - level.middle) / level.spread + self._rule
        low, middle, high = np.sort(level.middle + level.spread * told)
        return Band(_yuan(low), _yuan(middle), _yuan(high), level.basis, level.deals, learned=self.card.used)

    def _check(
        self, code: str, region: str, composition: Mapping[str, float | Decimal], kg: float | None
    ) -> None:
        if not self._recent.knows(code):
            raise BadHistory(Unfit.UNKNOWN_CODE, "code", code)
        if not region:
            raise BadHistory(Unfit.EMPTY, "region", region)
        if kg is not None and not (np.isfinite(kg) and kg > 0):
            raise BadHistory(Unfit.NOT_POSITIVE, "kg", kg)
        for name, value in composition.items():
            if np.isnan(float(value)):
                raise BadHistory(Unfit.NOT_FINITE, name, value)
            constituent(name, np.array([float(value)]))


class Encoder:
    """Turns deals into rows of numbers; names that the history does not have are nobody's (NaN)."""

    def __init__(self, deals: Deals) -> None:
        self._codes = _numbers(deals.code)
        self._families = _numbers(_families(deals))
        self._regions = _numbers(deals.region)

    @property
    def monotone(self) -> list[int]:
        """Give the direction of each column: composition has one, nothing else has."""
        return [0, 0, 0, *(one.direction for one in CONSTITUENTS.values()), 0, 0, 0, 0, 0, 0]

    def features(self, deals: Deals, levels: list[Level]) -> Floats:
        """Return the features of deals with their levels, three categorical columns first."""
        return np.column_stack(
            [
                _as_numbers(deals.code, self._codes),
                _as_numbers(_families(deals), self._families),
                _as_numbers(deals.region, self._regions),
                *(deals.measured(name) for name in CONSTITUENTS),
                np.array([BASES.index(level.basis) for level in levels], dtype=np.float64),
                np.log(deals.kg),
                np.array([level.lately for level in levels]),
                np.array([level.here for level in levels]),
                season(deals.day),
            ]
        )


@lru_cache(maxsize=4)
def learn_prices(deals: Deals, simulated: bool, seed: int = 0) -> Prices:
    """Learn bands, judge them against the rule on the last fifth of time, and learn once more from all.

    The rule is the 10, 50 and 90 % quantile of the code's last three months, or of a wider group. Raises
    BadHistory for fewer than `LEAST_DEALS` deals. The same history object is learned once.
    """
    if len(deals) < LEAST_DEALS:
        raise BadHistory(Unfit.TOO_FEW, "deals", len(deals))
    rows = rows_of(deals)
    parts = in_time(deals.day[rows.which], LEAST_DEALS // 2)
    metrics, rule_metrics = judged(deals, rows, parts, seed)
    card = Card(
        model=Model.PRICE_BAND,
        rule=Rule.QUARTER_OF_CODE,
        n=len(deals),
        held_back=len(parts.test),
        first=date.fromordinal(int(deals.day[0])),
        last=date.fromordinal(int(deals.day[-1])),
        simulated=simulated,
        judged_by=Metric.PINBALL,
        metrics=metrics,
        rule_metrics=rule_metrics,
    )
    every = np.concatenate([parts.learn, parts.calibrate])
    return Prices(deals, card, _fitted(deals, rows, every, parts.test, seed), _widened(rows, parts.test))


def price_band(
    code: str, region: str, composition: Mapping[str, float | Decimal], month: date, history: Deals
) -> Band | None:
    """Return the price band for a waste as of a day, from real deals; None below `LEAST_DEALS` of them.

    As `Prices.band`; a history is learned from once.
    """
    try:
        return learn_prices(history, simulated=False).band(code, region, composition, month)
    except BadHistory as bad:
        if bad.unfit is Unfit.TOO_FEW:
            return None
        raise


def rows_of(deals: Deals) -> Rows:
    """Look at each deal as it could be seen on the morning of its day."""
    recent = Recent(deals)
    seen = [
        recent.level(str(code), str(region), int(day))
        for code, region, day in zip(deals.code, deals.region, deals.day, strict=True)
    ]
    which = np.flatnonzero(np.array([level is not None for level in seen], dtype=np.bool_))
    levels = [level for level in seen if level is not None]
    if not levels:
        raise BadHistory(Unfit.TOO_FEW, "rows", 0)
    middle = np.array([level.middle for level in levels])
    spread = np.array([level.spread for level in levels])
    told = np.array([level.quantiles for level in levels])
    kept = deals.at(which)
    return Rows(
        which=which,
        levels=levels,
        features=Encoder(deals).features(kept, levels),
        target=(kept.price - middle) / spread,
        rule=(told - middle[:, None]) / spread[:, None],
        group=_group(levels),
    )


def judged(
    deals: Deals, rows: Rows, parts: Parts, seed: int
) -> tuple[dict[Metric, float], dict[Metric, float]]:
    """Return the metrics of model and rule on the held-back part, in spreads of the code's own prices."""
    centre = _fitted(deals, rows, parts.learn, parts.calibrate, seed)
    told = centre.quantiles(rows.features[parts.test], rows.group[parts.test])
    plain = rows.rule[parts.test]
    return scored(rows.target[parts.test], told), scored(rows.target[parts.test], plain)


def scored(actual: Floats, told: Floats) -> dict[Metric, float]:
    """Return pinball loss, median absolute error, coverage and mean width of bands."""
    within = (actual >= told[:, 0]) & (actual <= told[:, 2])
    return {
        Metric.PINBALL: pinball(actual, told, LEVELS),
        Metric.MEDIAN_ERROR: float(np.median(np.abs(actual - told[:, 1]))),
        Metric.COVERAGE: float(within.mean()),
        Metric.WIDTH: float(np.mean(told[:, 2] - told[:, 0])),
    }


def _fitted(deals: Deals, rows: Rows, learn: Integers, calibrate: Integers, seed: int) -> Centre:
    return Centre(
        learn=(rows.features[learn], rows.target[learn]),
        calibrate=(rows.features[calibrate], rows.target[calibrate], rows.group[calibrate]),
        levels=LEVELS,
        monotone=Encoder(deals).monotone,
        categorical=3,
        seed=seed,
    )


def _widened(rows: Rows, calibrate: Integers) -> Floats:
    """Return how far the rule's edges are moved, in spreads, to hold what they promise (CQR)."""
    missed = rows.target[calibrate][:, None] - rows.rule[calibrate]
    low, high = conformal(missed[:, 0], LEVELS[0]), conformal(missed[:, 2], LEVELS[2])
    return np.array([min(low, 0.0), 0.0, max(high, 0.0)])


def _asked(code: str, region: str, composition: Mapping[str, float | Decimal], on: date, kg: float) -> Deals:
    return Deals(
        code=np.array([code]),
        region=np.array([region]),
        day=np.array([on.toordinal()]),
        kg=np.array([float(kg)]),
        price=np.zeros(1),
        composition={name: np.array([float(value)]) for name, value in composition.items()},
    )


def _group(levels: list[Level]) -> Integers:
    return np.array([BASES.index(level.basis) for level in levels])


def _families(deals: Deals) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    return np.array([family(str(code)) for code in deals.code], dtype=np.str_)


def _numbers(names: np.ndarray[tuple[int], np.dtype[np.str_]]) -> dict[str, int]:
    """Number the names, the commonest first; scikit-learn takes 255 categories, the rest are nobody's."""
    found, counts = np.unique(names, return_counts=True)
    order = np.lexsort((found, -counts))[:250]
    return {str(found[place]): number for number, place in enumerate(order)}


def _as_numbers(names: np.ndarray[tuple[int], np.dtype[np.str_]], numbers: Mapping[str, int]) -> Floats:
    return np.array([numbers.get(str(name), np.nan) for name in names], dtype=np.float64)


def _yuan(value: float) -> Decimal:
    return Decimal(float(value)).quantize(CENT)
