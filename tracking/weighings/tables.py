"""How are the tickets of the scales stored?"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Index, Integer, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Weighing(Base):
    """One signed ticket, with everything that its signature covers, and the trip it was bound to."""

    __tablename__ = "weighing"
    __table_args__ = (
        UniqueConstraint("device_id", "inc", "seq"),
        UniqueConstraint("device_id", "inc", "ticket_number"),
        Index("ix_weighing_vehicle_id_at", "vehicle_id", "at"),
        Index("ix_weighing_device_id_at", "device_id", "at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    device_id: Mapped[str] = mapped_column(String(64))
    inc: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int] = mapped_column(BigInteger)
    site_id: Mapped[UUID | None] = mapped_column(index=True)
    ticket_number: Mapped[int] = mapped_column(BigInteger)
    plate: Mapped[str] = mapped_column(String(32))
    vehicle_id: Mapped[UUID | None] = mapped_column()
    """The vehicle with this plate, if it is on the register."""
    kg: Mapped[int] = mapped_column(BigInteger)
    division_kg: Mapped[int] = mapped_column(Integer)
    stability: Mapped[str] = mapped_column(String(10))
    shadow: Mapped[bool] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    trip_id: Mapped[UUID | None] = mapped_column(index=True)
    manifest_id: Mapped[UUID | None] = mapped_column(index=True)
    place: Mapped[str | None] = mapped_column(String(12))
    role: Mapped[str | None] = mapped_column(String(6))
    unbound: Mapped[str | None] = mapped_column(String(16))
    """Why the ticket belongs to no trip (`rules.Unbound`); None when it does."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    ticket_hash: Mapped[str] = mapped_column(String(64), unique=True)
    signature: Mapped[str] = mapped_column(String(128))
    frames: Mapped[list[str]] = mapped_column(JSON)
    voids_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    """The hash of the ticket that this one makes void, where that is what it is there for."""
    voided_by: Mapped[UUID | None] = mapped_column()
    """The ticket that makes this one void."""
    extra: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))


class WeighingShare(Base):
    """A further trip whose load a ticket weighs too, beside the one it is bound to (M3)."""

    __tablename__ = "weighing_share"
    weighing_id: Mapped[UUID] = mapped_column(ForeignKey("weighing.id"), primary_key=True)
    trip_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)


class WeighingPhoto(Base):
    """A picture that a ticket names by its hash, from one side, and since when it is here."""

    __tablename__ = "weighing_photo"
    weighing_id: Mapped[UUID] = mapped_column(ForeignKey("weighing.id"), primary_key=True)
    view: Mapped[str] = mapped_column(String(16), primary_key=True)
    device_id: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(20), default="")
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TicketPrint(Base):
    """One print of a ticket on paper: at the gate, by its agent's word, or here."""

    __tablename__ = "ticket_print"
    __table_args__ = (Index("ix_ticket_print_ticket_hash", "ticket_hash"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket_hash: Mapped[str] = mapped_column(String(64))
    device_id: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(6))
    """`gate` or `server`; each counts its own and names in `copy` how many are known."""
    copy: Mapped[int] = mapped_column(Integer)
    by: Mapped[str] = mapped_column(String(120))
    person_id: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Scale(Base):
    """The instrument behind a scale's agent: what its plate says."""

    __tablename__ = "scale"
    device_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    division_kg: Mapped[int] = mapped_column(Integer)
    max_kg: Mapped[int] = mapped_column(BigInteger)
    serial: Mapped[str] = mapped_column(String(60), default="")
    indicator: Mapped[str] = mapped_column(String(60), default="")
    simulated: Mapped[bool] = mapped_column(default=False)


class ScaleCertificate(Base):
    """One verification of a scale (检定证书) and how long it holds, last day included."""

    __tablename__ = "scale_certificate"
    __table_args__ = (UniqueConstraint("device_id", "number"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    device_id: Mapped[str] = mapped_column(String(64))
    number: Mapped[str] = mapped_column(String(60))
    issued_by: Mapped[str] = mapped_column(String(120), default="")
    verified_on: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    simulated: Mapped[bool] = mapped_column(default=False)


class WeightAllowance(Base):
    """What a contract (a deal) or a site allows two nets to differ; `subject_id` is either's id."""

    __tablename__ = "weight_allowance"
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(String(8))
    fixed_permille: Mapped[Decimal | None] = mapped_column(Numeric(7, 3))
    moisture_permille: Mapped[Decimal] = mapped_column(Numeric(7, 3))
    fuel_kg: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
