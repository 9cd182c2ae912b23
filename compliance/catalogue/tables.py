"""How are editions, codes, exemptions and divisions stored?"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import JSON, Date, Float, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class CatalogueEdition(Base):
    """One issue of a catalogue with the days on which it is in force."""

    __tablename__ = "catalogue_edition"
    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    basis: Mapped[str] = mapped_column(String(20))


class CatalogueEntry(Base):
    """One code of one edition; `search_text` holds its search card."""

    __tablename__ = "catalogue_entry"
    edition: Mapped[str] = mapped_column(ForeignKey(CatalogueEdition.code), primary_key=True)
    code: Mapped[str] = mapped_column(String(11), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(String(10))
    category: Mapped[str] = mapped_column(String(4), index=True)
    category_name: Mapped[str] = mapped_column(String(60))
    industry: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(Text)
    hazards: Mapped[str] = mapped_column(String(20))
    basis: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    search_text: Mapped[str] = mapped_column(Text)


class ExemptionItem(Base):
    """One line of an edition's exemption list; `codes` and `stages` are joined by semicolons."""

    __tablename__ = "catalogue_exemption"
    edition: Mapped[str] = mapped_column(ForeignKey(CatalogueEdition.code), primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    item: Mapped[int] = mapped_column(Integer)
    codes: Mapped[str] = mapped_column(String(120))
    scope: Mapped[str] = mapped_column(Text)
    waste: Mapped[str] = mapped_column(Text)
    stages: Mapped[str] = mapped_column(String(40))
    condition: Mapped[str] = mapped_column(Text)
    effect: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(String(20))


class Division(Base):
    """One province, prefecture or county; the coordinates centre a map and nothing more."""

    __tablename__ = "division"
    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    name_zh: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(10))
    parent_code: Mapped[str | None] = mapped_column(String(6), index=True)
    lon: Mapped[float | None] = mapped_column(Float)
    lat: Mapped[float | None] = mapped_column(Float)


class CatalogueImport(Base):
    """One file that was made an edition, and what it replaced, for the way back."""

    __tablename__ = "catalogue_import"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    edition: Mapped[str] = mapped_column(String(12), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    listing: Mapped[str] = mapped_column(String(10), default="codes", server_default="codes")
    """Whether the file is the edition's list of codes or its exemption list (`rules.Listing`)."""
    valid_from: Mapped[date] = mapped_column(Date)
    file_name: Mapped[str] = mapped_column(String(120))
    file_sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int] = mapped_column(Integer)
    added: Mapped[int] = mapped_column(Integer)
    changed: Mapped[int] = mapped_column(Integer)
    removed: Mapped[int] = mapped_column(Integer)
    before: Mapped[list[dict[str, object]]] = mapped_column(JSON)
    """The edition's rows as they were."""
    after: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list, server_default="[]")
    """What it alone listed, once it was taken back: documents made in between go on naming it."""
    basis_before: Mapped[str] = mapped_column(String(20))
    """Where the edition came from before; empty: it was not there."""
    ended: Mapped[str] = mapped_column(String(12))
    """The edition that ends because of it; empty: none."""
    applied_by: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    rolled_back_by: Mapped[UUID | None] = mapped_column()
    rolled_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
