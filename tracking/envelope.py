"""From whom is a message, may that device speak, and which numbered records does it carry?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from devices.codecs import FrameRefused
from devices.codecs.telemetry_json import (
    Batch,
    Topic,
    TopicKind,
    decode_state,
    decode_weighing,
    parse_topic,
    scan_events,
    scan_positions,
)
from devices.readings import EventReading, PositionReading, Stream
from tracking.fleet import queries as fleet
from tracking.fleet.rules import DeviceKind, DeviceStatus
from tracking.fleet.tables import Device
from tracking.intake.docket import Docket
from tracking.intake.presence import note_state
from tracking.intake.rules import Reason
from tracking.intake.streams import Record
from tracking.positions.service import content_hash

SPEAKS: Mapping[DeviceKind, frozenset[TopicKind]] = {
    DeviceKind.VEHICLE: frozenset({TopicKind.POSITIONS, TopicKind.EVENTS, TopicKind.STATE}),
    DeviceKind.SCALE: frozenset({TopicKind.WEIGHINGS, TopicKind.EVENTS, TopicKind.STATE}),
    DeviceKind.GATEWAY: frozenset({TopicKind.EVENTS, TopicKind.STATE}),
}
"""What each kind of device has to say; a gateway publishes its terminals' words under their names."""


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery of the broker and the moment it came in; `retained`: the broker had kept it."""

    topic: str
    payload: bytes
    received_at: datetime
    retained: bool = False


def open_messages(session: Session, messages: Sequence[Message], docket: Docket) -> Iterator[Record]:
    """Yield the records of every message whose device may say them; the others go on the docket.

    States are taken up at once: they carry no record.
    """
    addressed = [(message, _topic(message, docket)) for message in messages]
    devices = fleet.devices(session, {to.device for _, to in addressed if to is not None})
    for message, to in addressed:
        if to is None:
            continue
        device = devices.get(to.device)
        objection = _objection(device, to)
        if objection is not None:
            docket.refuse(objection.value, message.topic, message.payload, device=device)
            continue
        assert device is not None
        try:
            yield from OPENERS[to.kind](device, message, docket)
        except FrameRefused as refused:
            docket.refuse(
                refused.code.value, message.topic, message.payload, device=device, detail=refused.detail
            )


def _topic(message: Message, docket: Docket) -> Topic | None:
    try:
        return parse_topic(message.topic)
    except FrameRefused as refused:
        docket.refuse(refused.code.value, message.topic, message.payload, detail=refused.detail)
        return None


def _objection(device: Device | None, to: Topic) -> Reason | None:
    if device is None:
        return Reason.UNKNOWN_DEVICE
    if device.tenant != to.tenant:
        return Reason.FOREIGN_TENANT
    if device.status != DeviceStatus.ACTIVE.value:
        return Reason.REVOKED_DEVICE
    if to.kind not in SPEAKS[DeviceKind(device.kind)]:
        return Reason.WRONG_KIND
    return None


def _open_positions(device: Device, message: Message, docket: Docket) -> Iterator[Record]:
    batch = scan_positions(message.payload)
    if _is_issued(device, batch.inc, message, docket):
        for reading in batch.readings:
            yield _record(device, batch.inc, Stream.POSITIONS, reading, content_hash(reading), message)
        yield from _refused(device, Stream.POSITIONS, batch, message, docket)


def _open_events(device: Device, message: Message, docket: Docket) -> Iterator[Record]:
    batch = scan_events(message.payload)
    if _is_issued(device, batch.inc, message, docket):
        for reading in batch.readings:
            content = (reading.device_time, reading.kind, reading.args)
            digest = hashlib.sha256(msgspec.json.encode(content, order="deterministic")).digest()
            yield _record(device, batch.inc, Stream.EVENTS, reading, digest, message)
        yield from _refused(device, Stream.EVENTS, batch, message, docket)


def _open_weighing(device: Device, message: Message, docket: Docket) -> Iterator[Record]:
    named, inc, reading = decode_weighing(message.payload)
    if named != device.id:
        docket.refuse(
            Reason.FOREIGN_DEVICE.value, message.topic, message.payload, device=device, detail=named
        )
    elif _is_issued(device, inc, message, docket):
        digest = bytes.fromhex(reading.ticket_hash)
        yield Record(
            device,
            inc,
            Stream.WEIGHINGS,
            reading.seq,
            reading,
            digest,
            message.received_at,
            message.topic,
            message.payload,
        )


def _open_state(device: Device, message: Message, docket: Docket) -> Iterator[Record]:
    state = decode_state(message.payload)
    if not note_state(device, state, message.received_at, retained=message.retained):
        docket.count(Reason.OLD_WILL.value)
    return iter(())


OPENERS: Mapping[TopicKind, Callable[[Device, Message, Docket], Iterator[Record]]] = {
    TopicKind.POSITIONS: _open_positions,
    TopicKind.EVENTS: _open_events,
    TopicKind.WEIGHINGS: _open_weighing,
    TopicKind.STATE: _open_state,
}


def _is_issued(device: Device, inc: int, message: Message, docket: Docket) -> bool:
    """Tell whether the server has issued an incarnation; records of an earlier one may still come in."""
    if inc <= device.inc:
        return True
    docket.refuse(
        Reason.UNKNOWN_INCARNATION.value, message.topic, message.payload, device=device, detail=str(inc)
    )
    return False


def _record(
    device: Device,
    inc: int,
    stream: Stream,
    reading: PositionReading | EventReading,
    digest: bytes,
    message: Message,
) -> Record:
    return Record(device, inc, stream, reading.seq, reading, digest, message.received_at, message.topic, b"")


def _refused(
    device: Device,
    stream: Stream,
    batch: Batch[PositionReading] | Batch[EventReading],
    message: Message,
    docket: Docket,
) -> Iterator[Record]:
    """Put a batch's unreadable records on the docket; those with a number count as received."""
    for bad in batch.refused:
        docket.refuse(
            bad.code.value,
            message.topic,
            bad.raw,
            device=device,
            detail=f"inc {batch.inc}, seq {bad.seq}: {bad.detail}",
        )
        if bad.seq is not None:
            yield Record(
                device, batch.inc, stream, bad.seq, None, b"", message.received_at, message.topic, bad.raw
            )
