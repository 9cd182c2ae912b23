"""How do the commands for people and pipes read and write JT/T 808?"""

from collections.abc import Mapping

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808 import Framer, encode_frames
from devices.codecs.jt808.framing import open_frame
from devices.codecs.jt808.header import Envelope, unwrap, wrap
from devices.codecs.jt808.layouts import Given, Values
from devices.codecs.jt808.settings import settings_from
from devices.codecs.jt808.split import Bounds, Parts
from devices.codecs.jt808.told import PART_DATA, message_from, part_from, tell, tell_checksum, tell_part

_OF_A_FILE = Bounds(messages=1_000, parts=4_096, total_bytes=16 * 1024 * 1024)
"""A log holds the frames of many terminals, one among the other, and photographs of many parts."""


class Jt808Lines:
    """Frames as plain values and back; the settings are those of `settings_from`.

    A part of a split message is told by its header and its bytes in `part_data`; the part that makes the
    message whole is told with all that it says too, and `reassembled`. A sound frame whose body is refused is
    told by its header, its bytes in `part_data` and its `error`.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = settings_from(settings)
        self._framer = Framer()
        self._parts = Parts(_OF_A_FILE)

    def decode(self, frame: bytes) -> Values:
        """Return what one frame says; refuse it as `unwrap` does."""
        envelope = unwrap(frame)
        try:
            told = self._told(envelope)
        except FrameRefused as refused:
            told = {"error": str(refused.code), "detail": refused.detail, **tell_part(envelope)}
            if refused.code is RefusalCode.BAD_LENGTH and not envelope.body:
                told = {**tell_part(envelope), "quirks": ["body_missing"]}
        return {**told, **tell_checksum(open_frame(frame))}

    def _told(self, envelope: Envelope) -> Values:
        if envelope.packet is None or envelope.encryption:
            return tell(envelope, self._settings)
        whole = self._parts.add(envelope)
        if whole is None:
            return {**tell_part(envelope), "data": envelope.body.hex()}
        return {**tell(whole, self._settings), **tell_part(envelope), "reassembled": True}

    def feed(self, data: bytes) -> list[Values | FrameRefused]:
        """Take bytes of a stream; return what the frames in them say, and the refusals, in order."""
        found: list[Values | FrameRefused] = []
        for item in self._framer.feed(data):
            try:
                found.append(item if isinstance(item, FrameRefused) else self.decode(item))
            except FrameRefused as refused:
                found.append(refused)
        return found

    def close(self) -> list[FrameRefused]:
        """End the stream; return the refusals for what was left."""
        return self._framer.close()

    def encode(self, values: Given) -> list[bytes]:
        """Return the frames of a message, several when it is too long for one; refuse what does not fit.

        What was told with its `part_data` becomes that one frame again.
        """
        if PART_DATA in values:
            return [wrap(part_from(values))]
        return encode_frames(message_from(values))
