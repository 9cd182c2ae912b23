"""How are the keys of terminals stored, and the numbers reserved for them?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class SigningKey(Base):
    """The public half of a key that one terminal holds for one person; its chain stands at `last_seq`."""

    __tablename__ = "signing_key"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    person_name: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    label: Mapped[str] = mapped_column(String(60))
    """By which its person knows the terminal."""
    algorithm: Mapped[str] = mapped_column(String(8))
    public_key: Mapped[str] = mapped_column(String(130), unique=True)
    enrolled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seq: Mapped[int] = mapped_column(Integer)
    last_hash: Mapped[str] = mapped_column(String(64))
    last_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """As of when its newest act was taken: the next one is not earlier."""
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by: Mapped[str] = mapped_column(String(60), default="")
    reason: Mapped[str] = mapped_column(String(400), default="")


class ReservedNumber(Base):
    """One manifest number that a terminal holds, and what became of it: none is lost without a word (M2)."""

    __tablename__ = "reserved_number"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key_id: Mapped[UUID] = mapped_column(index=True)
    organisation_id: Mapped[UUID] = mapped_column()
    number: Mapped[str] = mapped_column(String(14), index=True)
    """Given out once more after it went back to its series: of its rows all but one are returned."""
    state: Mapped[str] = mapped_column(String(10), index=True)
    reserved_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    manifest_id: Mapped[UUID | None] = mapped_column()
    reason: Mapped[str] = mapped_column(String(400), default="")
