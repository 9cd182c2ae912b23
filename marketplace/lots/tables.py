"""How are lots stored?"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Integer, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Lot(Base):
    """Waste that a producer wants taken away; `left_kg` is what no deal has taken yet."""

    __tablename__ = "lot"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    site_id: Mapped[UUID] = mapped_column()
    code: Mapped[str] = mapped_column(String(12), index=True)
    edition: Mapped[str] = mapped_column(String(20))
    waste_name: Mapped[str] = mapped_column(String(200))
    hazardous: Mapped[bool] = mapped_column()
    kg: Mapped[int] = mapped_column(BigInteger)
    left_kg: Mapped[int] = mapped_column(BigInteger)
    division: Mapped[str] = mapped_column(String(10))
    ready_from: Mapped[datetime] = mapped_column(UtcDateTime)
    ready_to: Mapped[datetime] = mapped_column(UtcDateTime)
    price: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    packaging: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str] = mapped_column(String(400), default="")
    composition: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """What is known of it by the names of `rules.Figure`, as decimal text."""
    state: Mapped[str] = mapped_column(String(10), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol
