"""What becomes of a batch of device messages, all in one transaction?

`handle_batch` needs no broker: messages in, rows written, acknowledgements out. It never commits; whoever
calls it commits, then confirms to the broker, then publishes the acknowledgements (telemetry.md 1.4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite

from compliance.record.work import Work
from devices.codecs.telemetry_json import Ack, TopicKind, topic
from devices.readings import EventReading, PositionReading, Stream, WeighingReading
from tracking.envelope import Message, open_messages
from tracking.intake.docket import Docket
from tracking.intake.presence import note_records
from tracking.intake.queries import StreamKey
from tracking.intake.rules import MAX_RANGES, Reason, Received
from tracking.intake.streams import Record, sift
from tracking.intake.tables import DeviceEvent
from tracking.judgement.notes import Span, note
from tracking.judgement.rules import CARD
from tracking.positions import service as positions
from tracking.positions.bulk import Arrival
from tracking.positions.rules import Fix, moment_of
from tracking.weighings import service as weighings

__all__ = ["BatchResult", "Message", "handle_batch"]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What to publish after the commit (topic and acknowledgement), and what was counted on the way."""

    acks: tuple[tuple[str, Ack], ...]
    counts: Mapping[str, int]


def handle_batch(work: Work, messages: Sequence[Message]) -> BatchResult:
    """Take in a batch of messages: positions, events, weighings and states, in the order of their arrival.

    Duplicates and late data change nothing that is right already. What is refused goes to the dead
    letters in the same transaction and counts as received.
    """
    docket = Docket(work.now)
    records = list(open_messages(work.session, messages, docket))
    fresh, complete = sift(work.session, records, docket)
    by_vehicle = _positions(work, fresh, docket)
    _events(work, fresh)
    _weighings(work, fresh, docket)
    work.session.flush()
    note(work.session, _spans(by_vehicle, fresh))
    positions.show(work.session, {key: _newest(few) for key, few in by_vehicle.items()})
    _presence(records)
    docket.write(work.session)
    stored = Counter([record.key[2] for record in fresh])
    counts = Counter(messages=len(messages), records=len(records)) + stored + docket.counts
    return BatchResult(tuple(_acks(records, complete)), counts)


def _positions(work: Work, fresh: Sequence[Record], docket: Docket) -> dict[UUID, list[Arrival]]:
    """Store the positions and return the believed ones by vehicle."""
    by_vehicle: dict[UUID, list[Arrival]] = {}
    arrivals: list[Arrival] = []
    for (device_id, inc, stream), several in groupby(fresh, attrgetter("key")):
        if stream != Stream.POSITIONS.value:
            continue
        records = list(several)
        device = records[0].device
        own = [_arrival(record, device_id, inc, device.vehicle_id) for record in records]
        believed = [arrival for arrival in own if arrival.excluded is None]
        if len(believed) < len(own):
            for arrival in own:
                if arrival.excluded is not None:
                    docket.count(arrival.excluded, device)
        if device.vehicle_id is not None and believed:
            by_vehicle.setdefault(device.vehicle_id, []).extend(believed)
        arrivals += own
    positions.store(work.session, arrivals)
    return by_vehicle


def _newest(arrivals: Sequence[Arrival]) -> Fix:
    return max(arrivals, key=lambda arrival: (moment_of(arrival.reading), arrival.reading.seq)).fix


def _spans(by_vehicle: Mapping[UUID, Sequence[Arrival]], fresh: Iterable[Record]) -> dict[UUID, Span]:
    """Return from when to when each vehicle's way is touched by positions and drivers' cards."""
    moments = {key: [moment_of(one.reading) for one in few] for key, few in by_vehicle.items()}
    for record in fresh:
        told, vehicle_id = record.reading, record.device.vehicle_id
        if isinstance(told, EventReading) and told.kind == CARD and vehicle_id is not None:
            moments.setdefault(vehicle_id, []).append(told.device_time)
    return {key: (min(several), max(several)) for key, several in moments.items()}


def _arrival(record: Record, device_id: str, inc: int, vehicle_id: UUID | None) -> Arrival:
    told, moment = record.reading, record.received_at
    assert isinstance(told, PositionReading)
    excluded = positions.why_excluded(told, moment)
    return Arrival(device_id, inc, vehicle_id, told, moment, record.content, excluded)


def _events(work: Work, fresh: Iterable[Record]) -> None:
    rows = [
        {
            "device_id": record.device.id,
            "inc": record.inc,
            "seq": record.seq,
            "kind": record.reading.kind,
            "args": record.reading.args,
            "device_time": record.reading.device_time,
            "received_at": record.received_at,
            "content_hash": record.content,
        }
        for record in fresh
        if isinstance(record.reading, EventReading)
    ]
    if rows:
        dialect = postgresql if work.session.get_bind().dialect.name == "postgresql" else sqlite
        work.session.execute(dialect.insert(DeviceEvent).on_conflict_do_nothing(), rows)


def _weighings(work: Work, fresh: Iterable[Record], docket: Docket) -> None:
    """Take in the tickets in the order in which their scales wrote them."""
    tickets = [(record, record.reading) for record in fresh if isinstance(record.reading, WeighingReading)]
    for record, told in sorted(tickets, key=lambda pair: (pair[1].device_time, pair[1].ticket_number)):
        outcome = weighings.receive(work, record.device, record.inc, told, record.received_at)
        if isinstance(outcome, Reason):
            docket.refuse(
                outcome.value,
                record.topic,
                record.payload,
                device=record.device,
                detail=f"ticket {told.ticket_number}, seq {record.seq}",
            )


def _presence(records: Iterable[Record]) -> None:
    by_device: dict[str, list[Record]] = {}
    for record in records:
        by_device.setdefault(record.key[0], []).append(record)
    for several in by_device.values():
        times: list[tuple[datetime, datetime]] = [
            (record.received_at, record.reading.device_time)
            for record in several
            if isinstance(record.reading, PositionReading) and not record.reading.replayed
        ]
        note_records(several[0].device, times, max([record.received_at for record in several]))


def _acks(records: Iterable[Record], complete: Mapping[StreamKey, Received]) -> Iterable[tuple[str, Ack]]:
    """Word one acknowledgement for each device and incarnation of the batch."""
    tenants = {
        device.id: device.tenant for device in {record.key[0]: record.device for record in records}.values()
    }
    streams: dict[tuple[str, int], dict[Stream, tuple[int, tuple[tuple[int, int], ...]]]] = {}
    for (device_id, inc, stream), has in complete.items():
        said = (has.watermark, has.ranges[:MAX_RANGES])
        streams.setdefault((device_id, inc), {})[Stream(stream)] = said
    for (device_id, inc), parts in streams.items():
        yield topic(tenants[device_id], device_id, TopicKind.ACK), Ack(inc, parts)
