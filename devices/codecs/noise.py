"""How do we report bytes between frames without one report per byte?"""

from devices.codecs import FrameRefused, RefusalCode

NOISE_LIMIT = 256
_SHOWN = 32


class NoiseMeter:
    """Gather skipped bytes and report them in one refusal before the next frame or every 256 bytes.

    The report depends only on the bytes, never on how they were cut into chunks.
    """

    def __init__(self) -> None:
        self._bytes = bytearray()
        self.total = 0

    def add(self, skipped: bytes) -> list[FrameRefused]:
        """Take skipped bytes; return the refusals that became due."""
        self.total += len(skipped)
        self._bytes += skipped
        due = []
        while len(self._bytes) >= NOISE_LIMIT:
            due.append(_refusal(bytes(self._bytes[:NOISE_LIMIT])))
            del self._bytes[:NOISE_LIMIT]
        return due

    def flush(self) -> list[FrameRefused]:
        """Return the refusal for what was gathered, if anything was."""
        if not self._bytes:
            return []
        gathered = bytes(self._bytes)
        self._bytes.clear()
        return [_refusal(gathered)]


def _refusal(skipped: bytes) -> FrameRefused:
    return FrameRefused(RefusalCode.NOISE, f"{len(skipped)} bytes skipped: {skipped[:_SHOWN].hex()}")
