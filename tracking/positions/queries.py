"""Which positions are stored, and which is a vehicle's newest?

These selects take vehicles and devices that the caller may see: `tracking.live` and `tracking.trips`
ask `visible_to` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select, tuple_
from sqlalchemy.orm import Session

from devices.readings import Load
from tracking.positions.rules import Fix
from tracking.positions.tables import KeptFrom, LastPosition, LiveVersion, Position

RecordKey = tuple[str, int, int]
"""Device, incarnation, number."""
CHUNK = 500
LOADS = {one.value: one for one in Load}
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
ALL = 2**62
"""More than any table holds: one statement serves with a limit and without."""

NEAR = timedelta(minutes=10)
"""Stretches that begin within it are read together."""

_p = Position
_FIX = (
    *(_p.at, _p.seq, _p.lat, _p.lon, _p.speed_kmh, _p.course_deg, _p.odometer_m),
    *(_p.load, _p.status_bits),
)
_FIXES = (
    select(*_FIX)
    .where(
        _p.vehicle_id == bindparam("vehicle_id"),
        _p.excluded.is_(None),
        _p.at >= bindparam("since"),
        _p.at <= bindparam("until"),
    )
    .order_by(_p.at, _p.seq)
    .limit(bindparam("most"))
)
"""Made once: to build and look up a statement takes longer than a trip's rows."""
_FIXES_OF_SEVERAL = (
    select(_p.vehicle_id, *_FIX)
    .where(
        _p.vehicle_id.in_(bindparam("vehicle_ids", expanding=True)),
        _p.excluded.is_(None),
        _p.at >= bindparam("since"),
    )
    .order_by(_p.vehicle_id, _p.at, _p.seq)
    .limit(bindparam("most"))
)


def fixes(
    session: Session, vehicle_id: UUID, since: datetime, until: datetime | None, most: int = ALL
) -> list[Fix]:
    """Return a vehicle's believed positions of an interval (ends included), in order; the first `most`."""
    wanted = {"vehicle_id": vehicle_id, "since": since, "until": until or FOREVER, "most": most}
    return [
        Fix(at, seq, lat, lon, speed_kmh, course_deg, odometer_m, LOADS[load], status_bits)
        for (at, seq, lat, lon, speed_kmh, course_deg, odometer_m, load, status_bits) in (
            session.connection().execute(_FIXES, wanted)
        )
    ]


def fixes_since(session: Session, since: Mapping[UUID, datetime], most: int) -> dict[UUID, list[Fix]]:
    """Return the believed positions of several vehicles, each from its own moment on, the first `most`.

    Those whose moments are near to the latest are read in one look, if that is not too much at once.
    """
    if not since:
        return {}
    latest = max(since.values())
    near = {key: moment for key, moment in since.items() if latest - moment <= NEAR}
    found: dict[UUID, list[Fix]] = {}
    if len(near) > 1:
        wanted = {"vehicle_ids": list(near), "since": min(near.values()), "most": most + 1}
        rows = session.connection().execute(_FIXES_OF_SEVERAL, wanted).all()
        if len(rows) <= most:
            found = {key: [] for key in near}
            for key, at, seq, lat, lon, speed_kmh, course_deg, odometer_m, load, status_bits in rows:
                if key is not None and at >= near[key]:
                    fix = Fix(at, seq, lat, lon, speed_kmh, course_deg, odometer_m, LOADS[load], status_bits)
                    found[key].append(fix)
    return found | {
        key: fixes(session, key, moment, None, most) for key, moment in since.items() if key not in found
    }


def content_hashes(session: Session, moments: Mapping[RecordKey, datetime]) -> dict[RecordKey, bytes]:
    """Return the content hashes of those of these records that are stored.

    `moments` says when the record that came now was; the one that is stored under its number is mostly of
    that time too, and only for the others is every part of the table asked.
    """
    if not moments:
        return {}
    first, last = min(moments.values()), max(moments.values())
    found = stored_hashes(session, Position, list(moments), Position.at.between(first, last))
    elsewhere = [key for key in moments if key not in found]
    return found | stored_hashes(session, Position, elsewhere)


def stored_hashes(
    session: Session, table: type[Any], keys: Sequence[RecordKey], *when: ColumnElement[bool]
) -> dict[RecordKey, bytes]:
    """Return the content hashes of those of these records that a table of numbered records holds."""
    of, found = (table.device_id, table.inc, table.seq), {}
    for start in range(0, len(keys), CHUNK):
        some = tuple_(*of).in_(keys[start : start + CHUNK])
        rows = session.execute(select(*of, table.content_hash).where(some, *when))
        found.update({(device_id, inc, seq): bytes(value) for device_id, inc, seq, value in rows})
    return found


def kept_from(session: Session) -> datetime | None:
    """Return from which moment on every position is still here; None where nothing was archived yet."""
    return session.scalar(select(KeptFrom.at).where(KeptFrom.id == 1))


def last_positions(session: Session, vehicle_ids: Iterable[UUID]) -> dict[UUID, LastPosition]:
    """Return the newest believed positions by vehicle."""
    rows = session.scalars(_LAST, {"vehicle_ids": list(set(vehicle_ids))})
    return {row.vehicle_id: row for row in rows}


_LAST = select(LastPosition).where(LastPosition.vehicle_id.in_(bindparam("vehicle_ids", expanding=True)))


def live_version(session: Session) -> int:
    """Return the newest version of the live map."""
    return session.scalar(select(LiveVersion.version).where(LiveVersion.id == 1)) or 0
