"""What does one MQTT topic and its JSON payload say (wire contract version 1)?

Every function refuses malformed input with `FrameRefused` and never raises anything else for bytes.
Topics live in `devices.codecs.topics`, positions in `position_json`, the retained state in `state_json` and
the signed weighing in `weighing_json`; all are offered here as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.batches import MAX_BATCH, Batch, RefusedRecord, encode_batch, refuse_first, scan_batch
from devices.codecs.position_json import (
    ToldPosition,
    decode_positions,
    encode_positions,
    scan_positions,
    told_positions,
)
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
    Count,
    JsonObject,
    Millis,
    Name,
    Seq,
    check,
    dump,
    from_millis,
    load,
    sound,
    to_millis,
)
from devices.readings import EventReading, Stream

__all__ = [
    "MAX_BATCH",
    "Ack",
    "Batch",
    "DeviceState",
    "RefusedConfig",
    "RefusedRecord",
    "ToldPosition",
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
    "told_positions",
    "topic",
    "verify_weighing",
    "weighing_canonical",
    "weighing_hash",
]

MAX_RANGES = 1000


@dataclass(frozen=True, slots=True)
class Ack:
    """What the server has committed: per stream the watermark and the closed ranges stored beyond it."""

    inc: int
    streams: dict[Stream, tuple[int, tuple[tuple[int, int], ...]]]


class _Event(msgspec.Struct):
    s: Seq
    t: Millis
    type: Name
    args: JsonObject = msgspec.field(default_factory=dict)


_Range = tuple[Seq, Seq]
_StreamAck = tuple[Count, Annotated[list[_Range], msgspec.Meta(max_length=MAX_RANGES)]]


class _Ack(msgspec.Struct, forbid_unknown_fields=True):
    inc: Count
    pos: _StreamAck | None = None
    evt: _StreamAck | None = None
    wgt: _StreamAck | None = None


def encode_events(inc: int, readings: Sequence[EventReading]) -> bytes:
    """Write 1 to 50 events as `{"inc", "r": [...]}`."""
    return encode_batch(inc, [_event_object(reading) for reading in readings])


def decode_events(payload: bytes) -> tuple[int, list[EventReading]]:
    """Read a batch of events; refuse the whole batch when one record is bad."""
    batch = scan_events(payload)
    refuse_first(batch.refused)
    return batch.inc, list(batch.readings)


def scan_events(payload: bytes) -> Batch[EventReading]:
    """Read a batch of events, keeping the good records when a neighbour is bad."""
    return scan_batch(payload, _event_reading)


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
