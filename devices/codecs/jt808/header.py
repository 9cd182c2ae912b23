"""Who sends which message, in which edition of JT/T 808, and is it whole?"""

from dataclasses import dataclass
from enum import StrEnum

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808.framing import close_frame, open_frame

MAX_BODY = 0x3FF
_VERSION_FLAG = 1 << 14
_SPLIT_FLAG = 1 << 13
_ENCRYPTION = 0x7 << 10


class Version(StrEnum):
    """The edition of JT/T 808: the header tells 2019, the length of a registration tells 2011 from 2013."""

    V2011 = "2011"
    V2013 = "2013"
    V2019 = "2019"


@dataclass(frozen=True, slots=True)
class Envelope:
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
    properties = int.from_bytes(content[2:4], "big")
    is_2019 = bool(properties & _VERSION_FLAG)
    phone_at, serial_at = (5, 15) if is_2019 else (4, 10)
    body_at = serial_at + (6 if properties & _SPLIT_FLAG else 2)
    if len(content) != body_at + (properties & MAX_BODY):
        raise FrameRefused(
            RefusalCode.BAD_LENGTH,
            f"{len(content) - body_at} body bytes, header says {properties & MAX_BODY}",
        )
    return Envelope(
        msg_id=int.from_bytes(content[0:2], "big"),
        version=Version.V2019 if is_2019 else Version.V2013,
        phone=content[phone_at:serial_at].hex(),
        serial=int.from_bytes(content[serial_at : serial_at + 2], "big"),
        body=content[body_at:],
        revision=content[4] if is_2019 else 1,
        packet=_packet(content[serial_at + 2 : body_at]) if properties & _SPLIT_FLAG else None,
        encryption=(properties & _ENCRYPTION) >> 10,
    )


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
