"""How are pipelines, their daily readings and the manifests of their periods stored?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Pipeline(Base):
    """One way by which waste of one code goes from a mover's site to a receiver's without being weighed."""

    __tablename__ = "pipeline"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(60))
    carrying: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), index=True)
    mover_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    receiver_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    origin_site_id: Mapped[UUID] = mapped_column()
    destination_site_id: Mapped[UUID] = mapped_column()
    code: Mapped[str] = mapped_column(String(12))
    edition: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """The catalogue's edition of the day on which it was offered."""
    waste_name: Mapped[str] = mapped_column(String(200))
    hazardous: Mapped[bool] = mapped_column()
    mode: Mapped[str] = mapped_column(String(10))
    rhythm: Mapped[str] = mapped_column(String(10))
    """Over how long one manifest goes."""
    asked_by: Mapped[str] = mapped_column(String(120), default="")
    """Which authority asks for that rhythm, and in which paper."""
    day_permille: Mapped[int] = mapped_column(Integer)
    span_permille: Mapped[int] = mapped_column(Integer)
    mover_meter: Mapped[str] = mapped_column(String(60), default="")
    receiver_meter: Mapped[str] = mapped_column(String(60), default="")
    started_on: Mapped[date] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol


class MeterReading(Base):
    """What one side's meter said of one day, kilograms; what it said before a correction is on the record."""

    __tablename__ = "meter_reading"
    pipeline_id: Mapped[UUID] = mapped_column(ForeignKey("pipeline.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    side: Mapped[str] = mapped_column(String(8), primary_key=True)
    kg: Mapped[int] = mapped_column(BigInteger)
    how: Mapped[str] = mapped_column(String(10))
    counter_from_kg: Mapped[int | None] = mapped_column(BigInteger)
    counter_to_kg: Mapped[int | None] = mapped_column(BigInteger)
    """Where the meter's total stood at the day's beginning and end."""
    note: Mapped[str] = mapped_column(String(200), default="")
    person_name: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PeriodManifest(Base):
    """The manifest of one period of a pipeline; `number` is provisional, as every number of this product."""

    __tablename__ = "period_manifest"
    __table_args__ = (UniqueConstraint("pipeline_id", "period"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    pipeline_id: Mapped[UUID] = mapped_column(ForeignKey("pipeline.id"), index=True)
    period: Mapped[str] = mapped_column(String(10))
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)
    edition: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """The catalogue's edition of the period's last day; its pipeline's where that lists the code no more."""
    number: Mapped[str] = mapped_column(String(14), unique=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    mover_kg: Mapped[int] = mapped_column(BigInteger)
    receiver_kg: Mapped[int | None] = mapped_column(BigInteger)
    accepted_kg: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(400), default="")
    """Why both sides differ, or why it was reopened."""
    document: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What was signed last (`documents.issued`, `documents.confirmed`); None from before it was kept."""
    document_hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
    issued_by: Mapped[str] = mapped_column(String(60))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str] = mapped_column(String(60), default="")
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    treated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol
