"""How are settlements and the journal stored?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Settlement(Base):
    """What one received load makes everybody owe."""

    __tablename__ = "settlement"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    deal_id: Mapped[UUID] = mapped_column(unique=True)
    manifest_id: Mapped[UUID] = mapped_column(index=True)
    kg: Mapped[int] = mapped_column(BigInteger)
    disputed_kg: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10), index=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lines: Mapped[list[SettlementLine]] = relationship(
        lazy="selectin", order_by="SettlementLine.ordinal", cascade="all"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol


class SettlementLine(Base):
    """One sum that one party owes another, with the day it was paid."""

    __tablename__ = "settlement_line"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    settlement_id: Mapped[UUID] = mapped_column(ForeignKey("settlement.id"), index=True)
    ordinal: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(10))
    payer_id: Mapped[UUID] = mapped_column(index=True)
    payee_id: Mapped[UUID | None] = mapped_column(index=True)
    fen: Mapped[int] = mapped_column(BigInteger)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MoneyAccount(Base):
    """One account of one party, or of the platform (`owner_key` "platform"); its row is the lock."""

    __tablename__ = "money_account"
    owner_key: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)


class JournalEntry(Base):
    """One balanced booking; never changed, corrected by a reversing entry (S6)."""

    __tablename__ = "journal_entry"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    intent: Mapped[str] = mapped_column(String(120), unique=True)
    """What the booking is for, e.g. `settlement:<id>:line:1:paid`: the same intent books once."""
    reference: Mapped[UUID] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class JournalLine(Base):
    """One account's part in a booking; fen, positive what it gains."""

    __tablename__ = "journal_line"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("journal_entry.id"), index=True)
    owner_key: Mapped[str] = mapped_column(String(36), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    fen: Mapped[int] = mapped_column(BigInteger)
