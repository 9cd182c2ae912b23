"""Which vehicles and devices are there, and who may see them?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from tracking.fleet.rules import KeyLife, plate_key
from tracking.fleet.tables import Device, DeviceKey, EnrolmentCode, Vehicle
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
    return session.scalar(_BY_PLATE, {"plate": plate_key(plate)})


_BY_PLATE = select(Vehicle).where(Vehicle.plate_key == bindparam("plate"))


def devices_visible_to(who: Who) -> Select[Device]:
    """Return the statement for the devices a person may see: those of the own organisation, or all."""
    statement = select(Device)
    return statement if who.oversees else statement.where(Device.organisation_id == who.organisation_id)


def device(session: Session, device_id: str, who: Who, *, locked: bool = False) -> Device:
    """Return one device that the person may see, or raise `NotFound`."""
    statement = devices_visible_to(who).where(Device.id == device_id)
    if locked:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(statement)
    if found is None:
        raise NotFound("device", device_id)
    return found


def signing_keys(session: Session, device_id: str, told_at: datetime, received_at: datetime) -> list[str]:
    """Return the keys of a device that are believed for something told and received at these moments."""
    rows = session.scalars(select(DeviceKey).where(DeviceKey.device_id == device_id))
    return [
        row.public_key
        for row in rows
        if KeyLife(row.valid_from, row.valid_to, row.revoked_at).believes(told_at, received_at)
    ]


def keys(session: Session, device_id: str) -> Sequence[DeviceKey]:
    """Return a device's keys, the newest first."""
    statement = select(DeviceKey).where(DeviceKey.device_id == device_id)
    return session.scalars(statement.order_by(DeviceKey.valid_from.desc())).all()


def open_code(session: Session, device_id: str, at: datetime) -> EnrolmentCode | None:
    """Return a device's enrolment code that still waits to be used."""
    return session.scalar(
        select(EnrolmentCode).where(
            EnrolmentCode.device_id == device_id,
            EnrolmentCode.used_at.is_(None),
            EnrolmentCode.expires_at > at,
        )
    )


def devices(session: Session, ids: Iterable[str]) -> dict[str, Device]:
    """Return devices by id, for the intake, which checks each of them itself."""
    return {row.id: row for row in session.scalars(select(Device).where(Device.id.in_(set(ids))))}


def counted(session: Session, who: Who) -> dict[str, dict[str, int]]:
    """Return what the devices a person may see have counted of themselves, by device."""
    return {row.id: row.counted for row in session.scalars(devices_visible_to(who)) if row.counted}
