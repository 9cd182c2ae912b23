"""How are vehicles and devices stored, with their keys, passwords and enrolment codes?"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime
from tracking.fleet.rules import DeviceStatus


class Device(Base):
    """A provisioned device; `inc` is the incarnation of its outbox that the server issued."""

    __tablename__ = "device"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10), default=DeviceStatus.ACTIVE.value)
    inc: Mapped[int] = mapped_column(BigInteger, default=1)
    public_key: Mapped[str] = mapped_column(String(64), default="")
    """Ed25519, hexadecimal; empty for devices that sign nothing."""
    vehicle_id: Mapped[UUID | None] = mapped_column(index=True)
    site_id: Mapped[UUID | None] = mapped_column(index=True)
    organisation_id: Mapped[UUID | None] = mapped_column(index=True)
    """Whose it is: of the carrier of its vehicle, the owner of its site."""
    simulated: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    enrolled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    online: Mapped[bool] = mapped_column(default=False)
    last_seen: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    boot: Mapped[int] = mapped_column(BigInteger, default=0)
    """The boot of the newest state; a last will of an older boot is ignored (telemetry.md 1.8)."""
    firmware: Mapped[str] = mapped_column(String(64), default="")
    config_version: Mapped[int] = mapped_column(BigInteger, default=0)
    queued: Mapped[int] = mapped_column(BigInteger, default=0)
    """Records that wait in the device's outbox, by its own word."""
    counted: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """What the device itself has counted since its boot: frames, refusals by reason."""
    listen_left: Mapped[int] = mapped_column(Integer, default=0)
    """So many of its next messages are kept byte by byte, for somebody is looking."""
    obeys: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The types of commands that it obeys, by its own word; empty: it has not said."""
    bad_config: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    """The newest configuration that it could not use: version, code, detail."""
    skew_s: Mapped[float | None] = mapped_column()
    """Median of receive time minus device time over the last batch of live records, seconds."""
    refused: Mapped[int] = mapped_column(BigInteger, default=0)
    """Deliveries of this device, or in its name, that were refused."""


class DeviceKey(Base):
    """A key with which a device signs or signed; the device's own row repeats the present one."""

    __tablename__ = "device_key"
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"), primary_key=True)
    public_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Ed25519, hexadecimal."""
    valid_from: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeviceCredential(Base):
    """A device's password, of which only hashes are kept; times are the machine's, not a demonstration's."""

    __tablename__ = "device_credential"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"), index=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    """As brokers read it: `$7$…`."""
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the same password: by it the HTTP upload finds the device."""
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the device first showed over HTTP that it has it."""
    valid_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EnrolmentCode(Base):
    """A one-time code by which a device makes itself known; times are the machine's."""

    __tablename__ = "enrolment_code"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    device_id: Mapped[str] = mapped_column(ForeignKey("device.id"), index=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_key: Mapped[str] = mapped_column(String(64), default="")
    """Which key enrolled with it: the same one may ask again, should the answer have been lost."""


class Vehicle(Base):
    """A vehicle of a carrier."""

    __tablename__ = "vehicle"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    carrier_id: Mapped[UUID] = mapped_column(index=True)
    plate: Mapped[str] = mapped_column(String(16))
    plate_key: Mapped[str] = mapped_column(String(16), unique=True)
    """The plate as it is compared: tickets and cameras write it in many ways."""
    device_id: Mapped[str | None] = mapped_column(ForeignKey("device.id"), unique=True)
    driver_id: Mapped[UUID | None] = mapped_column()
    """The person who usually drives it."""
    home_site_id: Mapped[UUID | None] = mapped_column()
    home_lat: Mapped[float] = mapped_column()
    home_lon: Mapped[float] = mapped_column()
    capacity_kg: Mapped[int] = mapped_column(Integer)
    dg_classes: Mapped[list[str]] = mapped_column(JSON, default=list)
    permit_to: Mapped[date | None] = mapped_column(Date)
    """Last valid day of the vehicle's own transport permit (L9)."""
    simulated: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
