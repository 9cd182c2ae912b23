"""Is the estimated road plausible, orderly and labelled as an estimate?"""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.distances import HAZMAT_LORRY, LORRY, VAN, Estimate, Point, Profile

WUHAN, YICHANG = Point(30.593, 114.305), Point(30.692, 111.287)
near_hubei = st.builds(Point, lat=st.floats(29, 33), lon=st.floats(108, 116))
DRY = Estimate(waters=())


def test_wuhan_to_yichang_is_about_what_the_motorway_says() -> None:
    """Otherwise every freight would be wrong: the road is some 320 to 390 km."""
    legs = Estimate().legs([WUHAN], [YICHANG])
    assert 320_000 < legs.metres[0] < 390_000
    assert 4.5 * 3600 < legs.seconds[0] < 7 * 3600
    assert (legs.source, legs.version) == ("estimate", "detour-2026.2")


@settings(max_examples=50, deadline=None, derandomize=True)
@given(near_hubei, near_hubei)
def test_the_road_is_symmetric_and_longer_than_the_geodesic(a: Point, b: Point) -> None:
    """Otherwise a way there and back would cost differently by the order of its ends."""
    there, back = Estimate().legs([a], [b]), Estimate().legs([b], [a])
    assert there.metres[0] == pytest.approx(back.metres[0], abs=1)
    matrix = Estimate().matrix([a, b]).metres
    assert matrix[0, 1] == matrix[1, 0] == there.metres[0]
    assert matrix[0, 0] == 0
    plain = Estimate(detour=((0.0, 1.0), (1.0, 1.0)), waters=()).legs([a], [b]).metres[0]
    assert matrix[0, 1] >= plain


@settings(max_examples=50, deadline=None, derandomize=True)
@given(near_hubei, near_hubei)
def test_water_never_shortens_a_road(a: Point, b: Point) -> None:
    """Otherwise the far bank would look nearer than it is."""
    assert Estimate().legs([a], [b]).metres[0] >= DRY.legs([a], [b]).metres[0]


def test_a_longer_geodesic_is_never_a_shorter_or_quicker_road() -> None:
    """Otherwise a taker further away could win by a step in the bands."""
    points = [Point(30, 105 + n / 500) for n in range(8000)]
    legs = DRY.legs([points[0]] * len(points), points)
    assert np.all(np.diff(legs.metres) > 0)
    assert np.all(np.diff(legs.seconds) > 0)


@pytest.mark.parametrize(
    "bands",
    [
        {"detour": ((0.0, 2.0), (10.0, 2.0), (11.0, 1.0))},
        {"speed": ((0.0, 20.0), (10.0, 20.0), (11.0, 90.0))},
        {"detour": ((0.0, 0.9), (10.0, 1.2))},
        {"speed": ((10.0, 50.0), (5.0, 60.0))},
        {"detour": ()},
    ],
)
def test_bands_that_make_further_shorter_are_refused(
    bands: dict[str, tuple[tuple[float, float], ...]],
) -> None:
    """Otherwise a wrong table would turn the order of the takers round."""
    with pytest.raises(ValueError, match=r"detour|speed"):
        Estimate(**bands)  # type: ignore[arg-type]


def test_a_lorry_with_dangerous_goods_is_slower_and_a_van_quicker() -> None:
    """Otherwise the plan of a tanker would promise a car's arrival."""
    seconds = [int(Estimate().legs([WUHAN], [YICHANG], p).seconds[0]) for p in (VAN, LORRY, HAZMAT_LORRY)]
    assert seconds[0] < seconds[1] < seconds[2]
    assert np.all(Estimate().matrix([WUHAN, YICHANG], HAZMAT_LORRY).seconds <= 1.2 * seconds[1])


def test_a_profile_that_shortens_roads_is_refused() -> None:
    """Otherwise a mistyped factor would make every freight too cheap."""
    with pytest.raises(ValueError, match="detour"):
        Profile("odd", detour=0.5)


def test_no_points_have_no_distances() -> None:
    """Otherwise an empty market would fail."""
    assert Estimate().legs([], []).metres.shape == (0,)
    assert Estimate().matrix([]).metres.shape == (0, 0)


def test_the_estimate_travels_to_other_processes() -> None:
    """Otherwise a market could not be solved in parallel."""
    again = pickle.loads(pickle.dumps(Estimate()))
    assert again == Estimate()
    assert again.legs([WUHAN], [YICHANG]).metres[0] == Estimate().legs([WUHAN], [YICHANG]).metres[0]
