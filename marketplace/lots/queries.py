"""Which lots are there, and who may see them?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import BindParameter, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from marketplace.deals.tables import Deal
from marketplace.lots.rules import State
from marketplace.lots.tables import Lot


def visible_to(who: Who) -> Select[Lot]:
    """Return the statement for the lots a person may see.

    A producer sees the own lots; a processor those that are open and those it has a deal on; a carrier
    those it moves; inspector and operator all.
    """
    return _seen(who.oversees, who.has(Role.PROCESSOR), who.organisation_id)


def _seen(oversees: bool, processor: bool, own: UUID | BindParameter[UUID] | None) -> Select[Lot]:
    if oversees:
        return select(Lot)
    dealt = select(Deal.lot_id).where(or_(Deal.processor_id == own, Deal.carrier_id == own))
    conditions = [Lot.organisation_id == own, Lot.id.in_(dealt)]
    if processor:
        conditions.append(Lot.state == State.LISTED.value)
    return select(Lot).where(or_(*conditions))


@lru_cache
def _one_seen(oversees: bool, processor: bool) -> Select[Lot]:
    """Build the statement for one lot once: building it costs more than running it."""
    return _seen(oversees, processor, bindparam("own", type_=Lot.organisation_id.type)).where(
        Lot.id == bindparam("lot_id")
    )


def lot(session: Session, lot_id: UUID, who: Who) -> Lot:
    """Return one lot that the person may see, or raise `NotFound`."""
    statement = _one_seen(who.oversees, who.has(Role.PROCESSOR))
    found = session.scalar(statement, {"own": who.organisation_id, "lot_id": lot_id})
    if found is None:
        raise NotFound("lot", lot_id)
    return found


def own_lot(session: Session, lot_id: UUID, who: Who) -> Lot:
    """Return one lot that the person's organisation holds, locked for a change, or raise `NotFound`."""
    statement = select(Lot).where(Lot.id == lot_id, Lot.organisation_id == who.organisation_id)
    found = session.scalar(statement.with_for_update())
    if found is None:
        raise NotFound("lot", lot_id)
    return found


def listed(session: Session, now: datetime) -> Sequence[Lot]:
    """Return every lot that stands in the market now."""
    return session.scalars(
        select(Lot).where(Lot.state == State.LISTED.value, Lot.left_kg > 0, Lot.ready_to > now)
    ).all()


def passed(session: Session, now: datetime) -> Sequence[Lot]:
    """Return the listed lots whose window has passed, locked for a change; those locked already wait."""
    statement = select(Lot).where(Lot.state == State.LISTED.value, Lot.ready_to <= now)
    return session.scalars(statement.with_for_update(skip_locked=True)).all()


def counts(session: Session, who: Who) -> dict[str, int]:
    """Return how many lots a person sees in each state."""
    seen = visible_to(who).with_only_columns(Lot.state, func.count()).group_by(Lot.state)
    return dict(session.execute(seen).all())
