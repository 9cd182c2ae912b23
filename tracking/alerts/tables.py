"""How are alerts stored?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Alert(Base):
    """One thing that was noticed, with its evidence, and what somebody who looked into it found."""

    __tablename__ = "alert"
    __table_args__ = (Index("ix_alert_state_raised_at", "state", "raised_at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(140), unique=True)
    """Kind, subject and start (`rules.Finding.key`): judging the same data again raises nothing twice."""
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(Integer)
    device_id: Mapped[str | None] = mapped_column(String(64), index=True)
    vehicle_id: Mapped[UUID | None] = mapped_column(index=True)
    trip_id: Mapped[UUID | None] = mapped_column(index=True)
    manifest_id: Mapped[UUID | None] = mapped_column(index=True)
    weighing_id: Mapped[UUID | None] = mapped_column(index=True)
    site_id: Mapped[UUID | None] = mapped_column(index=True)
    organisation_id: Mapped[UUID | None] = mapped_column(index=True)
    """Whose duty was left undone; whose site, vehicle or load it is, those say."""
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    evidence: Mapped[dict[str, object]] = mapped_column(JSON)
    late: Mapped[bool] = mapped_column(default=False)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was first seen here."""
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    assignee_id: Mapped[UUID | None] = mapped_column(index=True)
    outcome: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(400), default="")
    """What the person wrote who closed it, or why later data took it back."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[UUID | None] = mapped_column()
    """Who closed it; None where data withdrew it."""

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol
