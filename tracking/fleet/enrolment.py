"""How does a device get its name, prove that it is the one that was meant, and move to another owner?

Somebody registers a device and is shown a one-time code, also as a QR code. The device makes a key, presents
code and key, and is given tenant, incarnation and password. Moments called `at` are the machine's.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.record.errors import N_, Conflict, DomainError, Forbidden, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from devices.codecs import FrameRefused
from devices.codecs.topics import TopicKind, topic
from tracking.fleet import credentials, queries
from tracking.fleet.passwords import digest
from tracking.fleet.rules import (
    CODE_FOR,
    CODE_LENGTH,
    CODE_SIGNS,
    LONGEST_CODE,
    MAY_MANAGE,
    RESERVED,
    DeviceAct,
    DeviceKind,
    DeviceStatus,
    next_status,
    plain_code,
    shown_code,
    subject_of,
    tenant_of,
)
from tracking.fleet.service import renew_incarnation, take_key
from tracking.fleet.tables import Device, DeviceKey, EnrolmentCode, Vehicle


class CodeRefused(DomainError):
    """The enrolment code is unknown, used up or expired; which of them is not said."""

    code = "enrolment_code"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            N_("This enrolment code is unknown, used or expired."),
            field="code",
            way_out=N_("Have a new code issued on the device's page."),
        )


@dataclass(frozen=True, slots=True)
class Post:
    """Where a device does its work: on a vehicle, at a site, or for an organisation alone (a gateway)."""

    vehicle_id: UUID | None = None
    site_id: UUID | None = None
    organisation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A device with its one-time code, which is kept nowhere."""

    device: Device
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A device that has made itself known, with the password that is told it this once."""

    device: Device
    password: str


def register(
    work: Work, device_id: str, kind: DeviceKind, post: Post, at: datetime, valid_for: timedelta = CODE_FOR
) -> IssuedCode:
    """Enter a device that may speak once it has enrolled; appends `DeviceRegistered`."""
    _require_name(device_id)
    if work.session.get(Device, device_id) is not None:
        raise Conflict(
            N_("There is a device {device} already."),
            code="device_taken",
            field="id",
            values={"device": device_id},
        )
    row = Device(
        id=device_id,
        kind=kind.value,
        status=DeviceStatus.REGISTERED.value,
        inc=1,
        public_key="",
        simulated=False,
        created_at=work.now,
    )
    _put(work, row, post)
    work.session.add(row)
    work.session.flush()
    work.append("DeviceRegistered", subject_of(row.id), **_facts(row))
    return issue_code(work, row, at, valid_for)


def issue_code(work: Work, device: Device, at: datetime, valid_for: timedelta = CODE_FOR) -> IssuedCode:
    """Make a new one-time code for a device; codes issued before are void."""
    if not timedelta() < valid_for <= LONGEST_CODE:
        raise Invalid(
            N_("An enrolment code holds for up to {most} hours."),
            field="valid_hours",
            values={"most": int(LONGEST_CODE.total_seconds()) // 3600},
        )
    if next_status(DeviceStatus(device.status), DeviceAct.ENROL) is None:
        raise Conflict(
            N_("The device {device} is revoked."),
            code="device_revoked",
            values={"device": device.id},
            way_out=N_("Provision it anew."),
        )
    _void_codes(work.session, device.id, at)
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    row = EnrolmentCode(
        digest=digest(code), device_id=device.id, issued_at=at, expires_at=at + valid_for, used_key=""
    )
    work.session.add(row)
    work.session.flush()
    return IssuedCode(device, shown_code(code), row.expires_at)


def enrol(work: Work, typed: str, public_key: str, at: datetime) -> Enrolled:
    """Let a device in that presents its code and its key; appends `DeviceEnrolled`.

    A code is good for one key. The same key may present it again while it holds, for the answer may have
    been lost: the password before is then void. A device that was enrolled before gets a new incarnation,
    since its outbox may be gone.
    """
    row = work.session.scalar(
        select(EnrolmentCode).where(EnrolmentCode.digest == digest(plain_code(typed))).with_for_update()
    )
    if row is None or at >= row.expires_at or row.used_key not in {"", public_key}:
        raise CodeRefused
    device = work.session.get_one(Device, row.device_id, with_for_update=True)
    following = next_status(DeviceStatus(device.status), DeviceAct.ENROL)
    if following is None:
        raise CodeRefused
    credentials.end_all(work.session, device.id, at)
    if row.used_at is None:
        row.used_at, row.used_key = at, public_key
        if device.enrolled_at is not None:
            renew_incarnation(work, device.id)
        device.status, device.enrolled_at = following.value, work.now
        take_key(work, device, public_key)
        facts = _facts(device) | {"inc": device.inc, "public_key": public_key, "gateway": None}
        work.append("DeviceEnrolled", subject_of(device.id), **facts)
    return Enrolled(device, credentials.issue(work.session, device.id, at))


def vouch(work: Work, device: Device, gateway: Device, at: datetime) -> None:
    """Let a terminal speak that a gateway vouches for: it gets neither key nor password of its own.

    Its code is void. One that spoke before begins a new incarnation. Appends `DeviceEnrolled`; one that
    speaks already stays as it is.
    """
    if device.kind != DeviceKind.VEHICLE.value:
        raise Invalid(N_("Only a vehicle's terminal is behind a gateway."), field="kind")
    following = next_status(DeviceStatus(device.status), DeviceAct.VOUCH)
    if following is None:
        raise Conflict(
            N_("The device {device} is revoked."),
            code="device_revoked",
            values={"device": device.id},
            way_out=N_("Provision it anew."),
        )
    if following.value == device.status:
        return
    _void_codes(work.session, device.id, at)
    if device.enrolled_at is not None:
        renew_incarnation(work, device.id)
    device.status, device.enrolled_at = following.value, work.now
    facts = _facts(device) | {"inc": device.inc, "public_key": "", "gateway": gateway.id}
    work.append("DeviceEnrolled", subject_of(device.id), **facts)


def reprovision(work: Work, device: Device, post: Post, at: datetime) -> IssuedCode:
    """Take a device's voice, put it to another vehicle, site or owner, and issue the code to begin again.

    Only so does a device change its tenant (telemetry.md 1.1). Appends `DeviceRegistered`.
    """
    following = next_status(DeviceStatus(device.status), DeviceAct.REPROVISION)
    assert following is not None
    credentials.end_all(work.session, device.id, at)
    for key in work.session.scalars(select(DeviceKey).where(DeviceKey.device_id == device.id)):
        key.valid_to = key.valid_to or work.now
    for vehicle in work.session.scalars(select(Vehicle).where(Vehicle.device_id == device.id)):
        vehicle.device_id = None
    work.session.flush()
    _put(work, device, post)
    device.status, device.public_key, device.online = following.value, "", False
    work.session.flush()
    work.append("DeviceRegistered", subject_of(device.id), **_facts(device))
    return issue_code(work, device, at)


def managed(work: Work, device_id: str) -> Device:
    """Return a device, locked, that the person may provision; `NotFound` or `Forbidden` otherwise."""
    row = queries.device(work.session, device_id, work.who, locked=True)
    _require_manager(work, DeviceKind(row.kind))
    return row


def _require_manager(work: Work, kind: DeviceKind) -> None:
    if not work.who.has(*MAY_MANAGE[kind]):
        raise Forbidden(N_("Your role does not provision such a device."), code="role", field="kind")


def _require_name(device_id: str) -> None:
    try:
        topic("x", device_id, TopicKind.STATE)
        fine = device_id.lower() not in RESERVED
    except FrameRefused:
        fine = False
    if not fine:
        raise Invalid(
            N_("A device's name has 1 to 64 letters, digits and . _ -, and begins with a letter or digit."),
            field="id",
        )


def _put(work: Work, row: Device, post: Post) -> None:
    """Put a device to its post and let it speak under its owner's tenant."""
    kind = DeviceKind(row.kind)
    _require_manager(work, kind)
    vehicle_id = site_id = None
    if kind in {DeviceKind.VEHICLE, DeviceKind.PHONE}:
        vehicle = _vehicle(work, post.vehicle_id)
        vehicle_id, owner = vehicle.id, vehicle.carrier_id
        if kind is DeviceKind.VEHICLE:
            _take_over(vehicle, row)
    elif kind is DeviceKind.SCALE:
        site = registry.sites(work.session, [post.site_id]).get(post.site_id) if post.site_id else None
        if site is None or not _own(work, site.organisation_id):
            raise Invalid(N_("Choose the site at which the scale stands."), field="site_id")
        site_id, owner = site.id, site.organisation_id
    else:
        whose = post.organisation_id or work.who.organisation_id
        if whose is None or not _own(work, whose):
            raise Invalid(N_("Choose whose gateway it is."), field="organisation_id")
        owner = whose
    row.vehicle_id, row.site_id, row.organisation_id = vehicle_id, site_id, owner
    row.tenant = tenant_of(owner)


