"""Which tickets are there, and who may see them?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, or_, select, union_all
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from compliance.registry.tables import Site
from tracking.fleet.tables import Device
from tracking.trips import queries as trips
from tracking.trips.rules import State
from tracking.trips.tables import Trip
from tracking.weighings.rules import AFTER_DELIVERY, Part
from tracking.weighings.tables import Scale, ScaleCertificate, Weighing, WeighingShare, WeightAllowance
from tracking.weighings.tares import How, Tare


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What is stored around a ticket of one scale and incarnation."""

    same_seq: Weighing | None
    same_number: Weighing | None
    before: Weighing | None
    after: Weighing | None


def by_hash(session: Session, device_id: str, ticket_hash: str) -> Weighing | None:
    """Return a ticket of a scale by its hash, None where it is not here."""
    return session.scalar(
        select(Weighing).where(Weighing.ticket_hash == ticket_hash, Weighing.device_id == device_id)
    )


def visible_to(who: Who) -> Select[Weighing]:
    """Return the statement for the tickets of trips that concern a person, and of the own sites' scales."""
    statement = select(Weighing)
    if who.oversees:
        return statement
    own = trips.visible_to(who).with_only_columns(Trip.id)
    shared = select(WeighingShare.weighing_id).where(WeighingShare.trip_id.in_(own))
    concerned = or_(Weighing.trip_id.in_(own), Weighing.id.in_(shared))
    if who.has(Role.DRIVER) and not who.has(Role.DISPATCHER):
        return statement.where(concerned)
    own_scale = exists().where(Site.id == Weighing.site_id, Site.organisation_id == who.organisation_id)
    return statement.where(or_(concerned, own_scale))


def told_as(session: Session, who: Who, row: Weighing) -> Trip | None:
    """Return the trip as whose a person is told a ticket: of several that share it, one they may see."""
    if row.trip_id is None:
        return None
    sharing = select(WeighingShare.trip_id).where(WeighingShare.weighing_id == row.id)
    own = trips.visible_to(who).where(or_(Trip.id == row.trip_id, Trip.id.in_(sharing)))
    return session.scalars(own.order_by((Trip.id != row.trip_id), Trip.id).limit(1)).first()


def weighings(session: Session, who: Who, limit: int = 200) -> Sequence[Weighing]:
    """Return the newest tickets that a person may see."""
    return session.scalars(visible_to(who).order_by(Weighing.at.desc(), Weighing.id).limit(limit)).all()


def unbound(session: Session, who: Who, limit: int = 200) -> Sequence[Weighing]:
    """Return the newest tickets without a trip that a person may see."""
    statement = visible_to(who).where(Weighing.trip_id.is_(None))
    return session.scalars(statement.order_by(Weighing.at.desc(), Weighing.id).limit(limit)).all()


def of_trip(session: Session, trip_id: UUID) -> Sequence[Weighing]:
    """Return a trip's tickets in order; the caller has made sure that the trip may be seen."""
    return session.scalars(_OF_TRIP, {"trip_id": trip_id}).all()


_OWN = union_all(
    select(Weighing.id).where(Weighing.trip_id == bindparam("trip_id")),
    select(WeighingShare.weighing_id).where(WeighingShare.trip_id == bindparam("trip_id")),
)
"""The tickets that are bound to a trip, and those of other trips that weigh its load too."""
_OF_TRIP = select(Weighing).where(Weighing.id.in_(_OWN)).order_by(Weighing.at, Weighing.ticket_number)
_SCALES = (
    select(Weighing, Device.simulated)
    .outerjoin(Device, Device.id == Weighing.device_id)
    .order_by(Weighing.at, Weighing.ticket_number)
)
_WITH_SCALES = _SCALES.where(Weighing.trip_id == bindparam("trip_id"))
_SHARED_WITH_SCALES = _SCALES.where(Weighing.id.in_(_OWN))


def with_scales(session: Session, trip: Trip) -> list[tuple[Weighing, bool]]:
    """Return a trip's tickets in order, each with whether its scale is simulated."""
    asked = _SHARED_WITH_SCALES if trip.tickets_shared else _WITH_SCALES
    return [(row, bool(told)) for row, told in session.execute(asked, {"trip_id": trip.id})]


