"""Are manifest numbers without gap and without double, per year and prefecture, whoever issues?"""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from compliance.manifests import queries, service
from compliance.manifests.rules import Act
from compliance.manifests.tables import Manifest
from compliance.record import ledger
from compliance.record.database import reading
from compliance.record.work import Work
from tests.compliance.manifests.issuing import PowerCut, issue, issue_many
from tests.factories import parties
from tests.factories.parties import EZHOU, EZHOU_POINT, Cast, committed

FULL = os.environ.get("NUMBERS_SIZE") == "full"
"""8 processes that issue 1,000 numbers each, and lose half as many again (`make numbers SIZE=full`)."""


@pytest.fixture
def second(engine: Engine, people: Cast) -> UUID:
    """A second works of the same producer, in another prefecture."""

    def make(work: Work) -> UUID:
        assert people.producer.organisation_id is not None
        return parties.site(work, people.producer.organisation_id, EZHOU_POINT, EZHOU).id

    return committed(engine, make)


def numbers(engine: Engine) -> list[str]:
    """Return every number that was given, in order."""
    with reading(engine) as session:
        found = session.scalars(select(Manifest.number).where(Manifest.number.is_not(None)))
        return sorted(str(number) for number in found)


def series(prefix: str, count: int) -> list[str]:
    """Return the first numbers of a year and prefecture."""
    return [f"{prefix}{serial:06d}" for serial in range(1, count + 1)]


@pytest.mark.timeout(3600 if FULL else 180)
def test_processes_number_without_gap_or_double(
    database_url: str, engine: Engine, people: Cast, second: UUID
) -> None:
    """Two loads would bear one number, or a missing one look like a manifest that was made away with (M2)."""
    spawn = multiprocessing.get_context("spawn")
    origins = (people.origin_id, second)
    processes, each = (8, 750) if FULL else (3, 6)
    args = (database_url, people, origins, each)
    issuers = [spawn.Process(target=issue_many, args=args) for _ in range(processes)]
    for process in issuers:
        process.start()
    for process in issuers:
        process.join(3600 if FULL else 120)
    assert [process.exitcode for process in issuers] == [0] * processes
    given = processes * each * 2 // 3
    assert numbers(engine) == series("20264201", given) + series("20264207", given)
    assert ledger.verify(engine) is None


def test_threads_number_without_gap_or_double(engine: Engine, people: Cast) -> None:
    """Web requests that come at once would get the same number, or one be lost with a rolled-back one."""

    def one(number: int) -> None:
        try:
            issue(engine, people, people.origin_id, cut=number % 2 == 1)
        except PowerCut:
            return

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(16)))
    assert numbers(engine) == series("20264201", 8)


def test_each_year_and_prefecture_counts_for_itself(engine: Engine) -> None:
    """The first load of January would not be number one, or a year's end in UTC count for the wrong one."""

    def check(work: Work) -> None:
        given = [
            queries.next_serial(work.session, year, prefecture)
            for year, prefecture in [(2026, "4201"), (2026, "4201"), (2026, "4207"), (2027, "4201")]
        ]
        assert given == [1, 2, 1, 1]

    committed(engine, check)


def test_the_year_turns_in_shanghai(engine: Engine, people: Cast) -> None:
    """A load of New Year's morning would be numbered into the old year."""

    def sign(work: Work) -> str | None:
        return service.act(work, service.draft(work, people.load()), Act.ISSUE).number

    eve = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
    morning = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert committed(engine, sign, people.producer, eve) == "20264201000001"
    assert committed(engine, sign, people.producer, morning) == "20274201000001"
