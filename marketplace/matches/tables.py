"""How are proposed matches stored?"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, Float, Integer, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Match(Base):
    """One ranked proposal: this lot to this need by this vehicle, with its score and its reasons."""

    __tablename__ = "match"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(index=True)
    need_id: Mapped[UUID] = mapped_column(index=True)
    processor_id: Mapped[UUID] = mapped_column(index=True)
    vehicle_id: Mapped[UUID] = mapped_column(index=True)
    carrier_id: Mapped[UUID] = mapped_column()
    rank: Mapped[int] = mapped_column(Integer)
    kg: Mapped[int] = mapped_column(BigInteger)
    price: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    freight_fen: Mapped[int] = mapped_column(BigInteger)
    metres: Mapped[int] = mapped_column(BigInteger)
    distance_source: Mapped[str] = mapped_column(String(20))
    score: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    parts: Mapped[dict[str, str]] = mapped_column(JSON)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(12), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Outlook(Base):
    """When a lot was last looked at, and why nobody could take it, where nobody could."""

    __tablename__ = "lot_outlook"
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    found: Mapped[int] = mapped_column(Integer)
    refusals: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class GatePrice(Base):
    """What room at a need was worth when the whole market was last cleared, CNY per tonne.

    `ask`: what other lots lose when one more tonne comes in; `bid`: what a tonne more of licence would earn.
    """

    __tablename__ = "gate_price"
    need_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), index=True)
    ask: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    bid: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class MarketLook(Base):
    """When the whole market was last cleared for its prices, up to which event, how many lots; one row."""

    __tablename__ = "market_look"
    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    lots: Mapped[int] = mapped_column(Integer)


class MatchFirmness(Base):
    """In how many of some slightly other markets a match was made again, when the market was last shaken.

    `made`: it is part of the clearing itself. Worths and rooms were off by up to `percent`, by chance.
    """

    __tablename__ = "match_firmness"
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    need_id: Mapped[UUID] = mapped_column(primary_key=True)
    made: Mapped[bool] = mapped_column(Boolean)
    again: Mapped[int] = mapped_column(Integer)
    samples: Mapped[int] = mapped_column(Integer)
    percent: Mapped[float] = mapped_column(Float)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
