"""How are approvals, filings and reports across provinces stored?"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Approval(Base):
    """Leave for one waste of one mover to go to one receiver in another province (X1, X4, X6)."""

    __tablename__ = "approval"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20), index=True)
    mover_id: Mapped[UUID] = mapped_column(index=True)
    receiver_id: Mapped[UUID] = mapped_column(index=True)
    origin: Mapped[str] = mapped_column(String(6))
    """Division of the site the waste leaves; its first two digits are the province."""
    destination: Mapped[str] = mapped_column(String(6))
    code: Mapped[str] = mapped_column(String(12))
    waste_name: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(12))
    hazardous: Mapped[bool] = mapped_column()
    mode: Mapped[str] = mapped_column(String(10))
    kg: Mapped[int] = mapped_column(BigInteger)
    asked_from: Mapped[date] = mapped_column(Date)
    asked_to: Mapped[date] = mapped_column(Date)
    papers: Mapped[dict[str, str]] = mapped_column(JSON)
    """What is attached: where each paper is kept, by its name."""
    number: Mapped[str] = mapped_column(String(60), default="")
    other_number: Mapped[str] = mapped_column(String(60), default="")
    """A report has a number of each province."""
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol


class ApprovalStep(Base):
    """One act of the procedure: who entered what, when; never changed."""

    __tablename__ = "approval_step"
    __table_args__ = (UniqueConstraint("approval_id", "ordinal"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    approval_id: Mapped[UUID] = mapped_column(index=True)
    ordinal: Mapped[int] = mapped_column(Integer)
    act: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    person_name: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(400), default="")


class ApprovalDraw(Base):
    """A mass drawn from an approval for one load; `kg` follows the load until it is confirmed (X4)."""

    __tablename__ = "approval_draw"
    __table_args__ = (UniqueConstraint("booking_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    approval_id: Mapped[UUID] = mapped_column(index=True)
    booking_id: Mapped[UUID] = mapped_column()
    kg: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
