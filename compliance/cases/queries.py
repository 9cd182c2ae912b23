"""Which cases are there? Those who oversee see all; a complainant sees the own, by number and code."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, false, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from compliance.cases.tables import CaseFile, CaseNote, CaseSerial
from compliance.record.errors import NotFound
from compliance.record.who import Who


def visible_to(who: Who) -> Select[CaseFile]:
    """Return the statement for the cases a person may see."""
    statement = select(CaseFile)
    return statement if who.oversees else statement.where(false())


def case_file(session: Session, case_id: UUID, who: Who) -> CaseFile:
    """Return one case that the person may see, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(CaseFile.id == case_id))
    if found is None:
        raise NotFound("case", case_id)
    return found


def own(session: Session, number: str, code: str) -> CaseFile:
    """Return a case by its number and the code that its complainant was given, or raise `NotFound`."""
    found = session.scalar(select(CaseFile).where(CaseFile.number == number.strip().upper()))
    known = found.code_hash if found is not None else ""
    if found is None or not hmac.compare_digest(known, hashed(code)):
        raise NotFound("case", number)
    return found


def hashed(code: str) -> str:
    """Return what is kept of a lookup code."""
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()


def notes(session: Session, case_id: UUID) -> Sequence[CaseNote]:
    """Return a case's notes in their order."""
    return session.scalars(
        select(CaseNote).where(CaseNote.case_id == case_id).order_by(CaseNote.at, CaseNote.id)
    ).all()


def counts(session: Session, who: Who) -> dict[str, int]:
    """Return how many cases a person may see, by state."""
    counted = visible_to(who).with_only_columns(CaseFile.state, func.count()).group_by(CaseFile.state)
    return dict(session.execute(counted).all())


def next_serial(session: Session, year: int) -> int:
    """Return the next serial of a year; the row stays locked until the transaction ends."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(CaseSerial).values(year=year, last=0).on_conflict_do_nothing())
    statement = (
        update(CaseSerial)
        .where(CaseSerial.year == year)
        .values(last=CaseSerial.last + 1)
        .returning(CaseSerial.last)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).scalar_one()
