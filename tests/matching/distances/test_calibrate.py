"""Does the estimate learn from measured roads, and only for the better?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.distances import HAZMAT_LORRY, UNREACHABLE, Estimate, Legs, Point, Samples, calibrate
from matching.distances.calibrate import errors
from matching.distances.estimate import columns
from matching.distances.model import Floats

TRUTH = Estimate(
    detour=((0.0, 1.9), (30.0, 1.6), (200.0, 1.25), (1000.0, 1.2)),
    speed=((0.0, 18.0), (30.0, 35.0), (200.0, 70.0), (1000.0, 80.0)),
    version="truth",
)


def drawn(n: int, seed: int = 4, noise: float = 0.05) -> Samples:
    """Draw roads of the true kind between places in Hubei."""
    random = np.random.default_rng(seed)
    a, b = (np.column_stack([random.uniform(29.2, 33, n), random.uniform(109, 116, n)]) for _ in "ab")
    b = a + (b - a) * random.uniform(0.02, 1, n)[:, None]
    metres, seconds = TRUTH.road(TRUTH.way(a, b))
    wobble = np.exp(random.normal(0, noise, (2, n)))
    return Samples(a, b, metres * wobble[0], seconds * wobble[1], "drawn")


def test_roads_not_seen_are_estimated_much_better() -> None:
    """Otherwise calibration would be a word for overfitting."""
    found = calibrate(drawn(1500))
    assert found.fitted_on == 1125
    assert found.before.pairs == found.after.pairs == 375
    assert found.after.metres_median < 5 < found.before.metres_median
    assert found.after.seconds_median < 6 < found.before.seconds_median
    assert abs(found.after.metres_bias) < 1.5
    assert found.better


def test_broken_measurements_change_little() -> None:
    """Otherwise one device that counts kilometres twice would spoil everybody's freight."""
    good = drawn(1000)
    random = np.random.default_rng(9)
    broken = random.random(1000) < 0.1
    bad = Samples(
        good.origins, good.targets, good.metres * np.where(broken, 8, 1), good.seconds, "with breakage"
    )
    found = calibrate(bad).estimate
    assert errors(found, good).metres_median < 5


def test_the_version_names_the_data_and_the_source_stays_an_estimate() -> None:
    """Otherwise a fitted guess would pass for a measured road, and nobody could say what it learnt from."""
    one, two = (calibrate(drawn(200, seed)).estimate for seed in (1, 2))
    assert one.version.startswith("fitted drawn ")
    assert one.version != two.version
    assert one.source == "estimate"
    assert calibrate(drawn(200, 1)).estimate == one


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.floats(0.0, 1.0), st.integers(150, 400))
def test_whatever_is_learnt_further_is_never_shorter_or_quicker(seed: int, noise: float, n: int) -> None:
    """Otherwise noise in the samples would turn the order of the takers round."""
    found = calibrate(drawn(n, seed, noise)).estimate
    ways: Floats = np.linspace(0, 1_500_000, 5000)
    metres, seconds = found.road(ways)
    assert np.all(np.diff(metres) >= 0)
    assert np.all(np.diff(seconds) >= 0)
    assert np.all(columns(found.detour)[1] >= 1)


def test_a_fit_for_one_vehicle_holds_for_it() -> None:
    """Otherwise the factors of a vehicle would be counted twice."""
    samples = drawn(800, noise=0.01)
    found = calibrate(samples, profile=HAZMAT_LORRY)
    assert errors(found.estimate, samples, HAZMAT_LORRY).metres_median < 4


def test_a_matrix_teaches_by_every_pair_with_a_road() -> None:
    """Otherwise a pair without a road would teach a detour of a million kilometres."""
    points = [Point(30 + n / 10, 112 + n / 7) for n in range(12)]
    legs = TRUTH.matrix(points)
    metres, seconds = legs.metres.copy(), legs.seconds.copy()
    metres[0, 5] = seconds[0, 5] = UNREACHABLE
    samples = Samples.of_matrix(points, Legs(metres, seconds, "osrm", "map 1"))
    assert (len(samples.metres), samples.name) == (12 * 11 - 1, "osrm map 1")
    assert calibrate(samples).after.metres_median < 3


def test_a_track_counts_driving_and_not_standing() -> None:
    """Otherwise a driver's lunch would make the road slow, and jitter at a gate make it long."""
    drive = [(60.0 * n, Point(30 + 0.01 * n, 112)) for n in range(11)]
    lunch = [(600.0 + 600 * n, Point(30.1 + 0.0001 * (n % 2), 112)) for n in range(1, 4)]
    rest = [(2400.0 + 60 * n, Point(30.1 + 0.01 * n, 112)) for n in range(1, 11)]
    samples = Samples.of_tracks([[*drive, *lunch, *rest]], "lorry 7")
    straight = Samples.of_tracks([[drive[0], (1200.0, rest[-1][1])]], "lorry 7")
    assert samples.seconds[0] == 1200
    assert samples.metres[0] == pytest.approx(straight.metres[0], rel=0.001)


def test_what_cannot_teach_is_refused() -> None:
    """Otherwise a handful of drives, or a broken file, would set the freight of the whole market."""
    with pytest.raises(ValueError, match="40 are needed"):
        calibrate(drawn(30))
    with pytest.raises(ValueError, match="rising times"):
        Samples.of_tracks([[(5.0, Point(30, 112)), (5.0, Point(30, 113))]], "backwards")
    good = drawn(50)
    with pytest.raises(ValueError, match="negative or no number"):
        Samples(good.origins, good.targets, good.metres * np.nan, good.seconds, "odd")
    with pytest.raises(ValueError, match="shapes"):
        Samples(good.origins[:5], good.targets, good.metres, good.seconds, "odd")
