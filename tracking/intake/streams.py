"""Which records of a batch are new, and how complete are their streams afterwards?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from devices.readings import EventReading, Stream, WeighingReading
from tracking.fleet.tables import Device
from tracking.intake import queries
from tracking.intake.docket import Docket
from tracking.intake.queries import StreamKey
from tracking.intake.rules import Reason, Received
from tracking.intake.tables import Watermark
from tracking.positions import queries as positions
from tracking.positions.bulk import Arrival

Reading = Arrival | EventReading | WeighingReading


class Record(msgspec.Struct, frozen=True, gc=False):
    """One numbered record of a stream; `reading` is None for one that went to the dead letters unread.

    `content` is the hash by which a resend is told from another record under the same number.
    """

    device: Device
    key: StreamKey
    seq: int
    reading: Reading | None
    content: bytes
    received_at: datetime
    topic: str
    payload: bytes = b""

    @property
    def inc(self) -> int:
        """Return the incarnation of the device's outbox that gave out the number."""
        return self.key[1]

    @property
    def stream(self) -> Stream:
        """Return the stream that the record belongs to."""
        return Stream(self.key[2])


def by_stream(records: Iterable[Record]) -> dict[StreamKey, list[Record]]:
    """Return records by their stream, each in the order of arrival."""
    found: dict[StreamKey, list[Record]] = {}
    for record in records:
        found.setdefault(record.key, []).append(record)
    return found


def sift(
    session: Session, streams: Mapping[StreamKey, Sequence[Record]], docket: Docket
) -> tuple[dict[StreamKey, Sequence[Record]], Mapping[StreamKey, Received]]:
    """Return the records that are not stored yet, and how complete each stream is with this batch.

    A number that has been given out twice with different content is a security event: the first stays,
    the second is noted (telemetry.md 1.2). Weighings are all returned: only their signatures can tell
    which of two is the true one. The streams stay locked until the transaction ends.
    """
    had = queries.locked_watermarks(session, streams)
    fresh: dict[StreamKey, Sequence[Record]] = {}
    complete: dict[StreamKey, Received] = {}
    for key, several in sorted(streams.items()):
        before = had[key]
        seqs = [record.seq for record in several]
        after = before.accept(seqs)
        complete[key] = after
        kept = _within(several, seqs, after, docket)
        fresh[key] = _new(session, key, kept, before, docket)
    _move_on(session, {key: after for key, after in complete.items() if after != had[key]})
    return fresh, complete


_MOVE_ON = update(Watermark).where(
    Watermark.device_id == bindparam("of_device"),
    Watermark.inc == bindparam("of_inc"),
    Watermark.stream == bindparam("of_stream"),
)


def _move_on(session: Session, complete: Mapping[StreamKey, Received]) -> None:
    if complete:
        names = ("of_device", "of_inc", "of_stream")
        rows = [
            dict(zip(names, key, strict=True)) | {"watermark": has.watermark, "ranges": has.ranges}
            for key, has in complete.items()
        ]
        session.connection().execute(_MOVE_ON, rows)


def _within(
    records: Sequence[Record], seqs: Sequence[int], after: Received, docket: Docket
) -> Sequence[Record]:
    """Leave out what would open more gaps than an acknowledgement can name; the device sends it again."""
    if max(seqs) <= after.watermark:
        return records
    beyond = [record for record in records if not after.covers(record.seq)]
    for record in beyond:
        docket.count(Reason.TOO_MANY_GAPS.value, record.device)
    return [record for record in records if after.covers(record.seq)] if beyond else records


def _new(
    session: Session, key: StreamKey, records: Sequence[Record], before: Received, docket: Docket
) -> Sequence[Record]:
    readable = [record for record in records if record.reading is not None]
    if key[2] == Stream.WEIGHINGS.value or not readable:
        return readable
    seqs = [record.seq for record in readable]
    if min(seqs) > before.last and len(set(seqs)) == len(seqs):
        return readable
    again = {record.seq: record for record in readable if before.covers(record.seq)}
    known = _stored(session, key, again) if again else {}
    fresh = []
    for record in readable:
        first = known.get(record.seq)
        if first is None:
            known[record.seq] = record.content
            fresh.append(record)
        elif first != record.content:
            docket.conflict(record.device, record.inc, record.stream.value, record.seq, first, record.content)
    return fresh


def _stored(session: Session, key: StreamKey, again: Mapping[int, Record]) -> dict[int, bytes]:
    device_id, inc, stream = key
    if stream == Stream.EVENTS.value:
        return queries.event_hashes(session, device_id, inc, sorted(again))
    moments = {
        seq: record.reading.at for seq, record in sorted(again.items()) if isinstance(record.reading, Arrival)
    }
    return positions.content_hashes(session, device_id, inc, moments)
