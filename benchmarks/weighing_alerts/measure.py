"""With which precision and recall do the plain rules find each labelled, simulated fault of a weighing?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median

import numpy as np
from sklearn.ensemble import IsolationForest

from benchmarks.lines import Line, beside
from benchmarks.weighing_alerts.simulated import Case, cases, scales
from tracking.alerts.kinds import Kind
from tracking.weighings.reconciliation import drift
from tracking.weighings.rules import Part
from tracking.weighings.signs import TARE_SIGNS, signs

SEEDS = (1, 2, 3, 4, 5)
PLAIN = "plain rule; simulated faults, five seeds"


def measure() -> Iterator[Line]:
    """Yield precision and recall of every kind, the median of five seeds."""
    counted = [count(seed) for seed in SEEDS]
    for kind in counted[0]:
        found = [one[kind] for one in counted]
        yield Line(f"{kind.value}: precision", median([one[0] for one in found]), "", note=PLAIN)
        yield Line(f"{kind.value}: recall", median([one[1] for one in found]), "", note=PLAIN)
    yield from _against_a_forest()


def _against_a_forest() -> Iterator[Line]:
    """Compare the rules on tares, which find least, with an isolation forest of as many alarms."""
    pairs = [_tares_found(seed) for seed in SEEDS]
    name = "odd tares: recall, plain rule against isolation forest at as many alarms"
    yield beside(name, "", pairs, note="unsupervised, on deviation, share of the band, and weight")


def _tares_found(seed: int) -> tuple[float, float]:
    known = [case for case in cases(seed) if case.facts.part is Part.TARE and case.facts.band is not None]
    fault = np.array([case.fault in TARE_SIGNS for case in known])
    alarms = np.array([bool(TARE_SIGNS.intersection(signs(case.facts))) for case in known])
    figures = np.array([_figures(case) for case in known])
    forest = IsolationForest(n_estimators=200, random_state=seed).fit(figures)
    oddest = np.argsort(forest.score_samples(figures))[: alarms.sum()]
    return float(fault[alarms].sum() / fault.sum()), float(fault[oddest].sum() / fault.sum())


def _figures(case: Case) -> tuple[float, float, float]:
    around = case.facts.band
    assert around is not None
    off = case.facts.kg - around.median_kg
    return off, off / around.half_kg, case.facts.kg


def count(seed: int) -> dict[Kind, tuple[float, float]]:
    """Return precision and recall by kind for one simulated half-year."""
    hits: Counter[Kind] = Counter()
    raised: Counter[Kind] = Counter()
    faults: Counter[Kind] = Counter()
    for case in cases(seed):
        found = signs(case.facts)
        raised.update(list(found))
        if case.fault is not None:
            faults[case.fault] += 1
            hits[case.fault] += case.fault in found
    for history, drifts in scales(seed):
        found_drift = drift(history) is not None
        raised[Kind.CALIBRATION_DRIFT] += found_drift
        faults[Kind.CALIBRATION_DRIFT] += drifts
        hits[Kind.CALIBRATION_DRIFT] += drifts and found_drift
    return {kind: (_share(hits[kind], raised[kind]), _share(hits[kind], faults[kind])) for kind in faults}


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
