"""How do the commands for people and pipes read and write JT/T 808?"""

from collections.abc import Mapping

from devices.codecs import FrameRefused
from devices.codecs.jt808 import Framer, encode_frames
from devices.codecs.jt808.framing import open_frame
from devices.codecs.jt808.header import Envelope, unwrap
from devices.codecs.jt808.layouts import Given, Values
from devices.codecs.jt808.settings import settings_from
from devices.codecs.jt808.split import Parts
from devices.codecs.jt808.told import message_from, tell, tell_checksum, tell_header


class Jt808Lines:
    """Frames as plain values and back; the settings are those of `settings_from`.

    A part of a split message is told by its header and its bytes in `data`; the part that makes the message
    whole is told with all that it says, and `reassembled`. A sound frame whose body is refused is told by its
    header and its `error`.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = settings_from(settings)
        self._framer = Framer()
        self._parts = Parts()

    def decode(self, frame: bytes) -> Values:
        """Return what one frame says; refuse it as `unwrap` does."""
        envelope = unwrap(frame)
        try:
            told = self._told(envelope)
        except FrameRefused as refused:
            told = {"error": str(refused.code), "detail": refused.detail, **tell_header(envelope)}
        return {**told, **tell_checksum(open_frame(frame))}

    def _told(self, envelope: Envelope) -> Values:
        if envelope.packet is None or envelope.encryption:
            return tell(envelope, self._settings)
        whole = self._parts.add(envelope)
        if whole is None:
            return {**tell_header(envelope), "data": envelope.body.hex()}
        return {**tell(whole, self._settings), **tell_header(envelope), "reassembled": True}

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
        """Return the frames of a message, several when it is too long for one; refuse what does not fit."""
        return encode_frames(message_from(values))
