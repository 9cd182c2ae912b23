"""What else could have been learned, and was left out? Kept here so that the comparison can be run again."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import IsolationForest

from matching.learning.anomalies import Driven, Weighed
from matching.learning.card import Metric, Parts
from matching.learning.history import Flags, Floats, Texts
from matching.learning.prices import Rows, scored
from matching.learning.recent import LEVELS
from matching.learning.trees import Quantiles, one_thread


def quantile_regression(rows: Rows, parts: Parts) -> dict[Metric, float]:
    """Judge conformalised quantile regression on the features of the price bands; it is not monotone."""
    model = Quantiles(
        learn=(rows.features[parts.learn], rows.target[parts.learn]),
        calibrate=(
            rows.features[parts.calibrate],
            rows.target[parts.calibrate],
            rows.group[parts.calibrate],
        ),
        levels=LEVELS,
        categorical=3,
        seed=0,
        trees=120,
        leaves=12,
        least=15,
    )
    return scored(rows.target[parts.test], model.quantiles(rows.features[parts.test], rows.group[parts.test]))


def forest_of_weights(weighed: Weighed, half: int, flags: int, seed: int) -> Flags:
    """Flag as many loads after the first half by an isolation forest that knows the first half."""
    tare = weighed.tare_kg - _usual(weighed.vehicle, weighed.tare_kg, half)
    share = weighed.sender_kg / weighed.declared_kg
    features = np.column_stack([tare, weighed.sender_kg - weighed.receiver_kg, share])
    return _forest(features, half, flags, seed)


def forest_of_ways(driven: Driven, half: int, flags: int, seed: int) -> Flags:
    """Flag as many ways after the first half by an isolation forest that knows the first half."""
    ratio = driven.driven_km / driven.planned_km
    bend = ratio - _usual(driven.lane, ratio, half)
    return _forest(np.column_stack([bend, driven.stop_minutes]), half, flags, seed)


def _usual(keys: Texts, values: Floats, half: int) -> Floats:
    usual = {one: np.median(values[:half][keys[:half] == one]) for one in np.unique(keys)}
    return np.array([usual[one] for one in keys])


def _forest(features: Floats, half: int, flags: int, seed: int) -> Flags:
    with one_thread():
        forest = IsolationForest(n_estimators=200, random_state=seed).fit(features[:half])
        odd = -forest.score_samples(features[half:])
    found = np.zeros(len(odd), dtype=np.bool_)
    found[np.argsort(-odd, kind="stable")[:flags]] = True
    return found
