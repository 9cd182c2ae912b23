"""Is anything lost, doubled or half done when processes are killed in the middle of the loop?"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

import psutil
import pytest
from sqlalchemy import Engine, func, select

from compliance.manifests.rules import State
from compliance.manifests.tables import Manifest, ManifestSignature
from compliance.record.database import open_database, reading
from compliance.record.subscribers import Parked
from marketplace.deals.tables import Deal
from marketplace.demo.private import Private, private_instance
from marketplace.settlements.tables import JournalEntry, Settlement
from marketplace.verification import verify
from tests.support.postgres import Server
from tracking.weighings.tables import Weighing

VICTIMS = ("ingest", "worker", "solver", "web")
KILLS_EACH = CLOSED_LOADS = 2 if os.environ.get("FAULT_SIZE") == "full" else 1
SPEED = 300
WITHIN_S = 150.0


def _process(instance: Private, name: str) -> psutil.Process | None:
    for child in psutil.Process(instance.process.pid).children(recursive=True):
        try:
            if child.cmdline()[-3:] == ["-m", "marketplace", name]:
                return child
        except psutil.Error:
            continue
    return None


def _kill_at_random(instance: Private, seed: int) -> None:
    """Kill each process with SIGKILL several times, in an order and at moments that a seed chooses."""
    chance = random.Random(seed)
    names = list(VICTIMS) * KILLS_EACH
    chance.shuffle(names)
    for name in names:
        time.sleep(chance.uniform(0.5, 3.0))
        until = time.monotonic() + WITHIN_S
        while (victim := _process(instance, name)) is None:
            assert time.monotonic() < until, f"{name} was not started again"
            time.sleep(0.1)
        victim.kill()


def _closed(engine: Engine) -> int:
    with reading(engine) as session:
        statement = select(func.count()).where(Manifest.state == State.CLOSED.value)
        return session.scalar(statement) or 0


def _begun(engine: Engine) -> int:
    with reading(engine) as session:
        statement = select(func.count()).where(Manifest.state != State.DRAFT.value)
        return session.scalar(statement) or 0


def _await_count(engine: Engine, count: Callable[[Engine], int], wanted: int, what: str) -> None:
    until = time.monotonic() + WITHIN_S
    while count(engine) < wanted:
        assert time.monotonic() < until, what
        time.sleep(0.5)


def _kill_and_look(url: str, instance: Private, seed: int) -> None:
    """Kill while loads are on their way, let loads close, then look at all that is on record."""
    engine = open_database(url)
    _await_count(engine, _begun, 1, "no load began")
    _kill_at_random(instance, seed)
    _await_count(engine, _closed, CLOSED_LOADS, "the loops did not close after the kills")
    _assert_nothing_lost(engine)
    assert _ticket_gaps(engine) == []
    engine.dispose()


def _assert_nothing_lost(engine: Engine) -> None:
    found = verify(engine)
    assert found.findings == ()
    assert found.money_fen == 0
    with reading(engine) as session:
        assert session.scalars(select(Parked)).all() == []
        closed = session.scalars(select(Manifest).where(Manifest.state == State.CLOSED.value)).all()
        for manifest in closed:
            acts = session.scalars(
                select(ManifestSignature.act).where(ManifestSignature.manifest_id == manifest.id)
            ).all()
            assert len(acts) == len(set(acts)), "an act was signed twice"
            tickets = session.scalars(select(Weighing).where(Weighing.manifest_id == manifest.id)).all()
            assert sorted((str(one.place), str(one.role)) for one in tickets) == [
                ("destination", "gross"),
                ("destination", "tare"),
                ("source", "gross"),
                ("source", "tare"),
            ]
        _assert_one_of_each(engine)


def _assert_one_of_each(engine: Engine) -> None:
    """Every deal has one manifest, every settlement line one booking when due and one when paid."""
    with reading(engine) as session:
        deals = set(session.scalars(select(Deal.id)))
        assert set(session.scalars(select(Manifest.deal_id))) <= deals
        intents = session.scalars(select(JournalEntry.intent)).all()
        due = {one for one in intents if one.endswith(":due")}
        lines = [line for row in session.scalars(select(Settlement)) for line in row.lines]
        assert len(due) == len(lines)
        paid = [one for one in intents if one.endswith(":paid")]
        assert len(paid) == sum(line.paid_at is not None for line in lines)


def _ticket_gaps(engine: Engine) -> list[str]:
    """Name every scale of which a ticket between its first and its last is missing."""
    with reading(engine) as session:
        rows = session.execute(
            select(
                Weighing.device_id,
                func.min(Weighing.ticket_number),
                func.max(Weighing.ticket_number),
                func.count(),
            ).group_by(Weighing.device_id)
        )
        return [device for device, first, last, count in rows if last - first + 1 != count]


@pytest.mark.faults
@pytest.mark.timeout(400)
def test_kills_on_sqlite_leave_nothing_half_done() -> None:
    """A power cut in the middle of a load would otherwise cost somebody a tonne, a ticket or money."""
    with private_instance(SPEED, autopilot_s=1.0) as instance:
        _kill_and_look(instance.database_url, instance, seed=7)


@pytest.mark.faults
@pytest.mark.postgis
@pytest.mark.mosquitto
@pytest.mark.timeout(400)
def test_kills_on_postgis_leave_nothing_half_done(postgres_server: Server) -> None:
    """The production pair of database and broker must keep the same promise."""
    postgres_server.execute("CREATE DATABASE faults")
    url = postgres_server.url("faults")
    with private_instance(SPEED, autopilot_s=1.0, environment={"DATABASE_URL": url}) as instance:
        _kill_and_look(url, instance, seed=11)
