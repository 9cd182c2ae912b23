"""What does one issuing process of the numbering tests do?"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from compliance.manifests import service
from compliance.manifests.rules import Act
from compliance.record.database import open_database, transaction
from tests.factories.parties import Cast, work_in


class PowerCut(Exception):
    """What strikes between a number and its commit."""


def issue(engine: Engine, cast: Cast, origin_id: UUID, cut: bool = False) -> str:
    """Draw a manifest up and issue it in one transaction; return its number, or lose it to a power cut."""
    with transaction(engine) as session:
        work = work_in(session, cast.producer)
        row = service.draft(work, cast.load(origin_site_id=origin_id))
        service.act(work, row, Act.ISSUE)
        if cut:
            raise PowerCut
        assert row.number is not None
        return row.number


def _tried(engine: Engine, cast: Cast, origin_id: UUID, cut: bool) -> bool:
    """Issue once, or lose it to a power cut; False when SQLite let others in for half a minute instead."""
    try:
        issue(engine, cast, origin_id, cut)
    except PowerCut:
        return True
    except OperationalError as busy:
        if "locked" not in str(busy):
            raise
        return False
    return True


def issue_many(url: str, cast: Cast, origins: tuple[UUID, ...], count: int) -> None:
    """Open the database as a process of its own and issue from every origin; every third is lost."""
    engine = open_database(url)
    try:
        for number in range(count):
            for origin_id in origins:
                while not _tried(engine, cast, origin_id, cut=number % 3 == 1):
                    continue
    finally:
        engine.dispose()
