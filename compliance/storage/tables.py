"""How is it stored what a site may store?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, true
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class StorageLimit(Base):
    """The most that may lie at a site, as its licence, plan or environmental assessment says."""

    __tablename__ = "storage_limit"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    facility: Mapped[str] = mapped_column(String(60), primary_key=True, default="", server_default="")
    """The facility of the ledgers (贮存设施编码); empty: the whole site."""
    code: Mapped[str] = mapped_column(String(12), primary_key=True, default="", server_default="")
    """A waste code or a category; empty: all waste."""
    kg: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(200))
    """Which paper says so."""
    by_authority: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Whether who oversees noted it: then the party itself does not change it."""
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[UUID | None] = mapped_column()
