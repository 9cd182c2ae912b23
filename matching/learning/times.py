"""How long will a stay at a site, or the way between two, really take: as a rule, and on a bad day?"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import date

import numpy as np

from matching.learning.card import Card, Metric, Model, Parts, Rule, in_time, pinball
from matching.learning.conformal import conformal
from matching.learning.history import (
    BadHistory,
    Floats,
    Integers,
    Texts,
    Unfit,
    in_order,
    named,
    not_negative,
    positive,
    same_length,
)
from matching.learning.trees import Quantiles

LEVELS = (0.5, 0.9)
LEAST_TIMES = 2_000
LAST, LEAST = 50, 8
"""A place's own ratio is that of its last 50 times; below 8 it is that of all places."""
SHORT_S, LONG_S = 1_800, 7_200
"""Short, middling and long times scatter differently, so that each has its own quantiles."""


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Stays or ways, one row each, sorted by day. All arrays have length n.

    `place` is the site of a stay or the lane of a way, `party` who works or drives, `minute` of the local day
    at which it begins, `amount` the kilograms handled or the kilometres driven, times in seconds. Raises
    BadHistory for anything that is not a finite number in its bounds.
    """

    place: Texts
    party: Texts
    day: Integers
    minute: Integers
    amount: Floats
    planned_s: Floats
    actual_s: Floats

    def __post_init__(self) -> None:
        same_length(
            len(self.day), place=self.place, party=self.party, minute=self.minute, amount=self.amount,
            planned_s=self.planned_s, actual_s=self.actual_s,
        )  # fmt: skip
        in_order(self.day)
        named("place", self.place)
        named("party", self.party)
        minute = self.minute.astype(np.float64)
        not_negative("minute", minute)
        if (minute >= 1_440).any():
            row = int(np.argmax(minute >= 1_440))
            raise BadHistory(Unfit.TOO_LARGE, "minute", int(self.minute[row]), row)
        positive("amount", self.amount)
        positive("planned_s", self.planned_s)
        positive("actual_s", self.actual_s)

    def __len__(self) -> int:
        return len(self.day)

    @property
    def ratio(self) -> Floats:
        """Give the logarithm of actual over planned."""
        return np.asarray(np.log(self.actual_s / self.planned_s), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Expected:
    """Seconds that half and nine in ten of such times stay below; `learned` by the model or by the rule."""

    median_s: float
    high_s: float
    learned: bool


class Durations:
    """Times learned from a history; make one with `learn_times`."""

    def __init__(self, times: Times, card: Card, learned: Quantiles, rule: Floats) -> None:
        self.card = card
        self._past = Past(times)
        self._learned = learned
        self._rule = rule

    def expected(
        self, place: str, party: str, on: date, minute: int, amount: float, planned_s: float
    ) -> Expected:
        """Return what to expect, also at places and of parties never seen; BadHistory as `Times`."""
        one = Times(
            place=np.array([place]),
            party=np.array([party]),
            day=np.array([on.toordinal()]),
            minute=np.array([minute]),
            amount=np.array([float(amount)]),
            planned_s=np.array([float(planned_s)]),
            actual_s=np.array([float(planned_s)]),
        )
        told = self._past.ratios(place)
        if self.card.used:
            features = self._past.features(one)
            told = told[0] + self._learned.quantiles(features, band_of(one.planned_s))[0]
        else:
            told = told + self._rule
        median_s, high_s = planned_s * np.exp(np.sort(told))
        return Expected(float(median_s), float(high_s), learned=self.card.used)


class Past:
    """What is known of places and parties after a history, or before each of its rows."""

    def __init__(self, times: Times) -> None:
        self._places = {str(name): number for number, name in enumerate(np.unique(times.place)[:250])}
        self._parties = {str(name): number for number, name in enumerate(np.unique(times.party)[:250])}
        self._all: deque[float] = deque(maxlen=LAST * 10)
        self._of_place: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=LAST))
        self._of_party: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=LAST))
        self.rows, self.rules = self._walk(times)

    def _walk(self, times: Times) -> tuple[Floats, Floats]:
        """Return features and rule of each row from the days before it, and remember all."""
        plain, medians, rules = self._plain(times), np.zeros((len(times), 2)), np.zeros((len(times), 2))
        waiting: list[tuple[str, str, float]] = []
        today = -1
        columns = (times.place, times.party, times.day, times.ratio)
        for row, (place, party, day, ratio) in enumerate(zip(*columns, strict=True)):
            if day != today:
                self._remember(waiting)
                waiting, today = [], int(day)
            medians[row] = self._medians(str(place), str(party))
            rules[row] = self.ratios(str(place))
            waiting.append((str(place), str(party), float(ratio)))
        self._remember(waiting)
        return np.column_stack([plain, medians, rules]), rules

    def _remember(self, seen: list[tuple[str, str, float]]) -> None:
        for place, party, ratio in seen:
            self._all.append(ratio)
            self._of_place[place].append(ratio)
            self._of_party[party].append(ratio)

    def features(self, times: Times) -> Floats:
        """Return the features of rows that come after the history."""
        pairs = zip(times.place, times.party, strict=True)
        medians = np.array([self._medians(str(place), str(party)) for place, party in pairs])
        rules = np.array([self.ratios(str(place)) for place in times.place])
        return np.column_stack([self._plain(times), medians, rules])

    def ratios(self, place: str) -> Floats:
        """Return the rule's log ratios at `LEVELS`: those of the place, or of all where it has too few."""
        own = self._of_place.get(place, ())
        told = own if len(own) >= LEAST else self._all
        return np.quantile(np.array(told), LEVELS) if told else np.zeros(len(LEVELS))

    def _medians(self, place: str, party: str) -> tuple[float, float]:
        own = (self._of_place.get(place, ()), self._of_party.get(party, ()))
        first, second = (float(np.median(one)) if len(one) >= LEAST else np.nan for one in own)
        return first, second

    def _plain(self, times: Times) -> Floats:
        return np.column_stack(
            [
                [self._places.get(str(name), np.nan) for name in times.place],
                [self._parties.get(str(name), np.nan) for name in times.party],
                (times.day + 6) % 7,
                times.minute,
                np.log(times.amount),
                np.log(times.planned_s),
            ]
        ).astype(np.float64)


