"""What if somebody has measured the roads already, and hands over the table?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from matching.distances.model import (
    UNREACHABLE,
    Ints,
    Legs,
    NoDistances,
    Point,
    Trouble,
    all_pairs,
    distinct,
)
from matching.distances.profiles import LORRY, Profile

PER_DEGREE = 100_000
"""Places are told apart by the fifth decimal of a degree, about a metre."""


@dataclass(frozen=True, slots=True)
class Given:
    """Distances out of a table: whole metres and seconds of shape (n, n) between n `points`.

    `source` and `version` say where the table is from; without a `profile` it serves every kind of
    vehicle but lorries with dangerous goods. Raises `ValueError` for tables that cannot be.
    """

    points: tuple[Point, ...]
    metres: Ints
    seconds: Ints
    version: str
    source: str = "file"
    profile: str | None = None
    _places: dict[tuple[int, int], int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        n = len(self.points)
        for name, table in (("metres", self.metres), ("seconds", self.seconds)):
            if table.shape != (n, n):
                raise ValueError(f"{name}: shape {table.shape} does not fit {n} points")
            if table.dtype != np.int64:
                raise ValueError(f"{name}: whole numbers are wanted, not {table.dtype}")
            if n and (table.min() < 0 or table.max() > UNREACHABLE):
                raise ValueError(f"{name}: a figure is negative or above {UNREACHABLE}")
            if np.diagonal(table).any():
                raise ValueError(f"{name}: a point is away from itself")
        if np.any((self.metres == UNREACHABLE) != (self.seconds == UNREACHABLE)):
            raise ValueError("seconds: a pair without a road has metres, or the other way round")
        places = {key(p): n for n, p in enumerate(self.points)}
        if len(places) < n:
            raise ValueError("points: two are less than a metre apart")
        object.__setattr__(self, "_places", places)

    def legs(
        self,
        origins: Sequence[Point],
        targets: Sequence[Point],
        profile: Profile = LORRY,
        depart: datetime | None = None,
    ) -> Legs:
        """Look up origin n to target n. Raises `NoDistances` for points and vehicles it does not hold."""
        if profile.name != self.profile and (self.profile or profile.hazmat):
            raise NoDistances(self.source, Trouble.NO_PROFILE, profile.name)
        known, index = distinct([*origins, *targets])
        places = np.array([self._places.get(key(p), -1) for p in known], dtype=np.int64)
        if np.any(places < 0):
            absent = tuple(p for p, place in zip(known, places, strict=True) if place < 0)
            raise NoDistances(self.source, Trouble.NOT_GIVEN, str(len(absent)), absent)
        a, b = places[index[: len(origins)]], places[index[len(origins) :]]
        return Legs(self.metres[a, b], self.seconds[a, b], self.source, self.version)

    def matrix(
        self, points: Sequence[Point], profile: Profile = LORRY, depart: datetime | None = None
    ) -> Legs:
        """Look up all pairs. Raises `NoDistances` for points and vehicles it does not hold."""
        n = len(points)
        flat = self.legs(*all_pairs(points), profile, depart)
        return Legs(flat.metres.reshape(n, n), flat.seconds.reshape(n, n), self.source, self.version)


def key(point: Point) -> tuple[int, int]:
    """Return the point in whole hundred-thousandths of a degree."""
    return round(point.lat * PER_DEGREE), round(point.lon * PER_DEGREE)
