"""Which needs are open, and who may see them?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from marketplace.needs.tables import Need


def visible_to(who: Who) -> Select[Need]:
    """Return the statement for the needs a person may see: the own ones; open ones for producers; all."""
    if who.oversees:
        return select(Need)
    if who.has(Role.PRODUCER):
        return select(Need).where(Need.open | (Need.organisation_id == who.organisation_id))
    return select(Need).where(Need.organisation_id == who.organisation_id)


def open_needs(session: Session, on: date) -> Sequence[Need]:
    """Return every need that stands in the market on a day."""
    return session.scalars(select(Need).where(Need.open, Need.left_kg > 0, Need.valid_to >= on)).all()


def locked(session: Session, need_id: UUID) -> Need:
    """Return a need locked for a change, or raise `NotFound`."""
    found = session.scalar(select(Need).where(Need.id == need_id).with_for_update())
    if found is None:
        raise NotFound("need", need_id)
    return found


def own_need(session: Session, need_id: UUID, who: Who) -> Need:
    """Return a need of the person's own organisation, locked, or raise `NotFound`."""
    found = locked(session, need_id)
    if found.organisation_id != who.organisation_id:
        raise NotFound("need", need_id)
    return found
