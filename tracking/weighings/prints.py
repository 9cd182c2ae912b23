"""How often was a ticket printed, where and by whom, and is this print the original or which copy?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from compliance.record.errors import NotFound
from compliance.record.work import Work
from devices.readings import EventReading
from tracking.weighings import queries
from tracking.weighings.tables import TicketPrint, Weighing


class Place(StrEnum):
    """Where a ticket was printed."""

    GATE = "gate"
    SERVER = "server"


class _Told(msgspec.Struct):
    hash: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    copy: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    by: Annotated[str, msgspec.Meta(max_length=120)] = ""


def of(session: Session, row: Weighing) -> Sequence[TicketPrint]:
    """Return a ticket's prints, by time."""
    rows = select(TicketPrint).where(*_own(row)).order_by(TicketPrint.at, TicketPrint.id)
    return session.scalars(rows).all()


def _own(row: Weighing) -> tuple[ColumnElement[bool], ...]:
    """Return what picks a ticket's prints: no other scale has a word about it."""
    return TicketPrint.ticket_hash == row.ticket_hash, TicketPrint.device_id == row.device_id


def reprints(session: Session, row: Weighing) -> int:
    """Return how often a ticket was printed again at the gate, where nobody sees what the paper is for."""
    most = session.scalar(
        select(func.max(TicketPrint.copy)).where(*_own(row), TicketPrint.place == Place.GATE.value)
    )
    return max(0, (most or 0) - 1)


def record(work: Work, row: Weighing) -> TicketPrint:
    """Note a print that is made here, now, by who is signed in; the first of all is the original.

    Locks the ticket, so that two who print at once do not both hold an original. Appends `TicketPrinted`.
    """
    session = work.session
    session.get(Weighing, row.id, with_for_update=True, populate_existing=True)
    known = session.scalars(select(TicketPrint.copy).where(*_own(row))).all()
    made = TicketPrint(
        id=work.new_id(),
        ticket_hash=row.ticket_hash,
        device_id=row.device_id,
        place=Place.SERVER.value,
        copy=max(len(known), *known) + 1 if known else 1,
        by=work.who.name,
        person_id=work.who.person_id,
        at=work.now,
    )
    session.add(made)
    session.flush()
    _announce(work, row.id, row.ticket_number, made)
    return made


def hear(work: Work, device_id: str, told: EventReading) -> Weighing | None:
    """Note a print at the gate as its agent tells it; return the ticket if it is here.

    What cannot be read stays an event of the device and nothing more.
    """
    try:
        said = msgspec.convert(told.args, _Told)
    except msgspec.ValidationError:
        return None
    made = TicketPrint(
        id=work.new_id(),
        ticket_hash=said.hash,
        device_id=device_id,
        place=Place.GATE.value,
        copy=said.copy,
        by=said.by,
        at=told.device_time,
    )
    work.session.add(made)
    work.session.flush()
    row = queries.by_hash(work.session, device_id, said.hash)
    if row is not None:
        _announce(work, row.id, row.ticket_number, made)
    return row


def one(session: Session, row: Weighing, print_id: UUID) -> TicketPrint:
    """Return a print that was made here, or raise `NotFound`."""
    found = session.get(TicketPrint, print_id)
    if found is None or found.ticket_hash != row.ticket_hash or found.place != Place.SERVER.value:
        raise NotFound("print", print_id)
    return found


def _announce(work: Work, weighing_id: UUID, number: int, made: TicketPrint) -> None:
    when: datetime = made.at
    work.append(
        "TicketPrinted",
        weighing_id,
        ticket=number,
        ticket_hash=made.ticket_hash,
        scale=made.device_id,
        place=made.place,
        copy=made.copy,
        by=made.by,
        at=when.isoformat(),
    )
