"""How does a signed ticket become part of a trip's proof?"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from compliance.manifests import service as manifests
from compliance.receipts import queries as receipts
from compliance.record.work import Work
from devices.codecs.telemetry_json import verify_weighing
from devices.readings import EventReading, Stability, WeighingReading
from tracking.fleet import queries as fleet
from tracking.fleet.tables import Device
from tracking.intake.rules import Reason
from tracking.trips.tables import Trip
from tracking.weighings import judgement, photos, prints, queries, voids
from tracking.weighings.rules import (
    AROUND,
    Binding,
    Candidate,
    Pairing,
    Place,
    Ticket,
    Unbound,
    chained,
    pair,
)
from tracking.weighings.tables import Weighing, WeighingShare
from tracking.weighings.tares import How


def receive(
    work: Work, scale: Device, inc: int, told: WeighingReading, received_at: datetime
) -> Weighing | Reason | None:
    """Check, store and pair one ticket; return it, why it was refused, or None if it is here already.

    The signature must be the scale's own and the chain whole with the tickets on either side that are
    here. Appends `Weighed` for a ticket that belongs to a trip and `WeighingVoided` for one that is void from
    now on, and raises alerts for the signs it shows.
    """
    refused = _refusal(work.session, scale, inc, told, received_at)
    if refused is not None:
        judgement.look_at_refusal(work, scale, told, refused)
        return refused
    if queries.stored(work.session, scale.id, inc, told.seq):
        return None
    row = _row(work, scale, inc, told, received_at)
    vehicle = fleet.by_plate(work.session, row.plate) if row.plate else None
    row.vehicle_id = vehicle.id if vehicle is not None else None
    row.unbound = Unbound.NO_TRIP.value
    work.session.add(row)
    work.session.flush()
    photos.name(work.session, row)
    voided = voids.apply(work.session, row)
    if voided is not None:
        _announce_void(work, voided, row if voided is not row else None)
    if vehicle is None:
        alone = pair([_ticket(row)], ()).tickets[row.id]
        row.unbound = alone.value if isinstance(alone, Unbound) else None
    else:
        moved = _pair(work, vehicle.id, row.at)
        work.session.flush()
        for one in moved:
            if one is not row:
                judgement.look_at(work, one)
    if voided is not None and voided is not row:
        _judge_void(work, voided)
    work.session.flush()
    judgement.judge(work, row)
    return row


def hear_print(work: Work, scale: Device, told: EventReading) -> None:
    """Note a print at the gate; one that was not the first is a sign on its ticket."""
    row = prints.hear(work, scale.id, told)
    if row is not None:
        judgement.look_at(work, row)


def _announce_void(work: Work, row: Weighing, by: Weighing | None) -> None:
    """Put a void on the record, under the trip whose load the ticket had weighed until now."""
    by = by or work.session.get_one(Weighing, row.voided_by)
    said = voids.of(by)
    work.append(
        "WeighingVoided",
        row.trip_id or row.id,
        weighing=str(row.id),
        manifest=str(row.manifest_id or ""),
        scale=row.device_id,
        ticket=row.ticket_number,
        ticket_hash=row.ticket_hash,
        void=by.ticket_number,
        void_hash=by.ticket_hash,
        reason=said.reason if said is not None else "",
        by=said.by if said is not None else "",
        at=by.at.isoformat(),
    )


def _judge_void(work: Work, row: Weighing) -> None:
    """Judge the loads of a ticket anew that has become void; what somebody has signed for stays as signed."""
    moved: list[Weighing] = []
    if row.vehicle_id is not None:
        moved = _pair(work, row.vehicle_id, row.at)
    else:
        row.unbound = Unbound.VOIDED.value
    work.session.flush()
    for one in {row.id: row, **{each.id: each for each in moved}}.values():
        judgement.look_at(work, one)


def _refusal(
    session: Session, scale: Device, inc: int, told: WeighingReading, received_at: datetime
) -> Reason | None:
    """Return why a ticket is not believed: its signature, its numbers, or its neighbours in the chain."""
    believed = fleet.signing_keys(session, scale.id, told.device_time, received_at)
    if not any(verify_weighing(scale.id, inc, told, key) for key in believed):
        return Reason.BAD_SIGNATURE
    near = queries.neighbours(session, scale.id, inc, told.seq, told.ticket_number)
    if near.same_seq is not None:
        return None if near.same_seq.ticket_hash == told.ticket_hash else Reason.SEQUENCE_CONFLICT
    if near.same_number is not None:
        return Reason.TICKET_CONFLICT
    before = near.before.ticket_hash if near.before else None
    after = near.after.previous_hash if near.after else None
    if not chained(told.previous_hash, told.ticket_hash, told.ticket_number, before, after):
        return Reason.BROKEN_CHAIN
    return None


def _row(work: Work, scale: Device, inc: int, told: WeighingReading, received_at: datetime) -> Weighing:
    return Weighing(
        id=work.new_id(),
        device_id=scale.id,
        inc=inc,
        seq=told.seq,
        site_id=scale.site_id,
        ticket_number=told.ticket_number,
        plate=told.plate,
        kg=told.weight_kg,
        division_kg=told.division_kg,
        stability=told.stability.value,
        shadow=told.shadow,
        at=told.device_time,
        received_at=received_at,
        previous_hash=told.previous_hash,
        ticket_hash=told.ticket_hash,
        signature=told.signature,
        frames=list(told.frames_hex),
        voids_hash=voids.hash_named(told),
        extra=told.extra or None,
    )


def revisit(work: Work, trip: Trip) -> None:
    """Judge a trip's tickets anew after somebody has signed: those that were here too early find it now."""
    moved = _pair(work, trip.vehicle_id, trip.planned_at)
    work.session.flush()
    for row in moved:
        judgement.look_at(work, row)


