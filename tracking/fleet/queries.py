"""Which vehicles and devices are there, and who may see them?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from compliance.registry.tables import Site
from tracking.fleet.rules import plate_key
from tracking.fleet.tables import Device, Vehicle
from tracking.trips.rules import State
from tracking.trips.tables import Trip


def visible_to(who: Who) -> Select[Vehicle]:
    """Return the statement for the vehicles a person may see.

    A carrier sees its own, a driver those of the own trips, the other parties those of their manifests.
    """
    statement = select(Vehicle)
    if who.oversees:
        return statement
    own = who.organisation_id
    moves = (Trip.vehicle_id == Vehicle.id) & (Trip.state != State.CANCELLED.value)
    if who.has(Role.DRIVER) and not who.has(Role.DISPATCHER):
        mine = exists().where(moves, Trip.driver_id == who.person_id, Trip.carrier_id == own)
        return statement.where(Vehicle.carrier_id == own, or_(mine, Vehicle.driver_id == who.person_id))
    concerned = exists().where(moves, or_(Trip.mover_id == own, Trip.receiver_id == own))
    return statement.where(or_(Vehicle.carrier_id == own, concerned))


def vehicles(session: Session, who: Who) -> Sequence[Vehicle]:
    """Return the vehicles a person may see, by plate."""
    return session.scalars(visible_to(who).order_by(Vehicle.plate_key)).all()


def vehicle(session: Session, vehicle_id: UUID, who: Who) -> Vehicle:
    """Return one vehicle that the person may see, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(Vehicle.id == vehicle_id))
    if found is None:
        raise NotFound("vehicle", vehicle_id)
    return found


def by_plate(session: Session, plate: str) -> Vehicle | None:
    """Return the vehicle with a plate, however it is written."""
    return session.scalar(select(Vehicle).where(Vehicle.plate_key == plate_key(plate)))


def devices_visible_to(who: Who) -> Select[Device]:
    """Return the statement for the devices a person may see: on the own vehicles and at the own sites."""
    statement = select(Device)
    if who.oversees:
        return statement
    own = who.organisation_id
    on_vehicle = exists().where(Vehicle.id == Device.vehicle_id, Vehicle.carrier_id == own)
    on_site = exists().where(Site.id == Device.site_id, Site.organisation_id == own)
    return statement.where(or_(on_vehicle, on_site))


def devices(session: Session, ids: Iterable[str]) -> dict[str, Device]:
    """Return devices by id, for the intake, which checks each of them itself."""
    return {row.id: row for row in session.scalars(select(Device).where(Device.id.in_(set(ids))))}


def counted(session: Session, who: Who) -> dict[str, dict[str, int]]:
    """Return what the devices a person may see have counted of themselves, by device."""
    return {row.id: row.counted for row in session.scalars(devices_visible_to(who)) if row.counted}
