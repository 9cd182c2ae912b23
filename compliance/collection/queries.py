"""Which collection points and hand-ins are there, what waits, and who may see it?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from compliance.collection.rules import Waiting
from compliance.collection.tables import CollectionPoint, HandIn
from compliance.record.errors import NotFound
from compliance.record.who import Who


@dataclass(frozen=True, slots=True)
class Stock:
    """What waits at one site of one code: how many hand-ins, grams, and since when."""

    organisation_id: UUID
    site_id: UUID
    code: str
    waste_name: str
    count: int
    grams: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What of a lot hand-ins account for: how many, grams, from how many points, first and last day."""

    count: int
    grams: int
    points: int
    first: datetime | None
    last: datetime | None


def points(who: Who) -> Select[CollectionPoint]:
    """Return the statement for the points that a person may see: the own house's, or all."""
    statement = select(CollectionPoint)
    if who.oversees:
        return statement
    return statement.where(CollectionPoint.organisation_id == who.organisation_id)


def point(session: Session, point_id: UUID, who: Who) -> CollectionPoint:
    """Return one point that a person may see, or raise `NotFound`."""
    found = session.scalar(points(who).where(CollectionPoint.id == point_id))
    if found is None:
        raise NotFound("collection point", point_id)
    return found


def names(session: Session, point_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return points' names by id; the caller has made sure that what was handed in there may be seen."""
    wanted = CollectionPoint.id.in_(list(point_ids))
    return {row.id: row.name for row in session.scalars(select(CollectionPoint).where(wanted))}


def hand_ins(who: Who) -> Select[HandIn]:
    """Return the statement for the hand-ins that a person may see: the own house's, or all."""
    statement = select(HandIn)
    return statement if who.oversees else statement.where(HandIn.organisation_id == who.organisation_id)


def hand_in(session: Session, hand_in_id: UUID, who: Who, *, locked: bool = False) -> HandIn:
    """Return one hand-in that a person may see, or raise `NotFound`."""
    statement = hand_ins(who).where(HandIn.id == hand_in_id)
    found = session.scalar(statement.with_for_update() if locked else statement)
    if found is None:
        raise NotFound("hand-in", hand_in_id)
    return found


def by_receipt(session: Session, receipt: str) -> HandIn | None:
    """Return the hand-in of a receipt, for whoever holds its code."""
    return session.scalar(select(HandIn).where(HandIn.receipt == receipt))


def stock(session: Session, who: Who) -> list[Stock]:
    """Return what waits to become part of a lot, by site and code, the longest waiting first."""
    columns = (HandIn.organisation_id, HandIn.site_id, HandIn.code, HandIn.waste_name)
    oldest = func.min(HandIn.taken_at)
    statement = (
        select(*columns, func.count(), func.sum(HandIn.grams), oldest)
        .where(HandIn.lot_id.is_(None), HandIn.voided_at.is_(None))
        .group_by(*columns)
        .order_by(oldest)
    )
    if not who.oversees:
        statement = statement.where(HandIn.organisation_id == who.organisation_id)
    return [
        Stock(owner, site, code, name, count, int(grams), first)
        for owner, site, code, name, count, grams, first in session.execute(statement)
    ]


def waiting(session: Session, organisation_id: UUID, site_id: UUID, code: str) -> list[Waiting]:
    """Return what waits at a site of a code, the oldest first; locked, so that no two lots take the same."""
    waits = _waits(organisation_id, site_id, code)
    rows = session.execute(waits.order_by(HandIn.taken_at, HandIn.id).with_for_update())
    return [Waiting(key, grams) for key, grams in rows]


def _waits(organisation_id: UUID, site_id: UUID, code: str) -> Select[UUID, int]:
    return select(HandIn.id, HandIn.grams).where(
        HandIn.organisation_id == organisation_id,
        HandIn.site_id == site_id,
        HandIn.code == code,
        HandIn.lot_id.is_(None),
        HandIn.voided_at.is_(None),
    )


def of_lot(session: Session, lot_id: UUID) -> Sequence[HandIn]:
    """Return a lot's hand-ins, the oldest first; the caller has made sure that the lot may be seen."""
    return session.scalars(
        select(HandIn).where(HandIn.lot_id == lot_id).order_by(HandIn.taken_at, HandIn.id)
    ).all()


_HELD = select(
    func.count(HandIn.id),
    func.coalesce(func.sum(HandIn.grams), 0),
    func.count(HandIn.point_id.distinct()),
    func.min(HandIn.taken_at),
    func.max(HandIn.taken_at),
)


def held(session: Session, lot_id: UUID) -> Held:
    """Return what of a lot its hand-ins account for."""
    count, grams, from_points, first, last = session.execute(_HELD.where(HandIn.lot_id == lot_id)).one()
    return Held(count, int(grams), from_points, first, last)


def held_and_waits(
    session: Session, lot_id: UUID, organisation_id: UUID, site_id: UUID, code: str
) -> tuple[Held, bool]:
    """Return what of a lot its hand-ins account for, and whether more of its code waits at its site."""
    waits = _waits(organisation_id, site_id, code).correlate(None).exists()
    count, grams, from_points, first, last, more = session.execute(
        _HELD.add_columns(waits).where(HandIn.lot_id == lot_id)
    ).one()
    return Held(count, int(grams), from_points, first, last), bool(more)
