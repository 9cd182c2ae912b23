"""Which documents are there, who may see them, and what is still to be decided?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from compliance.qualification.rules import OPEN, DocumentKind, Held, State, Subject
from compliance.qualification.tables import Document, DocumentDecision, ScanRow
from compliance.record.errors import NotFound
from compliance.record.who import Who


def visible_to(who: Who) -> Select[Document]:
    """Return the statement for the documents a person may see: the own house's, or all who oversee."""
    every = select(Document)
    return every if who.oversees else every.where(Document.organisation_id == who.organisation_id)


def document(session: Session, document_id: UUID, who: Who, *, locked: bool = False) -> Document:
    """Return one document that the person may see, or raise `NotFound`."""
    statement = visible_to(who).where(Document.id == document_id)
    found = session.scalar(statement.with_for_update() if locked else statement)
    if found is None:
        raise NotFound("document", document_id)
    return found


def waiting(session: Session, who: Who, most: int = 200) -> Sequence[Document]:
    """Return the documents on which somebody still has to decide, the oldest first."""
    open_ones = Document.state.in_([state.value for state in OPEN])
    return session.scalars(
        visible_to(who).where(open_ones).order_by(Document.submitted_at, Document.id).limit(most)
    ).all()


def waiting_count(session: Session, who: Who) -> int:
    """Return how many documents wait for a decision."""
    shown = visible_to(who).where(Document.state.in_([state.value for state in OPEN])).subquery()
    return session.scalar(select(func.count()).select_from(shown)) or 0


def of_organisation(session: Session, organisation_id: UUID, who: Who) -> Sequence[Document]:
    """Return what a person may see of an organisation's documents, the newest first."""
    mine = visible_to(who).where(Document.organisation_id == organisation_id)
    return session.scalars(mine.order_by(Document.submitted_at.desc(), Document.id)).all()


def held(session: Session, subject: Subject, subject_ids: Iterable[UUID]) -> dict[UUID, list[Held]]:
    """Return what is on file for each of some subjects, as the checklists look at it."""
    rows = session.scalars(
        select(Document).where(
            Document.subject_kind == subject.value, Document.subject_id.in_(set(subject_ids))
        )
    )
    found: dict[UUID, list[Held]] = {}
    for row in rows:
        one = Held(row.id, DocumentKind(row.kind), State(row.state), row.valid_to)
        found.setdefault(row.subject_id, []).append(one)
    return found


def decisions(session: Session, document_ids: Iterable[UUID]) -> dict[UUID, list[DocumentDecision]]:
    """Return what was decided on documents, the first first."""
    rows = session.scalars(
        select(DocumentDecision)
        .where(DocumentDecision.document_id.in_(set(document_ids)))
        .order_by(DocumentDecision.at, DocumentDecision.id)
    )
    found: dict[UUID, list[DocumentDecision]] = {}
    for row in rows:
        found.setdefault(row.document_id, []).append(row)
    return found


def scan(session: Session, organisation_id: UUID, sha256: str) -> ScanRow:
    """Return what an organisation uploaded under a hash, or raise `NotFound`."""
    found = session.get(ScanRow, (organisation_id, sha256))
    if found is None:
        raise NotFound("scan", sha256)
    return found


def same_on_file(session: Session, kind: DocumentKind, subject_id: UUID, number: str) -> Document | None:
    """Return the document of this number that is on file for a subject and still counts."""
    counting = [*(state.value for state in OPEN), State.ACCEPTED.value]
    return session.scalar(
        select(Document).where(
            Document.kind == kind.value,
            Document.subject_id == subject_id,
            Document.number == number,
            Document.state.in_(counting),
        )
    )


def longest(session: Session, kind: DocumentKind, subject_id: UUID) -> Document | None:
    """Return the accepted document of a kind about a subject that is valid longest."""
    return session.scalar(
        select(Document)
        .where(
            Document.kind == kind.value,
            Document.subject_id == subject_id,
            Document.state == State.ACCEPTED.value,
        )
        .order_by(Document.valid_to.desc())
        .limit(1)
    )


def ending(session: Session, today: date, until: date) -> Sequence[Document]:
    """Return the accepted documents that are no licence, end by a day, and that no longer one replaces."""
    statement = select(Document).where(
        Document.state == State.ACCEPTED.value,
        Document.licence_id.is_(None),
        Document.valid_to.is_not(None),
        Document.valid_to >= today,
        Document.valid_to <= until,
        ~_replaced(),
    )
    return session.scalars(statement.order_by(Document.id)).all()


def replaced(session: Session, document_ids: Sequence[UUID]) -> set[UUID]:
    """Return those documents that need no renewal any more: a longer one is there, or they were revoked."""
    gone = or_(_replaced(), Document.state != State.ACCEPTED.value)
    return set(session.scalars(select(Document.id).where(Document.id.in_(document_ids), gone)))


def _replaced() -> ColumnElement[bool]:
    newer = aliased(Document)
    return (
        select(newer.id)
        .where(
            newer.subject_id == Document.subject_id,
            newer.kind == Document.kind,
            newer.state == State.ACCEPTED.value,
            or_(newer.valid_to.is_(None), newer.valid_to > Document.valid_to),
        )
        .exists()
    )
