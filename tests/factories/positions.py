"""Positions as the ingest has them, made of readings."""

from __future__ import annotations

from datetime import datetime

from devices.codecs.position_json import position_object, told_of
from devices.readings import PositionReading
from tracking.positions.arrivals import Arrival
from tracking.positions.rules import moment_of


def arrival(reading: PositionReading, received_at: datetime, excluded: str | None = None) -> Arrival:
    """Return a reading as it goes into the database; times in whole milliseconds, as on the wire."""
    told, extra = told_of(position_object(reading))
    return Arrival(told, moment_of(told), received_at, excluded, extra)
