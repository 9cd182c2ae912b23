"""How is what was signed without signal kept, beside what it met?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime

Fields = dict[str, str | int | None]


class KeptAct(Base):
    """One act as a terminal signed it: its text and signature to the letter, and what became of it."""

    __tablename__ = "kept_act"
    __table_args__ = (UniqueConstraint("key_id", "seq"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key_id: Mapped[UUID] = mapped_column()
    seq: Mapped[int] = mapped_column(Integer)
    hash: Mapped[str] = mapped_column(String(64))
    statement: Mapped[str] = mapped_column(Text)
    signature: Mapped[str] = mapped_column(String(128))
    person_id: Mapped[UUID] = mapped_column(index=True)
    person_name: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    act: Mapped[str] = mapped_column(String(20))
    manifest_id: Mapped[UUID] = mapped_column(index=True)
    trip_id: Mapped[UUID | None] = mapped_column()
    number: Mapped[str] = mapped_column(String(14), default="")
    """The reserved number it was issued with."""
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """By the terminal's own clock."""
    acted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """As of when it is taken."""
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lat: Mapped[float | None] = mapped_column()
    lon: Mapped[float | None] = mapped_column()
    state: Mapped[str] = mapped_column(String(10), index=True)
    seen: Mapped[Fields] = mapped_column(JSON)
    """The manifest as the terminal showed it."""
    found: Mapped[Fields] = mapped_column(JSON)
    """The manifest as the act met it."""
    reasons: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    """What stood against it: code, rule, text of the catalogue and its values as JSON."""
    decided_by_id: Mapped[UUID | None] = mapped_column()
    decided_by: Mapped[str] = mapped_column(String(60), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str] = mapped_column(String(20), default="")
    reason: Mapped[str] = mapped_column(String(400), default="")
