"""Is the estimated road plausible, orderly and labelled as an estimate?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.distances import Estimate, Point

WUHAN, YICHANG = Point(30.593, 114.305), Point(30.692, 111.287)
near_hubei = st.builds(Point, lat=st.floats(29, 33), lon=st.floats(108, 116))


def test_wuhan_to_yichang_is_about_what_the_motorway_says() -> None:
    """Otherwise every freight would be wrong: the road is some 320 to 390 km."""
    legs = Estimate().legs([WUHAN], [YICHANG])
    assert 320_000 < legs.metres[0] < 390_000
    assert 4.5 * 3600 < legs.seconds[0] < 7 * 3600
    assert (legs.source, legs.version) == ("estimate", "detour-2026.1")


@settings(max_examples=50, deadline=None, derandomize=True)
@given(near_hubei, near_hubei)
def test_the_road_is_symmetric_and_longer_than_the_geodesic(a: Point, b: Point) -> None:
    """Otherwise a way there and back would cost differently by the order of its ends."""
    matrix = Estimate().matrix([a, b]).metres
    assert matrix[0, 1] == pytest.approx(matrix[1, 0], abs=1)
    assert matrix[0, 0] == 0
    plain = Estimate(detour=((0.0, 1.0), (1.0, 1.0))).legs([a], [b]).metres[0]
    assert matrix[0, 1] >= plain


def test_a_longer_geodesic_is_never_a_shorter_or_quicker_road() -> None:
    """Otherwise a taker further away could win by a step in the bands."""
    points = [Point(30, 105 + n / 500) for n in range(8000)]
    legs = Estimate().legs([points[0]] * len(points), points)
    assert np.all(np.diff(legs.metres) > 0)
    assert np.all(np.diff(legs.seconds) > 0)


def test_no_points_have_no_distances() -> None:
    """Otherwise an empty market would fail."""
    assert Estimate().legs([], []).metres.shape == (0,)
    assert Estimate().matrix([]).metres.shape == (0, 0)
