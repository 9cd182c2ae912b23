"""What is kept of a position, and how does the live map learn of it?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracking.positions import bulk, queries
from tracking.positions.arrivals import Delivery
from tracking.positions.rules import Fix
from tracking.positions.tables import LastPosition, LiveVersion


def store(session: Session, deliveries: Sequence[Delivery]) -> None:
    """Write positions; one that is there already stays as it is."""
    if deliveries:
        bulk.insert(session, deliveries)


def show(session: Session, newest: Mapping[UUID, Fix]) -> None:
    """Move vehicles on the live map to their newest fix; an older one than shown changes nothing."""
    if not newest:
        return
    first = _next_versions(session, len(newest))
    rows = [
        {
            "vehicle_id": vehicle_id,
            "version": version,
            "at": fix.at,
            "seq": fix.seq,
            "lat": fix.lat,
            "lon": fix.lon,
            "speed_kmh": fix.speed_kmh,
            "course_deg": fix.course_deg,
        }
        for version, (vehicle_id, fix) in enumerate(newest.items(), first)
    ]
    session.connection().execute(_MOVE_ON[session.get_bind().dialect.name], rows)


def touch(session: Session, vehicle_ids: Iterable[UUID]) -> None:
    """Tell the live map that something else about these vehicles changed, such as a trip's state."""
    wanted = set(vehicle_ids)
    if not wanted:
        return
    first = _next_versions(session, len(wanted))
    for version, row in enumerate(queries.last_positions(session, wanted).values(), first):
        row.version = version


def _next_versions(session: Session, count: int) -> int:
    """Return the first of so many new numbers for the live map's changes; others wait until the commit."""
    statement = _NUMBER[session.get_bind().dialect.name]
    last: int = session.connection().execute(statement, {"version": count}).scalar_one()
    return last - count + 1


def _move_on(name: str) -> Any:
    """Return what moves a vehicle to a fix that is newer than the one shown."""
    put = (postgresql if name == "postgresql" else sqlite).insert(LastPosition)
    new, shown = put.excluded, LastPosition
    moved = {one.name: new[one.name] for one in shown.__table__.columns if not one.primary_key}
    later = or_(new.at > shown.at, and_(new.at == shown.at, new.seq > shown.seq))
    return put.on_conflict_do_update(index_elements=[shown.vehicle_id], set_=moved, where=later)


def _number(name: str) -> Any:
    """Return what gives out numbers from the one row that counts them, and holds it until the commit."""
    put = (postgresql if name == "postgresql" else sqlite).insert(LiveVersion).values(id=1)
    more = {"version": LiveVersion.version + put.excluded.version}
    return put.on_conflict_do_update(index_elements=[LiveVersion.id], set_=more).returning(
        LiveVersion.version
    )


_MOVE_ON = {name: _move_on(name) for name in ("postgresql", "sqlite")}
_NUMBER = {name: _number(name) for name in ("postgresql", "sqlite")}
