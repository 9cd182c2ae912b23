"""Is a vehicle inside a boundary, and which boundaries are near a place at all?"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from compliance.record.clock import SHANGHAI
from tracking.positions.rules import EARTH_M

LEAVING_M = 150.0
"""So far outside a fence a vehicle has left it: a fix that jitters on the fence leaves nothing."""
CELLS = 100.0
"""Cells a degree in which fences are looked for: about one kilometre each."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A boundary in degrees WGS-84, and the line farther out beyond which it has been left."""

    inner: BaseGeometry
    outer: BaseGeometry

    @staticmethod
    def around(boundary: BaseGeometry, leaving_m: float = LEAVING_M) -> Fence:
        """Return the fence of a boundary; it is left so many metres outside."""
        middle = boundary.centroid
        north = math.radians(1) * EARTH_M
        east = north * math.cos(math.radians(middle.y))
        scale = (east, north)
        plane = shapely.transform(boundary, lambda corners: corners * scale)
        outer = shapely.transform(plane.buffer(leaving_m), lambda corners: corners / scale)
        shapely.prepare(boundary)
        shapely.prepare(outer)
        return Fence(boundary, outer)

    def holds(self, lat: float, lon: float) -> bool:
        """Tell whether a place lies within the fence."""
        return bool(shapely.intersects_xy(self.inner, lon, lat))

    def is_left(self, lat: float, lon: float) -> bool:
        """Tell whether a place lies clear of the fence."""
        return not shapely.intersects_xy(self.outer, lon, lat)


@lru_cache(maxsize=4096)
def fence_of(boundary: bytes, leaving_m: float = LEAVING_M) -> Fence:
    """Return the fence of a boundary in well-known binary; the last few thousand are remembered."""
    shape = shapely.from_wkb(boundary)
    assert isinstance(shape, Polygon | MultiPolygon)
    return Fence.around(shape, leaving_m)


@dataclass(frozen=True, slots=True)
class Hours:
    """The part of the days on which a restriction holds: minutes of the day in Shanghai, 0 Monday to 6.

    `until` at or before `since` runs past midnight; the night belongs to the day on which it begins.
    """

    since: int = 0
    until: int = 24 * 60
    weekdays: frozenset[int] = frozenset(range(7))

    def hold(self, moment: datetime) -> bool:
        """Tell whether a moment falls into the hours."""
        local = moment.astimezone(SHANGHAI)
        minute = local.hour * 60 + local.minute
        if self.since < self.until:
            return self.since <= minute < self.until and local.weekday() in self.weekdays
        if minute >= self.since:
            return local.weekday() in self.weekdays
        return minute < self.until and (local.weekday() - 1) % 7 in self.weekdays


@dataclass(frozen=True, slots=True)
class Approval:
    """Police approval for one plate to be in an area on some days (M8)."""

    plate_key: str
    valid_from: date
    valid_to: date
    number: str


@dataclass(frozen=True, slots=True)
class Place:
    """Something with a fence: a site, or a restricted area in force from one moment to another."""

    key: str
    name: str
    fence: Fence
    since: datetime | None = None
    until: datetime | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    hours: Hours | None = None
    approvals: tuple[Approval, ...] = ()

    def in_force(self, moment: datetime) -> bool:
        """Tell whether the restriction holds at a moment, on the record and by its own days and hours."""
        if (self.since and moment < self.since) or (self.until and moment >= self.until):
            return False
        day = moment.astimezone(SHANGHAI).date()
        if (self.valid_from and day < self.valid_from) or (self.valid_to and day > self.valid_to):
            return False
        return self.hours is None or self.hours.hold(moment)

    def approved(self, plate_key: str, moment: datetime) -> bool:
        """Tell whether the police let this vehicle in on that day."""
        day = moment.astimezone(SHANGHAI).date()
        return any(
            one.plate_key == plate_key and one.valid_from <= day <= one.valid_to for one in self.approvals
        )


NOWHERE: tuple[Place, ...] = ()


class Places:
    """Places by the cells that their fences touch, so that most fixes look into an empty cell."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self.cells: dict[tuple[int, int], tuple[Place, ...]] = {}
        self.by_key: dict[str, Place] = {}
        for place in places:
            self.by_key[place.key] = place
            west, south, east, north = place.fence.outer.bounds
            for row in range(int(south * CELLS), int(north * CELLS) + 1):
                for column in range(int(west * CELLS), int(east * CELLS) + 1):
                    self.cells[row, column] = (*self.cells.get((row, column), ()), place)

    def near(self, lat: float, lon: float) -> tuple[Place, ...]:
        """Return the places whose fence may hold a point."""
        return self.cells.get((int(lat * CELLS), int(lon * CELLS)), NOWHERE)
