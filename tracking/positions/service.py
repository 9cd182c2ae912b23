"""What is kept of a position, and how does the live map learn of it?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from devices.readings import PositionReading
from tracking.positions import bulk, queries
from tracking.positions.bulk import Arrival
from tracking.positions.rules import Fix, exclusion
from tracking.positions.tables import LastPosition, LiveVersion


def why_excluded(reading: PositionReading, received_at: datetime) -> str | None:
    """Return why a position is not believed, or None."""
    found = exclusion(reading, received_at)
    return None if found is None else found.value


def content_hash(reading: PositionReading) -> bytes:
    """Return the SHA-256 of a position's content; `replayed` is left out, for a resend may set it."""
    content = (
        reading.device_time,
        reading.gnss_time,
        reading.lat,
        reading.lon,
        reading.altitude_m,
        reading.speed_kmh,
        reading.course_deg,
        reading.satellites,
        reading.hdop,
        reading.odometer_m,
        reading.ignition,
        reading.load,
        reading.status_bits,
        reading.alarm_bits,
        reading.extra,
    )
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).digest()


def store(session: Session, arrivals: Sequence[Arrival]) -> None:
    """Write positions; one that is there already stays as it is."""
    if arrivals:
        bulk.insert(session, arrivals)


def show(session: Session, newest: Mapping[UUID, Fix]) -> None:
    """Move vehicles on the live map to their newest fix; an older one than shown changes nothing."""
    if not newest:
        return
    version = _lock_version(session)
    shown = queries.last_positions(session, newest)
    first = version
    for vehicle_id, fix in sorted(newest.items()):
        row = shown.get(vehicle_id)
        if row is not None and (row.at, row.seq) >= (fix.at, fix.seq):
            continue
        version += 1
        if row is None:
            row = LastPosition(vehicle_id=vehicle_id)
            session.add(row)
        row.version, row.at, row.seq, row.lat, row.lon = version, fix.at, fix.seq, fix.lat, fix.lon
        row.speed_kmh, row.course_deg = fix.speed_kmh, fix.course_deg
    if version > first:
        _set_version(session, version)


def touch(session: Session, vehicle_ids: Iterable[UUID]) -> None:
    """Tell the live map that something else about these vehicles changed, such as a trip's state."""
    wanted = sorted(set(vehicle_ids))
    if not wanted:
        return
    version = _lock_version(session)
    for row in queries.last_positions(session, wanted).values():
        version += 1
        row.version = version
    _set_version(session, version)


def _lock_version(session: Session) -> int:
    """Take the one row that numbers the live map's changes, and hold it until the commit."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(LiveVersion).values(id=1, version=0).on_conflict_do_nothing())
    return session.execute(
        update(LiveVersion)
        .where(LiveVersion.id == 1)
        .values(version=LiveVersion.version)
        .returning(LiveVersion.version)
        .execution_options(synchronize_session=False)
    ).scalar_one()


def _set_version(session: Session, version: int) -> None:
    session.execute(
        update(LiveVersion)
        .where(LiveVersion.id == 1)
        .values(version=version)
        .execution_options(synchronize_session=False)
    )