def _pair(work: Work, vehicle_id: UUID, at: datetime) -> list[Weighing]:
    """Judge the tickets of a vehicle around a moment anew, all together; return those with another place."""
    session, since = work.session, at - AROUND
    trips = {trip.id: trip for trip in queries.trips_around(session, vehicle_id, since)}
    every = queries.tickets_around(session, vehicle_id, since, trips)
    shares = queries.shares(session, [row.id for row in every])
    kept = {row.id for row in every if not _weighs(row, shares) <= trips.keys()}
    rows = [row for row in every if row.id not in kept]
    weighed = _by_trip(every, shares)
    candidates = {one.id: _candidate(session, one, weighed.get(one.id, [])) for one in trips.values()}
    found = pair([_ticket(row) for row in rows], list(candidates.values()))
    news = {row.id for row in rows if _changes(session, row, found.tickets[row.id], trips, shares)}
    weighed = _by_trip(every, shares | {row.id: _also(found.tickets[row.id]) for row in rows})
    for trip in trips.values():
        together = weighed.get(trip.id, [])
        told = {row.place: row for row in together if row.id in news}
        fixed = {*candidates[trip.id].sealed, *(Place(str(row.place)) for row in together if row.id in kept)}
        moved = _note_nets(work, trip, found, fixed)
        if moved and not told and together:
            told = {together[-1].place: together[-1]}
        for row in told.values():
            _announce(work, trip, row, found.nets.get((trip.id, Place(str(row.place)))), together)
        if moved:
            session.flush()
            judgement.look_at_trip(work, trip)
    return [row for row in rows if row.id in news]


def _weighs(row: Weighing, shares: Mapping[UUID, frozenset[UUID]]) -> set[UUID]:
    """Return every trip whose load a ticket weighs; what another vehicle now carries is not dealt anew."""
    return {key for key in (row.trip_id, *shares.get(row.id, ())) if key is not None}


def _by_trip(rows: Iterable[Weighing], shares: Mapping[UUID, frozenset[UUID]]) -> dict[UUID, list[Weighing]]:
    """Return by trip the tickets that weigh its load, by time."""
    found: dict[UUID, list[Weighing]] = {}
    for row in sorted(rows, key=_order):
        for trip_id in _weighs(row, shares):
            found.setdefault(trip_id, []).append(row)
    return found


def _also(found: Binding | Unbound) -> frozenset[UUID]:
    return frozenset() if isinstance(found, Unbound) else frozenset(found.also)


