"""Which tickets are there, and who may see them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from compliance.record.who import Role, Who
from compliance.registry.tables import Site
from tracking.fleet.rules import plate_key
from tracking.fleet.tables import Vehicle
from tracking.trips import queries as trips
from tracking.trips.rules import State
from tracking.trips.tables import Trip
from tracking.weighings.rules import AFTER_DELIVERY
from tracking.weighings.tables import Weighing


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What is stored around a ticket of one scale and incarnation."""

    same_seq: Weighing | None
    same_number: Weighing | None
    before: Weighing | None
    after: Weighing | None


def visible_to(who: Who) -> Select[Weighing]:
    """Return the statement for the tickets of trips that concern a person, and of the own sites' scales."""
    statement = select(Weighing)
    if who.oversees:
        return statement
    concerned = Weighing.trip_id.in_(trips.visible_to(who).with_only_columns(Trip.id))
    if who.has(Role.DRIVER) and not who.has(Role.DISPATCHER):
        return statement.where(concerned)
    own_scale = exists().where(Site.id == Weighing.site_id, Site.organisation_id == who.organisation_id)
    return statement.where(or_(concerned, own_scale))


def weighings(session: Session, who: Who, limit: int = 200) -> Sequence[Weighing]:
    """Return the newest tickets that a person may see."""
    return session.scalars(visible_to(who).order_by(Weighing.at.desc(), Weighing.id).limit(limit)).all()


def unbound(session: Session, who: Who, limit: int = 200) -> Sequence[Weighing]:
    """Return the newest tickets without a trip that a person may see."""
    statement = visible_to(who).where(Weighing.trip_id.is_(None))
    return session.scalars(statement.order_by(Weighing.at.desc(), Weighing.id).limit(limit)).all()


def of_trip(session: Session, trip_id: UUID) -> Sequence[Weighing]:
    """Return a trip's tickets in order; the caller has made sure that the trip may be seen."""
    return session.scalars(
        select(Weighing).where(Weighing.trip_id == trip_id).order_by(Weighing.at, Weighing.ticket_number)
    ).all()


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


def trips_weighed(session: Session, plate: str, at: datetime) -> Sequence[Trip]:
    """Return, locked, the trips of the vehicle with this plate that a ticket of that time may belong to."""
    return session.scalars(
        select(Trip)
        .join(Vehicle, Vehicle.id == Trip.vehicle_id)
        .where(
            Vehicle.plate_key == plate_key(plate),
            Trip.state != State.CANCELLED.value,
            or_(Trip.done_at.is_(None), Trip.done_at >= at - AFTER_DELIVERY),
        )
        .order_by(Trip.id)
        .with_for_update(of=Trip)
        .execution_options(populate_existing=True)
    ).all()
