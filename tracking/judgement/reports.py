"""What did a vehicle do on a day, and what happened on a trip? For people, from what was found.

`ways_visible_to` says who may read a vehicle's whole way, `trips.queries.trip` who may see a trip.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, false, select
from sqlalchemy.orm import Session

from compliance.record.clock import SHANGHAI
from compliance.record.errors import N_, Invalid, NotFound
from compliance.record.who import Role, Who
from tracking.fleet.tables import Vehicle
from tracking.judgement import context, queries
from tracking.judgement.rules import ALARMS, Kind
from tracking.judgement.tables import EpisodeRow
from tracking.positions import queries as positions
from tracking.positions.rules import Fix
from tracking.trips import routes
from tracking.trips.routes import Arrival
from tracking.trips.rules import OVER, State
from tracking.trips.tables import Trip, TripRoute

SHORTEST_STOP_S = 300
MOST_POINTS = 2_000
ALARM_KINDS = frozenset(kind.value for kind in ALARMS)


def ways_visible_to(who: Who) -> Select[Vehicle]:
    """Return the statement for the vehicles whose whole way a person may read.

    The own carrier's dispatchers, and those who oversee; a party to a load sees its trip's replay alone.
    """
    statement = select(Vehicle)
    if who.oversees:
        return statement
    if not who.has(Role.DISPATCHER):
        return statement.where(false())
    return statement.where(Vehicle.carrier_id == who.organisation_id)


def way_of(session: Session, vehicle_id: UUID, who: Who) -> Vehicle:
    """Return a vehicle whose whole way the person may read, or raise `NotFound`."""
    found = session.scalar(ways_visible_to(who).where(Vehicle.id == vehicle_id))
    if found is None:
        raise NotFound("vehicle", vehicle_id)
    return found


def vehicle_of(session: Session, trip: Trip) -> Vehicle:
    """Return the vehicle of a trip that the person may see."""
    return session.get_one(Vehicle, trip.vehicle_id)


@dataclass(frozen=True, slots=True)
class Stay:
    """A drive or a stop: from when to when (None: it lasts), where it began and ended, on which trip."""

    kind: Kind
    since: datetime
    until: datetime | None
    lat: float
    lon: float
    to_lat: float | None
    to_lon: float | None
    metres: int | None
    site: str
    trip_id: UUID | None
    unplanned: bool

    @property
    def seconds(self) -> int | None:
        """Return how long it took, None while it lasts."""
        return None if self.until is None else round((self.until - self.since).total_seconds())

    @property
    def mean_kmh(self) -> float | None:
        """Return the mean speed of a drive that is over."""
        if not self.metres or not self.seconds:
            return None
        return round(self.metres / self.seconds * 3.6, 1)


@dataclass(frozen=True, slots=True)
class Day:
    """A vehicle's day in China: its drives, its stops of five minutes and more, and what was noticed."""

    day: date
    drives: tuple[Stay, ...]
    stops: tuple[Stay, ...]
    noticed: tuple[EpisodeRow, ...]

    @property
    def metres(self) -> int:
        """Return how far the vehicle drove in the drives that are over."""
        return sum(drive.metres or 0 for drive in self.drives)


def midnights(day: date) -> tuple[datetime, datetime]:
    """Return the first moments of a day in China and of the next one; `Invalid` where a calendar ends."""
    if not date.min < day < date.max:
        raise Invalid(N_("No record reaches as far as this day."), field="day")
    first = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    return first, first + timedelta(days=1)


def day_of(session: Session, vehicle_id: UUID, day: date) -> Day:
    """Return what a vehicle did on a day in China; what runs past midnight belongs to the day it began."""
    first, last = midnights(day)
    rows = [row for row in queries.episodes(session, vehicle_id, first, last) if row.since < last]
    began = [row for row in rows if row.since >= first]
    visits = [row for row in rows if row.kind == Kind.VISIT]
    halts = {row.since for row in rows if row.kind == Kind.HALT}
    trips = _trips(session, vehicle_id, last)
    drives = tuple(_stay(row, visits, halts, trips) for row in began if row.kind == Kind.DRIVE)
    stops = tuple(_stay(row, visits, halts, trips) for row in began if row.kind == Kind.STOP)
    long = tuple(one for one in stops if one.seconds is None or one.seconds >= SHORTEST_STOP_S)
    noticed = tuple(row for row in began if row.kind not in {Kind.DRIVE, Kind.STOP, Kind.VISIT})
    return Day(day, drives, long, noticed)


