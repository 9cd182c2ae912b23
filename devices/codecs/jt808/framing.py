"""Where does a JT/T 808 frame begin and end, and what is inside its escapes?"""

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.noise import NoiseMeter

DELIMITER = 0x7E
_ESCAPE = 0x7D
_ESCAPED = {0x01: 0x7D, 0x02: 0x7E}
MIN_CONTENT = 13  # 2011/2013 header of 12 bytes and the check byte
MAX_CONTENT = 2 * (2 + 2 + 1 + 10 + 2 + 4 + 1023 + 1)  # every byte of the longest 2019 frame escaped


def checksum(data: bytes) -> int:
    """Return the XOR of all bytes: one long number folded onto its lowest byte, quicker than a loop."""
    folded = int.from_bytes(data, "little")
    half = 4 << max(len(data) - 1, 1).bit_length()
    while half >= 8:
        folded ^= folded >> half
        half >>= 1
    return folded & 0xFF


def escape(content: bytes) -> bytes:
    """Return the frame on the wire, delimiters included, of unescaped header, body and check byte."""
    escaped = content.replace(b"\x7d", b"\x7d\x01").replace(b"\x7e", b"\x7d\x02")
    return b"\x7e" + escaped + b"\x7e"


def unescape(frame: bytes) -> bytes:
    """Return what is between the delimiters, unescaped; refuse a bad delimiter, escape or length."""
    if (
        len(frame) < 2
        or frame[0] != DELIMITER
        or frame[-1] != DELIMITER
        or frame.find(b"\x7e", 1) != len(frame) - 1
    ):
        raise FrameRefused(RefusalCode.BAD_DELIMITER, _shown(frame))
    if len(frame) - 2 > MAX_CONTENT:
        raise FrameRefused(RefusalCode.TOO_LONG, f"{len(frame)} bytes: {_shown(frame)}")
    if _ESCAPE not in frame:
        return frame[1:-1]
    first, *others = frame[1:-1].split(b"\x7d")
    content = bytearray(first)
    for part in others:
        if not part or part[0] not in _ESCAPED:
            raise FrameRefused(RefusalCode.BAD_ESCAPE, _shown(frame))
        content.append(_ESCAPED[part[0]])
        content += part[1:]
    return bytes(content)


def open_frame(frame: bytes) -> bytes:
    """Return header and body of a frame on the wire: unescaped, check byte verified and removed."""
    content = unescape(frame)
    if len(content) < MIN_CONTENT:
        raise FrameRefused(RefusalCode.BAD_LENGTH, f"{len(content)} bytes: {_shown(frame)}")
    if checksum(content) != 0:
        raise FrameRefused(RefusalCode.BAD_CHECKSUM, _shown(frame))
    return content[:-1]


def close_frame(content: bytes) -> bytes:
    """Return the frame on the wire of header and body: check byte, escapes and delimiters added."""
    return escape(content + bytes([checksum(content)]))


class Framer:
    """Find frames in a byte stream, in chunks of any size, resynchronising after noise.

    Frames are returned as on the wire, delimiters included; `decode` judges their content. Bytes after a
    closing delimiter count as a frame only when their check fits: a terminal may let two frames share one
    delimiter, and noise between frames must not swallow the next frame's opening. Memory is bounded by one
    frame and the noise report.
    """

    def __init__(self) -> None:
        self._content = bytearray()
        self._noise = NoiseMeter()
        self._open = False  # an opening delimiter was seen
        self._synchronised = False  # a frame just closed: its delimiter may open the next one

    @property
    def pending_bytes(self) -> int:
        """Bytes held back because they may begin a frame, the opening delimiter included."""
        return len(self._content) + self._open

    @property
    def skipped_bytes(self) -> int:
        """Bytes seen so far that belong to no frame."""
        return self._noise.total

    def feed(self, data: bytes) -> list[bytes | FrameRefused]:
        """Take bytes; return whole frames and refusals (`noise`, `too_long`), in order."""
        found: list[bytes | FrameRefused] = []
        *closed, rest = data.split(b"\x7e")
        for part in closed:
            found += self._gather(part)
            found += self._delimit()
        found += self._gather(rest)
        return found

    def close(self) -> list[FrameRefused]:
        """End the stream; return the refusals for noise and for a frame that was begun and not ended."""
        begun = self._open and bool(self._content)
        content = bytes(self._content)
        found = (
            self._noise.flush() if begun or not content else [*self._noise.add(content), *self._noise.flush()]
        )
        self._reset()
        if begun:
            detail = f"{len(content) + 1} bytes of a frame without its end: {_shown(content)}"
            found.append(FrameRefused(RefusalCode.BAD_LENGTH, detail))
        return found

    def _gather(self, part: bytes) -> list[bytes | FrameRefused]:
        """Hold bytes that may belong to a frame; pass the others on as noise."""
        if not (self._open or self._synchronised):
            return [*self._noise.add(part)]
        self._content += part
        if len(self._content) <= MAX_CONTENT:
            return []
        found: list[bytes | FrameRefused] = []
        beyond = bytes(self._content[MAX_CONTENT + 1 :])
        if self._open:
            refusal = FrameRefused(RefusalCode.TOO_LONG, f"no delimiter: {_shown(bytes(self._content))}")
            found += [*self._noise.flush(), refusal]
        else:
            found += self._noise.add(bytes(self._content[: MAX_CONTENT + 1]))
        self._reset()
        return [*found, *self._noise.add(beyond)]

    def _delimit(self) -> list[bytes | FrameRefused]:
        """Judge what was gathered when a delimiter arrives: a frame, noise, or nothing at all."""
        content = bytes(self._content)
        frame = b"\x7e" + content + b"\x7e"
        if content and (self._open or _is_sound(frame)):
            self._reset()
            self._synchronised = True
            return [*self._noise.flush(), frame]
        self._reset()
        self._open = True
        return [*self._noise.add(content)]

    def _reset(self) -> None:
        self._content.clear()
        self._open = False
        self._synchronised = False


def _is_sound(frame: bytes) -> bool:
    try:
        open_frame(frame)
    except FrameRefused:
        return False
    return True


def _shown(frame: bytes) -> str:
    return frame[:64].hex()
