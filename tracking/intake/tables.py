"""How is it stored what came in, what was refused, and how far each stream is complete?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Watermark(Base):
    """How far one stream is complete: every number up to `watermark`, and closed `ranges` beyond it."""

    __tablename__ = "watermark"
    device_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    inc: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    stream: Mapped[str] = mapped_column(String(3), primary_key=True)
    watermark: Mapped[int] = mapped_column(BigInteger)
    ranges: Mapped[list[list[int]]] = mapped_column(JSON)


class DeviceEvent(Base):
    """A happening that a device reported beside its fixes."""

    __tablename__ = "device_event"
    device_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    inc: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(64))
    args: Mapped[dict[str, object]] = mapped_column(JSON)
    device_time: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class DeadLetter(Base):
    """A delivery that could not be taken in, kept byte by byte; the same one again only raises `times`."""

    __tablename__ = "dead_letter"
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of topic, reason and payload: a redelivery is known by it."""
    topic: Mapped[str] = mapped_column(Text)
    device_id: Mapped[str | None] = mapped_column(String(64), index=True)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(String(30), index=True)
    detail: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    times: Mapped[int] = mapped_column(BigInteger)


class DeviceMessage(Base):
    """A message as it came in, kept because somebody listens to the device."""

    __tablename__ = "device_message"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    device_id: Mapped[str] = mapped_column(String(64), index=True)
    topic: Mapped[str] = mapped_column(Text)
    payload: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SequenceConflict(Base):
    """A second delivery with other content for a number already taken: the first is kept."""

    __tablename__ = "sequence_conflict"
    device_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    inc: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    stream: Mapped[str] = mapped_column(String(3), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    second_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    first_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class RefusalCount(Base):
    """How many deliveries were refused or set apart for one reason, resends included."""

    __tablename__ = "refusal_count"
    reason: Mapped[str] = mapped_column(String(30), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