def neighbours(session: Session, device_id: str, inc: int, seq: int, number: int) -> Neighbours:
    """Return what is stored under a ticket's sequence number and around its ticket number."""
    rows = session.scalars(
        select(Weighing).where(
            Weighing.device_id == device_id,
            Weighing.inc == inc,
            or_(Weighing.seq == seq, Weighing.ticket_number.between(number - 1, number + 1)),
        )
    ).all()
    by_number = {row.ticket_number: row for row in rows}
    return Neighbours(
        next((row for row in rows if row.seq == seq), None),
        by_number.get(number),
        by_number.get(number - 1),
        by_number.get(number + 1),
    )


def weighing(session: Session, weighing_id: UUID, who: Who) -> Weighing:
    """Return one ticket that the person may see, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(Weighing.id == weighing_id))
    if found is None:
        raise NotFound("weighing", weighing_id)
    return found


def stored(session: Session, device_id: str, inc: int, seq: int) -> bool:
    """Tell whether a ticket with this sequence number is here."""
    key = (Weighing.device_id == device_id, Weighing.inc == inc, Weighing.seq == seq)
    return session.scalar(select(Weighing.id).where(*key)) is not None


def trips_around(session: Session, vehicle_id: UUID, since: datetime) -> Sequence[Trip]:
    """Return, locked, the trips of a vehicle that tickets from `since` on may belong to."""
    return session.scalars(
        select(Trip)
        .where(
            Trip.vehicle_id == vehicle_id,
            Trip.state != State.CANCELLED.value,
            or_(Trip.done_at.is_(None), Trip.done_at >= since - AFTER_DELIVERY),
        )
        .order_by(Trip.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def tickets_around(
    session: Session, vehicle_id: UUID, since: datetime, trip_ids: Iterable[UUID]
) -> Sequence[Weighing]:
    """Return a vehicle's tickets from `since` on, and all that weigh a load of these trips."""
    of_these = set(trip_ids)
    shared = select(WeighingShare.weighing_id).where(WeighingShare.trip_id.in_(of_these))
    rows = session.scalars(
        select(Weighing)
        .where(
            or_(
                (Weighing.vehicle_id == vehicle_id) & (Weighing.at >= since),
                Weighing.trip_id.in_(of_these),
                Weighing.id.in_(shared),
            )
        )
        .execution_options(populate_existing=True)
    )
    return rows.all()


def shares(session: Session, weighing_ids: Iterable[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return by ticket the trips whose loads it weighs beside its own."""
    rows = session.scalars(select(WeighingShare).where(WeighingShare.weighing_id.in_(set(weighing_ids))))
    found: dict[UUID, set[UUID]] = {}
    for row in rows:
        found.setdefault(row.weighing_id, set()).add(row.trip_id)
    return {key: frozenset(ids) for key, ids in found.items()}


def tares(session: Session, vehicle_id: UUID, since: datetime, until: datetime) -> list[Tare]:
    """Return the empty weights of a vehicle in [since, until), by time."""
    rows = session.scalars(
        select(Weighing)
        .where(
            Weighing.vehicle_id == vehicle_id,
            Weighing.role == Part.TARE.value,
            Weighing.at >= since,
            Weighing.at < until,
        )
        .order_by(Weighing.at, Weighing.id)
    )
    return [Tare(row.kg, row.at, row.division_kg, how_weighed(row), row.id, row.device_id) for row in rows]


def how_weighed(row: Weighing) -> How:
    """Return how a ticket's weight came about, as the scale's agent says."""
    told = (row.extra or {}).get("from")
    return How(told) if isinstance(told, str) and told in set(How) else How.WEIGHED


def scales(session: Session, device_ids: Iterable[str]) -> dict[str, Scale]:
    """Return the instruments on record by the device that reads them."""
    rows = session.scalars(select(Scale).where(Scale.device_id.in_(set(device_ids))))
    return {row.device_id: row for row in rows}


def certificates(session: Session, device_ids: Iterable[str]) -> dict[str, list[ScaleCertificate]]:
    """Return the verifications of scales, the newest last; the caller has asked whether they may be seen."""
    rows = session.scalars(
        select(ScaleCertificate)
        .where(ScaleCertificate.device_id.in_(set(device_ids)))
        .order_by(ScaleCertificate.verified_on, ScaleCertificate.id)
    )
    found: dict[str, list[ScaleCertificate]] = {}
    for row in rows:
        found.setdefault(row.device_id, []).append(row)
    return found


def allowances(session: Session, subject_ids: Iterable[UUID]) -> dict[UUID, WeightAllowance]:
    """Return what these contracts and sites allow two nets to differ."""
    rows = session.scalars(select(WeightAllowance).where(WeightAllowance.subject_id.in_(set(subject_ids))))
    return {row.subject_id: row for row in rows}
