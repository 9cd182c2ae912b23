"""How do vehicles and devices enter the register, and how does a device lose its voice?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select

from compliance.record.errors import N_, Conflict, Invalid
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.service import check_place
from tracking.fleet import credentials, queries
from tracking.fleet.rules import DeviceAct, DeviceKind, DeviceStatus, next_status, plate_key, subject_of
from tracking.fleet.tables import Device, DeviceKey, Vehicle
from tracking.intake.tables import DeviceMessage

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
    organisation_id: UUID | None = None


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


def certify(work: Work, vehicle_id: UUID, classes: tuple[str, ...], permit_to: date | None) -> None:
    """Write down what a vehicle's transport certificate allows and until when; None: it has none (L9)."""
    row = work.session.get_one(Vehicle, vehicle_id)
    row.dg_classes, row.permit_to = list(classes), permit_to


def enrol_device(work: Work, new: NewDevice) -> Device:
    """Provision a device whose key is at hand; a scale must bring one, for its tickets rest on it alone."""
    if new.kind is DeviceKind.SCALE and len(new.public_key) != KEY_HEX_DIGITS:
        raise Invalid(N_("A scale needs an Ed25519 public key of 64 hexadecimal digits."), field="public_key")
    row = Device(
        id=new.id,
        tenant=new.tenant,
        kind=new.kind.value,
        status=DeviceStatus.ACTIVE.value,
        inc=new.inc,
        public_key="",
        vehicle_id=new.vehicle_id,
        site_id=new.site_id,
        organisation_id=new.organisation_id or _owner(work, new),
        simulated=new.simulated,
        created_at=work.now,
        enrolled_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    if new.public_key:
        take_key(work, row, new.public_key)
    if new.vehicle_id is not None and new.kind is DeviceKind.VEHICLE:
        work.session.get_one(Vehicle, new.vehicle_id).device_id = row.id
    return row


def _owner(work: Work, new: NewDevice) -> UUID | None:
    if new.vehicle_id is not None:
        return work.session.get_one(Vehicle, new.vehicle_id).carrier_id
    site = registry.sites(work.session, [new.site_id]).get(new.site_id) if new.site_id is not None else None
    return site.organisation_id if site is not None else None


def take_key(work: Work, device: Device, public_key: str) -> None:
    """Let a device sign with this key from now on; what another signed until now still counts."""
    session = work.session
    known = session.get(DeviceKey, (device.id, public_key))
    if known is not None and known.revoked_at is not None:
        raise Conflict(
            N_("The key of {device} was revoked: it must make a new one."),
            code="key_revoked",
            field="public_key",
            values={"device": device.id},
        )
    for row in session.scalars(select(DeviceKey).where(DeviceKey.device_id == device.id)):
        row.valid_to = row.valid_to or work.now
    if known is None:
        session.add(DeviceKey(device_id=device.id, public_key=public_key, valid_from=work.now))
    else:
        known.valid_to = None
    device.public_key = public_key
    session.flush()


def renew_incarnation(work: Work, device_id: str) -> Device:
    """Issue the next incarnation to a device whose outbox was lost (telemetry.md 1.2)."""
    row = work.session.get_one(Device, device_id, with_for_update=True)
    row.inc += 1
    row.boot = 0
    return row


def listen(work: Work, device: Device, messages: int) -> None:
    """Have the next messages of a device kept byte by byte; those of an earlier listening go."""
    work.session.execute(delete(DeviceMessage).where(DeviceMessage.device_id == device.id))
    device.listen_left = messages


def revoke_device(work: Work, device_id: str) -> Device:
    """Take a device's voice, passwords and keys away; what it sent before stays. Appends `DeviceRevoked`."""
    row = work.session.get_one(Device, device_id, with_for_update=True)
    following = next_status(DeviceStatus(row.status), DeviceAct.REVOKE)
    if following is None:
        return row
    row.status, row.online = following.value, False
    credentials.end_all(work.session, row.id, work.now)
    for key in work.session.scalars(select(DeviceKey).where(DeviceKey.device_id == row.id)):
        key.revoked_at = key.revoked_at or work.now
    if row.vehicle_id is not None:
        vehicle = work.session.get_one(Vehicle, row.vehicle_id)
        if vehicle.device_id == row.id:
            vehicle.device_id = None
    work.append("DeviceRevoked", subject_of(row.id), device=row.id, tenant=row.tenant)
    return row
