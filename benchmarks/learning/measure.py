"""Is each learned model better than its plain rule, quarter by quarter, on time that it has not seen?

All data are SIMULATED (the modules beside this one say how). What is learned from them says nothing about
prices or people; it says whether a method is worth its keep. A model is judged on four successive tenths of
time, each time learned from the rows before and calibrated on the last quarter of these; odd weights and ways
on the second half of the rows. Medians over three seeds, of faults over ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import TypeAlias

import numpy as np

from benchmarks.learning import peers, simulated_faults
from benchmarks.learning.simulated_deals import deals
from benchmarks.learning.simulated_offers import offers
from benchmarks.learning.simulated_times import stays, ways
from benchmarks.lines import Line
from matching.learning import acceptance, prices, times
from matching.learning.anomalies import Finding, odd_ways, odd_weights
from matching.learning.card import Metric, Parts, brier
from matching.learning.history import Deals, Flags, Integers
from matching.learning.prices import COVERAGE

SEEDS = (1, 2, 3)
SEEDS_OF_FAULTS = range(1, 11)
Scores: TypeAlias = dict[Metric, float]
Pair: TypeAlias = tuple[Scores, Scores]


def measure() -> Iterator[Line]:
    """Yield losses of model and rule; a ratio above 1 is a model that is worth its keep."""
    yield from _prices()
    yield from _acceptance()
    yield from _times("times of ways", ways)
    yield from _times("times of stays", stays)
    yield from _anomalies()


def quarters(day: Integers) -> list[Parts]:
    """Part rows sorted by day into four backtests on successive tenths of time, the last forty per cent."""
    edges = np.linspace(day[0], day[-1] + 1, 11)[6:]
    cuts = [int(np.searchsorted(day, edge)) for edge in edges]
    rows = np.arange(len(day))
    return [
        Parts(rows[: 3 * since // 4], rows[3 * since // 4 : since], rows[since:until])
        for since, until in pairwise(cuts)
    ]


def _prices() -> Iterator[Line]:
    for name, size in (("9,000 deals", 9_000), ("1,500 deals", 1_500)):
        found, other = [], []
        for seed in SEEDS:
            made = deals(seed, size)
            rows = prices.rows_of(made)
            parts = quarters(made.day[rows.which])
            found.append(_mean([prices.judged(made, rows, one, 0) for one in parts], parts))
            told = [peers.quantile_regression(rows, one) for one in parts]
            other.append(_mean([(one, one) for one in told], parts)[0])
        yield _line(f"price band, {name}: pinball", "spreads", found, Metric.PINBALL, "simulated")
        yield _line(f"price band, {name}: median error", "spreads", found, Metric.MEDIAN_ERROR, "simulated")
        yield _coverage(f"price band, {name}", found)
        pinball = median(one[Metric.PINBALL] for one in other)
        ours = median(one[0][Metric.PINBALL] for one in found)
        note = "left out: not monotone; simulated"
        yield Line(f"price band, {name}: beside quantile regression", ours, "spreads", pinball, note=note)
    found = []
    for seed in SEEDS:
        bare = _without_composition(deals(seed))
        rows = prices.rows_of(bare)
        parts = quarters(bare.day[rows.which])
        found.append(_mean([prices.judged(bare, rows, one, 0) for one in parts], parts))
    yield _line("price band, nothing measured: pinball", "spreads", found, Metric.PINBALL, "simulated")


def _without_composition(made: Deals) -> Deals:
    return Deals(made.code, made.region, made.day, made.kg, made.price)


def _coverage(name: str, found: Sequence[Pair]) -> Line:
    ours, rule = (median(pair[side][Metric.COVERAGE] for pair in found) for side in (0, 1))
    widths = [median(pair[side][Metric.WIDTH] for pair in found) for side in (0, 1)]
    off = max(abs(pair[0][Metric.COVERAGE] - float(COVERAGE)) for pair in found)
    note = (
        f"model holds {ours:.1%} in {widths[0]:.2f} spreads, rule {rule:.1%} in {widths[1]:.2f};"
        f" promised {COVERAGE:.0%}"
    )
    return Line(f"{name}: coverage off by, worst seed", off, "share", target=0.05, note=note)


def _acceptance() -> Iterator[Line]:
    found, codes = [], []
    for seed in SEEDS:
        made = offers(seed)
        parts = quarters(made.day)
        found.append(_mean([acceptance.judged(made, one) for one in parts], parts))
        codes.append(
            sum(_rate_of_code(made, one) * len(one.test) for one in parts) / sum(len(p.test) for p in parts)
        )
    yield _line("acceptance: Brier, rule rate of rank", "", found, Metric.BRIER, "simulated")
    ours = median(one[0][Metric.BRIER] for one in found)
    code = median(codes)
    yield Line("acceptance: Brier, rule rate of code", ours, "", code, 1.0, code / ours, "simulated")
    yield _line("acceptance: log loss", "", found, Metric.LOG_LOSS, "simulated")
    yield _line("acceptance: calibration error", "share", found, Metric.RELIABILITY, "simulated")


def _rate_of_code(made: acceptance.Offers, parts: Parts) -> float:
    number = np.unique(made.code, return_inverse=True)[1]
    known = np.concatenate([parts.learn, parts.calibrate])
    happened = made.accepted.astype(np.float64)
    rates = acceptance.rates_of(number[known], happened[known])
    return brier(happened[parts.test], acceptance.rates_at(rates, number[parts.test]))


def _times(name: str, make: Callable[[int], times.Times]) -> Iterator[Line]:
    found, plans = [], []
    for seed in SEEDS:
        made = make(seed)
        parts = quarters(made.day)
        past = times.Past(made)
        found.append(_mean([times.judged(made, past, one, 0) for one in parts], parts))
        tested = np.concatenate([one.test for one in parts])
        plans.append(float(np.median(np.abs(made.actual_s - made.planned_s)[tested])) / 60)
    yield _line(f"{name}: pinball", "min", found, Metric.PINBALL, "simulated")
    yield _line(f"{name}: median error", "min", found, Metric.MEDIAN_ERROR, "simulated")
    ours, plan = median(one[0][Metric.MEDIAN_ERROR] for one in found), median(plans)
    yield Line(
        f"{name}: median error, rule the plan itself", ours, "min", plan, 1.0, plan / ours, "simulated"
    )
    late = [median(pair[side][Metric.LATE_SHARE] for pair in found) for side in (0, 1)]
    yield Line(
        f"{name}: later than the 90 % time", late[0], "share", late[1], note="promised 10 %; simulated"
    )


def _anomalies() -> Iterator[Line]:
    for name, marks in (("weights", _weights), ("ways", _ways)):
        found = [marks(seed) for seed in SEEDS_OF_FAULTS]
        rule, forest = (median(_f1(one[side], one[2]) for one in found) for side in (0, 1))
        precision, recall = (
            median(int((one[0] & one[2]).sum()) / int(one[side].sum()) for one in found) for side in (0, 2)
        )
        note = f"rule: precision {precision:.2f}, recall {recall:.2f}; forest left out; simulated"
        ratio = median(_f1(one[0], one[2]) / _f1(one[1], one[2]) for one in found)
        yield Line(f"odd {name}: F1, beside isolation forest", rule, "", forest, 1.0, ratio, note)


def _weights(seed: int) -> tuple[Flags, Flags, Flags]:
    made, fault = simulated_faults.weighed(seed)
    half = len(fault) // 2
    rule = _flags(odd_weights(made), len(fault))[half:]
    return rule, peers.forest_of_weights(made, half, int(rule.sum()), seed), fault[half:]


def _ways(seed: int) -> tuple[Flags, Flags, Flags]:
    made, fault = simulated_faults.driven(seed)
    half = len(fault) // 2
    rule = _flags(odd_ways(made), len(fault))[half:]
    return rule, peers.forest_of_ways(made, half, int(rule.sum()), seed), fault[half:]


def _flags(findings: Sequence[Finding], n: int) -> Flags:
    flags = np.zeros(n, dtype=np.bool_)
    flags[[one.row for one in findings]] = True
    return flags


def _f1(flags: Flags, fault: Flags) -> float:
    return 2 * int((flags & fault).sum()) / int(flags.sum() + fault.sum())


def _mean(found: Sequence[Pair], parts: Sequence[Parts]) -> Pair:
    """Return the metrics of several backtests together, each by its rows."""
    share = np.array([len(one.test) for one in parts], dtype=np.float64)
    share /= share.sum()
    first, second = (
        {metric: float(share @ [pair[side][metric] for pair in found]) for metric in found[0][side]}
        for side in (0, 1)
    )
    return first, second


def _line(name: str, unit: str, found: Sequence[Pair], metric: Metric, note: str) -> Line:
    ours, rule = (median(pair[side][metric] for pair in found) for side in (0, 1))
    ratio = median(pair[1][metric] / pair[0][metric] for pair in found)
    return Line(name, ours, unit, rule, 1.0, ratio, note)
