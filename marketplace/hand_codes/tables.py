"""How are codes stored, by which a load changes hands?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class HandCode(Base):
    """The giver's half of a hand-over: who signs, by what, for which state of the manifest, until when."""

    __tablename__ = "hand_code"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    manifest_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(10))
    giver_id: Mapped[UUID] = mapped_column()
    giver_name: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[UUID] = mapped_column()
    credential: Mapped[str] = mapped_column(String(10))
    place: Mapped[str] = mapped_column(String(200))
    lat: Mapped[float | None] = mapped_column()
    lon: Mapped[float | None] = mapped_column()
    document_hash: Mapped[str] = mapped_column(String(64))
    """Of the manifest as the giver signed for it: changed since, the code is worth nothing."""
    shown_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """By the machine's clock."""
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taker_name: Mapped[str] = mapped_column(String(60), default="")
