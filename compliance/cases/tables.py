"""How are cases and their notes stored?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class CaseFile(Base):
    """One complaint and what became of it; of the lookup code only the SHA-256 is kept."""

    __tablename__ = "case_file"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    about: Mapped[str] = mapped_column(String(120), default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    division_code: Mapped[str] = mapped_column(String(6), default="")
    contact: Mapped[str] = mapped_column(String(120), default="")
    """How to reach whoever complained; empty: anonymous."""
    alert_id: Mapped[UUID | None] = mapped_column(index=True)
    """The alert that the case was opened from; None: somebody complained."""
    state: Mapped[str] = mapped_column(String(10), index=True)
    version: Mapped[int] = mapped_column(Integer)
    assignee_id: Mapped[UUID | None] = mapped_column(index=True)
    outcome: Mapped[str | None] = mapped_column(String(10))
    answer: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol


class CaseNote(Base):
    """What somebody who looks into a case wrote down; for those who oversee alone."""

    __tablename__ = "case_note"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_file.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    person_name: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)


class CaseSerial(Base):
    """The last serial given out in a year; the row is the queue."""

    __tablename__ = "case_serial"
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer)
