"""Which positions are stored, and which is a vehicle's newest?

These selects take vehicles and devices that the caller may see: `tracking.live` and `tracking.trips`
ask `visible_to` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from devices.readings import Load
from tracking.positions.rules import Fix
from tracking.positions.tables import LastPosition, LiveVersion, Position

CHUNK = 500


LOADS = {one.value: one for one in Load}


def fixes(
    session: Session, vehicle_id: UUID, since: datetime, until: datetime | None, most: int | None = None
) -> list[Fix]:
    """Return a vehicle's believed positions of an interval (ends included), in order; the first `most`."""
    p = Position
    statement = (
        select(p.at, p.seq, p.lat, p.lon, p.speed_kmh, p.course_deg, p.odometer_m, p.load, p.status_bits)
        .where(p.vehicle_id == vehicle_id, p.excluded.is_(None), p.at >= since)
        .order_by(p.at, p.seq)
        .limit(most)
    )
    if until is not None:
        statement = statement.where(p.at <= until)
    return [
        Fix(at, seq, lat, lon, speed_kmh, course_deg, odometer_m, LOADS[load], status_bits)
        for at, seq, lat, lon, speed_kmh, course_deg, odometer_m, load, status_bits in session.execute(
            statement
        )
    ]


def content_hashes(
    session: Session, device_id: str, inc: int, moments: Mapping[int, datetime]
) -> dict[int, bytes]:
    """Return the content hashes of those of these records that are stored, by number.

    `moments` says when the record that came now was; the one that is stored under its number is mostly of
    that time too, and only for the others is every part of the table asked.
    """
    if not moments:
        return {}
    first, last = min(moments.values()), max(moments.values())
    found = _content_hashes(session, device_id, inc, list(moments), Position.at.between(first, last))
    elsewhere = [seq for seq in moments if seq not in found]
    return found | _content_hashes(session, device_id, inc, elsewhere, true())


def _content_hashes(
    session: Session, device_id: str, inc: int, seqs: Sequence[int], when: ColumnElement[bool]
) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for start in range(0, len(seqs), CHUNK):
        rows = session.execute(
            select(Position.seq, Position.content_hash).where(
                Position.device_id == device_id,
                Position.inc == inc,
                Position.seq.in_(seqs[start : start + CHUNK]),
                when,
            )
        )
        found.update({seq: bytes(value) for seq, value in rows})
    return found


def last_positions(session: Session, vehicle_ids: Iterable[UUID]) -> dict[UUID, LastPosition]:
    """Return the newest believed positions by vehicle."""
    rows = session.scalars(select(LastPosition).where(LastPosition.vehicle_id.in_(set(vehicle_ids))))
    return {row.vehicle_id: row for row in rows}


def live_version(session: Session) -> int:
    """Return the newest version of the live map."""
    return session.scalar(select(LiveVersion.version).where(LiveVersion.id == 1)) or 0
