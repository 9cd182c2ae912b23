"""How are collection points and what is handed in there stored?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class CollectionPoint(Base):
    """Where things are handed in: a station, a box, a round from door to door, or a shop that takes back."""

    __tablename__ = "collection_point"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    site_id: Mapped[UUID] = mapped_column()
    """The own site to which what is handed in is brought, and from which it leaves."""
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HandIn(Base):
    """One hand-in, grams; nothing of it is changed, only voided with a reason, or held by a lot."""

    __tablename__ = "hand_in"
    __table_args__ = (Index("ix_hand_in_waiting", "organisation_id", "site_id", "code", "lot_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(String(12), unique=True)
    """The code by which whoever gave it can see what became of it."""
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    point_id: Mapped[UUID] = mapped_column(ForeignKey("collection_point.id"), index=True)
    site_id: Mapped[UUID] = mapped_column()
    code: Mapped[str] = mapped_column(String(12))
    waste_name: Mapped[str] = mapped_column(String(200))
    grams: Mapped[int] = mapped_column(BigInteger)
    giver: Mapped[str] = mapped_column(String(14))
    giver_name: Mapped[str] = mapped_column(String(60), default="")
    """Of a shop or an office; a household is not named."""
    paid_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    note: Mapped[str] = mapped_column(String(200), default="")
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    voided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    void_reason: Mapped[str] = mapped_column(String(200), default="")
    lot_id: Mapped[UUID | None] = mapped_column(index=True)
    """The lot as part of which it leaves."""
