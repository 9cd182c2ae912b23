"""Which password does a device have, and how is it exchanged without cutting the device off?

A password is shown once and kept as hashes. After a rotation the old one holds for an overlap; the broker,
which knows one password for each user, changes over when the device first shows over HTTP that it has the
new one, or when the old one's time is over. Moments called `at` are the machine's, as for sign-ins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.record.errors import N_, Conflict, Invalid
from compliance.record.ids import new_id
from tracking.fleet.passwords import digest, hash_password, new_password
from tracking.fleet.rules import LONGEST_OVERLAP, OVERLAP, CredentialLife, DeviceStatus, at_the_broker
from tracking.fleet.tables import Device, DeviceCredential


def issue(session: Session, device_id: str, at: datetime, password: str = "") -> str:
    """Give a device a password, made here unless the caller has one to keep; return it."""
    password = password or new_password()
    session.add(
        DeviceCredential(
            id=new_id(),
            device_id=device_id,
            password_hash=hash_password(password),
            digest=digest(password),
            issued_at=at,
        )
    )
    session.flush()
    return password


def rotate(session: Session, device: Device, at: datetime, overlap: timedelta = OVERLAP) -> str:
    """Give a device a new password; of the old ones the newest holds for the overlap, the rest end now."""
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise Invalid(
            N_("The old password may hold for 0 to {most} hours more."),
            field="overlap_hours",
            values={"most": int(LONGEST_OVERLAP.total_seconds()) // 3600},
        )
    if device.status != DeviceStatus.ACTIVE.value:
        raise Conflict(
            N_("The device {device} has not enrolled, or is revoked."),
            code="device_not_active",
            values={"device": device.id},
            way_out=N_("Issue an enrolment code instead."),
        )
    rows = [row for row in of_device(session, device.id) if _life(row).holds(at)]
    in_use = at_the_broker([_life(row) for row in rows], at)
    for place, row in enumerate(rows):
        ends = at + overlap if place == in_use else at
        row.valid_to = ends if row.valid_to is None else min(row.valid_to, ends)
    return issue(session, device.id, at)


def end_all(session: Session, device_id: str, at: datetime) -> None:
    """Make every password of a device worthless."""
    for row in of_device(session, device_id):
        row.revoked_at = row.revoked_at or at


def of_device(session: Session, device_id: str) -> Sequence[DeviceCredential]:
    """Return a device's passwords, the oldest first."""
    statement = select(DeviceCredential).where(DeviceCredential.device_id == device_id)
    return session.scalars(statement.order_by(DeviceCredential.issued_at, DeviceCredential.id)).all()


def by_password(session: Session, password: str, at: datetime) -> tuple[Device, DeviceCredential] | None:
    """Return the active device that a password belongs to, and the credential."""
    row = session.scalar(select(DeviceCredential).where(DeviceCredential.digest == digest(password)))
    if row is None or not _life(row).holds(at):
        return None
    device = session.get_one(Device, row.device_id)
    return (device, row) if device.status == DeviceStatus.ACTIVE.value else None


def note_use(credential: DeviceCredential, at: datetime) -> None:
    """Note that a device has shown a password: from now on the broker takes this one."""
    credential.used_at = credential.used_at or at


def broker_hashes(session: Session, at: datetime) -> list[tuple[Device, str]]:
    """Return each active device with the hash of the password that the broker takes, by device."""
    rows = session.execute(
        select(Device, DeviceCredential)
        .join(DeviceCredential, DeviceCredential.device_id == Device.id)
        .where(Device.status == DeviceStatus.ACTIVE.value, DeviceCredential.revoked_at.is_(None))
        .order_by(Device.id, DeviceCredential.issued_at, DeviceCredential.id)
    ).all()
    several: dict[str, tuple[Device, list[DeviceCredential]]] = {}
    for device, credential in rows:
        several.setdefault(device.id, (device, []))[1].append(credential)
    return list(_chosen(several.values(), at))


def _chosen(
    several: Iterable[tuple[Device, list[DeviceCredential]]], at: datetime
) -> Iterable[tuple[Device, str]]:
    for device, credentials in several:
        place = at_the_broker([_life(row) for row in credentials], at)
        if place is not None:
            yield device, credentials[place].password_hash


def _life(row: DeviceCredential) -> CredentialLife:
    return CredentialLife(row.issued_at, row.used_at, row.valid_to, row.revoked_at)
