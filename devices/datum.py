"""Where on WGS-84 is a point that was given in one of the Chinese datums?

GCJ-02 is the obfuscated datum of Chinese maps; its formula is not published. The one used here is the
reverse-engineered form of EvilTransform (G. Li, https://github.com/googollee/eviltransform, MIT licence),
on the Krasovsky 1940 ellipsoid; BD-09 adds Baidu's published-by-use polar shift on top. Both are inverted
by fixed-point iteration, which leaves less than a millimetre of the formula's own value.
"""

from collections.abc import Callable
from enum import StrEnum
from math import atan2, cos, hypot, pi, sin, sqrt

_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BAIDU = pi * 3000.0 / 180.0
_CLOSE_ENOUGH_DEG = 1e-10
_MAX_ROUNDS = 50

_Point = tuple[float, float]


class Datum(StrEnum):
    """The datum an input declares for its coordinates."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def convert(lat: float, lon: float, datum: Datum) -> tuple[float, float]:
    """Return the WGS-84 (lat, lon) in degrees of a point given in `datum`; identity outside China."""
    if datum is Datum.WGS84 or not is_shifted(lat, lon):
        return lat, lon
    if datum is Datum.BD09:
        lat, lon = _invert(_gcj02_to_bd09, lat, lon)
    return _invert(wgs84_to_gcj02, lat, lon)


def express(lat: float, lon: float, datum: Datum) -> tuple[float, float]:
    """Return a WGS-84 point as `datum` shows it: the opposite of `convert`."""
    if datum is Datum.WGS84 or not is_shifted(lat, lon):
        return lat, lon
    shifted = wgs84_to_gcj02(lat, lon)
    return _gcj02_to_bd09(*shifted) if datum is Datum.BD09 else shifted


def in_china(lat: float, lon: float) -> bool:
    """Say whether a point lies in the box around China's land and inshore waters (not the border)."""
    return 3.8 <= lat <= 53.6 and 73.4 <= lon <= 135.1


def looks_swapped(lat: float, lon: float) -> bool:
    """Say whether a point is outside China as given and inside with latitude and longitude exchanged."""
    return not in_china(lat, lon) and in_china(lon, lat)


def is_shifted(lat: float, lon: float) -> bool:
    """Say whether the GCJ-02 formula applies: its own box is wider than `in_china`."""
    return 0.8293 <= lat <= 55.8271 and 72.004 <= lon <= 137.8347


def wgs84_to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """Return the GCJ-02 (lat, lon) of a WGS-84 point, by the formula alone (no check of the box)."""
    d_lat, d_lon = _offsets_m(lat - 35.0, lon - 105.0)
    radians = lat / 180.0 * pi
    magic = 1 - _ECCENTRICITY_SQUARED * sin(radians) ** 2
    meridian = _SEMI_MAJOR_M * (1 - _ECCENTRICITY_SQUARED) / (magic * sqrt(magic))
    parallel = _SEMI_MAJOR_M / sqrt(magic) * cos(radians)
    return lat + d_lat * 180.0 / (meridian * pi), lon + d_lon * 180.0 / (parallel * pi)


def _offsets_m(x_lat: float, x_lon: float) -> _Point:
    """Return the obfuscation, in metres north and east, at degrees from the centre (35 N, 105 E)."""
    x, y = x_lon, x_lat
    root = sqrt(abs(x))
    ripple = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ripple
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y / 30.0 * pi)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ripple
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    return north, east


def _gcj02_to_bd09(lat: float, lon: float) -> _Point:
    radius = hypot(lon, lat) + 0.00002 * sin(lat * _BAIDU)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * _BAIDU)
    return radius * sin(angle) + 0.006, radius * cos(angle) + 0.0065


def _invert(forward: Callable[[float, float], _Point], lat: float, lon: float) -> _Point:
    """Return the point that `forward` maps to (lat, lon): step back by the error until it vanishes."""
    guess_lat, guess_lon = lat, lon
    for _ in range(_MAX_ROUNDS):
        mapped_lat, mapped_lon = forward(guess_lat, guess_lon)
        error_lat, error_lon = mapped_lat - lat, mapped_lon - lon
        guess_lat, guess_lon = guess_lat - error_lat, guess_lon - error_lon
        if max(abs(error_lat), abs(error_lon)) < _CLOSE_ENOUGH_DEG:
            break
    return guess_lat, guess_lon
