"""How do positions get into the database, and how does the live map learn of them?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from devices.readings import PositionReading
from tracking.positions import queries
from tracking.positions.rules import Fix, exclusion, moment_of
from tracking.positions.tables import LastPosition, LiveVersion, Position

_COLUMNS = tuple(column.name for column in Position.__table__.columns)
_STAGE = "position_stage"
_QUOTED = ", ".join(f'"{name}"' for name in _COLUMNS)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A position on its way into the database: whence, with which hash, and why it is not believed."""

    device_id: str
    inc: int
    vehicle_id: UUID | None
    reading: PositionReading
    received_at: datetime
    content_hash: bytes
    excluded: str | None

    @property
    def fix(self) -> Fix:
        """Return the position as the rules of trips see it."""
        told = self.reading
        return Fix(moment_of(told), told.seq, told.lat, told.lon, told.speed_kmh, told.course_deg)


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
    """Write positions; one that is there already stays as it is (COPY to a stage on PostgreSQL)."""
    if not arrivals:
        return
    rows = [_row(arrival) for arrival in arrivals]
    if session.get_bind().dialect.name == "postgresql":
        _copy(session, rows)
    else:
        session.execute(sqlite.insert(Position).on_conflict_do_nothing(), rows)


def _row(arrival: Arrival) -> dict[str, object]:
    told = arrival.reading
    return {
        "device_id": arrival.device_id,
        "inc": arrival.inc,
        "seq": told.seq,
        "vehicle_id": arrival.vehicle_id,
        "at": moment_of(told),
        "device_time": told.device_time,
        "gnss_time": told.gnss_time,
        "received_at": arrival.received_at,
        "lat": told.lat,
        "lon": told.lon,
        "altitude_m": told.altitude_m,
        "speed_kmh": told.speed_kmh,
        "course_deg": told.course_deg,
        "satellites": told.satellites,
        "hdop": told.hdop,
        "odometer_m": told.odometer_m,
        "ignition": told.ignition,
        "load": told.load.value,
        "status_bits": told.status_bits,
        "alarm_bits": told.alarm_bits,
        "replayed": told.replayed,
        "excluded": arrival.excluded,
        "extra": told.extra or None,
        "content_hash": arrival.content_hash,
    }


def _copy(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    connection = session.connection()
    stage, table = f'"{_STAGE}"', f'"{Position.__tablename__}"'
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {stage} (LIKE {table}) ON COMMIT DELETE ROWS"
    )
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(f"COPY {stage} ({_QUOTED}) FROM STDIN") as copy:
        for row in rows:
            extra = row["extra"]
            text = None if extra is None else msgspec.json.encode(extra).decode()
            copy.write_row([text if name == "extra" else row[name] for name in _COLUMNS])
    connection.exec_driver_sql(
        f"INSERT INTO {table} ({_QUOTED}) SELECT {_QUOTED} FROM {stage} ON CONFLICT DO NOTHING"  # noqa: S608
    )
    connection.exec_driver_sql(f"DELETE FROM {stage}")  # noqa: S608 - our own names, no input


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
