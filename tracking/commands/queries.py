"""Which commands are there, which are due, and which configuration is wanted of a device?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.who import Who
from tracking.commands.rules import LATE
from tracking.commands.tables import DeviceCommand, DeviceConfig
from tracking.fleet.queries import devices_visible_to
from tracking.fleet.rules import DeviceStatus
from tracking.fleet.tables import Device


def visible_to(who: Who) -> Select[DeviceCommand]:
    """Return the statement for the commands to the devices that a person may see."""
    statement = select(DeviceCommand)
    if who.oversees:
        return statement
    return statement.where(DeviceCommand.device_id.in_(devices_visible_to(who).with_only_columns(Device.id)))


def command(session: Session, command_id: UUID, who: Who) -> DeviceCommand:
    """Return one command that the person may see, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(DeviceCommand.id == command_id))
    if found is None:
        raise NotFound("command", command_id)
    return found


def of_device(session: Session, device_id: str, who: Who, limit: int = 50) -> Sequence[DeviceCommand]:
    """Return a device's commands that a person may see, the newest first."""
    statement = visible_to(who).where(DeviceCommand.device_id == device_id)
    ordered = statement.order_by(DeviceCommand.ordered_at.desc(), DeviceCommand.id.desc())
    return session.scalars(ordered.limit(limit)).all()


def open_count(session: Session, device_id: str) -> int:
    """Return how many commands of a device have no outcome yet."""
    statement = select(func.count()).where(
        DeviceCommand.device_id == device_id, DeviceCommand.ended_at.is_(None)
    )
    return session.scalar(statement.select_from(DeviceCommand)) or 0


def locked(session: Session, command_id: UUID, device_id: str) -> DeviceCommand | None:
    """Return a device's command, locked until the transaction ends."""
    return session.scalar(
        select(DeviceCommand)
        .where(DeviceCommand.id == command_id, DeviceCommand.device_id == device_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def open_of(session: Session, device_id: str) -> Sequence[DeviceCommand]:
    """Return, locked, the commands of a device that have no outcome yet."""
    return session.scalars(
        select(DeviceCommand)
        .where(DeviceCommand.device_id == device_id, DeviceCommand.ended_at.is_(None))
        .order_by(DeviceCommand.id)
        .with_for_update()
    ).all()


def overdue(session: Session, now: datetime) -> Sequence[DeviceCommand]:
    """Return, locked, the commands whose time is over without an outcome."""
    return session.scalars(
        select(DeviceCommand)
        .where(DeviceCommand.ended_at.is_(None), DeviceCommand.expires_at <= now - LATE)
        .order_by(DeviceCommand.id)
        .with_for_update(skip_locked=True)
    ).all()


def due(session: Session, now: datetime, limit: int = 100) -> Sequence[tuple[DeviceCommand, Device]]:
    """Return, locked, the commands to say now, with their devices; what another process says is left out."""
    rows = session.execute(
        select(DeviceCommand, Device)
        .join(Device, Device.id == DeviceCommand.device_id)
        .where(
            DeviceCommand.ended_at.is_(None),
            DeviceCommand.next_at <= now,
            DeviceCommand.expires_at > now,
            Device.status == DeviceStatus.ACTIVE.value,
        )
        .order_by(DeviceCommand.ordered_at, DeviceCommand.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=DeviceCommand)
    ).all()
    return [(row, device) for row, device in rows]


def configs(session: Session, device_id: str) -> Sequence[DeviceConfig]:
    """Return the configurations of a device, the newest first."""
    statement = select(DeviceConfig).where(DeviceConfig.device_id == device_id)
    return session.scalars(statement.order_by(DeviceConfig.version.desc())).all()


def wanted_versions(session: Session, device_ids: Sequence[str]) -> dict[str, int]:
    """Return the newest configuration of each of these devices that has one."""
    statement = select(DeviceConfig.device_id, func.max(DeviceConfig.version))
    rows = session.execute(
        statement.where(DeviceConfig.device_id.in_(device_ids)).group_by(DeviceConfig.device_id)
    )
    return dict(rows.all())


def unpublished(session: Session, *, again: bool) -> Sequence[tuple[DeviceConfig, Device]]:
    """Return the configurations to publish: new ones, and `again` all that their devices have not told."""
    newest = (
        select(func.max(DeviceConfig.version))
        .where(DeviceConfig.device_id == Device.id)
        .correlate(Device)
        .scalar_subquery()
    )
    waiting = DeviceConfig.version > Device.config_version if again else DeviceConfig.published_at.is_(None)
    rows = session.execute(
        select(DeviceConfig, Device)
        .join(Device, Device.id == DeviceConfig.device_id)
        .where(DeviceConfig.version == newest, waiting, Device.status == DeviceStatus.ACTIVE.value)
        .order_by(Device.id)
    ).all()
    return [(row, device) for row, device in rows]