def _stay(row: EpisodeRow, visits: Iterable[EpisodeRow], halts: set[datetime], trips: Sequence[Trip]) -> Stay:
    facts = row.facts
    until = row.until or row.since
    site = next((one for one in visits if _meet(one.since, one.until, row.since, until)), None)
    trip = next((one for one in trips if _meet(one.loaded_at, one.done_at, row.since, until)), None)
    return Stay(
        Kind(row.kind),
        row.since,
        row.until,
        row.lat,
        row.lon,
        _number(facts.get("to_lat")),
        _number(facts.get("to_lon")),
        None if facts.get("metres") is None else round(_number(facts["metres"]) or 0),
        str(site.facts.get("name", "")) if site is not None and row.kind == Kind.STOP else "",
        trip.id if trip else None,
        row.since in halts,
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _meet(since: datetime | None, until: datetime | None, first: datetime, last: datetime) -> bool:
    return since is not None and since <= last and (until is None or until >= first)


def _trips(session: Session, vehicle_id: UUID, before: datetime) -> Sequence[Trip]:
    return session.scalars(
        select(Trip)
        .where(Trip.vehicle_id == vehicle_id, Trip.loaded_at.is_not(None), Trip.loaded_at < before)
        .order_by(Trip.loaded_at.desc())
        .limit(100)
    ).all()


@dataclass(frozen=True, slots=True)
class Replay:
    """A trip's way fix by fix, no more of them than a map can play, with what happened on it."""

    trip: Trip
    fixes: tuple[Fix, ...]
    of: int
    episodes: tuple[EpisodeRow, ...]
    route: TripRoute | None
    arrival: Arrival | None


def replay(session: Session, trip: Trip, most: int = MOST_POINTS) -> Replay:
    """Return the replay of a trip from the origin to its end; empty until the vehicle is at the origin."""
    since = trip.at_origin_at or trip.started_at
    route = routes.routes(session, [trip.id]).get(trip.id)
    if since is None:
        return Replay(trip, (), 0, (), route, None)
    fixes = positions.fixes(session, trip.vehicle_id, since, trip.done_at)
    last = trip.done_at or (fixes[-1].at if fixes else since)
    rows = queries.episodes(session, trip.vehicle_id, since, last)
    own = tuple(
        row for row in rows if row.trip_id == trip.id or (row.trip_id is None and since <= row.since <= last)
    )
    kept = thinned(fixes, {row.since for row in own}, most)
    return Replay(trip, kept, len(fixes), own, route, expected(trip, route, fixes[-1] if fixes else None))


def thinned(fixes: Sequence[Fix], keep: Iterable[datetime], most: int) -> tuple[Fix, ...]:
    """Return about so many of the fixes at most, with the first, the last and those at given moments."""
    if len(fixes) <= most:
        return tuple(fixes)
    step = -(-len(fixes) // most)
    moments = set(keep)
    return tuple(
        fix
        for place, fix in enumerate(fixes)
        if place % step == 0 or place == len(fixes) - 1 or fix.at in moments
    )


def expected(trip: Trip, route: TripRoute | None, last: Fix | None) -> Arrival | None:
    """Return when a vehicle on the road will arrive; None before it has started and once it is there."""
    under_way = trip.started_at is not None and trip.arrived_at is None and State(trip.state) not in OVER
    if route is None or last is None or not under_way:
        return None
    line = context.route_along(route.line, estimated=route.estimated)
    return routes.arrival(route, line.done(last.lat, last.lon), last.at)
