"""Which keys are there, and whose may a person see?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from compliance.signing_keys.tables import ReservedNumber, SigningKey

OFFICE = (Role.DISPATCHER, Role.PRODUCER, Role.PROCESSOR)
"""Whoever acts for an organisation from its office sees, and revokes, the keys of all its people."""


RETURNED = "returned"
"""The state of a number that went back to its series (`compliance.manifests.reserved`)."""


def visible_to(who: Who) -> Select[SigningKey]:
    """Return the statement for the keys that concern a person."""
    statement = select(SigningKey)
    if who.oversees:
        return statement
    if who.has(*OFFICE):
        return statement.where(SigningKey.organisation_id == who.organisation_id)
    return statement.where(SigningKey.person_id == who.person_id)


def keys(session: Session, who: Who) -> Sequence[SigningKey]:
    """Return the keys a person may see, newest first."""
    return session.scalars(visible_to(who).order_by(SigningKey.enrolled_at.desc(), SigningKey.id)).all()


def key(session: Session, key_id: UUID, who: Who) -> SigningKey:
    """Return one key that a person may see, locked, or raise `NotFound`."""
    found = seen(session, key_id, who)
    session.refresh(found, with_for_update=True)
    return found


def seen(session: Session, key_id: UUID, who: Who) -> SigningKey:
    """Return one key that a person may see, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(SigningKey.id == key_id))
    if found is None:
        raise NotFound("key", key_id)
    return found


def numbers(session: Session, key_id: UUID, *states: str) -> Sequence[ReservedNumber]:
    """Return a key's numbers in these states (all of them where none is named), in order.

    The caller has made sure that the key may be seen.
    """
    statement = select(ReservedNumber).where(ReservedNumber.key_id == key_id)
    if states:
        statement = statement.where(ReservedNumber.state.in_(states))
    return session.scalars(statement.order_by(ReservedNumber.number)).all()


def number(session: Session, text: str) -> ReservedNumber | None:
    """Return what is known of a number that was reserved and did not go back to its series, locked."""
    standing = ReservedNumber.number == text, ReservedNumber.state != RETURNED
    return session.scalar(select(ReservedNumber).where(*standing).with_for_update())


def held_before(session: Session, state: str, moment: datetime, year: str) -> Sequence[ReservedNumber]:
    """Return, locked, the numbers in a state that were reserved before a moment, or for an earlier year."""
    statement = select(ReservedNumber).where(
        ReservedNumber.state == state,
        or_(ReservedNumber.reserved_at < moment, ReservedNumber.number < year),
    )
    return session.scalars(statement.order_by(ReservedNumber.number).with_for_update()).all()
