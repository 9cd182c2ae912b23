"""What does one MQTT topic and its JSON payload say (wire contract version 1)?

Every function refuses malformed input with `FrameRefused` and never raises anything else for bytes.
Topics live in `devices.codecs.topics`, the retained state in `state_json` and the signed weighing in
`weighing_json`; all are offered here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

import msgspec

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.state_json import DeviceState, RefusedConfig, decode_state, encode_state
from devices.codecs.topics import Topic, TopicKind, parse_topic, topic
from devices.codecs.weighing_json import (
    decode_weighing,
    encode_weighing,
    public_key_of,
    sign_weighing,
    verify_weighing,
    weighing_canonical,
    weighing_hash,
)
from devices.codecs.wire import (
    EPOCH,
    MILLISECOND,
    Bits,
    Count,
    Flag,
    JsonObject,
    Millis,
    Name,
    Seq,
    check,
    dump,
    from_millis,
    kept_raw,
    load,
    opened,
    sound,
    split_extra,
    to_millis,
    with_extra,
)
from devices.readings import EventReading, Load, PositionReading, Stream

__all__ = [
    "MAX_BATCH",
    "Ack",
    "Batch",
    "DeviceState",
    "RefusedConfig",
    "RefusedRecord",
    "Topic",
    "TopicKind",
    "decode_ack",
    "decode_events",
    "decode_positions",
    "decode_state",
    "decode_weighing",
    "encode_ack",
    "encode_events",
    "encode_positions",
    "encode_state",
    "encode_weighing",
    "parse_topic",
    "public_key_of",
    "scan_events",
    "scan_positions",
    "sign_weighing",
    "topic",
    "verify_weighing",
    "weighing_canonical",
    "weighing_hash",
]

MAX_BATCH = 50
MAX_RANGES = 1000
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """One record of a batch that was refused while its neighbours were kept; `seq` when it could be read."""

    seq: int | None
    code: RefusalCode
    detail: str
    raw: bytes


class Batch(msgspec.Struct, Generic[_R], frozen=True):
    """The readings of one payload that were understood, and the records that were not."""

    inc: int
    readings: tuple[_R, ...]
    refused: tuple[RefusedRecord, ...]


@dataclass(frozen=True, slots=True)
class Ack:
    """What the server has committed: per stream the watermark and the closed ranges stored beyond it."""

    inc: int
    streams: dict[Stream, tuple[int, tuple[tuple[int, int], ...]]]


class _Position(msgspec.Struct):
    s: Seq
    t: Millis
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    g: Millis | None = None
    alt: Annotated[int, msgspec.Meta(ge=-1000, le=65535)] | None = None
    spd: Annotated[float, msgspec.Meta(ge=0, le=6553.5)] | None = None
    crs: Annotated[int, msgspec.Meta(ge=0, le=360)] | None = None
    sat: Annotated[int, msgspec.Meta(ge=0, le=255)] | None = None
    hdop: Annotated[float, msgspec.Meta(ge=0, le=1000)] | None = None
    odo: Count | None = None
    ign: Flag | None = None
    load: Load = Load.UNKNOWN
    st: Bits = 0
    al: Bits = 0
    h: Flag = 0


class _PlainPosition(_Position, forbid_unknown_fields=True):
    """A position without a key that is not ours."""


class _PlainPositions(msgspec.Struct, forbid_unknown_fields=True):
    inc: Count
    r: Annotated[list[_PlainPosition], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


class _Event(msgspec.Struct):
    s: Seq
    t: Millis
    type: Name
    args: JsonObject = msgspec.field(default_factory=dict)


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    inc: Count
    r: Annotated[list[object], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


_PLAIN_POSITIONS = msgspec.json.Decoder(_PlainPositions)
_PACKED_POSITIONS = msgspec.msgpack.Decoder(_PlainPositions)
_Range = tuple[Seq, Seq]
_StreamAck = tuple[Count, Annotated[list[_Range], msgspec.Meta(max_length=MAX_RANGES)]]


class _Ack(msgspec.Struct, forbid_unknown_fields=True):
    inc: Count
    pos: _StreamAck | None = None
    evt: _StreamAck | None = None
    wgt: _StreamAck | None = None


def encode_positions(inc: int, readings: Sequence[PositionReading]) -> bytes:
    """Write 1 to 50 positions as `{"inc", "r": [...]}`; coordinates to 7 decimals, times in whole ms."""
    return _encode_batch(inc, [position_object(reading) for reading in readings])


def decode_positions(payload: bytes) -> tuple[int, list[PositionReading]]:
    """Read a batch of positions; refuse the whole batch when one record is bad."""
    batch = scan_positions(payload)
    _refuse_first(batch.refused)
    return batch.inc, list(batch.readings)


def scan_positions(payload: bytes) -> Batch[PositionReading]:
    """Read a batch of positions, keeping the good records when a neighbour is bad."""
    plain = _plain_positions(payload)
    return _scan_batch(payload, position_of) if plain is None else plain


def encode_events(inc: int, readings: Sequence[EventReading]) -> bytes:
    """Write 1 to 50 events as `{"inc", "r": [...]}`."""
    return _encode_batch(inc, [_event_object(reading) for reading in readings])


def decode_events(payload: bytes) -> tuple[int, list[EventReading]]:
    """Read a batch of events; refuse the whole batch when one record is bad."""
    batch = scan_events(payload)
    _refuse_first(batch.refused)
    return batch.inc, list(batch.readings)


def scan_events(payload: bytes) -> Batch[EventReading]:
    """Read a batch of events, keeping the good records when a neighbour is bad."""
    return _scan_batch(payload, _event_reading)


def encode_ack(ack: Ack) -> bytes:
    """Write an acknowledgement: `{"inc", "pos": [watermark, [[first, last], ...]], ...}`."""
    value: JsonObject = {"inc": ack.inc}
    value |= {
        str(stream): [mark, [list(pair) for pair in pairs]] for stream, (mark, pairs) in ack.streams.items()
    }
    _check_ack(value)
    return dump(value)


def decode_ack(payload: bytes) -> Ack:
    """Read an acknowledgement; refuse ranges that are not ascending, apart, and beyond the watermark."""
    return _check_ack(load(payload))


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
    return with_extra(known, reading.extra, _Position)


def position_of(value: object) -> PositionReading:
    """Read one position from under the keys of the contract."""
    return _reading_of(check(value, _Position), split_extra(value, _Position))


def _plain_positions(payload: bytes) -> Batch[PositionReading] | None:
    """Read in one pass a batch in which nothing is wrong and nothing beyond our keys; None: look closer."""
    body, packed = opened(payload)
    try:
        wire = (_PACKED_POSITIONS if packed else _PLAIN_POSITIONS).decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return Batch(wire.inc, tuple([_reading_of(record, {}) for record in wire.r]), ())


def _reading_of(wire: _Position, extra: JsonObject) -> PositionReading:
    return PositionReading(
        wire.s,
        EPOCH + wire.t * MILLISECOND,
        wire.lat,
        wire.lon,
        None if wire.g is None else from_millis(wire.g),
        wire.alt,
        wire.spd,
        wire.crs,
        wire.sat,
        wire.hdop,
        wire.odo,
        None if wire.ign is None else bool(wire.ign),
        wire.load,
        wire.st,
        wire.al,
        bool(wire.h),
        extra,
    )


def _event_object(reading: EventReading) -> JsonObject:
    value = {
        "s": reading.seq,
        "t": to_millis(reading.device_time),
        "type": reading.kind,
        "args": reading.args,
    }
    check(value, _Event)
    return value


def _event_reading(value: object) -> EventReading:
    wire = check(value, _Event)
    sound(value)
    return EventReading(wire.s, from_millis(wire.t), wire.type, wire.args)


def _encode_batch(inc: int, records: list[JsonObject]) -> bytes:
    value = {"inc": inc, "r": records}
    check(value, _Envelope)
    return dump(value)


def _scan_batch(payload: bytes, read: Callable[[object], _R]) -> Batch[_R]:
    envelope = check(load(payload), _Envelope)
    readings: list[_R] = []
    refused: list[RefusedRecord] = []
    for record in envelope.r:
        try:
            readings.append(read(record))
        except FrameRefused as problem:
            refused.append(RefusedRecord(_seq_of(record), problem.code, problem.detail, kept_raw(record)))
    return Batch(envelope.inc, tuple(readings), tuple(refused))


def _refuse_first(refused: tuple[RefusedRecord, ...]) -> None:
    if refused:
        raise FrameRefused(refused[0].code, f"seq {refused[0].seq}: {refused[0].detail}")


def _seq_of(record: object) -> int | None:
    try:
        return check(check(record, JsonObject).get("s"), Seq)
    except FrameRefused:
        return None


def _check_ack(value: object) -> Ack:
    wire = check(value, _Ack)
    parts = {Stream.POSITIONS: wire.pos, Stream.EVENTS: wire.evt, Stream.WEIGHINGS: wire.wgt}
    streams = {}
    for stream, part in parts.items():
        if part is not None:
            mark, pairs = part
            _check_ranges(mark, pairs)
            streams[stream] = (mark, tuple(pairs))
    return Ack(wire.inc, streams)


def _check_ranges(mark: int, pairs: Sequence[tuple[int, int]]) -> None:
    last = mark
    for first, final in pairs:
        if not last < first <= final:
            raise FrameRefused(RefusalCode.BAD_FIELD, f"range [{first}, {final}] after {last}")
        last = final
