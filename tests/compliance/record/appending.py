"""What does one writing process of the ledger tests do?"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Engine

from compliance.record import ledger
from compliance.record.database import open_database, reading, transaction
from compliance.record.ledger import Recorded, pending
from tests.factories.parties import work_in


def append(engine: Engine, *values: object, subject: UUID | None = None, kind: str = "Tested") -> UUID:
    """Put one event a value on the chain, all in one transaction, and return their subject."""
    with transaction(engine) as session:
        work = work_in(session)
        about = subject or work.new_id()
        for value in values:
            work.append(kind, about, value=value)
        assert len(pending(session)) == len(values)
    return about


def append_many(url: str, writer: int, count: int) -> None:
    """Open the database as a process of its own and append, two events a transaction."""
    engine = open_database(url)
    try:
        for number in range(0, count, 2):
            append(engine, *(f"{writer}/{each}" for each in range(number, min(number + 2, count))))
    finally:
        engine.dispose()


def recorded(engine: Engine) -> list[Recorded]:
    """Return the whole record."""
    with reading(engine) as session:
        return ledger.read(session, 0, 10_000)
