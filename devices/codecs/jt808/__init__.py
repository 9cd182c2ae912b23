"""What does a JT/T 808 terminal say (2011, 2013, 2019), and how do we answer it?

`Framer` finds frames in a stream, `decode` and `encode` go between one frame on the wire and a `Message`.
Layouts: JT/T 808-2011, -2013 and -2019, as summarised in the project's telemetry notes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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

__all__ = [
    "AUTHENTICATION",
    "GMT8",
    "HEARTBEAT",
    "LOGOUT",
    "PLATFORM_REPLY",
    "POSITION",
    "POSITION_BATCH",
    "REGISTRATION",
    "REGISTRATION_REPLY",
    "TERMINAL_REPLY",
    "Authentication",
    "Body",
    "Empty",
    "Envelope",
    "Framer",
    "GeneralReply",
    "Message",
    "Position",
    "PositionBatch",
    "Quirk",
    "Raw",
    "Registration",
    "RegistrationReply",
    "RegistrationResult",
    "Result",
    "Version",
    "decode",
    "decode_body",
    "encode",
    "make_position",
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
POSITION_BATCH = 0x0704
PLATFORM_REPLY = 0x8001
REGISTRATION_REPLY = 0x8100

Body = (
    Authentication | Empty | GeneralReply | Position | PositionBatch | Raw | Registration | RegistrationReply
)


@dataclass(frozen=True, slots=True)
class Message:
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


@dataclass(frozen=True, slots=True)
class _Layout:
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
    POSITION_BATCH: _Layout(PositionBatch, positions.read_batch, positions.write_batch),
    PLATFORM_REPLY: _REPLY,
    REGISTRATION_REPLY: _Layout(
        RegistrationReply, bodies.read_registration_reply, bodies.write_registration_reply
    ),
}


def decode(frame: bytes) -> Message:
    """Read one frame on the wire, delimiters included.

    Refuse bad framing, an encrypted body (`encrypted`), a part of a split message (`split`; `unwrap` shows
    its packet numbers) and a body that does not fit its layout.
    """
    envelope = unwrap(frame)
    if envelope.encryption:
        raise FrameRefused(RefusalCode.ENCRYPTED, f"0x{envelope.msg_id:04X}, method {envelope.encryption}")
    if envelope.packet:
        total, number = envelope.packet
        raise FrameRefused(RefusalCode.SPLIT, f"0x{envelope.msg_id:04X}, part {number} of {total}")
    version = envelope.version
    if envelope.msg_id == REGISTRATION:
        version = bodies.registration_version(envelope.body, version)
    body = decode_body(envelope.msg_id, envelope.body, version)
    return Message(envelope.msg_id, version, envelope.phone, envelope.serial, body, envelope.revision)


def decode_body(msg_id: int, data: bytes, version: Version) -> Body:
    """Read one unescaped message body in the layout of `version`."""
    layout = _LAYOUTS.get(msg_id)
    return layout.read(data, version) if layout else Raw(data)


def encode(message: Message) -> bytes:
    """Write one frame on the wire; refuse a body of another message and values that do not fit."""
    envelope = Envelope(
        msg_id=message.msg_id,
        version=message.version,
        phone=message.phone,
        serial=message.serial,
        body=_encode_body(message),
        revision=message.revision,
    )
    return wrap(envelope)


def _encode_body(message: Message) -> bytes:
    if isinstance(message.body, Raw):
        return message.body.data
    layout = _LAYOUTS.get(message.msg_id)
    if layout is None or not isinstance(message.body, layout.shape):
        raise FrameRefused(
            RefusalCode.BAD_FIELD, f"0x{message.msg_id:04X} with {type(message.body).__name__}"
        )
    return layout.write(message.body, message.version)