def _vehicle(work: Work, vehicle_id: UUID | None) -> Vehicle:
    found = work.session.get(Vehicle, vehicle_id) if vehicle_id else None
    if found is None or not _own(work, found.carrier_id):
        raise Invalid(N_("Choose the vehicle that it travels on."), field="vehicle_id")
    return found


def _take_over(vehicle: Vehicle, row: Device) -> None:
    if vehicle.device_id not in {None, row.id}:
        raise Conflict(
            N_("The vehicle {plate} has the terminal {device}."),
            code="vehicle_has_terminal",
            field="vehicle_id",
            values={"plate": vehicle.plate, "device": vehicle.device_id},
            way_out=N_("Revoke that one first, or provision it anew."),
        )
    vehicle.device_id = row.id


def _own(work: Work, organisation_id: UUID) -> bool:
    return work.who.has(Role.OPERATOR) or work.who.organisation_id == organisation_id


def _void_codes(session: Session, device_id: str, at: datetime) -> None:
    for row in session.scalars(select(EnrolmentCode).where(EnrolmentCode.device_id == device_id)):
        row.expires_at = min(row.expires_at, at)


def _facts(row: Device) -> dict[str, object]:
    return {
        "device": row.id,
        "device_kind": row.kind,
        "tenant": row.tenant,
        "vehicle": str(row.vehicle_id) if row.vehicle_id else None,
        "site": str(row.site_id) if row.site_id else None,
    }
