"""From whom is a message, may that device speak, and which numbered records does it carry?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session, object_session

from compliance.record.who import SYSTEM
from compliance.record.work import Work
from devices.codecs import FrameRefused
from devices.codecs.commands_json import decode_result
from devices.codecs.telemetry_json import (
    Batch,
    Topic,
    TopicKind,
    decode_state,
    decode_weighing,
    parse_topic,
    scan_events,
    told_positions,
)
from devices.codecs.weighing_json import number_of
from devices.readings import EventReading, Stream
from tracking.commands import service as commands
from tracking.fleet import queries as fleet
from tracking.fleet.rules import DeviceKind, DeviceStatus
from tracking.fleet.tables import Device
from tracking.intake.docket import Docket
from tracking.intake.presence import note_state
from tracking.intake.rules import Reason
from tracking.intake.streams import Record, Streams
from tracking.positions.arrivals import arrived

_ALL = frozenset({TopicKind.EVENTS, TopicKind.STATE, TopicKind.RESULTS})
SPEAKS: Mapping[DeviceKind, frozenset[TopicKind]] = {
    DeviceKind.VEHICLE: frozenset({TopicKind.POSITIONS, *_ALL}),
    DeviceKind.SCALE: frozenset({TopicKind.WEIGHINGS, *_ALL}),
    DeviceKind.GATEWAY: _ALL,
    DeviceKind.PHONE: frozenset({TopicKind.POSITIONS, *_ALL}),
}
"""What each kind of device has to say; a gateway publishes its terminals' words under their names."""


class Message(msgspec.Struct, frozen=True, gc=False):
    """One delivery of the broker and the moment it came in; `retained`: the broker had kept it."""

    topic: str
    payload: bytes
    received_at: datetime
    retained: bool = False


def open_messages(session: Session, messages: Sequence[Message], docket: Docket) -> Streams:
    """Return, by stream, what every message brings whose device may say it; the others go on the docket.

    States are taken up at once: they carry no record.
    """
    streams = Streams()
    senders = _senders(session, {message.topic for message in messages})
    listened = {name for name, one in senders.items() if _is_listened(one)}
    for message in messages:
        sender = senders[message.topic]
        if message.topic in listened:
            assert not isinstance(sender, FrameRefused)
            docket.hear(sender.device, message.topic, message.payload, message.received_at)
        if isinstance(sender, FrameRefused):
            docket.refuse(sender.code.value, message.topic, message.payload, detail=sender.detail)
        elif isinstance(sender, _Stranger):
            docket.refuse(sender.why.value, message.topic, message.payload, device=sender.device)
        else:
            try:
                sender.open(sender, message, docket, streams)
            except FrameRefused as refused:
                docket.refuse(
                    refused.code.value,
                    message.topic,
                    message.payload,
                    device=sender.device,
                    detail=refused.detail,
                )
    return streams


@dataclass(frozen=True, slots=True)
class _Sender:
    """A device that may speak under a topic, and what reads its messages there."""

    device: Device
    open: _Opener
    inc: int


@dataclass(frozen=True, slots=True)
class _Stranger:
    """Who may not speak under a topic, and why."""

    device: Device | None
    why: Reason


def _is_listened(sender: _Sender | _Stranger | FrameRefused) -> bool:
    """Tell whether somebody wants to see the messages of this device as they come in."""
    device = None if isinstance(sender, FrameRefused) else sender.device
    return device is not None and device.listen_left > 0


def _senders(session: Session, topics: Iterable[str]) -> dict[str, _Sender | _Stranger | FrameRefused]:
    """Return who speaks under each topic, or what is wrong with it."""
    found: dict[str, _Sender | _Stranger | FrameRefused] = {}
    addressed: dict[str, Topic] = {}
    for name in topics:
        try:
            addressed[name] = parse_topic(name)
        except FrameRefused as refused:
            found[name] = refused
    devices = fleet.devices(session, {to.device for to in addressed.values()})
    for name, to in addressed.items():
        device = devices.get(to.device)
        objection = _objection(device, to)
        if device is None or objection is not None:
            found[name] = _Stranger(device, objection or Reason.UNKNOWN_DEVICE)
        else:
            found[name] = _Sender(device, OPENERS[to.kind], device.inc)
    return found


