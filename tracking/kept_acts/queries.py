"""Which acts were signed without signal, and who may see them?"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.who import Who
from compliance.signing_keys.queries import OFFICE
from compliance.signing_keys.rules import read
from tracking.kept_acts.rules import OPEN, State
from tracking.kept_acts.tables import KeptAct


def visible_to(who: Who) -> Select[KeptAct]:
    """Return the statement for the kept acts that concern a person: the own, or those of the own house."""
    statement = select(KeptAct)
    if who.oversees:
        return statement
    if who.has(*OFFICE):
        return statement.where(KeptAct.organisation_id == who.organisation_id)
    return statement.where(KeptAct.person_id == who.person_id)


def kept_acts(session: Session, who: Who, *, open_only: bool = False, limit: int = 200) -> Sequence[KeptAct]:
    """Return the kept acts a person may see, newest first."""
    statement = visible_to(who)
    if open_only:
        statement = statement.where(KeptAct.state.in_([state.value for state in OPEN]))
    return session.scalars(
        statement.order_by(KeptAct.received_at.desc(), KeptAct.seq.desc()).limit(limit)
    ).all()


def kept_act(session: Session, kept_id: UUID, who: Who, *, locked: bool = False) -> KeptAct:
    """Return one kept act that a person may see, or raise `NotFound`."""
    statement = visible_to(who).where(KeptAct.id == kept_id)
    found = session.scalar(statement.with_for_update() if locked else statement)
    if found is None:
        raise NotFound("kept act", kept_id)
    return found


def said(session: Session, key_id: UUID, seq: int) -> KeptAct | None:
    """Return what a key said under a number."""
    return session.scalar(select(KeptAct).where(KeptAct.key_id == key_id, KeptAct.seq == seq))


def pressed_before(session: Session, row: KeptAct, intent: str) -> KeptAct | None:
    """Return the newest other kept act in which the same person signed the same press of a button."""
    statement = select(KeptAct).where(
        KeptAct.person_id == row.person_id,
        KeptAct.manifest_id == row.manifest_id,
        KeptAct.act == row.act,
        KeptAct.id != row.id,
    )
    newest = session.scalars(statement.order_by(KeptAct.received_at.desc(), KeptAct.seq.desc()))
    return next((one for one in newest if read(one.statement).intent == intent), None)


def open_on(session: Session, manifest_id: UUID) -> Sequence[KeptAct]:
    """Return the acts on a manifest that wait for a decision, or behind one, in order."""
    statement = select(KeptAct).where(
        KeptAct.manifest_id == manifest_id, KeptAct.state.in_([state.value for state in OPEN])
    )
    return session.scalars(statement.order_by(KeptAct.received_at, KeptAct.key_id, KeptAct.seq)).all()


def set_aside(session: Session, manifest_id: UUID, who: Who) -> Sequence[KeptAct]:
    """Return the acts on a manifest that wait for a decision and that a person may see."""
    statement = visible_to(who).where(
        KeptAct.manifest_id == manifest_id, KeptAct.state == State.CONFLICT.value
    )
    return session.scalars(statement.order_by(KeptAct.seq)).all()


def of_manifest(session: Session, manifest_id: UUID) -> Sequence[KeptAct]:
    """Return every kept act on a manifest, in order; the caller has made sure that it may be seen."""
    statement = select(KeptAct).where(KeptAct.manifest_id == manifest_id)
    return session.scalars(statement.order_by(KeptAct.received_at, KeptAct.key_id, KeptAct.seq)).all()
