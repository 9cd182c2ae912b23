"""How are manifests and their signatures stored?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.clock import UtcDateTime


class Manifest(Base):
    """One transfer manifest; `number` is provisional until the national number stands beside it (M1)."""

    __tablename__ = "manifest"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    deal_id: Mapped[UUID] = mapped_column(unique=True)
    number: Mapped[str | None] = mapped_column(String(14), unique=True)
    national_number: Mapped[str | None] = mapped_column(String(20), index=True)
    state: Mapped[str] = mapped_column(String(20), index=True)
    version: Mapped[int] = mapped_column(Integer)
    mover_id: Mapped[UUID] = mapped_column(index=True)
    carrier_id: Mapped[UUID] = mapped_column(index=True)
    receiver_id: Mapped[UUID] = mapped_column(index=True)
    origin_site_id: Mapped[UUID] = mapped_column()
    destination_site_id: Mapped[UUID] = mapped_column()
    vehicle_id: Mapped[UUID] = mapped_column(index=True)
    plate: Mapped[str] = mapped_column(String(12))
    driver_id: Mapped[UUID | None] = mapped_column(index=True)
    code: Mapped[str] = mapped_column(String(12))
    edition: Mapped[str] = mapped_column(String(20))
    waste_name: Mapped[str] = mapped_column(String(200))
    hazardous: Mapped[bool] = mapped_column()
    mode: Mapped[str] = mapped_column(String(10))
    planned_kg: Mapped[int] = mapped_column(BigInteger)
    loaded_kg: Mapped[int | None] = mapped_column(BigInteger)
    accepted_kg: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(400), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol


class ManifestSignature(Base):
    """Who did which act when, and the hash of what was signed."""

    __tablename__ = "manifest_signature"
    __table_args__ = (UniqueConstraint("manifest_id", "ordinal"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    manifest_id: Mapped[UUID] = mapped_column(index=True)
    ordinal: Mapped[int] = mapped_column(Integer)
    act: Mapped[str] = mapped_column(String(20))
    party: Mapped[str] = mapped_column(String(10))
    person_id: Mapped[UUID | None] = mapped_column()
    person_name: Mapped[str] = mapped_column(String(60))
    organisation_id: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    lat: Mapped[float | None] = mapped_column()
    lon: Mapped[float | None] = mapped_column()
    document_hash: Mapped[str] = mapped_column(String(64))


class ManifestSerial(Base):
    """The last serial given out for a year and a prefecture of origin; the row is the queue (M2)."""

    __tablename__ = "manifest_serial"
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    prefecture: Mapped[str] = mapped_column(String(4), primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
