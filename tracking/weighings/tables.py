"""How are the tickets of the scales stored?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.clock import UtcDateTime


class Weighing(Base):
    """One signed ticket, with everything that its signature covers, and the trip it was bound to."""

    __tablename__ = "weighing"
    __table_args__ = (
        UniqueConstraint("device_id", "inc", "seq"),
        UniqueConstraint("device_id", "inc", "ticket_number"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    device_id: Mapped[str] = mapped_column(String(64))
    inc: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int] = mapped_column(BigInteger)
    site_id: Mapped[UUID | None] = mapped_column(index=True)
    ticket_number: Mapped[int] = mapped_column(BigInteger)
    plate: Mapped[str] = mapped_column(String(32))
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
    extra: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