def _changes(
    session: Session,
    row: Weighing,
    found: Binding | Unbound,
    trips: Mapping[UUID, Trip],
    shares: Mapping[UUID, frozenset[UUID]],
) -> bool:
    """Write on a ticket where it belongs, and tell whether that is news."""
    before = (row.trip_id, row.place, row.role, shares.get(row.id, frozenset()))
    also = _also(found)
    for trip_id in before[-1] - also:
        session.execute(delete(WeighingShare).filter_by(weighing_id=row.id, trip_id=trip_id))
    for trip_id in also - before[-1]:
        session.add(WeighingShare(weighing_id=row.id, trip_id=trip_id))
        trips[trip_id].tickets_shared = True
    if isinstance(found, Unbound):
        row.trip_id = row.manifest_id = row.place = row.role = None
        row.unbound = found.value
    else:
        row.trip_id, row.manifest_id = found.trip_id, trips[found.trip_id].manifest_id
        row.place, row.role, row.unbound = found.place.value, found.part.value, None
    return before != (row.trip_id, row.place, row.role, also)


def _order(row: Weighing) -> tuple[datetime, str, int]:
    return row.at, row.device_id, row.ticket_number


def _note_nets(work: Work, trip: Trip, found: Pairing, fixed: Container[Place]) -> bool:
    """Note the nets on the trip and tell whether they are news; a net of a `fixed` end stays as it is.

    The source's goes on the manifest too, as soon as it is issued (M4).
    """
    source, destination = (trip.id, Place.SOURCE), (trip.id, Place.DESTINATION)
    sender_kg, receiver_kg = before = trip.sender_kg, trip.receiver_kg
    if before[0] is None or Place.SOURCE not in fixed:
        sender_kg, trip.sender_shared = found.nets.get(source), source in found.shared
    if before[1] is None or Place.DESTINATION not in fixed:
        receiver_kg, trip.receiver_shared = found.nets.get(destination), destination in found.shared
    if before == (sender_kg, receiver_kg):
        return False
    trip.sender_kg, trip.receiver_kg = sender_kg, receiver_kg
    if sender_kg != before[0]:
        manifests.note_loaded(work, trip.manifest_id, sender_kg)
    return True


def _announce(work: Work, trip: Trip, row: Weighing, net_kg: int | None, together: list[Weighing]) -> None:
    work.append(
        "Weighed",
        trip.id,
        weighing=str(row.id),
        manifest=str(trip.manifest_id),
        deal=str(trip.deal_id),
        place=row.place,
        role=row.role,
        kg=row.kg,
        net_kg=net_kg,
        sender_kg=trip.sender_kg,
        receiver_kg=trip.receiver_kg,
        weighings=[str(one.id) for one in together],
        scale=row.device_id,
        ticket=row.ticket_number,
        ticket_hash=row.ticket_hash,
        at=row.at.isoformat(),
    )


def _ticket(row: Weighing) -> Ticket:
    return Ticket(
        row.id,
        row.device_id,
        row.site_id,
        row.at,
        row.received_at,
        row.ticket_number,
        row.kg,
        row.division_kg,
        Stability(row.stability),
        row.shadow,
        preset=queries.how_weighed(row) is not How.WEIGHED,
        voids=row.voids_hash is not None,
        voided=row.voided_by is not None,
    )


def _candidate(session: Session, trip: Trip, rows: Sequence[Weighing]) -> Candidate:
    return Candidate(
        trip.id,
        trip.origin_site_id,
        trip.destination_site_id,
        trip.planned_at,
        trip.at_origin_at,
        trip.loaded_at,
        trip.done_at,
        _sealed(session, trip, rows),
        trip.run_id,
        trip.planned_kg,
    )


def _sealed(session: Session, trip: Trip, rows: Sequence[Weighing]) -> dict[Place, tuple[UUID, UUID]]:
    """Return the pairs that somebody has signed for: the load, and the receipt."""
    signed = [Place.SOURCE] if trip.loaded_at is not None else []
    if trip.done_at is not None:
        receipt = receipts.of_manifest(session, trip.manifest_id)
        signed += [Place.DESTINATION] if receipt is not None and receipt.signed_at is not None else []
    found: dict[Place, tuple[UUID, UUID]] = {}
    for place in signed:
        two = [row for row in rows if row.place == place.value]
        if len(two) > 1:
            found[place] = (two[0].id, two[-1].id)
    return found
