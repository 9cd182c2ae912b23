"""How do vehicles and devices enter the register, and how does a device lose its voice?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from compliance.record.errors import N_, Conflict, Invalid
from compliance.record.work import Work
from compliance.registry.service import check_place
from tracking.fleet import queries
from tracking.fleet.rules import DeviceKind, DeviceStatus, plate_key
from tracking.fleet.tables import Device, Vehicle

KEY_HEX_DIGITS = 64


@dataclass(frozen=True, slots=True)
class NewVehicle:
    """What a carrier says of a vehicle; the home is where it stands when it has nothing to do."""

    carrier_id: UUID
    plate: str
    capacity_kg: int
    home_lat: float
    home_lon: float
    home_site_id: UUID | None = None
    driver_id: UUID | None = None
    dg_classes: tuple[str, ...] = ()
    permit_to: date | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class NewDevice:
    """What is fixed when a device is provisioned; it sits on a vehicle or stands at a site."""

    id: str
    tenant: str
    kind: DeviceKind
    public_key: str = ""
    vehicle_id: UUID | None = None
    site_id: UUID | None = None
    inc: int = 1
    simulated: bool = False


def add_vehicle(work: Work, new: NewVehicle) -> Vehicle:
    """Put a vehicle on the register; a plate is there once, however it is written."""
    check_place(work, new.home_lat, new.home_lon)
    if queries.by_plate(work.session, new.plate) is not None:
        raise Conflict(
            N_("A vehicle with the plate {plate} is on the register already."),
            code="plate_taken",
            field="plate",
            values={"plate": new.plate},
        )
    row = Vehicle(
        id=work.new_id(),
        carrier_id=new.carrier_id,
        plate=new.plate,
        plate_key=plate_key(new.plate),
        driver_id=new.driver_id,
        home_site_id=new.home_site_id,
        home_lat=new.home_lat,
        home_lon=new.home_lon,
        capacity_kg=new.capacity_kg,
        dg_classes=list(new.dg_classes),
        permit_to=new.permit_to,
        simulated=new.simulated,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def enrol_device(work: Work, new: NewDevice) -> Device:
    """Provision a device; a scale must bring its public key, for its tickets are believed by it alone."""
    if new.kind is DeviceKind.SCALE and len(new.public_key) != KEY_HEX_DIGITS:
        raise Invalid(N_("A scale needs an Ed25519 public key of 64 hexadecimal digits."), field="public_key")
    row = Device(
        id=new.id,
        tenant=new.tenant,
        kind=new.kind.value,
        status=DeviceStatus.ACTIVE.value,
        inc=new.inc,
        public_key=new.public_key,
        vehicle_id=new.vehicle_id,
        site_id=new.site_id,
        simulated=new.simulated,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    if new.vehicle_id is not None:
        work.session.get_one(Vehicle, new.vehicle_id).device_id = row.id
    return row


def renew_incarnation(work: Work, device_id: str) -> Device:
    """Issue the next incarnation to a device whose outbox was lost (telemetry.md 1.2)."""
    row = work.session.get_one(Device, device_id, with_for_update=True)
    row.inc += 1
    return row


def revoke_device(work: Work, device_id: str) -> Device:
    """Take a device's voice away; what it sent before stays."""
    row = work.session.get_one(Device, device_id, with_for_update=True)
    row.status = DeviceStatus.REVOKED.value
    return row
