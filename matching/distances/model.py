"""What is asked of whoever knows roads, and what does an answer look like?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matching.distances.profiles import LORRY, Profile

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

UNREACHABLE = 1_000_000_000
"""Metres and seconds of a pair without any road: a million kilometres, so that sums stay whole and no
limit on distance or time lets it pass."""

ESTIMATE = "estimate"
"""The source of whatever no road network was asked for; people are shown this word beside the figure."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on earth: WGS-84 degrees."""

    lat: float
    lon: float


class Trouble(StrEnum):
    """Why a provider has no distances for a question."""

    SILENT = "silent"
    """It was not reached, or did not answer in time."""
    REFUSED = "refused"
    """It answered, but with a refusal."""
    GARBLED = "garbled"
    """Its answer is not what its interface promises."""
    OFF_ROAD = "off_road"
    """Points lie too far from any road it knows."""
    NOT_GIVEN = "not_given"
    """A file of distances does not hold a point that was asked for."""
    NO_PROFILE = "no_profile"
    """It does not know the roads of such a vehicle."""


@dataclass(frozen=True, slots=True)
class Setback:
    """One reason why a provider had no answer; `detail` is the provider's own word or figure."""

    provider: str
    trouble: Trouble
    detail: str = ""
    points: tuple[Point, ...] = ()


class NoDistances(Exception):
    """A provider cannot measure what it was asked; `setback` says why."""

    def __init__(
        self, provider: str, trouble: Trouble, detail: str = "", points: tuple[Point, ...] = ()
    ) -> None:
        super().__init__(f"{provider}: {trouble.value} {detail}".rstrip())
        self.setback = Setback(provider, trouble, detail, points)


@dataclass(frozen=True, slots=True)
class Legs:
    """Road metres and driving seconds, in the shape that was asked for, and where they come from.

    A pair without any road has `UNREACHABLE` in both. `setbacks` says why (a part of) the answer is not
    from the provider that was wanted.
    """

    metres: Ints
    seconds: Ints
    source: str
    version: str
    setbacks: tuple[Setback, ...] = ()

    @property
    def reachable(self) -> Flags:
        """Tell for each pair whether there is a road."""
        found: Flags = self.metres < UNREACHABLE
        return found


class Distances(Protocol):
    """A provider of road distances. Every answer carries `source` and `version`."""

    @property
    def source(self) -> str:
        """Name the provider; `estimate` means that no road network was asked."""

    @property
    def version(self) -> str:
        """Name the edition of the provider's data."""

    def legs(
        self,
        origins: Sequence[Point],
        targets: Sequence[Point],
        profile: Profile = LORRY,
        depart: datetime | None = None,
    ) -> Legs:
        """Measure origin n to target n: arrays of shape (n,). Raises `NoDistances`.

        `depart` is the wall clock at the origins; providers without traffic by the hour do not heed it.
        """

    def matrix(
        self, points: Sequence[Point], profile: Profile = LORRY, depart: datetime | None = None
    ) -> Legs:
        """Measure every point to every point: arrays of shape (n, n). Raises `NoDistances`."""


def degrees(points: Sequence[Point]) -> Floats:
    """Return latitude and longitude as an array of shape (n, 2)."""
    return np.array([(p.lat, p.lon) for p in points], dtype=np.float64).reshape(-1, 2)


def distinct(points: Sequence[Point]) -> tuple[list[Point], Ints]:
    """Return the different points in order of appearance, and for each given point its place among them."""
    places: dict[Point, int] = {}
    index = np.array([places.setdefault(p, len(places)) for p in points], dtype=np.int64)
    return list(places), index


def all_pairs(points: Sequence[Point]) -> tuple[list[Point], list[Point]]:
    """Return origins and targets of every pair, row by row."""
    return [p for p in points for _ in points], [p for _ in points for p in points]
