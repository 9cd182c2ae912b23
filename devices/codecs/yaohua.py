"""Which weight does a Yaohua XK3190 indicator show (protocol `yaohua_xk3190_continuous`)?

Twelve bytes: STX, sign, six digits high first, decimals 0-4 counted from the right, XOR of bytes 2-9 as two
upper-case ASCII hexadecimal digits, ETX. Source: XK3190-A9+ manual, pages 9-10. The frame carries no unit,
no stable flag, and does not say whether it is gross or net.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import xor

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.noise import NoiseMeter
from devices.readings import ScaleReading

PROTOCOL = "yaohua_xk3190_continuous"
FRAME_LENGTH = 12
_STX, _ETX = 0x02, 0x03
_SIGNS = {ord("+"): 1, ord("-"): -1}
_MAX_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site learned at commissioning against the display and the frame does not say rightly or at all.

    `decimals` overrides the frame's own decimals byte, on which products in the field disagree.
    """

    unit: str | None = None
    decimals: int | None = None


class Framer:
    """Find frames in a byte stream, in chunks of any size, resynchronising after noise.

    A frame is accepted only whole and with its check, so a start byte inside noise or inside a check field
    never cuts one short. Memory is bounded by one frame and the noise report.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._noise = NoiseMeter()
        self._refused_left = 0

    @property
    def pending_bytes(self) -> int:
        """Bytes held back because they may begin a frame."""
        return len(self._buffer)

    @property
    def skipped_bytes(self) -> int:
        """Bytes seen so far that belong to no frame, the refused frames not counted."""
        return self._noise.total

    def feed(self, data: bytes) -> list[bytes | FrameRefused]:
        """Take bytes; return the accepted 12-byte frames as received, and the refusals, in order."""
        self._buffer += data
        found: list[bytes | FrameRefused] = []
        while True:
            found += self._skip(_start_of(self._buffer))
            if len(self._buffer) < FRAME_LENGTH:
                return found
            found += self._take()

    def _take(self) -> list[bytes | FrameRefused]:
        """Accept the twelve bytes at the start byte, or refuse them and step over the start byte."""
        frame = bytes(self._buffer[:FRAME_LENGTH])
        if frame[-1] & 0x7F != _ETX:
            return self._skip(1)
        found: list[bytes | FrameRefused] = [*self._noise.flush()]
        try:
            _checked(frame)
        except FrameRefused as refusal:
            self._refused_left = FRAME_LENGTH
            return [*found, refusal, *self._skip(1)]
        self._refused_left = 0
        del self._buffer[:FRAME_LENGTH]
        return [*found, frame]

    def _skip(self, count: int) -> list[bytes | FrameRefused]:
        """Drop `count` bytes; those of a frame already refused are not reported again as noise."""
        known = min(count, self._refused_left)
        self._refused_left -= known
        noise = bytes(self._buffer[known:count])
        del self._buffer[:count]
        return [*self._noise.add(noise)]


def decode(frame: bytes, settings: Settings | None = None) -> ScaleReading:
    """Read one frame; `raw` keeps the bytes as received.

    Bit 7 is ignored, because 7E1 lines are often read as 8N1. Refuse with `bad_length`, `bad_delimiter`,
    `bad_checksum` or `bad_field`; a refused frame has no weight.
    """
    settings = settings or Settings()
    text = _checked(frame)
    own_decimals = text[8] - ord("0")
    decimals = own_decimals if settings.decimals is None else settings.decimals
    value = _SIGNS[text[1]] * Decimal(int(text[2:8])).scaleb(-decimals)
    return ScaleReading(value=float(value), unit=settings.unit, decimals=decimals, stable=None, raw=frame)


def encode(digits: int, decimals: int = 0) -> bytes:
    """Write the frame an indicator sends for `digits` (the display without its point, -999999 to 999999)."""
    if not -999_999 <= digits <= 999_999 or not 0 <= decimals <= _MAX_DECIMALS:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{digits} with {decimals} decimals")
    body = f"{'-' if digits < 0 else '+'}{abs(digits):06d}{decimals}".encode("ascii")
    return bytes([_STX]) + body + _check_digits(body) + bytes([_ETX])


def _checked(frame: bytes) -> bytes:
    """Return the frame without bit 7, once every rule of the layout holds."""
    text = bytes(byte & 0x7F for byte in frame)
    if len(text) != FRAME_LENGTH:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"{len(text)} bytes: {frame[:FRAME_LENGTH].hex()}")
    if text[0] != _STX or text[-1] != _ETX:
        raise FrameRefused(RefusalCode.BAD_DELIMITER, frame.hex())
    if _check_digits(text[1:9]) != text[9:11]:
        raise FrameRefused(RefusalCode.BAD_CHECKSUM, frame.hex())
    if text[1] not in _SIGNS or not text[2:8].isdigit() or not ord("0") <= text[8] <= ord("4"):
        raise FrameRefused(RefusalCode.BAD_FIELD, frame.hex())
    return text


def _start_of(buffer: bytearray) -> int:
    return next((at for at, byte in enumerate(buffer) if byte & 0x7F == _STX), len(buffer))


def _check_digits(body: bytes) -> bytes:
    return f"{reduce(xor, body):02X}".encode("ascii")
