"""Who sends which message, in which edition of JT/T 808, and is it whole?"""

import struct
from enum import StrEnum

import msgspec

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808.framing import close_frame, open_frame

MAX_BODY = 0x3FF
_VERSION_FLAG = 1 << 14
_SPLIT_FLAG = 1 << 13
_ENCRYPTION = 0x7 << 10
_HEAD = struct.Struct(">HH6sH")
_HEAD_2019 = struct.Struct(">HHB10sH")


class Version(StrEnum):
    """The edition of JT/T 808: the header tells 2019, the length of a registration tells 2011 from 2013."""

    V2011 = "2011"
    V2013 = "2013"
    V2019 = "2019"


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """One frame without its meaning.

    `phone` is the terminal's number as all 12 or 20 hexadecimal digits of the header (BCD by the standard).
    `packet` is (total, number from 1) of a split message. `encryption` is the field of bits 10-12, 1 = RSA.
    """

    msg_id: int
    version: Version
    phone: str
    serial: int
    body: bytes
    revision: int = 1
    packet: tuple[int, int] | None = None
    encryption: int = 0

    @property
    def properties(self) -> int:
        """The properties word of the header."""
        flags = _VERSION_FLAG if self.version is Version.V2019 else 0
        flags |= _SPLIT_FLAG if self.packet else 0
        return flags | self.encryption << 10 | len(self.body)


def unwrap(frame: bytes) -> Envelope:
    """Take one frame on the wire apart; refuse bad escapes, a bad check byte and a wrong body length."""
    content = open_frame(frame)
    msg_id, properties, phone, serial = _HEAD.unpack_from(content)
    version, revision, body_at = Version.V2013, 1, 12
    if properties & _VERSION_FLAG:
        if len(content) < _HEAD_2019.size:
            raise FrameRefused(RefusalCode.BAD_LENGTH, f"2019 header of {len(content)} bytes")
        _, _, revision, phone, serial = _HEAD_2019.unpack_from(content)
        version, body_at = Version.V2019, 17
    packet = None
    if properties & _SPLIT_FLAG:
        packet = _packet(content[body_at : body_at + 4])
        body_at += 4
    if len(content) != body_at + (properties & MAX_BODY):
        raise FrameRefused(
            RefusalCode.BAD_LENGTH,
            f"{len(content) - body_at} body bytes, header says {properties & MAX_BODY}",
        )
    encryption = (properties & _ENCRYPTION) >> 10
    return Envelope(msg_id, version, phone.hex(), serial, content[body_at:], revision, packet, encryption)


def wrap(envelope: Envelope) -> bytes:
    """Write one frame on the wire; refuse a phone number, serial or body that does not fit the header."""
    is_2019 = envelope.version is Version.V2019
    if len(envelope.body) > MAX_BODY:
        raise FrameRefused(RefusalCode.TOO_LONG, f"body of {len(envelope.body)} bytes")
    head = word(envelope.msg_id, "msg_id") + word(envelope.properties, "properties")
    head += bytes([envelope.revision & 0xFF]) if is_2019 else b""
    head += _phone_bytes(envelope.phone, 20 if is_2019 else 12) + word(envelope.serial, "serial")
    if envelope.packet:
        head += word(envelope.packet[0], "total") + word(envelope.packet[1], "number")
    return close_frame(head + envelope.body)


def word(value: int, field: str) -> bytes:
    """Return `value` as two bytes, high first; refuse what does not fit."""
    if not 0 <= value <= 0xFFFF:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{field}: {value}")
    return value.to_bytes(2, "big")


def _packet(data: bytes) -> tuple[int, int]:
    return int.from_bytes(data[:2], "big"), int.from_bytes(data[2:], "big")


def _phone_bytes(phone: str, digits: int) -> bytes:
    try:
        packed = bytes.fromhex(phone.zfill(digits))
    except ValueError:
        packed = b""
    if len(packed) * 2 != digits:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"phone: {phone[:40]!r} is not {digits} digits")
    return packed
