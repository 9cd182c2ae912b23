"""What does a JT/T 808 terminal say (2011, 2013, 2019), and how do we answer it?

`Framer` finds frames in a stream, `decode` and `encode` go between one frame on the wire and a `Message`,
`Parts` joins split messages. What registers, authenticates, confirms or locates has a type of its own; every
other known message is a `Record` of plain values, laid out by the tables `terminal`, `platform` and `video`.
Layouts: JT/T 808-2011, -2013 and -2019 and the parts of JT/T 1078 that ride on it, as summarised in the
project's telemetry notes.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808 import bodies, positions
from devices.codecs.jt808.bodies import (
    Authentication,
    Empty,
    GeneralReply,
    Raw,
    Registration,
    RegistrationReply,
    RegistrationResult,
    Result,
)
from devices.codecs.jt808.framing import Framer
from devices.codecs.jt808.header import Envelope, Version, unwrap, wrap
from devices.codecs.jt808.positions import GMT8, Position, PositionBatch, Quirk, make_position
from devices.codecs.jt808.readings import to_reading
from devices.codecs.jt808.records import LAYOUTS, Record, read_record, write_record
from devices.codecs.jt808.settings import Settings
from devices.codecs.jt808.split import Bounds, Parts, split

__all__ = [
    "AUTHENTICATION",
    "COMPACT_BATCH",
    "GMT8",
    "HEARTBEAT",
    "LOGOUT",
    "PLATFORM_REPLY",
    "POSITION",
    "POSITION_BATCH",
    "REGISTRATION",
    "REGISTRATION_REPLY",
    "RESEND",
    "TERMINAL_REPLY",
    "Authentication",
    "Body",
    "Bounds",
    "Empty",
    "Envelope",
    "Framer",
    "GeneralReply",
    "Message",
    "Parts",
    "Position",
    "PositionBatch",
    "Quirk",
    "Raw",
    "Record",
    "Registration",
    "RegistrationReply",
    "RegistrationResult",
    "Result",
    "Settings",
    "Version",
    "decode",
    "decode_body",
    "encode",
    "encode_frames",
    "make_position",
    "message_of",
    "to_reading",
    "unwrap",
    "wrap",
]

TERMINAL_REPLY = 0x0001
HEARTBEAT = 0x0002
LOGOUT = 0x0003
REGISTRATION = 0x0100
AUTHENTICATION = 0x0102
POSITION = 0x0200
COMPACT_BATCH = 0x0210
POSITION_BATCH = 0x0704
PLATFORM_REPLY = 0x8001
RESEND = 0x8003
REGISTRATION_REPLY = 0x8100

Body = (
    Authentication
    | Empty
    | GeneralReply
    | Position
    | PositionBatch
    | Raw
    | Record
    | Registration
    | RegistrationReply
)


class Message(msgspec.Struct, frozen=True):
    """One message with its meaning; `body` is `Raw` for a message id without a table entry.

    `phone` is the full digit string of the header (shorter ones are filled with zeros when encoding).
    `revision` is the 2019 header's protocol version byte.
    """

    msg_id: int
    version: Version
    phone: str
    serial: int
    body: Body
    revision: int = 1


class _Layout(msgspec.Struct, frozen=True):
    """How one message id is read and written."""

    shape: type
    read: Callable[[bytes, Version], Body]
    write: Callable[[Any, Version], bytes]


_REPLY = _Layout(GeneralReply, bodies.read_general_reply, bodies.write_general_reply)
_EMPTY = _Layout(Empty, bodies.read_empty, bodies.write_empty)
_LAYOUTS = {
    TERMINAL_REPLY: _REPLY,
    HEARTBEAT: _EMPTY,
    LOGOUT: _EMPTY,
    REGISTRATION: _Layout(Registration, bodies.read_registration, bodies.write_registration),
    AUTHENTICATION: _Layout(Authentication, bodies.read_authentication, bodies.write_authentication),
    POSITION: _Layout(Position, positions.read_position, positions.write_position),
    COMPACT_BATCH: _Layout(PositionBatch, positions.read_sized_positions, positions.write_sized_positions),
    POSITION_BATCH: _Layout(PositionBatch, positions.read_batch, positions.write_batch),
    PLATFORM_REPLY: _REPLY,
    REGISTRATION_REPLY: _Layout(
        RegistrationReply, bodies.read_registration_reply, bodies.write_registration_reply
    ),
}


def decode(frame: bytes, edition: Version | None = None) -> Message:
    """Read one frame on the wire, delimiters included.

    `edition` is what a terminal without the version flag is known to speak (2011 or 2013; the header tells
    only 2019). Refuse bad framing, an encrypted body (`encrypted`), a part of a split message (`split`;
    `unwrap` shows its packet numbers) and a body that does not fit its layout.
    """
    envelope = unwrap(frame)
    if envelope.packet:
        total, number = envelope.packet
        raise FrameRefused(RefusalCode.SPLIT, f"0x{envelope.msg_id:04X}, part {number} of {total}")
    return message_of(envelope, edition)


def message_of(envelope: Envelope, edition: Version | None = None) -> Message:
    """Return the meaning of a whole envelope; refuse an encrypted body, which needs the terminal's key."""
    msg_id, version, body = envelope.msg_id, envelope.version, envelope.body
    if envelope.encryption:
        method = "RSA" if envelope.encryption == 1 else f"method {envelope.encryption}"
        raise FrameRefused(RefusalCode.ENCRYPTED, f"0x{msg_id:04X}: the body is encrypted ({method})")
    if edition is not None and version is not Version.V2019:
        version = edition
    if msg_id == REGISTRATION:
        version = bodies.registration_version(body, version)
    meaning = decode_body(msg_id, body, version)
    return Message(msg_id, version, envelope.phone, envelope.serial, meaning, envelope.revision)


def decode_body(msg_id: int, data: bytes, version: Version) -> Body:
    """Read one unescaped message body in the layout of `version`."""
    layout = _LAYOUTS.get(msg_id)
    if layout is not None:
        return layout.read(data, version)
    return read_record(msg_id, data, version) if msg_id in LAYOUTS else Raw(data)


def encode(message: Message) -> bytes:
    """Write one frame on the wire; refuse a body of another message and values that do not fit."""
    return wrap(_envelope_of(message))


def encode_frames(message: Message) -> list[bytes]:
    """Write a message as one frame, or as several with following serials when it is too long for one."""
    return [wrap(part) for part in split(_envelope_of(message))]


def _envelope_of(message: Message) -> Envelope:
    return Envelope(
        msg_id=message.msg_id,
        version=message.version,
        phone=message.phone,
        serial=message.serial,
        body=_encode_body(message),
        revision=message.revision,
    )


def _encode_body(message: Message) -> bytes:
    body = message.body
    if isinstance(body, Raw):
        return body.data
    layout = _LAYOUTS.get(message.msg_id)
    if layout is not None and isinstance(body, layout.shape):
        return layout.write(body, message.version)
    if isinstance(body, Record) and message.msg_id in LAYOUTS:
        return write_record(message.msg_id, body, message.version)
    raise FrameRefused(RefusalCode.BAD_FIELD, f"0x{message.msg_id:04X} with {type(body).__name__}")
