"""How do many positions get into the database at once, at little cost?

The object mapper spends more on a row than the database does. So PostgreSQL gets one binary COPY, and SQLite
a prepared INSERT for each set of values that are told: its driver takes longest over NULL, bytes and flags.
Both leave a position that is there already as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import compress

import msgspec
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from devices.codecs.position_json import ToldPosition
from devices.codecs.wire import MILLISECOND, from_millis, to_millis
from tracking.positions.arrivals import Arrival, Delivery
from tracking.positions.partitions import make_room
from tracking.positions.tables import Position

_DAY_MS = timedelta(days=1) // MILLISECOND


def insert(session: Session, deliveries: Sequence[Delivery]) -> None:
    """Write those of the positions that are not there yet."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        every = [one for delivery in deliveries for one in delivery.arrivals]
        days = {one.at_ms // _DAY_MS for one in every}
        moments = [from_millis(day * _DAY_MS) for day in days]
        make_room(connection, moments, max([one.received_at for one in every]))
        _copy(connection, deliveries)
    else:
        for there, rows in _by_shape(deliveries).items():
            connection.exec_driver_sql(_insert(there), rows)


# SQLite

_encode = msgspec.json.encode
Shape = tuple[bool, ...]
"""Which of the values that may be missing are there."""
ALWAYS = (
    *("device_id", "inc", "vehicle_id", "seq", "at", "device_time", "received_at", "lat", "lon"),
    *("load", "status_bits", "alarm_bits", "replayed", "content_hash"),
)
MAYBE = (
    *("gnss_time", "altitude_m", "speed_kmh", "course_deg", "satellites", "hdop", "odometer_m"),
    *("ignition", "excluded", "extra"),
)
_TABLE = f'"{Position.__tablename__}"'


def _insert(shape: Shape) -> str:
    """Return the statement for rows of which these values are there."""
    columns = [*ALWAYS, *compress(MAYBE, shape)]
    names, places = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    return f"INSERT INTO {_TABLE} ({names}) VALUES ({places}) ON CONFLICT DO NOTHING"  # noqa: S608


def _by_shape(deliveries: Iterable[Delivery]) -> dict[Shape, list[tuple[object, ...]]]:
    """Return the rows in the form in which the table's types keep them, by the values that are there."""
    by_kinds: dict[tuple[type, ...], tuple[Shape, list[tuple[object, ...]]]] = {}
    found: dict[Shape, list[tuple[object, ...]]] = {}
    for delivery in deliveries:
        device_id, inc = delivery.device_id, delivery.inc
        vehicle = None if delivery.vehicle_id is None else delivery.vehicle_id.hex
        received, heard = None, ""
        for one in delivery.arrivals:
            told = one.told
            if one.received_at is not received:
                received, heard = one.received_at, _text(one.received_at)
            device_time = _text(from_millis(told.device_ms))
            maybe = _maybe(one, told)
            kinds = tuple(map(type, maybe))
            if kinds not in by_kinds:
                shape = tuple([value is not None for value in maybe])
                by_kinds[kinds] = shape, found.setdefault(shape, [])
            shape, rows = by_kinds[kinds]
            rows.append(
                (
                    device_id,
                    inc,
                    vehicle,
                    told.seq,
                    maybe[0] or device_time,
                    device_time,
                    heard,
                    told.lat,
                    told.lon,
                    told.load._value_,
                    told.status_bits,
                    told.alarm_bits,
                    told.replayed,
                    bytearray(one.content),
                    *compress(maybe, shape),
                )
            )
    return found


def _maybe(one: Arrival, told: ToldPosition) -> tuple[object, ...]:
    """Return the values that may be missing, in the order of `MAYBE`."""
    return (
        None if told.gnss_ms is None else _text(from_millis(told.gnss_ms)),
        told.altitude_m,
        told.speed_kmh,
        told.course_deg,
        told.satellites,
        told.hdop,
        told.odometer_m,
        told.ignition,
        one.excluded,
        json.dumps(one.extra) if one.extra else None,
    )


def _text(moment: datetime) -> str:
    """Spell a moment as the table's type does; msgspec is the quickest to write one."""
    text = _encode(moment).decode()
    if text[-2] != "Z":
        text = _encode(moment.astimezone(UTC)).decode()
    text = text[1:-2].replace("T", " ")
    return text if "." in text else f"{text}.000000"


# PostgreSQL

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_MS = to_millis(_EPOCH)
_MICROSECOND = MILLISECOND // 1000
KINDS = {
    "device_id": "text",
    "inc": "int8",
    "vehicle_id": "bytea",
    "seq": "int8",
    "at": "int8",
    "device_time": "int8",
    "gnss_time": "int8",
    "received_at": "int8",
    "lat": "float8",
    "lon": "float8",
    "altitude_m": "int4",
    "speed_kmh": "float8",
    "course_deg": "int4",
    "satellites": "int4",
    "hdop": "float8",
    "odometer_m": "int8",
    "ignition": "bool",
    "load": "text",
    "status_bits": "int8",
    "alarm_bits": "int8",
    "replayed": "bool",
    "excluded": "text",
    "extra": "text",
    "content_hash": "bytea",
}
"""In which binary form each value is sent: a moment is microseconds since 2000, an id its sixteen bytes."""
_NAMES = ", ".join(f'"{name}"' for name in KINDS)
_STAGE = '"position_stage"'
_MAKE_STAGE = f"CREATE TEMPORARY TABLE IF NOT EXISTS {_STAGE} (LIKE {_TABLE}) ON COMMIT DELETE ROWS"
_UNSTAGE = f"INSERT INTO {_TABLE} ({_NAMES}) SELECT {_NAMES} FROM {_STAGE} ON CONFLICT DO NOTHING"  # noqa: S608
_CLEAR = f"TRUNCATE {_STAGE}"


def _copy(connection: Connection, deliveries: Sequence[Delivery]) -> None:
    """Copy into the table itself; by way of a stage where one of the positions turns out to be there.

    The watermarks, which are locked, say that none is: the stage is for what they do not know of.
    """
    from psycopg.errors import UniqueViolation  # an instance on SQLite does without the driver

    try:
        with connection.begin_nested():
            _send(connection, _TABLE, deliveries)
    except UniqueViolation:
        connection.exec_driver_sql(_MAKE_STAGE)
        _send(connection, _STAGE, deliveries)
        connection.exec_driver_sql(_UNSTAGE)
        connection.exec_driver_sql(_CLEAR)


def _send(connection: Connection, table: str, deliveries: Iterable[Delivery]) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    statement = f"COPY {table} ({_NAMES}) FROM STDIN WITH (FORMAT BINARY)"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(list(KINDS.values()))
        for row in _rows(deliveries):
            copy.write_row(row)


def _rows(deliveries: Iterable[Delivery]) -> Iterator[tuple[object, ...]]:
    """Yield the values in the order and the form of `KINDS`."""
    for delivery in deliveries:
        device_id, inc = delivery.device_id, delivery.inc
        vehicle = None if delivery.vehicle_id is None else delivery.vehicle_id.bytes
        received, heard = None, 0
        for one in delivery.arrivals:
            told = one.told
            if one.received_at is not received:
                received, heard = one.received_at, (one.received_at - _EPOCH) // _MICROSECOND
            yield (
                device_id,
                inc,
                vehicle,
                told.seq,
                _micros(one.at_ms),
                _micros(told.device_ms),
                None if told.gnss_ms is None else _micros(told.gnss_ms),
                heard,
                told.lat,
                told.lon,
                told.altitude_m,
                told.speed_kmh,
                told.course_deg,
                told.satellites,
                told.hdop,
                told.odometer_m,
                None if told.ignition is None else told.ignition == 1,
                told.load._value_,
                told.status_bits,
                told.alarm_bits,
                told.replayed == 1,
                one.excluded,
                json.dumps(one.extra) if one.extra else None,
                one.content,
            )


def _micros(millis: int) -> int:
    return (millis - _EPOCH_MS) * 1000
