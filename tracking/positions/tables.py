"""How are positions stored, and where does the live feed read?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Position(Base):
    """One position as the device told it; device, incarnation and number identify it (telemetry.md 1.2).

    Its time stands in the key because PostgreSQL parts the table by it; a resend says the same time.
    """

    __tablename__ = "position"
    __table_args__ = (
        Index("ix_position_vehicle_id_at", "vehicle_id", "at"),
        {"postgresql_partition_by": "RANGE (at)"},
    )
    device_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    inc: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    vehicle_id: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    """GNSS time where there is one, else the device's."""
    device_time: Mapped[datetime] = mapped_column(UtcDateTime)
    gnss_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lat: Mapped[float] = mapped_column()
    lon: Mapped[float] = mapped_column()
    altitude_m: Mapped[int | None] = mapped_column(Integer)
    speed_kmh: Mapped[float | None] = mapped_column()
    course_deg: Mapped[int | None] = mapped_column(Integer)
    satellites: Mapped[int | None] = mapped_column(Integer)
    hdop: Mapped[float | None] = mapped_column()
    odometer_m: Mapped[int | None] = mapped_column(BigInteger)
    ignition: Mapped[bool | None] = mapped_column()
    load: Mapped[str] = mapped_column(String(10))
    status_bits: Mapped[int] = mapped_column(BigInteger)
    alarm_bits: Mapped[int] = mapped_column(BigInteger)
    replayed: Mapped[bool] = mapped_column()
    excluded: Mapped[str | None] = mapped_column(String(20))
    """Why it takes no part in live state and events (`Exclusion`); None: it does."""
    extra: Mapped[dict[str, object] | None] = mapped_column(JSON(none_as_null=True))
    content_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class KeptFrom(Base):
    """From which moment on every position is still here; what is older has been archived. One row at most."""

    __tablename__ = "position_kept_from"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LastPosition(Base):
    """The newest believed position of a vehicle; `version` grows with every change a live map must see."""

    __tablename__ = "last_position"
    vehicle_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, unique=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    seq: Mapped[int] = mapped_column(BigInteger)
    lat: Mapped[float] = mapped_column()
    lon: Mapped[float] = mapped_column()
    speed_kmh: Mapped[float | None] = mapped_column()
    course_deg: Mapped[int | None] = mapped_column(Integer)


class LiveVersion(Base):
    """The last version given out; whoever changes a `LastPosition` holds this one row until the commit.

    So versions become visible in their order, and a reader who asks for "after n" skips none.
    """

    __tablename__ = "live_version"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)
