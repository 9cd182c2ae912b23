"""How is it stored what was found, how far it was judged, and what has to be judged again?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Touched(Base):
    """Something about a vehicle's way from one moment to another has come in and is not judged yet."""

    __tablename__ = "judgement_touched"
    key: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    vehicle_id: Mapped[UUID] = mapped_column(index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class Head(Base):
    """How far a vehicle's way has been judged, and the handlers' state there; locked while it is judged."""

    __tablename__ = "judgement_head"
    vehicle_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seq: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[bytes | None] = mapped_column(LargeBinary)


class Checkpoint(Base):
    """The handlers' state after everything before a full hour: late data is judged from the one before it."""

    __tablename__ = "judgement_checkpoint"
    vehicle_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    state: Mapped[bytes] = mapped_column(LargeBinary)


class EpisodeRow(Base):
    """An episode as it now stands; what late data disproved keeps its row and says when (`withdrawn_at`).

    Times are the devices', but for `found_at` and `withdrawn_at`. `late`: found in a stretch that had been
    judged without it before.
    """

    __tablename__ = "episode"
    __table_args__ = (Index("ix_episode_vehicle_id_since", "vehicle_id", "since"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    vehicle_id: Mapped[UUID] = mapped_column()
    trip_id: Mapped[UUID | None] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(40), default="")
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_seq: Mapped[int] = mapped_column(BigInteger)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lat: Mapped[float] = mapped_column()
    lon: Mapped[float] = mapped_column()
    facts: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    late: Mapped[bool] = mapped_column(default=False)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
