"""Which way is a trip planned to take, and when will the vehicle be there?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.registry import queries as registry
from compliance.registry.tables import Site
from matching.distances import ESTIMATE, HAZMAT_LORRY, Distances, Estimate, NoDistances, Point
from tracking.trips import queries
from tracking.trips.tables import Trip, TripRoute


@dataclass(frozen=True, slots=True)
class Way:
    """How far and how long the road between two sites is, by whose word; `line` is what is known of it."""

    line: tuple[tuple[float, float], ...]
    distance_m: float
    duration_s: float
    source: str

    @property
    def estimated(self) -> bool:
        """Tell whether the line is straight: then only its ends lie on the road."""
        return len(self.line) < 3


def between(origin: Site, destination: Site, distances: Distances | None = None) -> Way:
    """Return the way between two sites; without a provider, or where it fails, the estimate."""
    return through([origin, destination], distances)


def through(sites: Sequence[Site], distances: Distances | None = None) -> Way:
    """Return the way from site to site; without a provider, or where it fails, the estimate."""
    points = [Point(site.location.y, site.location.x) for site in sites]
    try:
        legs = (distances or Estimate()).legs(points[:-1], points[1:], HAZMAT_LORRY)
    except NoDistances:
        legs = Estimate().legs(points[:-1], points[1:], HAZMAT_LORRY)
    line = tuple((point.lat, point.lon) for point in points)
    return Way(line, float(sum(legs.metres)), float(sum(legs.seconds)), legs.source)


def measured(session: Session, trip: Trip, distances: Distances | None = None) -> Way:
    """Return the way between a trip's sites, by a provider of road distances where there is one."""
    stops = queries.stops(session, trip)
    sites = registry.sites(session, stops)
    return through([sites[stop] for stop in stops], distances)


def draw(session: Session, trip: Trip) -> TripRoute:
    """Give a new trip the estimated way between its sites."""
    return _write(session, trip.id, measured(session, trip))


def redraw(session: Session, trip_id: UUID, way: Way) -> None:
    """Put a way that a road server measured in the place of the estimate."""
    if way.source != ESTIMATE:
        _write(session, trip_id, way)


def _write(session: Session, trip_id: UUID, way: Way) -> TripRoute:
    return session.merge(
        TripRoute(
            trip_id=trip_id,
            line=[list(point) for point in way.line],
            distance_m=way.distance_m,
            duration_s=way.duration_s,
            source=way.source,
            estimated=way.estimated,
        )
    )


def routes(session: Session, trip_ids: Sequence[UUID]) -> dict[UUID, TripRoute]:
    """Return the planned ways of trips that the caller may see."""
    rows = session.scalars(select(TripRoute).where(TripRoute.trip_id.in_(trip_ids)))
    return {row.trip_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a vehicle will be at the destination, and how much of the way is left.

    `estimated`: the length and time of the whole way are a guess, for no road server was asked.
    """

    at: datetime
    left_m: float
    estimated: bool


def arrival(route: TripRoute, done: float, at: datetime) -> Arrival:
    """Return the expected arrival of a vehicle that has a share of its way behind it at a moment.

    The rest takes its share of the whole way's time: the plan's own pace, whatever the vehicle's was.
    """
    left = max(0.0, 1.0 - done)
    return Arrival(
        at + timedelta(seconds=left * route.duration_s),
        left * route.distance_m,
        route.source == ESTIMATE,
    )
