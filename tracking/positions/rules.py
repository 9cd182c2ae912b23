"""Which fix is worth believing, and where was a vehicle between two of them?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

import msgspec
import shapely

from compliance.registry.rules import place_fault
from devices.codecs.position_json import ToldPosition
from devices.codecs.wire import MILLISECOND
from devices.readings import Load

FUTURE = timedelta(minutes=5)
"""A clock may be this far ahead of ours (telemetry.md 1.7)."""
MAX_SPEED_KMH = 200.0
MAX_AGE = timedelta(days=400)
"""No outbox keeps a record longer; an older time is a terminal's clock after a reset."""
_FUTURE_MS, _MAX_AGE_MS = FUTURE // MILLISECOND, MAX_AGE // MILLISECOND
EARTH_M = 6_371_008.8
"""Mean radius of the Earth, metres (IUGG)."""


class Exclusion(StrEnum):
    """Why a kept position takes no part in live state and events."""

    FUTURE = "future"
    STALE = "stale"
    OUTSIDE = "outside_china"
    SWAPPED = "swapped_coordinates"
    TOO_FAST = "too_fast"
    ARCHIVED = "archived"


class Fix(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One believed position: satellite time where there is one, degrees WGS-84.

    `odometer_m`, `load` and `status_bits` are the vehicle's own word (JT/T 808 2.1).
    """

    at: datetime
    seq: int
    lat: float
    lon: float
    speed_kmh: float | None = None
    course_deg: int | None = None
    odometer_m: int | None = None
    load: Load = Load.UNKNOWN
    status_bits: int = 0

    @property
    def key(self) -> tuple[datetime, int]:
        """Return what puts fixes in order: time, then number (telemetry.md 1.6)."""
        return self.at, self.seq


def moment_of(told: ToldPosition) -> int:
    """Return the time by which positions are put in order, in ms: GNSS before the terminal's clock (1.6)."""
    return told.device_ms if told.gnss_ms is None else told.gnss_ms


def exclusion(told: ToldPosition, received_ms: int) -> Exclusion | None:
    """Tell why a position must not be believed, by itself alone, so that no order of arrival matters."""
    moment, latest = moment_of(told), received_ms + _FUTURE_MS
    if moment > latest or told.device_ms > latest:
        return Exclusion.FUTURE
    if moment < received_ms - _MAX_AGE_MS:
        return Exclusion.STALE
    fault = place_fault(told.lat, told.lon)
    if fault is not None:
        return Exclusion.SWAPPED if fault.name == "SWAPPED" else Exclusion.OUTSIDE
    if told.speed_kmh is not None and told.speed_kmh > MAX_SPEED_KMH:
        return Exclusion.TOO_FAST
    return None


def distance_m(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the great-circle distance in metres (haversine; off by 0.5 % at most)."""
    phi, psi = math.radians(lat), math.radians(other_lat)
    half = math.sin((psi - phi) / 2) ** 2
    half += math.cos(phi) * math.cos(psi) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def length_m(fixes: Iterable[Fix]) -> float:
    """Return the length of a track in metres."""
    return sum(distance_m(a.lat, a.lon, b.lat, b.lon) for a, b in pairwise(fixes))


def simplified(fixes: Sequence[Fix], tolerance_deg: float = 0.0002) -> list[Fix]:
    """Return the fixes that draw the same line to within a tolerance in degrees (Douglas and Peucker)."""
    if len(fixes) < 3:
        return list(fixes)
    line = shapely.LineString([(fix.lon, fix.lat) for fix in fixes])
    kept: list[Fix] = []
    corners = iter(shapely.simplify(line, tolerance_deg, preserve_topology=False).coords)
    corner = next(corners, None)
    for fix in fixes:
        if corner is not None and (fix.lon, fix.lat) == tuple(corner):
            kept.append(fix)
            corner = next(corners, None)
    return kept
