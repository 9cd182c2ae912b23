"""How are ledgers, containers, plans and declarations stored?"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Date, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class LedgerEntry(Base):
    """One line of one of the five tables (`rules.Table`); the batch code is its name in its unit."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("organisation_id", "batch"),
        Index("ix_ledger_entry_organisation_id_day", "organisation_id", "day"),
        Index("ix_ledger_entry_organisation_id_source", "organisation_id", "source"),
        Index("ix_ledger_entry_organisation_id_code", "organisation_id", "code"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    organisation_id: Mapped[UUID] = mapped_column()
    part: Mapped[str] = mapped_column(String(12))
    batch: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(20), default="")
    day: Mapped[date] = mapped_column(Date)
    code: Mapped[str] = mapped_column(String(12))
    edition: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """The catalogue's edition of the day on which the waste entered the ledgers."""
    category: Mapped[str] = mapped_column(String(6))
    hazardous: Mapped[bool] = mapped_column()
    name: Mapped[str] = mapped_column(String(200))
    kg: Mapped[int] = mapped_column(BigInteger)
    purpose: Mapped[str] = mapped_column(String(14), default="")
    container: Mapped[str] = mapped_column(String(60), default="")
    container_kind: Mapped[str] = mapped_column(String(60), default="")
    count: Mapped[int] = mapped_column(Integer, default=1)
    facility: Mapped[str] = mapped_column(String(60), default="")
    method: Mapped[str] = mapped_column(String(60), default="")
    party: Mapped[str] = mapped_column(String(120), default="")
    licence: Mapped[str] = mapped_column(String(60), default="")
    handler: Mapped[str] = mapped_column(String(60), default="")
    note: Mapped[str] = mapped_column(String(400), default="")
    origin: Mapped[str] = mapped_column(String(10))
    manifest_id: Mapped[UUID | None] = mapped_column(index=True)
    """The load that made this line; a load has one in several tables, and 0 kg in one that was taken back."""
    out_kg: Mapped[int | None] = mapped_column(BigInteger)
    """What left the works by the scale, where table B.5 says what was accepted of it."""
    short_kg: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """What of it no batch of these ledgers accounts for."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol


class LedgerDraw(Base):
    """What the line of a load took of one batch; a line that somebody wrote names its one `source` itself."""

    __tablename__ = "ledger_draw"
    __table_args__ = (Index("ix_ledger_draw_organisation_id_source", "organisation_id", "source"),)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(20), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column()
    manifest_id: Mapped[UUID] = mapped_column(index=True)
    kg: Mapped[int] = mapped_column(BigInteger)


class LoadBatches(Base):
    """Which batches a load takes first, as its mover named them or their labels told at loading."""

    __tablename__ = "load_batches"
    manifest_id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column()
    batches: Mapped[list[str]] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LedgerSerial(Base):
    """The last serial given to a unit's batches or containers of a day; the row is the queue."""

    __tablename__ = "ledger_serial"
    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    prefix: Mapped[str] = mapped_column(String(12), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)


class Container(Base):
    """One container with its 37-digit code (G7, G8: one code a container)."""

    __tablename__ = "container"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    code: Mapped[str] = mapped_column(String(37), unique=True)
    serial: Mapped[int] = mapped_column(Integer)
    waste: Mapped[str] = mapped_column(String(12))
    edition: Mapped[str] = mapped_column(String(12), default="", server_default="")
    """The catalogue's edition of the day on which it was filled."""
    name: Mapped[str] = mapped_column(String(200))
    litres: Mapped[int] = mapped_column(Integer)
    kg: Mapped[int] = mapped_column(BigInteger)
    form: Mapped[str] = mapped_column(String(60), default="")
    main: Mapped[str] = mapped_column(String(60), default="")
    harmful: Mapped[str] = mapped_column(String(60), default="")
    cautions: Mapped[str] = mapped_column(String(60), default="")
    made_on: Mapped[date] = mapped_column(Date)
    batch: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LedgerUnit(Base):
    """What a unit states of itself for its class: amounts of years before it came here, own treatment."""

    __tablename__ = "ledger_unit"
    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    amounts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    treats_itself: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ManagementPlan(Base):
    """A year's management plan as filed; `number` is the filing number that the national system gave."""

    __tablename__ = "management_plan"
    __table_args__ = (UniqueConstraint("organisation_id", "year"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    year: Mapped[int] = mapped_column(Integer)
    number: Mapped[str] = mapped_column(String(40))
    filed_on: Mapped[date] = mapped_column(Date)
    lines: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class YearTable(Base):
    """One table that a unit fills for a year (`forms.Form`), its rows by field; what it said is on record."""

    __tablename__ = "year_table"
    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    form: Mapped[str] = mapped_column(String(4), primary_key=True)
    rows: Mapped[list[dict[str, str | int]]] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Declaration(Base):
    """What a unit must declare for one period, and that it did; the figures as they stood then."""

    __tablename__ = "declaration"
    __table_args__ = (UniqueConstraint("organisation_id", "period"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    period: Mapped[str] = mapped_column(String(8))
    rhythm: Mapped[str] = mapped_column(String(10))
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date] = mapped_column(Date)
    declared_on: Mapped[date | None] = mapped_column(Date)
    number: Mapped[str] = mapped_column(String(40), default="")
    """The receipt number of the national system, typed in."""
    figures: Mapped[list[dict[str, object]] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LedgerImport(Base):
    """A file that was read and judged row by row, and whether it was taken in."""

    __tablename__ = "ledger_import"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(index=True)
    person_id: Mapped[UUID | None] = mapped_column()
    file_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    part: Mapped[str] = mapped_column(String(12))
    rows: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    """The cells of each row by the names of its columns, as they stood in the file."""
    outcomes: Mapped[list[dict[str, object]] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
