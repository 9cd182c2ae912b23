"""How do long messages go into frames of at most 1023 bytes, and when is a split one whole again?"""

from collections import Counter, OrderedDict
from dataclasses import dataclass, field

import msgspec

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808.header import MAX_BODY, Envelope

_MAX_TOTAL = 0xFFFF


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of unfinished messages is kept: messages, parts and bytes of each, bytes of all, seconds."""

    messages: int = 4
    parts: int = 256
    total_bytes: int = 512 * 1024
    seconds: float = 120.0


@dataclass(slots=True)
class _Group:
    """The parts of one message that came so far; `since` is when the last of them came."""

    since: float
    total: int
    parts: dict[int, bytes] = field(default_factory=dict)


_Key = tuple[str, int, int, int]


class Parts:
    """Join split messages of one connection or file.

    Parts belong together by phone, message id, total and the serial of the first part. Memory is bounded: the
    message that waited longest is given up first, and every message that got no part for `seconds`.
    """

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._open: OrderedDict[_Key, _Group] = OrderedDict()
        self._bytes = 0
        self.dropped: Counter[str] = Counter()

    @property
    def pending_bytes(self) -> int:
        """Bytes of parts that wait for others."""
        return self._bytes

    def add(self, part: Envelope, now: float = 0.0) -> Envelope | None:
        """Take one part at `now` (seconds of any clock that does not go back).

        Return the whole message when it was the last missing part: the header is that of this part, without
        its packet numbers. A part that comes twice counts once. Refuse (`split`) numbers that cannot be and
        more parts than the bound.
        """
        if part.packet is None:
            return part
        total, number = part.packet
        if not 1 <= number <= total <= self._bounds.parts:
            raise FrameRefused(RefusalCode.SPLIT, f"part {number} of {total}, at most {self._bounds.parts}")
        self._expire(now)
        key = part.phone, part.msg_id, total, first_serial(part)
        group = self._open.setdefault(key, _Group(now, total))
        self._bytes += len(part.body) - len(group.parts.get(number, b""))
        group.parts[number] = part.body
        group.since = now
        self._open.move_to_end(key)
        if len(group.parts) < total:
            self._shrink()
            return None
        self._drop(key)
        body = b"".join(group.parts[turn] for turn in range(1, total + 1))
        return msgspec.structs.replace(part, body=body, packet=None)

    def missing_of(self, part: Envelope) -> tuple[int, ...]:
        """Return the part numbers that the message of `part` still misses; none when it is not kept."""
        total = part.packet[0] if part.packet else 0
        return self.missing().get((part.phone, part.msg_id, total, first_serial(part)), ())

    def missing(self) -> dict[_Key, tuple[int, ...]]:
        """Return the part numbers that are still missing, by (phone, message id, total, first serial)."""
        return {
            key: tuple(turn for turn in range(1, group.total + 1) if turn not in group.parts)
            for key, group in self._open.items()
        }

    def _expire(self, now: float) -> None:
        stale = [key for key, group in self._open.items() if now - group.since > self._bounds.seconds]
        for key in stale:
            self._drop(key)
            self.dropped["expired"] += 1

    def _shrink(self) -> None:
        while len(self._open) > self._bounds.messages or self._bytes > self._bounds.total_bytes:
            self._drop(next(iter(self._open)))
            self.dropped["crowded_out"] += 1

    def _drop(self, key: _Key) -> None:
        group = self._open.pop(key)
        self._bytes -= sum(map(len, group.parts.values()))


def first_serial(part: Envelope) -> int:
    """Return the serial of the first part of the message that `part` belongs to."""
    number = part.packet[1] if part.packet else 1
    return (part.serial - number + 1) & 0xFFFF


def split(envelope: Envelope, part_bytes: int = MAX_BODY) -> list[Envelope]:
    """Return the parts of a message longer than `part_bytes`, with serials that follow one another.

    A message that fits is returned as it is. Refuse (`too_long`) one of more than 65535 parts.
    """
    body = envelope.body
    if len(body) <= part_bytes:
        return [envelope]
    total = -(-len(body) // part_bytes)
    if total > _MAX_TOTAL:
        raise FrameRefused(RefusalCode.TOO_LONG, f"body of {len(body)} bytes")
    return [
        msgspec.structs.replace(
            envelope,
            body=body[turn * part_bytes : (turn + 1) * part_bytes],
            packet=(total, turn + 1),
            serial=(envelope.serial + turn) & 0xFFFF,
        )
        for turn in range(total)
    ]
