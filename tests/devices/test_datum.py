"""Do points of Chinese maps land where they belong?"""

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.datum import Datum, convert, express, in_china, looks_swapped

inside = st.tuples(st.floats(5, 53), st.floats(75, 134))


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the distance of two (lat, lon), good enough for short ones."""
    return hypot((a[0] - b[0]) * 111_320, (a[1] - b[1]) * 111_320 * cos(radians(a[0])))


@given(inside, st.sampled_from(Datum))
def test_conversion_undoes_the_shift(point, datum):
    """A truck that reports GCJ-02 would otherwise be hundreds of metres from its site's fence."""
    assert metres(convert(*express(*point, datum), datum), point) < 0.01


@given(inside)
def test_the_shift_is_some_hundred_metres(point):
    """A formula with a wrong constant would shift by kilometres or by nothing."""
    assert 10 < metres(express(*point, Datum.GCJ02), point) < 1500


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
        ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
        ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
        ((39.915, 116.404), (39.91640428150164, 116.41024449916938)),
    ],
)
def test_gcj02_agrees_with_the_published_points(wgs84, gcj02):
    """Other software in the field uses this formula; we must land on the same spot.

    The points are the published test of EvilTransform and the example of coordtransform.
    """
    assert metres(express(*wgs84, Datum.GCJ02), gcj02) < 0.1
    assert metres(convert(*gcj02, Datum.GCJ02), wgs84) < 0.1


def test_bd09_agrees_with_the_published_point():
    """A site picked on a Baidu map must be the same site here; the points are coordtransform's examples."""
    gcj02, bd09 = (39.915, 116.404), (39.92133699351021, 116.41036949371029)
    wgs84 = convert(*gcj02, Datum.GCJ02)
    assert metres(express(*wgs84, Datum.BD09), bd09) < 0.1
    assert metres(convert(*bd09, Datum.BD09), wgs84) < 0.1


@pytest.mark.parametrize("point", [(35.68, 139.69), (52.52, 13.40), (-33.87, 151.21), (0.0, 0.0)])
def test_points_outside_china_stay(point):
    """A device carried abroad must not be moved by a formula made for China."""
    assert (
        convert(*point, Datum.GCJ02) == convert(*point, Datum.BD09) == express(*point, Datum.GCJ02) == point
    )


def test_finds_swapped_coordinates():
    """A terminal with latitude and longitude exchanged must be seen, wherever in China it drives."""
    assert in_china(30.59, 114.30)
    assert looks_swapped(114.30, 30.59)
    assert looks_swapped(87.6, 43.8)  # Urumqi: both numbers are possible latitudes
    assert not looks_swapped(30.59, 114.30)
    assert not looks_swapped(52.5, 13.4)
