"""How are deals stored?"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Deal(Base):
    """One load agreed between a producer, a processor and a carrier."""

    __tablename__ = "deal"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    lot_id: Mapped[UUID] = mapped_column(index=True)
    need_id: Mapped[UUID] = mapped_column(index=True)
    match_id: Mapped[UUID] = mapped_column(unique=True)
    producer_id: Mapped[UUID] = mapped_column(index=True)
    processor_id: Mapped[UUID] = mapped_column(index=True)
    carrier_id: Mapped[UUID] = mapped_column(index=True)
    vehicle_id: Mapped[UUID] = mapped_column()
    origin_site_id: Mapped[UUID] = mapped_column()
    destination_site_id: Mapped[UUID] = mapped_column()
    code: Mapped[str] = mapped_column(String(12))
    waste_name: Mapped[str] = mapped_column(String(200))
    mode: Mapped[str] = mapped_column(String(10))
    kg: Mapped[int] = mapped_column(BigInteger)
    price: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    freight_fen: Mapped[int] = mapped_column(BigInteger)
    terms_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), index=True)
    agreed_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol
