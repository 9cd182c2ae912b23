"""How are draws, visits and what was found stored?"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class VisitDraw(Base):
    """One draw: the seed and what it comes from, who could have been drawn, and how many were."""

    __tablename__ = "visit_draw"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, unique=True)
    """Its own number, without gaps."""
    period: Mapped[str] = mapped_column(String(7), default="", server_default="")
    """The quarter that it is for."""
    anchor_day: Mapped[date | None] = mapped_column(Date)
    """The day of the anchor that the seed comes from; None where the seed was typed, as it once was."""
    anchor_digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    """Why the same parties are drawn from once more in one period."""
    purpose: Mapped[str] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(String(12))
    division: Mapped[str] = mapped_column(String(6), default="")
    """Whose first digits the pool shares; empty: everywhere."""
    form: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """By which rule the seed comes from the anchor (`again.seed_of`)."""
    earlier: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How often exactly this purpose, kind, division and period had been drawn from before."""
    seed: Mapped[str] = mapped_column(String(64))
    pool: Mapped[list[str]] = mapped_column(JSON)
    inspectors: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Who could have been sent."""
    pool_hash: Mapped[str] = mapped_column(String(64))
    count: Mapped[int] = mapped_column(Integer)
    drawn_by: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class SiteVisit(Base):
    """One visit of one party, from the draw to its end."""

    __tablename__ = "site_visit"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    draw_id: Mapped[UUID] = mapped_column(ForeignKey("visit_draw.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(24))
    kinds: Mapped[list[str]] = mapped_column(JSON)
    """What the party was approved for on the day of the draw: it decides the points of the list."""
    inspector_id: Mapped[UUID | None] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    due_on: Mapped[date | None] = mapped_column(Date)
    """By when what was found is to be put right."""
    order_text: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol


class VisitRound(Base):
    """One time somebody went there: answers point by point, a note, photos by hash; never changed."""

    __tablename__ = "visit_round"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("site_visit.id"), index=True)
    answers: Mapped[dict[str, str]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(1000), default="")
    photos: Mapped[list[str]] = mapped_column(JSON)
    """SHA-256 of pictures, kept as scans of the inspector's organisation."""
    person_id: Mapped[UUID | None] = mapped_column()
    person_name: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
