"""How are trips stored?"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Float, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from compliance.record.base import Base
from compliance.record.moments import UtcDateTime


class Trip(Base):
    """One vehicle's way with one load, from plan to delivery; `rules.Marks` says what the times mean."""

    __tablename__ = "trip"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    manifest_id: Mapped[UUID] = mapped_column(unique=True)
    run_id: Mapped[UUID] = mapped_column(index=True)
    """The drive it is part of: trips of one run are on the vehicle together (M3); alone, its own id."""
    deal_id: Mapped[UUID] = mapped_column(index=True)
    vehicle_id: Mapped[UUID] = mapped_column(index=True)
    driver_id: Mapped[UUID | None] = mapped_column(index=True)
    carrier_id: Mapped[UUID] = mapped_column(index=True)
    mover_id: Mapped[UUID] = mapped_column(index=True)
    receiver_id: Mapped[UUID] = mapped_column(index=True)
    origin_site_id: Mapped[UUID] = mapped_column()
    destination_site_id: Mapped[UUID] = mapped_column()
    planned_kg: Mapped[int] = mapped_column(BigInteger)
    sender_kg: Mapped[int | None] = mapped_column(BigInteger)
    """Net at the origin's scale, once both tickets are there."""
    receiver_kg: Mapped[int | None] = mapped_column(BigInteger)
    """Net at the destination's scale, once both tickets are there."""
    together: Mapped[int] = mapped_column(Integer, default=0)
    """So many other loads are on its run."""
    tickets_shared: Mapped[bool] = mapped_column(default=False)
    """A ticket of another trip weighs, or once weighed, its load too."""
    sender_shared: Mapped[bool] = mapped_column(default=False)
    """The net is this load's share of what several weighed together; likewise `receiver_shared`."""
    receiver_shared: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(20), index=True)
    version: Mapped[int] = mapped_column(Integer)
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the vehicle is to be at the origin; a vehicle does its trips in this order."""
    watch_from: Mapped[datetime] = mapped_column(UtcDateTime)
    """Fixes before this belong to the vehicle's earlier trips."""
    at_origin_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    loaded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    departed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    distance_m: Mapped[float] = mapped_column(Float, default=0.0)
    track_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The newest fix that the marks and the distance reach, so that the next one need not re-read the day."""
    track_seq: Mapped[int | None] = mapped_column(BigInteger)
    track_lat: Mapped[float | None] = mapped_column()
    track_lon: Mapped[float | None] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - the mapper's own protocol


class TripRoute(Base):
    """The planned way of a trip: its line, length and time, and who says so.

    `estimated`: a straight line, and a time by the estimate's speeds; no road server was asked.
    """

    __tablename__ = "trip_route"
    trip_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[list[list[float]]] = mapped_column(JSON)
    """[latitude, longitude] in degrees WGS-84."""
    distance_m: Mapped[float] = mapped_column(Float)
    duration_s: Mapped[float] = mapped_column(Float)
    source: Mapped[str] = mapped_column(String(40))
    estimated: Mapped[bool] = mapped_column()
