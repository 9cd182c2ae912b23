"""How are restricted areas and the police's approvals stored?"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from shapely.geometry.base import BaseGeometry
from sqlalchemy import JSON, Date, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime
from compliance.record.shape import Shape


class AreaVersion(Base):
    """A restricted area as it stood from one moment to another; an edit ends it and adds the next.

    So whatever is judged again later is judged by what stood then. `valid_from` to `valid_to` and the hours
    are the area's own: minutes of the day in Shanghai, weekdays 0 (Monday) to 6.
    """

    __tablename__ = "restricted_area"
    key: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[UUID] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(80))
    basis: Mapped[str] = mapped_column(String(200), default="")
    """Who restricts it, by which notice."""
    boundary: Mapped[BaseGeometry] = mapped_column(Shape("MULTIPOLYGON"))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    minute_from: Mapped[int] = mapped_column(Integer, default=0)
    minute_to: Mapped[int] = mapped_column(Integer, default=24 * 60)
    weekdays: Mapped[list[int]] = mapped_column(JSON)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    person_id: Mapped[UUID | None] = mapped_column()


class AreaApproval(Base):
    """The police's approval for one vehicle to be in an area on some days (M8)."""

    __tablename__ = "area_approval"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    area_id: Mapped[UUID] = mapped_column(index=True)
    plate: Mapped[str] = mapped_column(String(16))
    plate_key: Mapped[str] = mapped_column(String(16))
    number: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    person_id: Mapped[UUID | None] = mapped_column()
