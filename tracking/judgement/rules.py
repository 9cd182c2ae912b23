"""What can be found on a vehicle's way, and what does the judgement know around it?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import msgspec
import shapely
from shapely import LineString

from tracking.geofences.rules import Places
from tracking.judgement.limits import Corridor, Limits, limits
from tracking.positions.rules import EARTH_M

Key = tuple[datetime, int]
Fact = str | int | float | bool


class Kind(StrEnum):
    """What a stretch of a vehicle's way, or a moment of it, was."""

    DRIVE = "drive"
    STOP = "stop"
    VISIT = "visit"
    JUMP = "jump"
    ODOMETER = "odometer"
    DEVIATION = "deviation"
    AREA = "restricted_area"
    OVERSPEED = "overspeed"
    HALT = "unplanned_stop"
    SILENCE = "silence"
    DOOR = "door_open"
    SEAL = "opened_under_way"
    LOAD = "load_change"
    DRIVER = "driver"
    WRONG_DRIVER = "wrong_driver"


ALARMS = frozenset({Kind.DEVIATION, Kind.AREA, Kind.OVERSPEED, Kind.HALT, Kind.SILENCE, Kind.SEAL})
"""What goes onto the record of a trip when it begins; the others are only kept with the vehicle."""

RULES: Mapping[Kind, str] = {
    Kind.DEVIATION: "M7.off_route",
    Kind.AREA: "M8.restricted_area",
    Kind.HALT: "M7.unplanned_stop",
    Kind.SILENCE: "M7.silent",
}
"""The rules of the rulebook that warn of an episode (gate matrix, transit)."""


class Episode(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One thing found between two moments; `until` is None while it lasts.

    `opened` and `closed` are the fixes (time, number) that made it certain, later than `since` and `until`
    by the dwell that certainty takes. `subject` tells two of one kind that begin together apart: the fence,
    the door. Degrees WGS-84 where it began. `facts` are in metres, seconds, km/h.
    """

    kind: Kind
    since: datetime
    opened: Key
    lat: float
    lon: float
    subject: str = ""
    trip: str = ""
    until: datetime | None = None
    closed: Key | None = None
    facts: dict[str, Fact] = {}

    @property
    def name(self) -> tuple[str, datetime, str]:
        """Return what the same episode is known by, whenever it is found again."""
        return self.kind.value, self.since, self.subject

    def ended(self, until: datetime, closed: Key, **facts: Fact) -> Episode:
        """Return the episode with its end."""
        return msgspec.structs.replace(self, until=until, closed=closed, facts=self.facts | facts)


Episodes = Sequence[Episode]
NOTHING: Episodes = ()

CARD = "driver_card"
"""The kind of device event by which a terminal tells of a driver's card (JT/T 808 0x0702)."""

NORTH_M = math.radians(1) * EARTH_M


class Route:
    """A planned way on a plane of metres around it, so that "1000 m beside it" means metres.

    `estimated`: a straight line between the sites, since no road server was asked; its corridor is wide.
    """

    def __init__(
        self, line: Sequence[tuple[float, float]], *, estimated: bool, figures: Corridor | None = None
    ) -> None:
        figures = figures or limits().corridor
        self.estimated = estimated
        self._east_m = NORTH_M * math.cos(math.radians(sum(lat for lat, _ in line) / len(line)))
        self._line = LineString([self._plane(lat, lon) for lat, lon in line])
        self.length_m = float(self._line.length)
        wide = max(figures.estimate_m, figures.estimate_share * self.length_m)
        self.half_width_m = wide if estimated else figures.road_m
        self._corridor = self._line.buffer(self.half_width_m)
        self._back = self._line.buffer(self.half_width_m * figures.back)
        for shape in (self._line, self._corridor, self._back):
            shapely.prepare(shape)

    def _plane(self, lat: float, lon: float) -> tuple[float, float]:
        return lon * self._east_m, lat * NORTH_M

    def holds(self, lat: float, lon: float) -> bool:
        """Tell whether a place lies within the corridor."""
        return bool(shapely.intersects_xy(self._corridor, lon * self._east_m, lat * NORTH_M))

    def has_back(self, lat: float, lon: float) -> bool:
        """Tell whether a vehicle that had left the corridor is well within it again."""
        return bool(shapely.intersects_xy(self._back, lon * self._east_m, lat * NORTH_M))

    def beside_m(self, lat: float, lon: float) -> float:
        """Return how far a place is from the route."""
        return float(shapely.distance(self._line, shapely.Point(self._plane(lat, lon))))

    def done(self, lat: float, lon: float) -> float:
        """Return which share of the route lies behind a place beside it, 0 to 1."""
        if not self.length_m:
            return 1.0
        return float(self._line.project(shapely.Point(self._plane(lat, lon)))) / self.length_m


@dataclass(frozen=True, slots=True)
class Leg:
    """What a vehicle's trip means for its fixes: laden from one moment to another, under way in between.

    `driver` is the name of who is to drive it, empty where nobody is named.
    """

    trip: str
    laden_from: datetime
    laden_until: datetime | None = None
    away_from: datetime | None = None
    away_until: datetime | None = None
    hazardous: bool = False
    route: Route | None = None
    driver: str = ""

    def laden(self, at: datetime) -> bool:
        """Tell whether the load is on the vehicle."""
        return self.laden_from <= at and (self.laden_until is None or at <= self.laden_until)

    def away(self, at: datetime) -> bool:
        """Tell whether the vehicle is on the road between the two sites."""
        return (
            self.away_from is not None
            and self.away_from <= at
            and (self.away_until is None or at < self.away_until)
        )


@dataclass(frozen=True, slots=True)
class Card:
    """A driver's card put in (or, without a name, taken out) at a moment."""

    at: datetime
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around a vehicle's fixes: its legs in time order, the fences, the figures."""

    legs: tuple[Leg, ...] = ()
    sites: Places = field(default_factory=Places)
    areas: Places = field(default_factory=Places)
    plate_key: str = ""
    cards: tuple[Card, ...] = ()
    limits: Limits = field(default_factory=limits)

    def leg_at(self, at: datetime) -> Leg | None:
        """Return the leg on which the vehicle is laden at a moment."""
        for leg in self.legs:
            if leg.laden(at):
                return leg
        return None
