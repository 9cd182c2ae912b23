"""Which deadlines run, whose are they, and which papers will end soon?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from compliance.deadlines.rules import OPEN, UNDONE, Kind, State
from compliance.deadlines.tables import Deadline
from compliance.record.errors import NotFound
from compliance.record.who import Who
from compliance.registry.tables import LicenceRow


def visible_to(who: Who) -> Select[Deadline]:
    """Return the statement for the deadlines that a person may see: the own house's, or all who oversee."""
    every = select(Deadline)
    return every if who.oversees else every.where(Deadline.organisation_id == who.organisation_id)


def listed(session: Session, who: Who, *, open_only: bool = True, most: int = 200) -> Sequence[Deadline]:
    """Return a person's deadlines, the most pressing first."""
    statement = visible_to(who).order_by(Deadline.due_on, Deadline.id).limit(most)
    if open_only:
        statement = statement.where(Deadline.state.in_([state.value for state in OPEN]))
    return session.scalars(statement).all()


def deadline(session: Session, deadline_id: UUID, who: Who) -> Deadline:
    """Return one deadline that a person may see, locked for a change, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(Deadline.id == deadline_id).with_for_update())
    if found is None:
        raise NotFound("deadline", deadline_id)
    return found


def counts(session: Session, who: Who) -> dict[str, int]:
    """Return how many deadlines a person sees by state."""
    shown = visible_to(who).subquery()
    rows = session.execute(select(shown.c.state, func.count()).group_by(shown.c.state))
    return {row[0]: row[1] for row in rows}


def of(session: Session, kind: Kind, subject_id: UUID) -> Deadline | None:
    """Return the deadline of one kind about one thing, locked for a change."""
    statement = select(Deadline).where(Deadline.kind == kind.value, Deadline.subject_id == subject_id)
    return session.scalar(statement.with_for_update())


def due_of(session: Session, kind: Kind, subject_ids: Sequence[UUID]) -> dict[UUID, date]:
    """Return by when the deadlines of one kind about some things are due."""
    wanted = select(Deadline.subject_id, Deadline.due_on).where(
        Deadline.kind == kind.value, Deadline.subject_id.in_(subject_ids)
    )
    return dict(session.execute(wanted).all())


def open_ones(session: Session, until: date, always: Sequence[Kind]) -> Sequence[Deadline]:
    """Return the open deadlines due up to a day, and all of some kinds; what another worker holds is its."""
    pressing = or_(Deadline.due_on <= until, Deadline.kind.in_([kind.value for kind in always]))
    statement = select(Deadline).where(Deadline.state.in_([state.value for state in OPEN]), pressing)
    return session.scalars(statement.order_by(Deadline.id).with_for_update(skip_locked=True)).all()


def past(session: Session, now: datetime) -> Sequence[Deadline]:
    """Return what has run out by the hour and is not marked so; what another worker holds is its."""
    late = select(Deadline).where(Deadline.state == State.AHEAD.value, Deadline.due_at < now)
    return session.scalars(late.order_by(Deadline.id).with_for_update(skip_locked=True)).all()


def undone_on(session: Session, organisation_id: UUID, due: date) -> Sequence[Deadline]:
    """Return what an organisation has left undone by the end of a day, a paper that has ended among it.

    An application that counts as taken up because nobody had noticed it in time is among it too (X3).
    """
    mine = (Deadline.organisation_id == organisation_id, Deadline.due_on == due)
    deemed = and_(Deadline.kind == Kind.X_NOTICE.value, Deadline.state == State.LATE.value)
    undone = or_(Deadline.state.in_([state.value for state in UNDONE]), deemed)
    late = select(Deadline).where(*mine, undone)
    return session.scalars(late.order_by(Deadline.kind, Deadline.id)).all()


def subjects(session: Session, kind: Kind) -> set[UUID]:
    """Return what the deadlines of one kind are about, running or over."""
    return set(session.scalars(select(Deadline.subject_id).where(Deadline.kind == kind.value)))


def papers_ending(session: Session, today: date, until: date, kind: Kind) -> Sequence[LicenceRow]:
    """Return the papers that end by a day, that no longer paper replaces and nobody watches yet."""
    watched = select(Deadline.subject_id).where(Deadline.kind == kind.value)
    statement = select(LicenceRow).where(
        LicenceRow.valid_to >= today,
        LicenceRow.revoked_on.is_(None),
        LicenceRow.valid_to <= until,
        LicenceRow.id.not_in(watched),
        ~_replaced(),
    )
    return session.scalars(statement.order_by(LicenceRow.id)).all()


def replaced(session: Session, licence_ids: Sequence[UUID]) -> set[UUID]:
    """Return those papers in whose place their holder has one of the same kind that is valid longer."""
    statement = select(LicenceRow.id).where(LicenceRow.id.in_(licence_ids), _replaced())
    return set(session.scalars(statement))


def _replaced() -> ColumnElement[bool]:
    newer = aliased(LicenceRow)
    return (
        select(newer.id)
        .where(
            newer.organisation_id == LicenceRow.organisation_id,
            newer.kind == LicenceRow.kind,
            newer.valid_to > LicenceRow.valid_to,
        )
        .exists()
    )
