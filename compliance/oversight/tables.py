"""How is it stored what a site may store?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.clock import UtcDateTime


class StorageLimit(Base):
    """The most that a site may store, as its licence or its environmental assessment says."""

    __tablename__ = "storage_limit"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    kg: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(200))
    """Which paper says so."""
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[UUID | None] = mapped_column()
