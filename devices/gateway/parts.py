"""Which split messages are whole by now?"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808.header import Envelope

MAX_PARTS = 64
MAX_OPEN = 4


class Parts:
    """Join the split messages of one connection; memory is bounded, the oldest unfinished one goes first."""

    def __init__(self) -> None:
        self._open: OrderedDict[tuple[int, int, int], dict[int, bytes]] = OrderedDict()
        self.dropped = 0

    def add(self, part: Envelope) -> Envelope | None:
        """Take one part; return the whole message when it was the last missing one.

        Parts belong together by message id, total and the serial of the first part.
        """
        assert part.packet is not None
        total, number = part.packet
        if not 1 <= number <= total <= MAX_PARTS:
            raise FrameRefused(RefusalCode.SPLIT, f"part {number} of {total}")
        key = (part.msg_id, total, (part.serial - number + 1) & 0xFFFF)
        group = self._open.setdefault(key, {})
        group[number] = part.body
        if len(group) < total:
            self._bound()
            return None
        del self._open[key]
        body = b"".join(group[i] for i in range(1, total + 1))
        return replace(part, body=body, packet=None)

    def _bound(self) -> None:
        while len(self._open) > MAX_OPEN:
            self._open.popitem(last=False)
            self.dropped += 1
