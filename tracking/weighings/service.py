"""How does a signed ticket become part of a trip's proof?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from compliance.manifests import service as manifests
from compliance.record.work import Work
from devices.codecs.telemetry_json import verify_weighing
from devices.readings import Stability, WeighingReading
from tracking.fleet import queries as fleet
from tracking.fleet.tables import Device
from tracking.intake.rules import Reason
from tracking.trips.rules import State
from tracking.trips.tables import Trip
from tracking.weighings import queries
from tracking.weighings.rules import Binding, Candidate, Place, Ticket, Unbound, bind, chained
from tracking.weighings.tables import Weighing


def receive(
    work: Work, scale: Device, inc: int, told: WeighingReading, received_at: datetime
) -> Weighing | Reason | None:
    """Check, store and bind one ticket; return it, why it was refused, or None if it is here already.

    The signature must be the scale's own and the chain whole with the tickets on either side that are
    here. Appends `Weighed` for a ticket that belongs to a trip.
    """
    believed = fleet.signing_keys(work.session, scale.id, told.device_time, received_at)
    if not any(verify_weighing(scale.id, inc, told, key) for key in believed):
        return Reason.BAD_SIGNATURE
    near = queries.neighbours(work.session, scale.id, inc, told.seq, told.ticket_number)
    if near.same_seq is not None:
        return None if near.same_seq.ticket_hash == told.ticket_hash else Reason.SEQUENCE_CONFLICT
    if near.same_number is not None:
        return Reason.TICKET_CONFLICT
    before = near.before.ticket_hash if near.before else None
    after = near.after.previous_hash if near.after else None
    if not chained(told.previous_hash, told.ticket_hash, told.ticket_number, before, after):
        return Reason.BROKEN_CHAIN
    row = _row(work, scale, inc, told, received_at)
    _bind(work, row)
    work.session.add(row)
    work.session.flush()
    return row


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
        extra=told.extra or None,
    )


def _bind(work: Work, row: Weighing) -> None:
    session = work.session
    rows = queries.trips_weighed(session, row.plate, row.at) if row.plate else ()
    held = {trip.id: queries.of_trip(session, trip.id) for trip in rows}
    found = bind(_ticket(row), row.received_at, [_candidate(trip, held[trip.id]) for trip in rows])
    if isinstance(found, Unbound):
        row.unbound = found.value
        return
    trip = next(one for one in rows if one.id == found.trip_id)
    row.trip_id, row.manifest_id, row.place = trip.id, trip.manifest_id, found.place.value
    together = [*held[trip.id], row]
    parts = dict(found.parts)
    for one in together:
        if one.id in parts:
            one.role = parts[one.id].value
    _note_net(work, trip, found)
    _announce(work, trip, row, found, together)


def _note_net(work: Work, trip: Trip, found: Binding) -> None:
    """Note a net on the trip; the source's goes on the manifest too, as soon as it is issued (M4)."""
    if found.net_kg is None:
        return
    if found.place is Place.DESTINATION:
        trip.receiver_kg = found.net_kg
        return
    trip.sender_kg = found.net_kg
    manifests.note_loaded(work, trip.deal_id, found.net_kg)


def _announce(work: Work, trip: Trip, row: Weighing, found: Binding, together: list[Weighing]) -> None:
    ordered = sorted(together, key=lambda one: (one.at, one.ticket_number))
    work.append(
        "Weighed",
        trip.id,
        weighing=str(row.id),
        manifest=str(trip.manifest_id),
        deal=str(trip.deal_id),
        place=found.place.value,
        role=row.role,
        kg=row.kg,
        net_kg=found.net_kg,
        sender_kg=trip.sender_kg,
        receiver_kg=trip.receiver_kg,
        weighings=[str(one.id) for one in ordered],
        scale=row.device_id,
        ticket=row.ticket_number,
        ticket_hash=row.ticket_hash,
        at=row.at.isoformat(),
    )


def _ticket(row: Weighing) -> Ticket:
    return Ticket(
        row.id,
        row.site_id,
        row.at,
        row.ticket_number,
        row.kg,
        row.division_kg,
        Stability(row.stability),
        row.shadow,
    )


def _candidate(trip: Trip, held: Sequence[Weighing]) -> Candidate:
    def at(place: Place) -> tuple[Ticket, ...]:
        return tuple(_ticket(row) for row in held if row.place == place.value)

    return Candidate(
        trip.id,
        State(trip.state),
        trip.origin_site_id,
        trip.destination_site_id,
        trip.planned_at,
        trip.loaded_at,
        trip.done_at,
        at(Place.SOURCE),
        at(Place.DESTINATION),
    )
