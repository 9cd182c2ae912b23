"""Which vehicles does a person's live map show, and what has changed since it last asked?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from compliance.record.who import Role, Who
from tracking.alerts import queries as alerts
from tracking.fleet.tables import Vehicle
from tracking.positions import queries as positions
from tracking.positions.tables import LastPosition
from tracking.trips import queries as trips


class LiveRow(TypedDict):
    """One vehicle on the map: degrees WGS-84, and the trip it is on as far as the reader may see it.

    `alert` is the gravest of the alerts about it that still want a look and that the reader may see.
    """

    vehicle_id: UUID
    plate: str
    lat: float
    lon: float
    course_deg: int | None
    speed_kmh: float | None
    at: datetime
    version: int
    simulated: bool
    trip_id: UUID | None
    trip_state: str | None
    manifest_id: UUID | None
    alert: str | None


MANY = 300
"""Of more vehicles than that the alerts are asked for all at once."""


def snapshot(session: Session, who: Who) -> list[LiveRow]:
    """Return every vehicle that a person's map shows, in the order of their last change."""
    return deltas(session, who, -1)


def deltas(session: Session, who: Who, after_version: int, limit: int | None = None) -> list[LiveRow]:
    """Return the vehicles that changed after a version, in the order of the changes.

    Ask again with the `version` of the last row; versions become visible in order, so none is skipped.
    A carrier always sees its own vehicles; the other parties of a manifest only while its trip is on.
    """
    active = trips.active_trips(session, who)
    rows = session.execute(
        select(LastPosition, Vehicle)
        .join(Vehicle, Vehicle.id == LastPosition.vehicle_id)
        .where(LastPosition.version > after_version, _shown_to(who, active))
        .order_by(LastPosition.version)
        .limit(limit)
    ).all()
    if not rows:
        return []
    ids = {vehicle.id for _, vehicle in rows}
    marked = alerts.standing_by_vehicle(session, who, alerts.Wanted(), ids if len(ids) < MANY else None)
    found: list[LiveRow] = []
    for last, vehicle in rows:
        trip = active.get(vehicle.id)
        found.append(
            {
                "vehicle_id": vehicle.id,
                "plate": vehicle.plate,
                "lat": last.lat,
                "lon": last.lon,
                "course_deg": last.course_deg,
                "speed_kmh": last.speed_kmh,
                "at": last.at,
                "version": last.version,
                "simulated": vehicle.simulated,
                "trip_id": trip.id if trip else None,
                "trip_state": trip.state if trip else None,
                "manifest_id": trip.manifest_id if trip else None,
                "alert": marked.get(vehicle.id),
            }
        )
    return found


def _shown_to(who: Who, active: Iterable[UUID]) -> ColumnElement[bool]:
    if who.oversees:
        return true()
    mine = Vehicle.carrier_id == who.organisation_id
    if who.has(Role.DRIVER) and not who.has(Role.DISPATCHER):
        mine = and_(mine, Vehicle.driver_id == who.person_id)
    return or_(mine, Vehicle.id.in_(list(active)))


def version(session: Session) -> int:
    """Return the newest version, for a reader who wants changes only from now on."""
    return positions.live_version(session)
