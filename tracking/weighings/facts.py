"""What does the database know about one weighing, as the rules want it?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from compliance.registry import queries as registry
from devices.codecs.ticket_json import particulars
from devices.readings import Load
from tracking.fleet.rules import plate_key
from tracking.fleet.tables import Vehicle
from tracking.positions.rules import distance_m
from tracking.positions.tables import Position
from tracking.weighings import photos, prints, queries, voids
from tracking.weighings.curve import Sample, Shape, shape, usual
from tracking.weighings.rules import Part, Place
from tracking.weighings.signs import Facts, Near
from tracking.weighings.tables import Weighing
from tracking.weighings.tares import OLDEST, How, band
from tracking.weighings.tolerance import CLASS_III, IN_USE

NEARBY = timedelta(minutes=10)
"""A fix, or another stay on the deck, this close in time says something about a weighing."""
ON_DECK = timedelta(seconds=30)
"""A word on the load from further off may be from before the loading, or after the unloading."""
SAME_SHARE = 0.05
NEWEST_CURVES = 15
LOOK_BACK = 50
"""So many ticket numbers around a ticket are looked at for gaps."""
PATIENCE = timedelta(minutes=30)
"""A scale that comes back sends what it kept within this time; what is missing then is missing."""
LEAST_LEGS = 2


def of(session: Session, row: Weighing) -> Facts:
    """Gather what is known about a ticket; a stay without a ticket has less."""
    seen = curve(row)
    facts = Facts(
        kg=row.kg,
        division_kg=row.division_kg,
        part=Part(row.role) if row.role else None,
        shadow=row.shadow,
        zero_seen=_zero_seen(row),
        how=queries.how_weighed(row),
        has_frames=bool(row.frames),
        reprints=max(_number(row, "reprints") or 0, prints.reprints(session, row)),
        plates=plates(row),
        photo_of=_photo_of(session, row),
        void=_void(session, row),
        shape=shape(seen, row.division_kg) if seen else None,
    )
    if row.shadow:
        return replace(facts, ticketed=_ticketed(session, row))
    if row.vehicle_id is None:
        return facts
    vehicle = session.get(Vehicle, row.vehicle_id)
    tares = queries.tares(session, row.vehicle_id, row.at - OLDEST, row.at)
    other = _source_tare(session, row)
    return replace(
        facts,
        usual_axles=usual_axles(session, row) if seen else None,
        band=band(tares, row.at),
        other_tare_kg=other.kg if other is not None else None,
        tare_error_kg=_error_kg(row) + (_error_kg(other) if other is not None else 0),
        capacity_kg=vehicle.capacity_kg if vehicle is not None else None,
        near=near(session, row),
    )


def curve(row: Weighing) -> tuple[Sample, ...]:
    """Return the weight curve that a ticket carries: pairs of milliseconds and kilograms; else nothing."""
    told = (row.extra or {}).get("curve")
    if not isinstance(told, list):
        return ()
    pairs = [one for one in told if isinstance(one, list) and len(one) == LEAST_LEGS]
    whole = [(ms, kg) for ms, kg in pairs if isinstance(ms, int) and isinstance(kg, int)]
    return tuple(Sample(ms, kg) for ms, kg in sorted(whole)) if len(whole) == len(told) else ()


def shape_of(row: Weighing) -> Shape | None:
    """Return what a ticket's curve shows, None where it carries none."""
    seen = curve(row)
    return shape(seen, row.division_kg) if seen else None


def usual_axles(session: Session, row: Weighing) -> tuple[int, int] | None:
    """Return how many axles the vehicle's earlier curves show, None where there are too few."""
    rows = session.scalars(
        select(Weighing)
        .where(
            Weighing.vehicle_id == row.vehicle_id,
            Weighing.at < row.at,
            Weighing.role.is_not(None),
            Weighing.extra.is_not(None),
        )
        .order_by(Weighing.at.desc(), Weighing.id)
        .limit(NEWEST_CURVES)
    )
    counted = [seen.axles_on for one in rows if (seen := shape_of(one)) is not None]
    return usual(counted)


def near(session: Session, row: Weighing) -> Near | None:
    """Return where the vehicle's terminal was at the nearest fix, and its word on the load."""
    if row.site_id is None or row.vehicle_id is None:
        return None
    p = Position
    found = session.execute(
        select(p.at, p.lat, p.lon, p.load).where(
            p.vehicle_id == row.vehicle_id,
            p.excluded.is_(None),
            p.at >= row.at - NEARBY,
            p.at <= row.at + NEARBY,
        )
    ).all()
    if not found:
        return None
    place = registry.site(session, row.site_id).location
    ordered = sorted(found, key=lambda fix: (abs(fix.at - row.at), fix.at))
    first = ordered[0]
    said = (fix.load for fix in ordered if abs(fix.at - row.at) <= ON_DECK and fix.load != Load.UNKNOWN.value)
    metres = distance_m(first.lat, first.lon, place.y, place.x)
    return Near(metres, abs((first.at - row.at).total_seconds()), Load(next(said, Load.UNKNOWN)))


