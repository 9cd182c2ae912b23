"""How are the facts of a profile stored, and the batteries with what they were part of?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class ProfileFacts(Base):
    """What a profile knows of one lot, by the names of `rules.Fact`."""

    __tablename__ = "profile_facts"
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    profile: Mapped[str] = mapped_column(String(14))
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Battery(Base):
    """One pack, module or cell by its code: who holds it, and what it is part of now."""

    __tablename__ = "battery"
    code: Mapped[str] = mapped_column(String(24), primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(6))
    holder_id: Mapped[UUID] = mapped_column(index=True)
    parent_code: Mapped[str | None] = mapped_column(String(24), index=True)
    manifest_id: Mapped[UUID | None] = mapped_column(index=True)
    """The manifest under which it travels, or travelled last."""
    dismantled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BatteryStep(Base):
    """One step of a battery's life: registered, dismantled, handed on; nothing of it is overwritten."""

    __tablename__ = "battery_step"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(24), index=True)
    step: Mapped[str] = mapped_column(String(12))
    other_code: Mapped[str | None] = mapped_column(String(24))
    """The pack or module that it was part of until then."""
    holder_id: Mapped[UUID] = mapped_column()
    manifest_id: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
