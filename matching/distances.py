"""How far, and how long, is the road between two points, and who says so?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pyproj import Geod

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Point:
    """A place on earth: WGS-84 degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Legs:
    """Road metres and driving seconds, in the shape that was asked for, and where they come from."""

    metres: Ints
    seconds: Ints
    source: str
    version: str


class Distances(Protocol):
    """A provider of road distances. Every answer carries `source` and `version`."""

    @property
    def source(self) -> str:
        """Name the provider; `estimate` means that no road network was asked."""

    @property
    def version(self) -> str:
        """Name the edition of the provider's data."""

    def legs(self, origins: Sequence[Point], targets: Sequence[Point]) -> Legs:
        """Measure origin n to target n: arrays of shape (n,)."""

    def matrix(self, points: Sequence[Point]) -> Legs:
        """Measure every point to every point: arrays of shape (n, n)."""


# Knots (geodesic km, road km per geodesic km) and (geodesic km, km/h). Between knots the curve is
# straight, so that a longer geodesic never becomes a shorter road. General knowledge of roads in
# hilly river country, not fitted to a road network: hence the source is always named "estimate".
DETOUR_KNOTS = ((0.0, 1.45), (20.0, 1.40), (100.0, 1.32), (300.0, 1.27), (1000.0, 1.22))
SPEED_KNOTS = ((0.0, 25.0), (20.0, 40.0), (100.0, 58.0), (300.0, 66.0), (1000.0, 70.0))


@dataclass(frozen=True, slots=True)
class Estimate:
    """Guess the road from the geodesic on WGS-84 and a detour factor by distance band."""

    detour: tuple[tuple[float, float], ...] = DETOUR_KNOTS
    speed: tuple[tuple[float, float], ...] = SPEED_KNOTS
    version: str = "detour-2026.1"

    @property
    def source(self) -> str:
        """Say that this is no measured road."""
        return "estimate"

    def legs(self, origins: Sequence[Point], targets: Sequence[Point]) -> Legs:
        """Estimate origin n to target n: whole metres and seconds of shape (n,)."""
        if not origins:
            empty = np.zeros(0, dtype=np.int64)
            return Legs(empty, empty, self.source, self.version)
        a, b = _degrees(origins), _degrees(targets)
        _, _, metres = _geod().inv(a[:, 1], a[:, 0], b[:, 1], b[:, 0])
        return self._road(np.asarray(metres, dtype=np.float64))

    def matrix(self, points: Sequence[Point]) -> Legs:
        """Estimate all pairs: whole metres and seconds of shape (n, n), symmetric, zero diagonal."""
        n = len(points)
        origins = [p for p in points for _ in range(n)]
        flat = self.legs(origins, [p for _ in range(n) for p in points])
        return Legs(flat.metres.reshape(n, n), flat.seconds.reshape(n, n), self.source, self.version)

    def _road(self, geodesic: Floats) -> Legs:
        km = geodesic / 1000
        road = geodesic * np.interp(km, *_columns(self.detour))
        hours = road / 1000 / np.interp(km, *_columns(self.speed))
        metres, seconds = np.rint(road).astype(np.int64), np.rint(hours * 3600).astype(np.int64)
        return Legs(metres, seconds, self.source, self.version)


def _columns(knots: tuple[tuple[float, float], ...]) -> tuple[Floats, Floats]:
    table = np.array(knots, dtype=np.float64)
    return table[:, 0], table[:, 1]


def _degrees(points: Sequence[Point]) -> Floats:
    return np.array([(p.lat, p.lon) for p in points], dtype=np.float64).reshape(-1, 2)


@lru_cache(maxsize=1)
def _geod() -> Geod:
    from pyproj import Geod

    return Geod(ellps="WGS84")
