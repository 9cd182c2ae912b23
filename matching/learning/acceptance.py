"""How likely is it that a producer takes an offer?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from matching.learning.card import Card, Metric, Model, Parts, Rule, brier, in_time, log_loss, reliability
from matching.learning.history import (
    BadHistory,
    Flags,
    Floats,
    Integers,
    Texts,
    Unfit,
    finite,
    in_order,
    named,
    not_negative,
    positive,
    same_length,
)
from matching.learning.recent import IQR_OF_NORMAL, LEAST, LEAST_SPREAD
from matching.learning.trees import one_thread

LEAST_OFFERS = 1_000
PRIOR = 20.0
"""A code's own rate counts as much as that of all codes once it has so many offers."""


@dataclass(frozen=True, slots=True, eq=False)
class Offers:
    """Decided offers, one row each, sorted by day; the offers of one lot stand together, best first.

    `price` and `expectation` in CNY/t (P1), the latter NaN where the producer named none; `rank` from 1;
    `days_left` until the lot's last day. `accepted` is what came of it. Raises BadHistory for anything else
    that is not a finite number in its bounds.
    """

    lot: Integers
    code: Texts
    day: Integers
    rank: Integers
    price: Floats
    expectation: Floats
    km: Floats
    days_left: Floats
    accepted: Flags

    def __post_init__(self) -> None:
        same_length(
            len(self.day), lot=self.lot, code=self.code, rank=self.rank, price=self.price,
            expectation=self.expectation, km=self.km, days_left=self.days_left, accepted=self.accepted,
        )  # fmt: skip
        in_order(self.day)
        named("code", self.code)
        positive("rank", self.rank.astype(np.float64))
        finite("price", self.price)
        finite("expectation", np.where(np.isnan(self.expectation), 0.0, self.expectation))
        not_negative("km", self.km)
        not_negative("days_left", self.days_left)

    def __len__(self) -> int:
        return len(self.day)


