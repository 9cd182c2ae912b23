"""How far is the road likely to be where no road network is asked?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from matching.distances.barriers import Barrier, geodesic, passages
from matching.distances.model import ESTIMATE, Floats, Ints, Legs, Point, degrees
from matching.distances.profiles import LORRY, Profile
from matching.distances.waters import HUBEI_WATERS

Knots = tuple[tuple[float, float], ...]

# Knots (geodesic km, road km per geodesic km) and (geodesic km, km/h); between knots the factor is straight.
# General knowledge of roads in hilly river country, not fitted to a road network: hence the source is always
# named "estimate".
DETOUR_KNOTS: Knots = ((0.0, 1.45), (20.0, 1.40), (100.0, 1.32), (300.0, 1.27), (1000.0, 1.22))
SPEED_KNOTS: Knots = ((0.0, 25.0), (20.0, 40.0), (100.0, 58.0), (300.0, 66.0), (1000.0, 70.0))


@dataclass(frozen=True, slots=True)
class Estimate:
    """Guess the road from the geodesic on WGS-84 and a detour factor by distance band.

    Where the straight line crosses one of `waters`, the geodesic leads over the best crossing that is
    open to the vehicle. Further is never shorter or quicker: bands of which that is not true are refused
    with `ValueError`.
    """

    detour: Knots = DETOUR_KNOTS
    speed: Knots = SPEED_KNOTS
    version: str = "detour-2026.2"
    waters: tuple[Barrier, ...] = HUBEI_WATERS

    def __post_init__(self) -> None:
        for name, knots, least in (("detour", self.detour, 1.0), ("speed", self.speed, 1e-6)):
            km, factors = columns(knots)
            if not (len(km) and np.all(np.diff(km) > 0) and np.all(factors >= least) and km[0] >= 0):
                raise ValueError(f"{name}: distances have to rise, and factors to be at least {least:g}")
        if not all(np.all(slopes > 0) for slopes in rises(self.detour, self.speed)):
            raise ValueError("detour, speed: a longer way must not become a shorter or quicker road")

    @property
    def source(self) -> str:
        """Say that this is no measured road."""
        return ESTIMATE

    def legs(
        self,
        origins: Sequence[Point],
        targets: Sequence[Point],
        profile: Profile = LORRY,
        depart: datetime | None = None,
    ) -> Legs:
        """Estimate origin n to target n: whole metres and seconds of shape (n,)."""
        metres, seconds = self._measured(degrees(origins), degrees(targets), profile)
        return Legs(metres, seconds, self.source, self.version)

    def legs_by_degrees(self, origins: Floats, targets: Floats, profile: Profile = LORRY) -> Legs:
        """Estimate origin n to target n as `legs` does; rows of (latitude, longitude) in place of points."""
        metres, seconds = self._measured(origins, targets, profile)
        return Legs(metres, seconds, self.source, self.version)

    def matrix(
        self, points: Sequence[Point], profile: Profile = LORRY, depart: datetime | None = None
    ) -> Legs:
        """Estimate all pairs: whole metres and seconds of shape (n, n), symmetric, zero diagonal."""
        n = len(points)
        places = degrees(points)
        row, column = np.triu_indices(n, 1)
        found = self._measured(places[row], places[column], profile)
        metres, seconds = (np.zeros((n, n), dtype=np.int64) for _ in range(2))
        for table, upper in zip((metres, seconds), found, strict=True):
            table[row, column] = table[column, row] = upper
        return Legs(metres, seconds, self.source, self.version)

    def _measured(self, a: Floats, b: Floats, profile: Profile) -> tuple[Ints, Ints]:
        if not len(a):
            empty = np.zeros(0, dtype=np.int64)
            return empty, empty
        return self.road(self.way(a, b, profile), profile)

    def way(self, a: Floats, b: Floats, profile: Profile = LORRY) -> Floats:
        """Return geodesic metres, over the best crossings; a, b are (latitude, longitude), shape (n, 2)."""
        straight = geodesic(a, b)
        rows, over = passages(self.waters, a, b, profile)
        straight[rows] = np.maximum(over, straight[rows])
        return straight

    def road(self, way: Floats, profile: Profile = LORRY) -> tuple[Ints, Ints]:
        """Turn what `way` returns into whole road metres and seconds."""
        km = way / 1000
        road = way * np.interp(km, *columns(self.detour)) * profile.detour
        hours = road / 1000 / (np.interp(km, *columns(self.speed)) * profile.speed)
        return np.rint(road).astype(np.int64), np.rint(hours * 3600).astype(np.int64)


def columns(knots: Knots) -> tuple[Floats, Floats]:
    """Return the distances and the factors of a curve."""
    table = np.array(knots, dtype=np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def rises(detour: Knots, speed: Knots) -> tuple[Floats, Floats]:
    """Return how steeply road and hours rise where they rise least, for each piece between two knots.

    On a piece detour = p + s g and speed = u + w g over g km. The road g (p + s g) has the slope p + 2 s g.
    The hours' slope has the sign of p u + 2 s u g + s w g g, whose turning point -u / w is where the speed is
    zero: on no piece. So both are least at an end.
    """
    km = np.unique(np.concatenate([columns(detour)[0], columns(speed)[0]]))
    d, v = np.interp(km, *columns(detour)), np.interp(km, *columns(speed))
    span = np.maximum(np.diff(km), 1e-12)
    s, w = np.diff(d) / span, np.diff(v) / span
    p, u = d[:-1] - s * km[:-1], v[:-1] - w * km[:-1]
    ends = np.stack([km[:-1], km[1:]])
    road: Floats = (p + 2 * s * ends).min(axis=0, initial=np.inf)
    hours: Floats = (p * u + 2 * s * u * ends + s * w * ends**2).min(axis=0, initial=np.inf)
    return road, hours