def _objection(device: Device | None, to: Topic) -> Reason | None:
    if device is None:
        return Reason.UNKNOWN_DEVICE
    if device.tenant != to.tenant:
        return Reason.FOREIGN_TENANT
    if device.status != DeviceStatus.ACTIVE.value:
        is_new = device.status == DeviceStatus.REGISTERED.value
        return Reason.NOT_ENROLLED if is_new else Reason.REVOKED_DEVICE
    if to.kind not in SPEAKS[DeviceKind(device.kind)]:
        return Reason.WRONG_KIND
    return None


def _open_positions(sender: _Sender, message: Message, docket: Docket, streams: Streams) -> None:
    batch, moment = told_positions(message.payload), message.received_at
    if _is_issued(sender, batch.inc, message, docket):
        records, unread = arrived(batch.readings, moment), _refused(sender, batch, message, docket)
        streams.add(sender.device, batch.inc, Stream.POSITIONS, moment, records, unread)


def _open_events(sender: _Sender, message: Message, docket: Docket, streams: Streams) -> None:
    batch, moment = scan_events(message.payload), message.received_at
    if _is_issued(sender, batch.inc, message, docket):
        records = [
            Record(told.seq, told, _event_hash(told), moment, message.topic) for told in batch.readings
        ]
        unread = _refused(sender, batch, message, docket)
        streams.add(sender.device, batch.inc, Stream.EVENTS, moment, records, unread)


def _event_hash(reading: EventReading) -> bytes:
    content = (reading.device_time, reading.kind, reading.args)
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).digest()


def _open_weighing(sender: _Sender, message: Message, docket: Docket, streams: Streams) -> None:
    device, name, payload, moment = sender.device, message.topic, message.payload, message.received_at
    try:
        named, inc, told = decode_weighing(payload)
    except FrameRefused as refused:
        docket.refuse(refused.code.value, name, payload, device=device, detail=refused.detail)
        inc, seq = number_of(payload) or (0, 0)
        if seq and inc <= sender.inc:
            streams.add(device, inc, Stream.WEIGHINGS, moment, (), (seq,))
        return
    if named != device.id:
        docket.refuse(Reason.FOREIGN_DEVICE.value, name, payload, device=device, detail=named)
    elif _is_issued(sender, inc, message, docket):
        record = Record(told.seq, told, bytes.fromhex(told.ticket_hash), moment, name, payload)
        streams.add(device, inc, Stream.WEIGHINGS, moment, (record,))


def _open_state(sender: _Sender, message: Message, docket: Docket, _streams: Streams) -> None:
    state = decode_state(message.payload)
    if not note_state(sender.device, state, message.received_at, retained=message.retained):
        docket.count(Reason.OLD_WILL.value)


def _open_result(sender: _Sender, message: Message, docket: Docket, _streams: Streams) -> None:
    told = decode_result(message.payload)
    session = object_session(sender.device)
    assert session is not None
    work = Work(session, docket.now, SYSTEM)
    if not commands.take_result(work, sender.device.id, told, message.received_at):
        docket.refuse(
            Reason.UNKNOWN_COMMAND.value,
            message.topic,
            message.payload,
            device=sender.device,
            detail=told.id,
        )


_Opener = Callable[[_Sender, Message, Docket, Streams], None]
OPENERS: Mapping[TopicKind, _Opener] = {
    TopicKind.POSITIONS: _open_positions,
    TopicKind.EVENTS: _open_events,
    TopicKind.WEIGHINGS: _open_weighing,
    TopicKind.STATE: _open_state,
    TopicKind.RESULTS: _open_result,
}


def _is_issued(sender: _Sender, inc: int, message: Message, docket: Docket) -> bool:
    """Tell whether the server has issued an incarnation; records of an earlier one may still come in."""
    if inc <= sender.inc:
        return True
    docket.refuse(
        Reason.UNKNOWN_INCARNATION.value,
        message.topic,
        message.payload,
        device=sender.device,
        detail=str(inc),
    )
    return False


def _refused(sender: _Sender, batch: Batch[Any], message: Message, docket: Docket) -> list[int]:
    """Put a batch's unreadable records on the docket; return the numbers, which count as received."""
    for bad in batch.refused:
        docket.refuse(
            bad.code.value,
            message.topic,
            bad.raw,
            device=sender.device,
            detail=f"inc {batch.inc}, seq {bad.seq}: {bad.detail}",
        )
    return [bad.seq for bad in batch.refused if bad.seq is not None]
