"""What becomes of a batch of device messages, all in one transaction?

`handle_batch` needs no broker: messages in, rows written, acknowledgements out. It never commits; whoever
calls it commits, then confirms to the broker, then publishes the acknowledgements (telemetry.md 1.4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from operator import attrgetter
from typing import TypeVar, cast
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy.dialects import postgresql, sqlite

from compliance.record.clock import SHANGHAI, local_date
from compliance.record.work import Work
from devices.codecs.telemetry_json import Ack, TopicKind, topic
from devices.codecs.wire import from_millis, to_millis
from devices.readings import PRINTED, EventReading, Stream, WeighingReading
from tracking.alerts import service as alerts
from tracking.alerts.kinds import Kind
from tracking.alerts.rules import Subjects
from tracking.envelope import Message, open_messages
from tracking.fleet.rules import DeviceKind
from tracking.intake.docket import Docket
from tracking.intake.presence import is_news, note_records
from tracking.intake.queries import StreamKey
from tracking.intake.rules import MAX_RANGES, Reason, Received
from tracking.intake.streams import Fresh, Heard, Record, Streams, sift
from tracking.intake.tables import DeviceEvent
from tracking.judgement.notes import Span, note
from tracking.judgement.rules import CARD
from tracking.positions import queries
from tracking.positions import service as positions
from tracking.positions.arrivals import Arrival, Delivery
from tracking.positions.rules import Exclusion, Fix
from tracking.weighings import service as weighings

__all__ = ["BatchResult", "Message", "handle_batch"]

FRESH = timedelta(days=1)
"""No archive reaches as near as this, so of newer positions nobody has to ask."""


_T = TypeVar("_T")


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
    streams = open_messages(work.session, messages, docket)
    fresh, complete = sift(work.session, streams, docket)
    by_vehicle = _positions(work, _of(streams, fresh, Arrival), docket)
    others = _of(streams, fresh, Record)
    _events(work, others)
    _weighings(work, others, docket)
    _prints(work, others)
    _conflicts(work, docket)
    work.session.flush()
    note(work.session, _spans(by_vehicle, others))
    positions.show(work.session, {key: _newest(few) for key, few in by_vehicle.items()})
    _presence(streams)
    docket.write(work.session)
    records = sum(heard.count for heard in streams.values())
    counts = Counter(messages=len(messages), records=records) + docket.counts
    for (_, _, stream), few in fresh.items():
        counts[stream] += len(few)
    return BatchResult(tuple(_acks(streams, complete)), +counts)


def _of(streams: Streams, fresh: Fresh, kind: type[_T]) -> list[tuple[Heard, Sequence[_T]]]:
    """Return what is new of the streams that hold records of a kind; a stream holds one kind."""
    return [
        (streams[key], cast(Sequence[_T], few))
        for key, few in fresh.items()
        if few and isinstance(few[0], kind)
    ]


def _positions(
    work: Work, fresh: Iterable[tuple[Heard, Sequence[Arrival]]], docket: Docket
) -> dict[UUID, list[Arrival]]:
    """Store the positions and return the believed ones by vehicle."""
    by_vehicle: dict[UUID, list[Arrival]] = {}
    deliveries: list[Delivery] = []
    for heard, arrivals in fresh:
        device = heard.device
        own = _of_archived_weeks(work, arrivals)
        believed = [one for one in own if one.excluded is None]
        if len(believed) < len(own):
            for one in own:
                if one.excluded is not None:
                    docket.count(one.excluded, device)
        if device.vehicle_id is not None and believed:
            by_vehicle.setdefault(device.vehicle_id, []).extend(believed)
        deliveries.append(Delivery(device.id, heard.inc, device.vehicle_id, own))
    positions.store(work.session, deliveries)
    return by_vehicle


def _of_archived_weeks(work: Work, arrivals: Sequence[Arrival]) -> Sequence[Arrival]:
    """Set apart what is of an archived week: nothing is judged by the few positions of it that come late."""
    if min([one.at_ms for one in arrivals]) > to_millis(work.now - FRESH):
        return arrivals
    kept_from = queries.kept_from(work.session)
    if kept_from is None:
        return arrivals
    return [
        one if one.excluded or one.at >= kept_from else replace(one, excluded=Exclusion.ARCHIVED.value)
        for one in arrivals
    ]


def _newest(arrivals: Sequence[Arrival]) -> Fix:
    last = max([one.at_ms for one in arrivals])
    return max([one for one in arrivals if one.at_ms == last], key=attrgetter("seq")).fix


def _spans(
    by_vehicle: Mapping[UUID, Sequence[Arrival]], others: Iterable[tuple[Heard, Sequence[Record]]]
) -> dict[UUID, Span]:
    """Return from when to when each vehicle's way is touched by positions and drivers' cards."""
    moments: dict[UUID, list[datetime]] = {}
    for key, few in by_vehicle.items():
        times = [one.at_ms for one in few]
        moments[key] = [from_millis(min(times)), from_millis(max(times))]
    for heard, records in others:
        vehicle_id = heard.device.vehicle_id
        cards = [
            record.reading.device_time
            for record in records
            if isinstance(record.reading, EventReading) and record.reading.kind == CARD
        ]
        if vehicle_id is not None and cards:
            moments.setdefault(vehicle_id, []).extend(cards)
    return {key: (min(several), max(several)) for key, several in moments.items()}


def _events(work: Work, fresh: Iterable[tuple[Heard, Sequence[Record]]]) -> None:
    rows = [
        {
            "device_id": heard.device.id,
            "inc": heard.inc,
            "seq": record.seq,
            "kind": record.reading.kind,
            "args": record.reading.args,
            "device_time": record.reading.device_time,
            "received_at": record.received_at,
            "content_hash": record.content,
        }
        for heard, records in fresh
        for record in records
        if isinstance(record.reading, EventReading)
    ]
    if rows:
        dialect = postgresql if work.session.get_bind().dialect.name == "postgresql" else sqlite
        work.session.execute(dialect.insert(DeviceEvent).on_conflict_do_nothing(), rows)


def _weighings(work: Work, fresh: Iterable[tuple[Heard, Sequence[Record]]], docket: Docket) -> None:
    """Take in the tickets in the order in which their scales wrote them."""
    tickets = [
        (heard, record, record.reading)
        for heard, records in fresh
        for record in records
        if isinstance(record.reading, WeighingReading)
    ]
    for heard, record, told in sorted(tickets, key=lambda one: (one[2].device_time, one[2].ticket_number)):
        outcome = weighings.receive(work, heard.device, heard.inc, told, record.received_at)
        if isinstance(outcome, Reason):
            docket.refuse(
                outcome.value,
                record.topic,
                record.payload,
                device=heard.device,
                detail=f"ticket {told.ticket_number}, seq {record.seq}",
            )


def _prints(work: Work, fresh: Iterable[tuple[Heard, Sequence[Record]]]) -> None:
    """Note the prints of tickets that scales tell of."""
    for heard, records in fresh:
        for record in records if heard.device.kind == DeviceKind.SCALE else ():
            told = record.reading
            if isinstance(told, EventReading) and told.kind == PRINTED:
                weighings.hear_print(work, heard.device, told)


def _conflicts(work: Work, docket: Docket) -> None:
    """Tell those who oversee of a device that gave a number out twice (telemetry.md 1.2); once a day each."""
    for row in docket.conflicts:
        told = {name: row[name] for name in ("seq", "second_hash")}
        today = datetime.combine(local_date(work.now), time(), SHANGHAI)
        about = Subjects(device_id=str(row["device_id"]))
        alerts.raise_alert(work, Kind.CONTENT_CONFLICT, about, today, evidence=told)


def _presence(streams: Mapping[StreamKey, Heard]) -> None:
    by_device: dict[str, list[Heard]] = {}
    for (device_id, _, _), heard in streams.items():
        by_device.setdefault(device_id, []).append(heard)
    for several in by_device.values():
        device, heard_at = several[0].device, max([heard.heard_at for heard in several])
        if is_news(device, heard_at):
            live = [
                (one.received_at, from_millis(one.told.device_ms))
                for heard in several
                for one in heard.records
                if isinstance(one, Arrival) and not one.told.replayed
            ]
            note_records(device, live, heard_at)


def _acks(
    streams: Mapping[StreamKey, Heard], complete: Mapping[StreamKey, Received]
) -> Iterable[tuple[str, Ack]]:
    """Word one acknowledgement for each device and incarnation of the batch."""
    tenants = {device_id: heard.device.tenant for (device_id, _, _), heard in streams.items()}
    told: dict[tuple[str, int], dict[Stream, tuple[int, tuple[tuple[int, int], ...]]]] = {}
    for (device_id, inc, stream), has in complete.items():
        told.setdefault((device_id, inc), {})[Stream(stream)] = has.watermark, has.ranges[:MAX_RANGES]
    for (device_id, inc), parts in told.items():
        yield topic(tenants[device_id], device_id, TopicKind.ACK), Ack(inc, parts)
