"""How is it stored what was noted of companies?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class CompanyFact(Base):
    """What an inspector noted of a company that may tie it to another; of a bank account the hash alone."""

    __tablename__ = "company_fact"
    __table_args__ = (UniqueConstraint("organisation_id", "kind", "key"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(64), index=True)
    """By what it is compared: a plain name, or a hash."""
    shown: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(200))
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    noted_by: Mapped[UUID | None] = mapped_column()
