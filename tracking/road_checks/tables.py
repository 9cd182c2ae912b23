"""How are road checks stored?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class RoadCheck(Base):
    """Who asked what, when and where, and the whole answer as it was given."""

    __tablename__ = "road_check"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    asked: Mapped[str] = mapped_column(String(400))
    by: Mapped[str] = mapped_column(String(10))
    verdict: Mapped[str] = mapped_column(String(10))
    manifest_id: Mapped[UUID | None] = mapped_column(index=True)
    vehicle_id: Mapped[UUID | None] = mapped_column(index=True)
    plate: Mapped[str] = mapped_column(String(16), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    person_id: Mapped[UUID | None] = mapped_column()
    person_name: Mapped[str] = mapped_column(String(60))
    lat: Mapped[float | None] = mapped_column()
    lon: Mapped[float | None] = mapped_column()
    place: Mapped[str] = mapped_column(String(120), default="")
    answer: Mapped[dict[str, object]] = mapped_column(JSON)
    """`rules.Answer` as plain values."""