def learn_times(times: Times, model: Model, simulated: bool, seed: int = 0) -> Durations:
    """Learn from past times, judge on the last fifth of time, and learn once more from all.

    The rule to beat is the planned time multiplied by the place's recent ratio at each level, which is harder
    to beat than the plan itself. Raises BadHistory below `LEAST_TIMES`.
    """
    parts = in_time(times.day, LEAST_TIMES)
    past = Past(times)
    metrics, rule_metrics = judged(times, past, parts, seed)
    card = Card(
        model=model,
        rule=Rule.RATIO_OF_PLACE,
        n=len(times),
        held_back=len(parts.test),
        first=date.fromordinal(int(times.day[0])),
        last=date.fromordinal(int(times.day[-1])),
        simulated=simulated,
        judged_by=Metric.PINBALL,
        metrics=metrics,
        rule_metrics=rule_metrics,
    )
    every = np.concatenate([parts.learn, parts.calibrate])
    missed = times.ratio[parts.test] - past.rules[parts.test, 1]
    rule = np.array([0.0, max(0.0, conformal(missed, LEVELS[1]))])
    return Durations(times, card, _fitted(times, past, every, parts.test, seed), rule)


def judged(
    times: Times, past: Past, parts: Parts, seed: int
) -> tuple[dict[Metric, float], dict[Metric, float]]:
    """Return the metrics of model and rule on the held-back part, in minutes."""
    learned = _fitted(times, past, parts.learn, parts.calibrate, seed)
    told = past.rules[parts.test, :1]
    told = told + learned.quantiles(past.rows[parts.test], band_of(times.planned_s[parts.test]))
    plan, actual = times.planned_s[parts.test, None] / 60, times.actual_s[parts.test] / 60
    return scored(actual, plan * np.exp(told)), scored(actual, plan * np.exp(past.rules[parts.test]))


def scored(actual: Floats, told: Floats) -> dict[Metric, float]:
    """Return pinball loss, median absolute error and the share later than the high quantile."""
    return {
        Metric.PINBALL: pinball(actual, told, LEVELS),
        Metric.MEDIAN_ERROR: float(np.median(np.abs(actual - told[:, 0]))),
        Metric.LATE_SHARE: float((actual > told[:, 1]).mean()),
    }


def band_of(planned_s: Floats) -> Integers:
    """Return which times are short (0), middling (1) and long (2)."""
    return np.digitize(planned_s, (SHORT_S, LONG_S)).astype(np.int64)


def _fitted(times: Times, past: Past, learn: Integers, calibrate: Integers, seed: int) -> Quantiles:
    """Fit quantiles of the log ratio above the place's own recent median: what drifts is not learned."""
    target = times.ratio - past.rules[:, 0]
    group = band_of(times.planned_s)
    return Quantiles(
        learn=(past.rows[learn], target[learn]),
        calibrate=(past.rows[calibrate], target[calibrate], group[calibrate]),
        levels=LEVELS,
        categorical=3,
        seed=seed,
    )
