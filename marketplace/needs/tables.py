"""How are processors' standing needs stored?"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, Integer, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Need(Base):
    """An open offer to take a waste at a gate price (CNY/t the taker pays the holder, P1)."""

    __tablename__ = "need"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    site_id: Mapped[UUID] = mapped_column()
    code: Mapped[str] = mapped_column(String(12), index=True)
    mode: Mapped[str] = mapped_column(String(10))
    price: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    left_kg: Mapped[int] = mapped_column(BigInteger)
    valid_to: Mapped[date] = mapped_column(Date)
    limits: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)
    """The `least` and `most` that are accepted of each figure of a lot, as decimal text."""
    weekdays: Mapped[list[int]] = mapped_column(JSON, default=list)
    """The ISO weekdays on which the gate is open; empty: every day."""
    open: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol
