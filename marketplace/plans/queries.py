"""Which loads does a carrier have to move, with what, and which plans and locks are there?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import Session

from compliance.manifests.tables import Manifest
from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from marketplace.deals.tables import Deal
from marketplace.lots.tables import Lot
from marketplace.needs.tables import Need
from marketplace.plans.cleaning_rules import Cleaning
from marketplace.plans.rules import Costs, State, Urgency
from marketplace.plans.tables import (
    CarrierCleaning,
    CarrierCosts,
    LoadUrgency,
    Plan,
    PlanLock,
    VehicleCleaning,
)
from tracking.fleet.tables import Vehicle
from tracking.trips.rules import OVER
from tracking.trips.tables import Trip


def visible_to(who: Who) -> Select[Plan]:
    """Return the statement for the plans a person may see: a dispatcher the own carrier's, or all."""
    if who.oversees:
        return select(Plan)
    if not who.has(Role.DISPATCHER):
        return select(Plan).where(false())
    return select(Plan).where(Plan.carrier_id == who.organisation_id)


def plan(session: Session, plan_id: UUID, who: Who) -> Plan:
    """Return one plan that the person may see, locked, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(Plan.id == plan_id).with_for_update())
    if found is None:
        raise NotFound("plan", plan_id)
    return found


def last_accepted(session: Session, who: Who) -> Plan | None:
    """Return the newest plan of the person's own carrier that was not taken back."""
    statement = visible_to(who).where(
        Plan.carrier_id == who.organisation_id, Plan.state == State.ACCEPTED.value
    )
    return session.scalar(statement.order_by(Plan.at.desc(), Plan.id.desc()).limit(1))


def locks(session: Session, carrier_id: UUID) -> dict[UUID, PlanLock]:
    """Return a carrier's locks by what they lock; the caller acts for that carrier."""
    rows = session.scalars(select(PlanLock).where(PlanLock.carrier_id == carrier_id))
    return {row.subject_id: row for row in rows}


def urgencies(session: Session, carrier_id: UUID) -> dict[UUID, Urgency]:
    """Return how urgent a carrier has marked its loads, if not ordinary; the caller acts for it."""
    rows = session.scalars(select(LoadUrgency).where(LoadUrgency.carrier_id == carrier_id))
    return {row.manifest_id: Urgency(row.level) for row in rows}


def costs(session: Session, carrier_id: UUID) -> Costs:
    """Return what a carrier says that its vehicles cost, or what is assumed; the caller acts for it."""
    row = session.get(CarrierCosts, carrier_id)
    if row is None:
        return Costs()
    return Costs(row.fixed_fen, row.per_km_fen, row.per_hour_fen, row.stop_minutes)


def cleaning(session: Session, carrier_id: UUID) -> Cleaning:
    """Return what a carrier has stated about cleaning; the caller acts for it."""
    row = session.get(CarrierCleaning, carrier_id)
    if row is None:
        return Cleaning()
    return msgspec.convert({"rules": row.rules, "places": row.places}, Cleaning)


def last_cleanings(session: Session, carrier_id: UUID) -> dict[UUID, VehicleCleaning]:
    """Return the last cleaning on record of each of a carrier's vehicles; the caller acts for it."""
    newest = (
        select(VehicleCleaning.vehicle_id, func.max(VehicleCleaning.at).label("at"))
        .where(VehicleCleaning.carrier_id == carrier_id)
        .group_by(VehicleCleaning.vehicle_id)
        .subquery()
    )
    same = (VehicleCleaning.vehicle_id == newest.c.vehicle_id) & (VehicleCleaning.at == newest.c.at)
    rows = session.scalars(select(VehicleCleaning).join(newest, same).order_by(VehicleCleaning.id))
    return {row.vehicle_id: row for row in rows}


def carried_since(
    session: Session, carrier_id: UUID, last: Mapping[UUID, VehicleCleaning]
) -> dict[UUID, frozenset[str]]:
    """Return by vehicle the wastes loaded since its last cleaning; without one, ever, as the record knows."""
    rows = session.execute(
        select(Trip.vehicle_id, Manifest.code, func.max(Trip.loaded_at))
        .join(Manifest, Manifest.id == Trip.manifest_id)
        .where(Trip.carrier_id == carrier_id, Trip.loaded_at.is_not(None))
        .group_by(Trip.vehicle_id, Manifest.code)
    )
    found: dict[UUID, frozenset[str]] = {}
    for vehicle_id, code, loaded in rows:
        cleaned = last.get(vehicle_id)
        if cleaned is None or (loaded is not None and loaded > cleaned.at):
            found[vehicle_id] = found.get(vehicle_id, frozenset()) | {code}
    return found


def wastes_of(session: Session, carrier_id: UUID) -> set[str]:
    """Return the codes of all loads that a carrier has carried or has to; the caller acts for it."""
    codes = (
        select(Manifest.code)
        .join(Trip, Trip.manifest_id == Manifest.id)
        .where(Trip.carrier_id == carrier_id)
        .distinct()
    )
    return set(session.scalars(codes))


def open_loads(session: Session, carrier_id: UUID) -> list[tuple[Manifest, Trip, Lot, frozenset[int]]]:
    """Return what a carrier still has to move, in the order in which its vehicles do it.

    Last of each: the weekdays on which its receiver's gate is open; none: all.
    """
    rows = session.execute(
        select(Manifest, Trip, Lot, Need.weekdays)
        .join(Trip, Trip.manifest_id == Manifest.id)
        .join(Deal, Deal.id == Manifest.deal_id)
        .join(Lot, Lot.id == Deal.lot_id)
        .join(Need, Need.id == Deal.need_id, isouter=True)
        .where(Trip.carrier_id == carrier_id, Trip.state.not_in([state.value for state in OVER]))
        .order_by(Manifest.created_at, Manifest.id)
    )
    return [(manifest, trip, lot, frozenset(days or ())) for manifest, trip, lot, days in rows]


def vehicles_of(session: Session, carrier_id: UUID) -> Sequence[Vehicle]:
    """Return a carrier's vehicles by plate."""
    return session.scalars(
        select(Vehicle).where(Vehicle.carrier_id == carrier_id).order_by(Vehicle.plate_key)
    ).all()


def driven_lately(session: Session, carrier_id: UUID, now: datetime) -> dict[UUID, float]:
    """Return by driver the seconds under way with loads in the last 24 hours: what the record knows of it."""
    since = now - timedelta(hours=24)
    rows = session.execute(
        select(Trip.driver_id, Trip.started_at, Trip.arrived_at).where(
            Trip.carrier_id == carrier_id,
            Trip.started_at.is_not(None),
            or_(Trip.arrived_at.is_(None), Trip.arrived_at > since),
        )
    )
    found: dict[UUID, float] = {}
    for driver_id, started, arrived in rows:
        if driver_id is not None and started is not None:
            seconds = ((arrived or now) - max(started, since)).total_seconds()
            found[driver_id] = found.get(driver_id, 0.0) + max(0.0, seconds)
    return found
