"""How are organisations, sites, people and licences stored?"""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from shapely import Point, Polygon
from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Integer, String, Time, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime
from compliance.record.shape import Shape


class Organisation(Base):
    """A legal person with its Unified Social Credit Code."""

    __tablename__ = "organisation"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    division_code: Mapped[str] = mapped_column(String(6), index=True)
    kinds: Mapped[list[str]] = mapped_column(JSON)
    wanted: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The kinds of business it has applied for, and is not yet approved for."""
    contact: Mapped[str] = mapped_column(String(120), default="")
    simulated: Mapped[bool] = mapped_column(default=False)
    """True for a party of the demonstration world: screens say so."""
    insured_to: Mapped[date | None] = mapped_column(Date)
    """Last valid day of the pollution liability insurance (L14); None where none was shown."""
    emergency_to: Mapped[date | None] = mapped_column(Date)
    """Last valid day of the filed emergency plan (M18)."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Site(Base):
    """A place where waste is loaded, weighed or received; `boundary` is its geofence."""

    __tablename__ = "site"
    key: Mapped[int] = mapped_column(Integer, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(200), default="")
    division_code: Mapped[str] = mapped_column(String(6))
    location: Mapped[Point] = mapped_column(Shape("POINT"))
    boundary: Mapped[Polygon] = mapped_column(Shape("POLYGON"))
    opens: Mapped[time | None] = mapped_column(Time)
    """From when on the gate lets vehicles in, local time, the same on every day; None: at any hour."""
    closes: Mapped[time | None] = mapped_column(Time)
    docks: Mapped[int | None] = mapped_column(Integer)
    """So many vehicles are unloaded at once; None: not stated."""


class Person(Base):
    """A natural person who acts for an organisation."""

    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    roles: Mapped[list[str]] = mapped_column(JSON)
    permit_to: Mapped[date | None] = mapped_column(Date)
    """Last valid day of a driver's dangerous-goods certificate (L9); None where the person holds none."""
    escort_to: Mapped[date | None] = mapped_column(Date)
    """Last valid day of an escort's certificate (L9)."""


class Suspension(Base):
    """An organisation that may not act for a while, by whom and why; None as the end: until it is lifted."""

    __tablename__ = "suspension"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    """The last day on which it counts."""
    reason: Mapped[str] = mapped_column(String(400))
    cause_id: Mapped[UUID | None] = mapped_column()
    """The visit whose findings brought it, and whose second look ends it."""
    ordered_by: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class QuotaPolicyRow(Base):
    """From which day on a yearly quantity is warned of, blocked and alarmed, in per cent of it."""

    __tablename__ = "quota_policy"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    since: Mapped[date] = mapped_column(Date)
    warn_percent: Mapped[int] = mapped_column(Integer)
    block_percent: Mapped[int] = mapped_column(Integer)
    alarm_percent: Mapped[int] = mapped_column(Integer)
    set_by: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LicenceRow(Base):
    """A licence or permit as issued."""

    __tablename__ = "licence"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    modes: Mapped[list[str]] = mapped_column(JSON)
    classes: Mapped[list[str]] = mapped_column(JSON)
    issued_by: Mapped[str] = mapped_column(String(80), default="")
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date)
    revoked_on: Mapped[date | None] = mapped_column(Date)
    """From this day on it no longer counts, whatever is printed on it."""
    total_kg: Mapped[int | None] = mapped_column(BigInteger)
    """What all lines together may take in a calendar year; None: their sum."""
    lines: Mapped[list[LicenceLineRow]] = relationship(
        lazy="selectin", order_by="LicenceLineRow.code", cascade="all"
    )


class LicenceLineRow(Base):
    """One waste of a licence with the mass that may be taken in a calendar year."""

    __tablename__ = "licence_line"
    __table_args__ = (UniqueConstraint("licence_id", "code"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    licence_id: Mapped[UUID] = mapped_column(ForeignKey("licence.id"), index=True)
    code: Mapped[str] = mapped_column(String(12))
    yearly_kg: Mapped[int] = mapped_column(BigInteger)


class LicenceDraw(Base):
    """A mass booked against a licence line for one deal; `kg` follows the load until it is confirmed."""

    __tablename__ = "licence_draw"
    __table_args__ = (UniqueConstraint("line_id", "deal_id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("licence_line.id"), index=True)
    deal_id: Mapped[UUID] = mapped_column(index=True)
    year: Mapped[int] = mapped_column(Integer)
    kg: Mapped[int] = mapped_column(BigInteger)
    confirmed: Mapped[bool] = mapped_column(default=False)
