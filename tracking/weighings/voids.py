"""Which ticket makes which other one void, whichever of the two comes in first?

Nothing is deleted: a void is a signed ticket of the same scale with a number of its own, which names the
other by its hash. What is void weighs nothing any more, unless somebody has signed for the load before.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from devices.codecs.ticket_json import Void, particulars
from devices.readings import WeighingReading
from tracking.weighings import queries
from tracking.weighings.tables import Weighing


def of(row: Weighing) -> Void | None:
    """Return what a ticket says that it makes void: number, reason, by whom."""
    return particulars(row.extra).void if row.voids_hash is not None else None


def making_void(session: Session, row: Weighing) -> tuple[Weighing, Void] | None:
    """Return the ticket that makes one void, and what it says of it; None where nothing does."""
    by = session.get(Weighing, row.voided_by) if row.voided_by is not None else None
    said = of(by) if by is not None else None
    return (by, said) if by is not None and said is not None else None


def struck(session: Session, row: Weighing) -> Weighing | None:
    """Return the ticket that one makes void, None where it is not here or is no such ticket's to strike."""
    found = queries.by_hash(session, row.device_id, row.voids_hash) if row.voids_hash is not None else None
    return found if found is not None and found.voided_by == row.id else None


def hash_named(told: WeighingReading) -> str | None:
    """Return the hash of the ticket that one makes void, None where it weighs something."""
    found = particulars(told.extra).void
    return found.hash if found is not None else None


def apply(session: Session, row: Weighing) -> Weighing | None:
    """Let a ticket that came in make another one void, or be made void; return the one that is void now.

    Only a ticket of the same scale can do it, and only the first that does counts; a void cannot be void.
    """
    if row.voids_hash is not None:
        found = queries.by_hash(session, row.device_id, row.voids_hash)
        if found is None or found.voids_hash is not None:
            return None
        before = session.get(Weighing, found.voided_by) if found.voided_by is not None else None
        if before is None or row.ticket_number < before.ticket_number:
            found.voided_by = row.id
        return found if before is None else None
    first = session.scalar(
        select(Weighing)
        .where(Weighing.voids_hash == row.ticket_hash, Weighing.device_id == row.device_id)
        .order_by(Weighing.ticket_number, Weighing.id)
        .limit(1)
    )
    if first is None:
        return None
    row.voided_by = first.id
    return row
