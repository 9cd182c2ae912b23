"""Which records of a batch are new, and how complete are their streams afterwards?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from tracking.positions.arrivals import Arrival
from tracking.positions.queries import RecordKey


class Record(msgspec.Struct, frozen=True, gc=False):
    """One numbered event or weighing; `content` is the hash that tells a resend from another record."""

    seq: int
    reading: EventReading | WeighingReading
    content: bytes
    received_at: datetime
    topic: str
    payload: bytes = b""


@dataclass(slots=True)
class Heard:
    """What one stream of a device brought: its records in the order of arrival.

    `unread` are the numbers of those that went to the dead letters: they count as received.
    """

    device: Device
    key: StreamKey
    heard_at: datetime
    records: list[Arrival | Record] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)

    @property
    def inc(self) -> int:
        """Return the incarnation of the device's outbox that gave out the numbers."""
        return self.key[1]

    @property
    def count(self) -> int:
        """Return how many numbers came."""
        return len(self.records) + len(self.unread)


class Streams(dict[StreamKey, Heard]):
    """What a batch of messages brought, by stream; each brought something."""

    def add(
        self,
        device: Device,
        inc: int,
        stream: Stream,
        received_at: datetime,
        records: Sequence[Arrival | Record],
        unread: Sequence[int] = (),
    ) -> None:
        """Add what one message brought."""
        if not records and not unread:
            return
        key = device.id, inc, stream.value
        heard = self.get(key)
        if heard is None:
            heard = self[key] = Heard(device, key, received_at)
        heard.heard_at = max(heard.heard_at, received_at)
        heard.records += records
        heard.unread += unread


Fresh = Mapping[StreamKey, Sequence[Arrival | Record]]


def sift(
    session: Session, streams: Mapping[StreamKey, Heard], docket: Docket
) -> tuple[Fresh, Mapping[StreamKey, Received]]:
    """Return the records that are not stored yet, and how complete each stream is with this batch.

    A number that has been given out twice with different content is a security event: the first stays,
    the second is noted (telemetry.md 1.2). Weighings are all returned: only their signatures can tell
    which of two is the true one. The streams stay locked until the transaction ends.
    """
    had = queries.locked_watermarks(session, streams)
    kept: dict[StreamKey, Sequence[Arrival | Record]] = {}
    again: dict[StreamKey, Sequence[Arrival | Record]] = {}
    complete: dict[StreamKey, Received] = {}
    for key, heard in sorted(streams.items()):
        seqs = [record.seq for record in heard.records]
        every = [*seqs, *heard.unread]
        complete[key] = had[key].accept(every)
        kept[key] = _within(heard, every, complete[key], docket)
        if seqs and key[2] != Stream.WEIGHINGS.value and not _is_steady(seqs, had[key]):
            again[key] = [record for record in kept[key] if had[key].covers(record.seq)]
    known = _stored(session, again)
    kept |= _without_archived(session, again, known, kept)
    fresh = {key: _new(streams[key], few, known.get(key), docket) for key, few in kept.items()}
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


def _within(heard: Heard, seqs: Sequence[int], after: Received, docket: Docket) -> Sequence[Arrival | Record]:
    """Leave out what would open more gaps than an acknowledgement can name; the device sends it again."""
    if max(seqs) <= after.watermark:
        return heard.records
    beyond = [seq for seq in seqs if not after.covers(seq)]
    for _ in beyond:
        docket.count(Reason.TOO_MANY_GAPS.value, heard.device)
    return [record for record in heard.records if after.covers(record.seq)] if beyond else heard.records


def _is_steady(seqs: Sequence[int], before: Received) -> bool:
    """Tell whether a stream simply goes on: nothing of it can be there already."""
    return min(seqs) > before.last and len(set(seqs)) == len(seqs)


def _stored(session: Session, again: Fresh) -> dict[StreamKey, dict[int, bytes]]:
    """Return what is stored under these numbers, by stream: one look for all devices of the batch."""
    moments: dict[RecordKey, datetime] = {}
    events: list[RecordKey] = []
    for (device_id, inc, _), records in again.items():
        for record in records:
            if isinstance(record, Arrival):
                moments[device_id, inc, record.seq] = record.at
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
    again: Fresh,
    known: Mapping[StreamKey, Mapping[int, bytes]],
    kept: Fresh,
) -> dict[StreamKey, Sequence[Arrival | Record]]:
    """Return anew the streams of which something was taken in before, and is in the archive."""
    missing = {
        key: {one.seq: one.at for one in records if isinstance(one, Arrival)}
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


def _new(
    heard: Heard,
    records: Sequence[Arrival | Record],
    known: dict[int, bytes] | None,
    docket: Docket,
) -> Sequence[Arrival | Record]:
    """Leave out what is known already, and note what comes under a known number with other content."""
    if known is None:
        return records
    fresh = []
    for record in records:
        first = known.get(record.seq)
        if first is None:
            known[record.seq] = record.content
            fresh.append(record)
        elif first != (content := record.content):
            docket.conflict(heard.device, *heard.key[1:], record.seq, first, content)
    return fresh
