"""What does a payload of positions say (wire contract version 1)?

A server reads thousands of positions a second and asks little of each. So a position is read as it stands in
the message, times in whole milliseconds, into a `ToldPosition`; `reading_of` makes the reading of it that the
rest of the product speaks of.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Annotated

import msgspec

from devices.codecs.batches import MAX_BATCH, Batch, encode_batch, refuse_first, scan_batch
from devices.codecs.wire import (
    Bits,
    Count,
    Flag,
    JsonObject,
    Millis,
    Seq,
    check,
    from_millis,
    opened,
    split_extra,
    to_millis,
    with_extra,
)
from devices.readings import Load, PositionReading

_KEYS = {
    "seq": "s",
    "device_ms": "t",
    "gnss_ms": "g",
    "altitude_m": "alt",
    "speed_kmh": "spd",
    "course_deg": "crs",
    "satellites": "sat",
    "odometer_m": "odo",
    "ignition": "ign",
    "status_bits": "st",
    "alarm_bits": "al",
    "replayed": "h",
}


class ToldPosition(msgspec.Struct, frozen=True, gc=False, rename=_KEYS):
    """One position as it stands in a message: units of `PositionReading`, times in ms since 1970 UTC."""

    seq: Seq
    device_ms: Millis
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    gnss_ms: Millis | None = None
    altitude_m: Annotated[int, msgspec.Meta(ge=-1000, le=65535)] | None = None
    speed_kmh: Annotated[float, msgspec.Meta(ge=0, le=6553.5)] | None = None
    course_deg: Annotated[int, msgspec.Meta(ge=0, le=360)] | None = None
    satellites: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = None
    hdop: Annotated[float, msgspec.Meta(ge=0, le=1000)] | None = None
    odometer_m: Count | None = None
    ignition: Flag | None = None
    load: Load = Load.UNKNOWN
    status_bits: Bits = 0
    alarm_bits: Bits = 0
    replayed: Flag = 0


Told = tuple[ToldPosition, JsonObject]
"""A position, and what stood beside it under keys that are not ours."""
_NOTHING: JsonObject = {}


class _Plain(ToldPosition, frozen=True, gc=False, rename=_KEYS, forbid_unknown_fields=True):
    """A position without a key that is not ours."""


class _Plains(msgspec.Struct, forbid_unknown_fields=True):
    inc: Count
    r: Annotated[tuple[_Plain, ...], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


_PLAINS = msgspec.json.Decoder(_Plains)
_PACKED = msgspec.msgpack.Decoder(_Plains)


def encode_positions(inc: int, readings: Sequence[PositionReading]) -> bytes:
    """Write 1 to 50 positions as `{"inc", "r": [...]}`; coordinates to 7 decimals, times in whole ms."""
    return encode_batch(inc, [position_object(reading) for reading in readings])


def decode_positions(payload: bytes) -> tuple[int, list[PositionReading]]:
    """Read a batch of positions; refuse the whole batch when one record is bad."""
    batch = scan_positions(payload)
    refuse_first(batch.refused)
    return batch.inc, list(batch.readings)


def scan_positions(payload: bytes) -> Batch[PositionReading]:
    """Read a batch of positions, keeping the good records when a neighbour is bad."""
    told = told_positions(payload)
    return Batch(told.inc, tuple([reading_of(*one) for one in told.readings]), told.refused)


def told_positions(payload: bytes) -> Batch[Told]:
    """Read a batch as `scan_positions` does, and leave each position as it stands in the message.

    Where nothing is wrong and nothing beyond our keys, one pass of the decoder reads it all.
    """
    body, packed = opened(payload)
    try:
        wire = (_PACKED if packed else _PLAINS).decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return scan_batch(payload, told_of)
    return Batch(wire.inc, tuple(zip(wire.r, repeat(_NOTHING))), ())


def told_of(value: object) -> Told:
    """Read one position from under the keys of the contract, and what else is there."""
    return check(value, ToldPosition), split_extra(value, ToldPosition)


def position_of(value: object) -> PositionReading:
    """Read one position from under the keys of the contract."""
    return reading_of(*told_of(value))


def reading_of(told: ToldPosition, extra: JsonObject) -> PositionReading:
    """Return the reading that a told position stands for."""
    return PositionReading(
        told.seq,
        from_millis(told.device_ms),
        told.lat,
        told.lon,
        None if told.gnss_ms is None else from_millis(told.gnss_ms),
        told.altitude_m,
        told.speed_kmh,
        told.course_deg,
        told.satellites,
        told.hdop,
        told.odometer_m,
        None if told.ignition is None else bool(told.ignition),
        told.load,
        told.status_bits,
        told.alarm_bits,
        bool(told.replayed),
        extra,
    )


def position_object(reading: PositionReading) -> JsonObject:
    """Return one position under the keys of the contract."""
    known: JsonObject = {
        "s": reading.seq,
        "t": to_millis(reading.device_time, "t"),
        "g": None if reading.gnss_time is None else to_millis(reading.gnss_time, "g"),
        "lat": round(reading.lat, 7),
        "lon": round(reading.lon, 7),
        "alt": reading.altitude_m,
        "spd": reading.speed_kmh,
        "crs": reading.course_deg,
        "sat": reading.satellites,
        "hdop": reading.hdop,
        "odo": reading.odometer_m,
        "ign": None if reading.ignition is None else int(reading.ignition),
        "load": None if reading.load is Load.UNKNOWN else str(reading.load),
        "st": reading.status_bits or None,
        "al": reading.alarm_bits or None,
        "h": 1 if reading.replayed else None,
    }
    return with_extra(known, reading.extra, ToldPosition)
