"""How are commands and configurations stored?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime
from tracking.commands.rules import State


class DeviceCommand(Base):
    """One order to one device, and its one outcome."""

    __tablename__ = "device_command"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    args: Mapped[dict[str, object]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default=State.QUEUED.value)
    ordered_by: Mapped[UUID | None] = mapped_column()
    ordered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """When it is said (again), unless the device has answered."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the device first said that it has it."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When its outcome was known; nothing changes it afterwards."""
    code: Mapped[str] = mapped_column(String(40), default="")
    detail: Mapped[str] = mapped_column(String(500), default="")
    late: Mapped[str] = mapped_column(String(10), default="")
    """What the device said of it after the outcome, where that is another."""


class DeviceConfig(Base):
    """One version of what a device shall be configured with; the newest is the one that is wanted."""

    __tablename__ = "device_config"
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    settings: Mapped[dict[str, object]] = mapped_column(JSON)
    set_by: Mapped[UUID | None] = mapped_column()
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the broker took it; empty: it still has to be published."""
