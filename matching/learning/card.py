"""What was a model trained on, how good is it, and is it better than the plain rule beside it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from matching.learning.history import BadHistory, Floats, Integers, Unfit


class Model(StrEnum):
    """What is learned."""

    PRICE_BAND = "price_band"
    ACCEPTANCE = "acceptance"
    LEG_TIME = "leg_time"
    SERVICE_TIME = "service_time"


class Rule(StrEnum):
    """The plain rule that a model has to beat."""

    QUARTER_OF_CODE = "quarter_of_code"
    RATE_OF_RANK = "rate_of_rank"
    RATIO_OF_PLACE = "ratio_of_place"


class Metric(StrEnum):
    """What is measured on held-back time; less is better, but for the shares: 0.8 and 0.1."""

    PINBALL = "pinball"
    MEDIAN_ERROR = "median_error"
    COVERAGE = "coverage"
    WIDTH = "width"
    BRIER = "brier"
    LOG_LOSS = "log_loss"
    RELIABILITY = "reliability"
    LATE_SHARE = "late_share"


@dataclass(frozen=True, slots=True)
class Card:
    """A model's card: codes and figures, never prose.

    `n` rows from `first` to `last` were learned from and calibrated on; `held_back` later ones were used for
    nothing but `metrics` and `rule_metrics`. `simulated`: not one of the rows was real. `used`: the model
    beat its rule by `judged_by`; otherwise the rule answers.
    """

    model: Model
    rule: Rule
    n: int
    held_back: int
    first: date
    last: date
    simulated: bool
    judged_by: Metric
    metrics: Mapping[Metric, float]
    rule_metrics: Mapping[Metric, float]

    @property
    def used(self) -> bool:
        """Tell whether the model was better than its rule on held-back time."""
        return self.metrics[self.judged_by] < self.rule_metrics[self.judged_by]

    def told(self) -> dict[str, object]:
        """Return the card as JSON-ready facts."""
        return {
            **asdict(self),
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "metrics": _rounded(self.metrics),
            "rule_metrics": _rounded(self.rule_metrics),
            "used": self.used,
        }


def _rounded(metrics: Mapping[Metric, float]) -> dict[str, float]:
    return {name.value: round(value, 4) for name, value in metrics.items()}


@dataclass(frozen=True, slots=True)
class Parts:
    """Rows in order of time: learned from, calibrated on, held back. No part knows a later one."""

    learn: Integers
    calibrate: Integers
    test: Integers


def in_time(day: Integers, least: int) -> Parts:
    """Part rows sorted by day 60 : 20 : 20; a day is never torn. Raises BadHistory below `least` rows."""
    n = len(day)
    if n < least:
        raise BadHistory(Unfit.TOO_FEW, "rows", n)
    first, second = (int(np.searchsorted(day, day[int(share * n)])) for share in (0.6, 0.8))
    rows = np.arange(n)
    parts = Parts(rows[:first], rows[first:second], rows[second:])
    if min(len(parts.learn), len(parts.calibrate), len(parts.test)) < least // 10:
        raise BadHistory(Unfit.TOO_FEW, "days", len(np.unique(day)))
    return parts


def pinball(actual: Floats, told: Floats, levels: tuple[float, ...]) -> float:
    """Return the mean pinball loss summed over quantile levels; `told` has a column a level."""
    error = actual[:, None] - told
    level = np.array(levels)
    return float(np.maximum(level * error, (level - 1) * error).sum(axis=1).mean())


def brier(happened: Floats, told: Floats) -> float:
    """Return the mean squared error of probabilities (Brier 1950)."""
    return float(np.mean((told - happened) ** 2))


def log_loss(happened: Floats, told: Floats) -> float:
    """Return the mean negative logarithm of the probability of what happened."""
    kept = np.clip(told, 1e-6, 1 - 1e-6)
    return float(-np.mean(happened * np.log(kept) + (1 - happened) * np.log(1 - kept)))


def reliability(happened: Floats, told: Floats, bins: int = 10) -> float:
    """Return the expected calibration error: how far rates are from what was told, over equal bins."""
    order = np.argsort(told, kind="stable")
    gaps = [
        len(rows) * abs(float(happened[rows].mean() - told[rows].mean()))
        for rows in np.array_split(order, bins)
        if len(rows)
    ]
    return sum(gaps) / len(told)
