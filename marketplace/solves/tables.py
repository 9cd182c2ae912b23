"""How are solves stored?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Solve(Base):
    """One calculation that somebody asked for: its problem as it then was, how far it is, its answer."""

    __tablename__ = "solve"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    person_id: Mapped[UUID] = mapped_column()
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    seconds: Mapped[float] = mapped_column(Float)
    iterations: Mapped[int | None] = mapped_column(BigInteger)
    seed: Mapped[int] = mapped_column(BigInteger)
    problem: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    """Emptied once the solve is over: it is the largest part, and the record itself is the truth."""
    progress: Mapped[dict[str, Any]] = mapped_column(JSON)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    """Also where it was stopped early: the best found until then."""
    failure: Mapped[str] = mapped_column(String(20), default="")
    detail: Mapped[str] = mapped_column(String(400), default="")
    """What was wrong with the problem, in the engine's words."""
    holder: Mapped[str] = mapped_column(String(80), default="")
    """The process that works on it, or did last."""
    beat_s: Mapped[float] = mapped_column(Float, default=0.0)
    """When that process last said that it lives: seconds of the machine's own clock."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
