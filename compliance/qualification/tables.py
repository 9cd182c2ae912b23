"""How are documents, their scans and the decisions on them stored?"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class ScanRow(Base):
    """A file that an organisation has uploaded; its bytes lie outside, under the hash."""

    __tablename__ = "scan"
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(20))
    size: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    uploaded_by: Mapped[UUID | None] = mapped_column()
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Document(Base):
    """One paper that a party shows, as entered; what it says beyond its dates is in `terms`."""

    __tablename__ = "document"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    subject_kind: Mapped[str] = mapped_column(String(12))
    subject_id: Mapped[UUID] = mapped_column(index=True)
    """The organisation itself, one of its people, or one of its vehicles."""
    label: Mapped[str] = mapped_column(String(60), default="")
    """How people know the subject: a name or a plate."""
    kind: Mapped[str] = mapped_column(String(30))
    number: Mapped[str] = mapped_column(String(40))
    issued_by: Mapped[str] = mapped_column(String(80), default="")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date, index=True)
    terms: Mapped[dict[str, object]] = mapped_column(JSON)
    """Of a licence: modes, classes, lines (code and kilograms a year), total kilograms a year."""
    scan_sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), index=True)
    licence_id: Mapped[UUID | None] = mapped_column()
    """The licence that the gates read since the document was accepted."""
    submitted_by: Mapped[UUID | None] = mapped_column()
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol


class DocumentDecision(Base):
    """What one person decided on a document, and why."""

    __tablename__ = "document_decision"
    __table_args__ = (UniqueConstraint("document_id", "person_id", "act"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"), index=True)
    act: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[UUID | None] = mapped_column()
    person_name: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(400), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