def gaps(rows: Iterable[Weighing], now: datetime) -> dict[UUID, tuple[int, int] | None]:
    """Return for each ticket, but the first of these, the numbers that are missing before it.

    None where none is missing, or where its scale may still be sending what it kept.
    """
    ordered = sorted(rows, key=lambda row: row.ticket_number)
    found: dict[UUID, tuple[int, int] | None] = {}
    for before, after in pairwise(ordered):
        lacks = after.ticket_number - before.ticket_number > 1
        overdue = now - after.received_at >= PATIENCE
        span = (before.ticket_number + 1, after.ticket_number - 1)
        found[after.id] = span if lacks and overdue else None
    return found


def numbered_around(session: Session, row: Weighing) -> Sequence[Weighing]:
    """Return the tickets of a scale whose numbers lie around a ticket's."""
    return session.scalars(
        select(Weighing).where(
            Weighing.device_id == row.device_id,
            Weighing.inc == row.inc,
            Weighing.ticket_number >= row.ticket_number - LOOK_BACK,
            Weighing.ticket_number <= row.ticket_number + LOOK_BACK,
        )
    ).all()


def shadows_around(session: Session, row: Weighing) -> Sequence[Weighing]:
    """Return the stays without a ticket on the same scale around a ticket."""
    return session.scalars(_around(row).where(Weighing.shadow)).all()


def weighed_between(
    session: Session, vehicle_ids: Iterable[UUID], since: datetime, until: datetime
) -> Sequence[Weighing]:
    """Return the tickets of these vehicles that fixes of an interval say something about."""
    return session.scalars(
        select(Weighing).where(
            Weighing.vehicle_id.in_(set(vehicle_ids)),
            Weighing.at >= since - NEARBY,
            Weighing.at <= until + NEARBY,
        )
    ).all()


def later_tares(session: Session, row: Weighing) -> Sequence[Weighing]:
    """Return the vehicle's tickets after a ticket: a tare that came late is part of their history."""
    return session.scalars(
        select(Weighing).where(
            Weighing.vehicle_id == row.vehicle_id,
            Weighing.at > row.at,
            Weighing.role.is_not(None),
            or_(Weighing.role == Part.TARE.value, Weighing.trip_id == row.trip_id),
        )
    ).all()


def _ticketed(session: Session, row: Weighing) -> bool:
    low, high = round(row.kg * (1 - SAME_SHARE)), round(row.kg * (1 + SAME_SHARE))
    same = _around(row).where(Weighing.shadow.is_(False), Weighing.kg.between(low, high))
    return session.scalar(same.limit(1)) is not None


def _around(row: Weighing) -> Select[Weighing]:
    return select(Weighing).where(
        Weighing.device_id == row.device_id,
        Weighing.at >= row.at - NEARBY,
        Weighing.at <= row.at + NEARBY,
    )


def _source_tare(session: Session, row: Weighing) -> Weighing | None:
    if row.trip_id is None or row.place != Place.DESTINATION.value or row.role != Part.TARE.value:
        return None
    rows = queries.of_trip(session, row.trip_id)
    found = (one for one in rows if one.place == Place.SOURCE.value and one.role == Part.TARE.value)
    return next((one for one in found if queries.how_weighed(one) is How.WEIGHED), None)


def _error_kg(row: Weighing) -> int:
    """Return the error in use of class III at a ticket's weight, from the division that it names."""
    divisions = row.kg / row.division_kg
    share = next((error for most, error in CLASS_III if divisions <= most), CLASS_III[-1][1])
    return round(IN_USE * share * row.division_kg)


def _photo_of(session: Session, row: Weighing) -> tuple[str, int] | None:
    """Return the view and the number of the first earlier ticket that has one of this one's pictures."""
    own = (row.inc, row.ticket_number)
    earlier = (
        (view, other.ticket_number)
        for view, other in photos.alike(session, row)
        if (other.inc, other.ticket_number) < own
    )
    return next(earlier, None)


def plates(row: Weighing) -> frozenset[str]:
    """Return the plates that camera, desk and server named, each as it is compared."""
    told = particulars(row.extra).plates
    named = (told.seen, told.typed, told.told) if told is not None else ()
    return frozenset(plate_key(one) for one in named if one)


def _void(session: Session, row: Weighing) -> tuple[int, str] | None:
    found = voids.making_void(session, row)
    return (found[0].ticket_number, found[1].reason) if found is not None else None


def _zero_seen(row: Weighing) -> bool | None:
    how = (row.extra or {}).get("how")
    told = how.get("zero") if isinstance(how, dict) else None
    return bool(told) if isinstance(told, int) else None


def _number(row: Weighing, name: str) -> int | None:
    told = (row.extra or {}).get(name)
    return told if isinstance(told, int) else None
