"""Which deals are there, and who may see them?"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, exists, false, func, or_, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from marketplace.deals.rules import State
from marketplace.deals.tables import Deal


def visible_to(who: Who) -> Select[Deal]:
    """Return the statement for the deals that a person's organisation is party to, or all.

    A driver sees trips and manifests; what was agreed and for how much is the dispatcher's business.
    """
    if who.oversees:
        return select(Deal)
    if not who.has(Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER):
        return select(Deal).where(false())
    own = who.organisation_id
    return select(Deal).where(or_(Deal.producer_id == own, Deal.processor_id == own, Deal.carrier_id == own))


def deal(session: Session, deal_id: UUID, who: Who) -> Deal:
    """Return one deal that the person may see, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(Deal.id == deal_id))
    if found is None:
        raise NotFound("deal", deal_id)
    return found


def busy_vehicles(session: Session) -> set[UUID]:
    """Return the vehicles that a running deal holds."""
    return set(session.scalars(select(Deal.vehicle_id).where(Deal.state == State.AGREED.value)))


def is_busy(session: Session, vehicle_id: UUID) -> bool:
    """Tell whether a running deal holds a vehicle."""
    held = exists().where(Deal.vehicle_id == vehicle_id, Deal.state == State.AGREED.value)
    return bool(session.scalar(select(held)))


def counts(session: Session, who: Who) -> dict[str, int]:
    """Return how many deals a person sees in each state."""
    seen = visible_to(who).with_only_columns(Deal.state, func.count()).group_by(Deal.state)
    return dict(session.execute(seen).all())
