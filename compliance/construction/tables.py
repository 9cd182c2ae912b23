"""How are treatment plans, disposal sites, closed vehicles and what was drawn of them stored?"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class TreatmentPlan(Base):
    """The treatment plan of one project, as submitted and filed; `kg` is what may leave the site."""

    __tablename__ = "treatment_plan"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    site_id: Mapped[UUID] = mapped_column(index=True)
    project: Mapped[str] = mapped_column(String(120))
    codes: Mapped[list[str]] = mapped_column(JSON)
    kg: Mapped[int] = mapped_column(BigInteger)
    reused_kg: Mapped[int] = mapped_column(BigInteger, default=0)
    """What is used on the site itself and never leaves it."""
    sites: Mapped[list[str]] = mapped_column(JSON)
    """The ids of the sites it may go to; empty: any that is permitted."""
    permit_number: Mapped[str] = mapped_column(String(40), default="")
    """The municipal disposal permit, where one is asked."""
    number: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[str] = mapped_column(String(10), index=True)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(400), default="")
    decided_by: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol


class DisposalSite(Base):
    """What a site may take of construction waste in all, by which permit."""

    __tablename__ = "disposal_site"
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id"), primary_key=True)
    capacity_kg: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[str] = mapped_column(String(40))
    valid_to: Mapped[date] = mapped_column(Date)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[UUID | None] = mapped_column()


class ClosedVehicle(Base):
    """A vehicle that is permitted to move construction waste because its body closes."""

    __tablename__ = "closed_vehicle"
    vehicle_id: Mapped[UUID] = mapped_column(primary_key=True)
    carrier_id: Mapped[UUID] = mapped_column(index=True)
    plate: Mapped[str] = mapped_column(String(16))
    number: Mapped[str] = mapped_column(String(40))
    valid_to: Mapped[date] = mapped_column(Date)
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SpoilDraw(Base):
    """A mass drawn from a plan and a disposal site for one load; `kg` follows it until it is accepted."""

    __tablename__ = "spoil_draw"
    manifest_id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("treatment_plan.id"), index=True)
    site_id: Mapped[UUID] = mapped_column(index=True)
    kg: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
