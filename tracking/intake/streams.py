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
from tracking.intake.tables import DeviceEvent, Watermark
from tracking.positions import queries as positions
from tracking.positions.bulk import Arrival
from tracking.positions.queries import RecordKey

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
    kept: dict[StreamKey, Sequence[Record]] = {}
    complete: dict[StreamKey, Received] = {}
    for key, several in sorted(streams.items()):
        seqs = [record.seq for record in several]
        complete[key] = had[key].accept(seqs)
        kept[key] = _readable(_within(several, seqs, complete[key], docket))
    again = _again(kept, had)
    known = _stored(session, again)
    kept |= _without_archived(session, again, known, kept)
    fresh = {key: _new(records, known.get(key), docket) for key, records in kept.items()}
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


def _readable(records: Sequence[Record]) -> Sequence[Record]:
    return [record for record in records if record.reading is not None]


def _is_steady(records: Sequence[Record], before: Received) -> bool:
    """Tell whether a stream simply goes on: nothing of it can be there already."""
    seqs = [record.seq for record in records]
    return min(seqs) > before.last and len(set(seqs)) == len(seqs)


def _again(
    kept: Mapping[StreamKey, Sequence[Record]], had: Mapping[StreamKey, Received]
) -> dict[StreamKey, list[Record]]:
    """Return, by stream, the records under numbers that have been received before."""
    return {
        key: [record for record in records if had[key].covers(record.seq)]
        for key, records in kept.items()
        if records and key[2] != Stream.WEIGHINGS.value and not _is_steady(records, had[key])
    }


def _stored(
    session: Session, again: Mapping[StreamKey, Sequence[Record]]
) -> dict[StreamKey, dict[int, bytes]]:
    """Return what is stored under these numbers, by stream: one look for all devices of the batch."""
    moments: dict[RecordKey, datetime] = {}
    events: list[RecordKey] = []
    for (device_id, inc, _), records in again.items():
        for record in records:
            if isinstance(record.reading, Arrival):
                moments[device_id, inc, record.seq] = record.reading.at
            else:
                events.append((device_id, inc, record.seq))
    known: dict[StreamKey, dict[int, bytes]] = {key: {} for key in again}
    for stream, hashes in (
        (Stream.POSITIONS, positions.content_hashes(session, moments)),
        (Stream.EVENTS, positions.stored_hashes(session, DeviceEvent, events)),
    ):
        for (device_id, inc, seq), content in hashes.items():
            known[device_id, inc, stream.value][seq] = content
    return known


def _without_archived(
    session: Session,
    again: Mapping[StreamKey, Sequence[Record]],
    known: Mapping[StreamKey, Mapping[int, bytes]],
    kept: Mapping[StreamKey, Sequence[Record]],
) -> dict[StreamKey, Sequence[Record]]:
    """Return anew the streams of which something was taken in before, and is in the archive."""
    missing = {
        key: {one.seq: one.reading.at for one in records if isinstance(one.reading, Arrival)}
        for key, records in again.items()
        if len(known[key]) < len(records)
    }
    kept_from = positions.kept_from(session) if missing else None
    if kept_from is None:
        return {}
    return {
        key: [
            one for one in kept[key] if one.seq in known[key] or moments.get(one.seq, kept_from) >= kept_from
        ]
        for key, moments in missing.items()
    }


def _new(records: Sequence[Record], known: dict[int, bytes] | None, docket: Docket) -> Sequence[Record]:
    """Leave out what is known already, and note what comes under a known number with other content."""
    if known is None:
        return records
    fresh = []
    for record in records:
        first = known.get(record.seq)
        if first is None:
            known[record.seq] = record.content
            fresh.append(record)
        elif first != record.content:
            docket.conflict(record.device, record.inc, record.stream.value, record.seq, first, record.content)
    return fresh
