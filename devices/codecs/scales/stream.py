"""Where in a stream of bytes does a frame of an indicator begin and end?"""

from __future__ import annotations

from dataclasses import replace

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.noise import NoiseMeter
from devices.codecs.scales.fields import plain
from devices.codecs.scales.protocol import NO_FRAME, WAIT, Check, ScaleProtocol, Settings
from devices.readings import ScaleReading

_PIECE = 256


class Framer:
    """Find frames in a byte stream, in chunks of any size, resynchronising after noise.

    A frame is accepted only whole and with its check, so a start byte inside noise or inside a check field
    never cuts one short. What is found depends on the bytes alone, never on how they were cut. Memory is
    bounded by one frame, one piece of input and the noise report.
    """

    def __init__(self, protocol: ScaleProtocol, settings: Settings | None = None) -> None:
        self._protocol = protocol
        self._settings = settings or Settings()
        protocol.refuse_setting(self._settings)
        self._check = self._settings.check
        self._raw = bytearray()
        self._plain = bytearray()
        self._noise = NoiseMeter()
        self._refused_left = 0

    @property
    def pending_bytes(self) -> int:
        """Bytes held back because they may begin a frame."""
        return len(self._raw)

    @property
    def skipped_bytes(self) -> int:
        """Bytes seen so far that belong to no frame, the refused frames not counted."""
        return self._noise.total

    def feed(self, data: bytes) -> list[ScaleReading | FrameRefused]:
        """Take bytes; return the readings and the refusals in order."""
        found: list[ScaleReading | FrameRefused] = []
        for at in range(0, len(data), _PIECE):
            piece = data[at : at + _PIECE]
            self._raw += piece
            self._plain += plain(piece)
            found += self._take_all()
        return found

    def close(self) -> list[ScaleReading | FrameRefused]:
        """End the stream; return the noise, and the last frame or the refusal of one only begun.

        A frame is whole at the end where only the next one would have told whether a check byte follows.
        """
        found: list[ScaleReading | FrameRefused] = [*self._noise.flush()]
        last = bytes(self._raw)
        self._raw.clear()
        self._plain.clear()
        try:
            learned = replace(self._settings, check=self._check)
            return [*found, self._protocol.decode(last, learned)] if last else found
        except FrameRefused:
            detail = f"{len(last)} bytes begin a frame: {last.hex()}"
            return [*found, FrameRefused(RefusalCode.BAD_LENGTH, detail)]

    def _take_all(self) -> list[ScaleReading | FrameRefused]:
        found: list[ScaleReading | FrameRefused] = []
        while True:
            found += self._skip(self._start())
            if not self._plain:
                return found
            length = self._protocol.cut(bytes(self._plain[: self._protocol.longest + 2]), self._check)
            if length == WAIT:
                return found
            found += self._skip(1) if length == NO_FRAME else self._take(length)

    def _start(self) -> int:
        starts = self._protocol.starts
        return next((at for at, byte in enumerate(self._plain) if byte in starts), len(self._plain))

    def _take(self, length: int) -> list[ScaleReading | FrameRefused]:
        """Accept the frame at the start byte, or refuse it and step over the start byte."""
        found: list[ScaleReading | FrameRefused] = [*self._noise.flush()]
        frame = bytes(self._raw[:length])
        try:
            reading = self._protocol.decode(frame, self._settings)
        except FrameRefused as refusal:
            self._refused_left = max(self._refused_left, length)
            return [*found, refusal, *self._skip(1)]
        self._refused_left = 0
        self._learn(reading)
        del self._raw[:length], self._plain[:length]
        return [*found, reading]

    def _learn(self, reading: ScaleReading) -> None:
        """Hold a line on which the check byte is optional to what its first sound frame carries."""
        if self._check is None and Check.ABSENT in self._protocol.checks:
            carried = reading.facts.get("checksum_ok")
            self._check = self._protocol.check if carried else Check.ABSENT

    def _skip(self, count: int) -> list[FrameRefused]:
        """Drop `count` bytes; those of a frame already refused are not reported again as noise."""
        known = min(count, self._refused_left)
        self._refused_left -= known
        noise = bytes(self._raw[known:count])
        del self._raw[:count], self._plain[:count]
        return self._noise.add(noise)


def read_all(
    protocol: ScaleProtocol, data: bytes, settings: Settings | None = None
) -> tuple[list[ScaleReading], list[FrameRefused], int]:
    """Return the readings, the refused frames and the number of bytes that belong to no frame."""
    framer = Framer(protocol, settings)
    found = framer.feed(data)
    readings = [item for item in found if isinstance(item, ScaleReading)]
    refused = [item for item in found if isinstance(item, FrameRefused) and item.code != RefusalCode.NOISE]
    return readings, refused, framer.skipped_bytes
