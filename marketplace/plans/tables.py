"""How are a carrier's accepted plans and its locks stored?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Plan(Base):
    """One accepted change of who carries what when; `before` is the way back.

    Who carries a load now is what its trip says: a plan is what was decided, not what is so.
    """

    __tablename__ = "plan"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    carrier_id: Mapped[UUID] = mapped_column(index=True)
    person_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    solve_id: Mapped[UUID | None] = mapped_column()
    """The solve it is the answer of; None: moved by hand."""
    state: Mapped[str] = mapped_column(String(10))
    before: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """Of each load it changed: vehicle, driver and hour as they were."""
    after: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """The same as they became."""
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The cost by part before and after, in fen."""


class PlanLock(Base):
    """A load that stays with its vehicle, or a vehicle whose loads stay, until it is unlocked."""

    __tablename__ = "plan_lock"
    carrier_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LoadUrgency(Base):
    """How urgent a carrier has marked a load; without a row it is ordinary."""

    __tablename__ = "load_urgency"
    carrier_id: Mapped[UUID] = mapped_column(primary_key=True)
    manifest_id: Mapped[UUID] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CarrierCosts(Base):
    """What a carrier has stated that its vehicles cost; without a row the product's own figures are used."""

    __tablename__ = "carrier_costs"
    carrier_id: Mapped[UUID] = mapped_column(primary_key=True)
    fixed_fen: Mapped[int] = mapped_column(BigInteger)
    per_km_fen: Mapped[int] = mapped_column(BigInteger)
    per_hour_fen: Mapped[int] = mapped_column(BigInteger)
    stop_minutes: Mapped[int] = mapped_column(Integer)
    person_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CarrierCleaning(Base):
    """Between which wastes a carrier's vehicles are cleaned, and where; without a row nowhere."""

    __tablename__ = "carrier_cleaning"
    carrier_id: Mapped[UUID] = mapped_column(primary_key=True)
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    places: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    person_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class VehicleCleaning(Base):
    """A vehicle that somebody says was cleaned: what it carried before no longer counts."""

    __tablename__ = "vehicle_cleaning"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    carrier_id: Mapped[UUID] = mapped_column(index=True)
    vehicle_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[UUID] = mapped_column()
