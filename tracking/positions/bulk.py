"""How do many positions get into the database at once, at little cost?

The object mapper spends more on a row than the database does. So PostgreSQL gets a COPY into a stage and one
INSERT … SELECT, and SQLite one prepared INSERT; both leave a position that is there already as it is. No text
of ours but JSON holds anything that COPY would take for its own (device names: `devices.codecs.topics`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from uuid import UUID

import msgspec
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from devices.readings import PositionReading
from tracking.positions.partitions import make_room
from tracking.positions.rules import Fix, moment_of
from tracking.positions.tables import Position

REMEMBERED = 4096
"""Moments of receipt and vehicles whose text is kept: one batch names the same ones many times."""


class Arrival(msgspec.Struct, frozen=True, gc=False):
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


@dataclass(frozen=True, slots=True)
class Wording:
    """How a driver is given moments, ids and bytes, in the form in which the table's types keep them.

    `again` words a moment that many positions share.
    """

    moment: Callable[[datetime], str]
    again: Callable[[datetime], str]
    vehicle: Callable[[UUID], str]
    digest: Callable[[bytes], bytes | str]
    beside: Callable[[dict[str, object]], str]


def _sqlite_moment(moment: datetime) -> str:
    """Spell a moment as the table's type does; `isoformat` takes twice as long."""
    utc = moment.astimezone(UTC)
    return "%d-%02d-%02d %02d:%02d:%02d.%06d" % (  # noqa: UP031
        utc.year,
        utc.month,
        utc.day,
        utc.hour,
        utc.minute,
        utc.second,
        utc.microsecond,
    )


def _postgres_moment(moment: datetime) -> str:
    return f"{_sqlite_moment(moment)}+00"


def _copied(text: str) -> str:
    """Escape what COPY would take for its own; tabs and line ends JSON and digits have none."""
    return text.replace("\\", "\\\\")


def _postgres_digest(digest: bytes) -> str:
    return _copied(rf"\x{digest.hex()}")


def _postgres_extra(extra: dict[str, object]) -> str:
    return _copied(json.dumps(extra))


_remember = lru_cache(maxsize=REMEMBERED)
_SQLITE = Wording(
    _sqlite_moment, _remember(_sqlite_moment), _remember(lambda key: key.hex), bytes, json.dumps
)
_POSTGRES = Wording(
    _postgres_moment, _remember(_postgres_moment), _remember(str), _postgres_digest, _postgres_extra
)

_COLUMNS = tuple(column.name for column in Position.__table__.columns)
_TABLE, _STAGE = f'"{Position.__tablename__}"', '"position_stage"'
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)
_PLACES = ", ".join("?" * len(_COLUMNS))
_INSERT = f"INSERT INTO {_TABLE} ({_NAMES}) VALUES ({_PLACES}) ON CONFLICT DO NOTHING"  # noqa: S608
_MAKE_STAGE = f"CREATE TEMPORARY TABLE IF NOT EXISTS {_STAGE} (LIKE {_TABLE}) ON COMMIT DELETE ROWS"
_COPY = f"COPY {_STAGE} ({_NAMES}) FROM STDIN WITH (NULL 'None')"
_LINE = "\t".join(["%s"] * len(_COLUMNS)) + "\n"
_UNSTAGE = f"INSERT INTO {_TABLE} ({_NAMES}) SELECT {_NAMES} FROM {_STAGE} ON CONFLICT DO NOTHING"  # noqa: S608
_CLEAR = f"TRUNCATE {_STAGE}"


def insert(session: Session, arrivals: Sequence[Arrival]) -> None:
    """Write those of the positions that are not there yet."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        latest = max([arrival.received_at for arrival in arrivals])
        make_room(connection, {moment_of(arrival.reading) for arrival in arrivals}, latest)
        _copy(connection, arrivals)
    else:
        connection.exec_driver_sql(_INSERT, [_row(arrival, _SQLITE) for arrival in arrivals])


def _copy(connection: Connection, arrivals: Iterable[Arrival]) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    connection.exec_driver_sql(_MAKE_STAGE)
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.write("".join([_LINE % _row(arrival, _POSTGRES) for arrival in arrivals]))
    connection.exec_driver_sql(_UNSTAGE)
    connection.exec_driver_sql(_CLEAR)


def _row(arrival: Arrival, wording: Wording) -> tuple[object, ...]:
    """Return a position's values in the order of the table's columns."""
    told = arrival.reading
    device_time = wording.moment(told.device_time)
    gnss_time = None if told.gnss_time is None else wording.moment(told.gnss_time)
    return (
        arrival.device_id,
        arrival.inc,
        told.seq,
        None if arrival.vehicle_id is None else wording.vehicle(arrival.vehicle_id),
        gnss_time or device_time,
        device_time,
        gnss_time,
        wording.again(arrival.received_at),
        told.lat,
        told.lon,
        told.altitude_m,
        told.speed_kmh,
        told.course_deg,
        told.satellites,
        told.hdop,
        told.odometer_m,
        told.ignition,
        told.load.value,
        told.status_bits,
        told.alarm_bits,
        told.replayed,
        arrival.excluded,
        wording.beside(told.extra) if told.extra else None,
        wording.digest(arrival.content_hash),
    )
