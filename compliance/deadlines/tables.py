"""How is a deadline kept?"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Deadline(Base):
    """What one organisation must do by a day about one thing: a manifest, a licence."""

    __tablename__ = "deadline"
    __table_args__ = (UniqueConstraint("kind", "subject_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[UUID] = mapped_column(index=True)
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    label: Mapped[str] = mapped_column(String(40))
    """How people know the subject: a manifest's or licence's number."""
    counted_from: Mapped[date] = mapped_column(Date)
    """The day of the act, or the last day of the paper."""
    due_on: Mapped[date] = mapped_column(Date, index=True)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The moment on that day, where hours count."""
    provisional: Mapped[bool] = mapped_column()
    """True while the working days of its year are not published."""
    state: Mapped[str] = mapped_column(String(10), index=True)
    reminded: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol
