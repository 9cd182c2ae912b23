"""How do several numbered records travel in one payload, and what becomes of a bad one among good ones?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

import msgspec

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.wire import Count, JsonObject, Seq, check, dump, kept_raw, load

MAX_BATCH = 50
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """One record of a batch that was refused while its neighbours were kept; `seq` when it could be read."""

    seq: int | None
    code: RefusalCode
    detail: str
    raw: bytes


class Batch(msgspec.Struct, Generic[_R], frozen=True):
    """The readings of one payload that were understood, and the records that were not."""

    inc: int
    readings: tuple[_R, ...]
    refused: tuple[RefusedRecord, ...]


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    """A batch whose records nobody has looked at yet."""

    inc: Count
    r: Annotated[list[object], msgspec.Meta(min_length=1, max_length=MAX_BATCH)]


def encode_batch(inc: int, records: list[JsonObject]) -> bytes:
    """Write 1 to 50 records as `{"inc", "r": [...]}`."""
    value = {"inc": inc, "r": records}
    check(value, Envelope)
    return dump(value)


def scan_batch(payload: bytes, read: Callable[[object], _R]) -> Batch[_R]:
    """Read a batch record by record, keeping the good ones when a neighbour is bad."""
    envelope = check(load(payload), Envelope)
    readings: list[_R] = []
    refused: list[RefusedRecord] = []
    for record in envelope.r:
        try:
            readings.append(read(record))
        except FrameRefused as problem:
            refused.append(RefusedRecord(_seq_of(record), problem.code, problem.detail, kept_raw(record)))
    return Batch(envelope.inc, tuple(readings), tuple(refused))


def refuse_first(refused: tuple[RefusedRecord, ...]) -> None:
    """Refuse the whole batch for its first bad record."""
    if refused:
        raise FrameRefused(refused[0].code, f"seq {refused[0].seq}: {refused[0].detail}")


def _seq_of(record: object) -> int | None:
    try:
        return check(check(record, JsonObject).get("s"), Seq)
    except FrameRefused:
        return None
