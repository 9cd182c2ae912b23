"""How are anchors and their time stamps stored? Neither is ever changed; the database refuses it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Date, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Anchor(Base):
    """The head of the chain on a day, and the Merkle root of the events since the last anchor."""

    __tablename__ = "anchor"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, unique=True)
    first_seq: Mapped[int] = mapped_column(BigInteger)
    last_seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    head: Mapped[str] = mapped_column(String(64))
    root: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
    """The digest of the anchor before."""
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the statement (`offline.statement`)."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class AnchorPublication(Base):
    """When an anchor was first written out as a file for others to keep."""

    __tablename__ = "anchor_publication"
    anchor_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class AnchorStamp(Base):
    """A time-stamping authority's word (RFC 3161) that an anchor's statement existed at a moment."""

    __tablename__ = "anchor_stamp"
    __table_args__ = (UniqueConstraint("anchor_id", "authority"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    anchor_id: Mapped[UUID] = mapped_column(index=True)
    authority: Mapped[str] = mapped_column(String(120))
    simulated: Mapped[bool] = mapped_column()
    token: Mapped[bytes] = mapped_column(LargeBinary)
    """The whole TimeStampResp, DER."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The moment that the authority states."""
