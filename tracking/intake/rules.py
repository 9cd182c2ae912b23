"""How far is a numbered stream complete, and why is a delivery refused?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from zlib import crc32

Span = tuple[int, int]

MAX_PARTS = 16
"""Into how many parts the devices can be divided among ingest processes."""

MAX_RANGES = 1000
"""Closed ranges beyond the watermark that one acknowledgement carries (devices' wire contract)."""


class Reason(StrEnum):
    """Why a delivery was refused or set apart; beside these stand the codecs' own `RefusalCode`s."""

    UNKNOWN_DEVICE = "unknown_device"
    FOREIGN_TENANT = "foreign_tenant"
    NOT_ENROLLED = "not_enrolled"
    REVOKED_DEVICE = "revoked_device"
    WRONG_KIND = "wrong_kind"
    FOREIGN_DEVICE = "foreign_device"
    UNKNOWN_INCARNATION = "unknown_incarnation"
    BAD_SIGNATURE = "bad_signature"
    BROKEN_CHAIN = "broken_chain"
    TICKET_CONFLICT = "ticket_conflict"
    SEQUENCE_CONFLICT = "sequence_conflict"
    TOO_MANY_GAPS = "too_many_gaps"
    UNKNOWN_COMMAND = "unknown_command"
    OLD_WILL = "old_will"
    INTERNAL = "internal_error"


@dataclass(frozen=True, slots=True)
class Part:
    """Which devices one of several ingest processes takes in: those whose hash falls to its number."""

    number: int = 0
    of: int = 1

    def owns(self, topic: str) -> bool:
        """Tell whether a message is this part's; one device's messages all fall to one part."""
        return self.of == 1 or _hash(topic) % self.of == self.number


@lru_cache(maxsize=65536)
def _hash(topic: str) -> int:
    levels = topic.split("/", 3)
    return crc32((levels[2] if len(levels) == 4 else topic).encode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Received:
    """Which numbers of a stream the server has: 1 to `watermark`, and `ranges` beyond it.

    The ranges ascend, do not touch each other or the watermark, and are at most `MAX_RANGES`.
    """

    watermark: int = 0
    ranges: tuple[Span, ...] = ()

    @property
    def last(self) -> int:
        """Return the highest number that is had."""
        return self.ranges[-1][1] if self.ranges else self.watermark

    def covers(self, seq: int) -> bool:
        """Tell whether a number has been received."""
        return seq <= self.watermark or (bool(self.ranges) and self._reaches(seq, seq))

    def accept(self, seqs: Iterable[int]) -> Received:
        """Return what is had once these numbers are there too.

        Where that would leave more than `MAX_RANGES` ranges, the highest new ones are left out: `covers`
        then denies them, and the device sends them again after the gaps have closed.
        """
        spans = _merged([*self._spans(), *_runs(seqs)])
        excess = len(spans) - 1 - MAX_RANGES
        if excess > 0:
            fresh = [span for span in spans if not self._touches(span)]
            left_out = set(fresh[-excess:])
            spans = [span for span in spans if span not in left_out]
        return Received(spans[0][1], tuple(spans[1:]))

    def _spans(self) -> list[Span]:
        return [(0, self.watermark), *self.ranges]

    def _touches(self, span: Span) -> bool:
        """Tell whether a merged span holds anything that was there before."""
        return self.watermark >= span[0] or self._reaches(*span)

    def _reaches(self, first: int, last: int) -> bool:
        """Tell whether a range meets these numbers."""
        place = bisect_right(self.ranges, last, key=lambda span: span[0])
        return place > 0 and self.ranges[place - 1][1] >= first


def _runs(seqs: Iterable[int]) -> list[Span]:
    """Return numbers as spans, in order."""
    ordered = sorted(set(seqs))
    if ordered and ordered[-1] - ordered[0] == len(ordered) - 1:
        return [(ordered[0], ordered[-1])]
    runs: list[Span] = []
    first = last = -1
    for seq in ordered:
        if seq > last + 1:
            runs.append((first, last))
            first = seq
        last = seq
    return [*runs[1:], (first, last)] if last >= 0 else []


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return merged