@dataclass(frozen=True, slots=True)
class Logit:
    """A calibrated logistic model as plain numbers; `codes` gives a code's column and its spread in CNY/t."""

    codes: Mapping[str, tuple[int, float]]
    centre: Floats
    scale: Floats
    weights: Floats
    constant: float

    def chances(self, offers: Offers) -> Floats:
        """Return the chance of each offer."""
        features = (features_of(offers, self.codes) - self.centre) / self.scale
        return np.asarray(1 / (1 + np.exp(-(features @ self.weights + self.constant))), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Chances that offers are taken: by the model, or the rate of the rank where that did no worse."""

    card: Card
    logit: Logit
    rates: Floats

    def chances(self, offers: Offers) -> Floats:
        """Return the chance of each offer; `accepted` is not looked at. BadHistory for unknown codes."""
        for row, code in enumerate(offers.code):
            if str(code) not in self.logit.codes:
                raise BadHistory(Unfit.UNKNOWN_CODE, "code", str(code), row)
        return self.logit.chances(offers) if self.card.used else rates_at(self.rates, offers.rank)


def learn_acceptance(offers: Offers, simulated: bool) -> Acceptance:
    """Learn from decided offers, calibrate on later ones, judge on the last fifth of time, learn once more.

    The rule to beat is the rate at which offers of that rank were taken, which is harder to beat than the
    rate of the code. Raises BadHistory below `LEAST_OFFERS`, and where nothing or everything was taken.
    """
    parts = in_time(offers.day, LEAST_OFFERS)
    happened = offers.accepted.astype(np.float64)
    for rows in (parts.learn, parts.calibrate, parts.test):
        if len(np.unique(happened[rows])) < 2:
            raise BadHistory(Unfit.TOO_FEW, "accepted", int(happened[rows].sum()), int(rows[0]))
    known = np.concatenate([parts.learn, parts.calibrate])
    model, plain = judged(offers, parts)
    card = Card(
        model=Model.ACCEPTANCE,
        rule=Rule.RATE_OF_RANK,
        n=len(offers),
        held_back=len(parts.test),
        first=date.fromordinal(int(offers.day[0])),
        last=date.fromordinal(int(offers.day[-1])),
        simulated=simulated,
        judged_by=Metric.BRIER,
        metrics=model,
        rule_metrics=plain,
    )
    return Acceptance(card, _fitted(offers, known, parts.test), rates_of(offers.rank, happened))


def judged(offers: Offers, parts: Parts) -> tuple[dict[Metric, float], dict[Metric, float]]:
    """Return the metrics of model and rule on the held-back part."""
    happened = offers.accepted.astype(np.float64)
    known = np.concatenate([parts.learn, parts.calibrate])
    rates = rates_of(offers.rank[known], happened[known])
    told = _fitted(offers, parts.learn, parts.calibrate).chances(offers)[parts.test]
    seen = happened[parts.test]
    return scored(seen, told), scored(seen, rates_at(rates, offers.rank[parts.test]))


def scored(happened: Floats, told: Floats) -> dict[Metric, float]:
    """Return Brier score, log loss and how far rates are from what was told."""
    return {
        Metric.BRIER: brier(happened, told),
        Metric.LOG_LOSS: log_loss(happened, told),
        Metric.RELIABILITY: reliability(happened, told),
    }


def rates_of(key: Integers, happened: Floats) -> Floats:
    """Return the rate of each key 0..largest, drawn towards the rate of all by `PRIOR` rows."""
    count = np.bincount(key)
    return np.asarray((np.bincount(key, weights=happened) + PRIOR * happened.mean()) / (count + PRIOR))


def rates_at(rates: Floats, key: Integers) -> Floats:
    """Return the rate of each key; those beyond the largest have its rate."""
    return rates[np.minimum(key, len(rates) - 1)]


def features_of(offers: Offers, codes: Mapping[str, tuple[int, float]]) -> Floats:
    """Return what an offer looks like beside the expectation, its rivals, the way and the time left."""
    known = [codes[str(code)] for code in offers.code]
    spread = np.array([one[1] for one in known])
    gap = (offers.price - offers.expectation) / spread
    ahead, rivals = _beside(offers)
    return np.column_stack(
        [
            np.eye(len(codes))[[one[0] for one in known]],
            np.isfinite(gap),
            np.clip(np.nan_to_num(gap), -4, 4),
            np.clip(ahead / spread, -4, 4),
            offers.rank == 1,
            offers.rank == 2,
            offers.rank > 3,
            rivals == 0,
            np.log1p(rivals),
            np.log1p(offers.km),
            np.exp(-offers.days_left / 5),
            offers.days_left / 30,
        ]
    ).astype(np.float64)


def _beside(offers: Offers) -> tuple[Floats, Floats]:
    """Return how far each price is above the best of the lot's other offers, and how many those are."""
    ahead, rivals = np.zeros(len(offers)), np.zeros(len(offers))
    order = np.argsort(offers.lot, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(offers.lot[order])) + 1):
        rivals[rows] = len(rows) - 1
        if len(rows) > 1:
            second, top = np.sort(offers.price[rows])[-2:]
            ahead[rows] = offers.price[rows] - np.where(offers.price[rows] < top, top, second)
    return ahead, rivals


def _fitted(offers: Offers, learn: Integers, calibrate: Integers) -> Logit:
    """Fit the logistic to the first rows, set its slope and constant right on the second (Platt 1999)."""
    codes = _codes(offers, learn)
    features = features_of(offers, codes)
    centre, scale = features[learn].mean(axis=0), features[learn].std(axis=0) + 1e-9
    plain = (features - centre) / scale
    with one_thread():
        weights, constant = _logistic(plain[learn], offers.accepted[learn], 0.3)
        raw = plain @ weights + constant
        slope, shift = _logistic(raw[calibrate, None], offers.accepted[calibrate], 1_000.0)
    steep = max(float(slope[0]), 0.0)
    return Logit(codes, centre, scale, steep * weights, steep * constant + shift)


def _logistic(features: Floats, happened: Flags, inverse_penalty: float) -> tuple[Floats, float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=inverse_penalty, max_iter=1_000).fit(features, happened)
    return np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0])


def _codes(offers: Offers, rows: Integers) -> dict[str, tuple[int, float]]:
    """Number all codes and give each the spread of its prices in some rows, or of all where it has none."""
    spreads = {}
    for code in np.unique(offers.code):
        own = offers.price[rows][offers.code[rows] == code]
        spreads[str(code)] = _spread(own if len(own) >= LEAST else offers.price[rows])
    return {code: (place, spread) for place, (code, spread) in enumerate(spreads.items())}


def _spread(prices: Floats) -> float:
    low, high = np.quantile(prices, (0.25, 0.75))
    return max(float(high - low) / IQR_OF_NORMAL, LEAST_SPREAD)
