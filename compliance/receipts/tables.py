"""How are receipts stored?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Integer, String, false
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Receipt(Base):
    """What arrived under one manifest, by both ends' scales."""

    __tablename__ = "receipt"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    manifest_id: Mapped[UUID] = mapped_column(unique=True)
    deal_id: Mapped[UUID] = mapped_column(index=True)
    receiver_id: Mapped[UUID] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(Integer)
    sender_kg: Mapped[int] = mapped_column(BigInteger)
    receiver_kg: Mapped[int] = mapped_column(BigInteger)
    accepted_kg: Mapped[int | None] = mapped_column(BigInteger)
    receiver_typed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The receiver's net was typed by leave: no scale told it, or a wrong one."""
    within_tolerance: Mapped[bool] = mapped_column()
    tolerance_kg: Mapped[int | None] = mapped_column(BigInteger)
    """How far the nets may differ; None: 3 per mille, as receipts of earlier releases were compared."""
    tolerance_parts: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    """What the tolerance rests on, and the kilograms that make it up."""
    weighing_ids: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol
