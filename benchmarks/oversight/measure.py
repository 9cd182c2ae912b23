"""Does the inspector's desk answer within twice the raw indexed query, over `OVERSIGHT_MANIFESTS` manifests?

Ratios are raw to ours, interleaved on one PostGIS: 0.5 is twice as long. Ours includes the objects, the
right to see, and what is worked out from the rows: every event's hash, the verdict of a road check.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from benchmarks import durable
from benchmarks.lines import Line, beside, middle
from benchmarks.oversight.fill import fill
from benchmarks.oversight.raw import Raw
from compliance.catalogue import service as catalogue
from compliance.manifests import gates
from compliance.manifests import queries as manifests
from compliance.manifests import service as manifest_service
from compliance.manifests.rules import Act
from compliance.manifests.service import Signing
from compliance.manifests.tables import Manifest
from compliance.record.database import open_database, reading, transaction
from compliance.record.who import SYSTEM, Role, Who
from compliance.record.work import Work
from compliance.rulebook.workdays import PUBLISHED_YEARS
from marketplace import app, schema, worker
from marketplace.deals import gates as gates_of_a_deal
from marketplace.lots.rules import State as LotState
from marketplace.lots.tables import Lot
from marketplace.needs.tables import Need
from marketplace.oversight.filters import Wanted
from marketplace.web.pages import custody, manifest_list  # the API is loaded before the pages
from tracking.fleet.tables import Vehicle
from tracking.road_checks import service as road_checks
from tracking.road_checks.queries import RUNNING
from tracking.road_checks.rules import Asked, By, Place

SIZE = int(os.environ.get("OVERSIGHT_MANIFESTS", "1000000"))
TIMES = 150
TWICE = 0.5
GATE_MS, NIGHTLY_S = 3.0, 60.0
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
INSPECTOR = Who(uuid4(), "bench", uuid4(), frozenset({Role.INSPECTOR}))


def measure() -> Iterator[Line]:
    """Yield the findings of the desk; on PostGIS alone."""
    if durable.program("initdb") is None:
        print("  PostGIS is not installed here: the desk is not measured.", flush=True)
        return
    with durable.postgres() as server, TemporaryDirectory(prefix="huanlian-desk-"):
        server.execute("CREATE DATABASE desk")
        engine = open_database(server.url("desk"))
        schema.upgrade(engine)
        assert app.pages()
        with transaction(engine) as session:
            catalogue.load(Work(session, NOW, SYSTEM))
        began = time.perf_counter()
        for step in fill(engine, SIZE):
            print(f"  {time.perf_counter() - began:6.1f} s {step}", flush=True)
        raw = Raw(f"host=127.0.0.1 port={server.port} user=postgres dbname=desk")
        yield from _ratios(engine, raw)
        yield from _bars(engine)
        raw.connection.close()
        engine.dispose()


def _ratios(engine: Engine, raw: Raw) -> Iterator[Line]:
    chance = random.Random(7)
    keys = [_key(engine, chance.randrange(1, SIZE)) for _ in range(TIMES)]
    plates = [f"鄂A{chance.randrange(1, SIZE // 200):06d}" for _ in range(TIMES)]
    prefixes = [f"42{chance.randrange(1, 14):02d}" for _ in range(TIMES)]
    running = list(RUNNING)
    states = sorted(manifest_list.STILL_OPEN)
    with reading(engine) as session:
        work = Work(session, NOW, INSPECTOR)
        yield _against(
            f"chain of custody of one of {SIZE} manifests",
            [(lambda k=k: _custody(session, k), lambda k=k: raw.custody(k)) for k in keys],
        )
        yield _against(
            "inspector's filtered list",
            [
                (lambda p=p: _listed(session, p), lambda p=p: raw.listed(f"{p}%", "%-08", states, 51))
                for p in prefixes
            ],
        )
        yield _against(
            "road check by plate",
            [(lambda p=p: _checked(work, p), lambda p=p: raw.checked(p, running)) for p in plates],
        )


def _against(name: str, pairs: list[tuple[Callable[[], object], Callable[[], object]]]) -> Line:
    taken = []
    for ours, reference in pairs:
        taken.append((_took(ours), _took(reference)))
    mine, other = (middle([pair[side] for pair in taken]) for side in (0, 1))
    inverse = beside(name, "ms", [(one, two) for one, two in taken])
    ratio = middle([two / one for one, two in taken])
    return Line(name, mine, "ms", other, TWICE, ratio, f"ours / raw {inverse.ratio or 0:.2f}")


def _took(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def _key(engine: Engine, number: int) -> UUID:
    with engine.connect() as connection:
        found: UUID = connection.execute(
            text("SELECT md5('manifest' || :n)::uuid"), {"n": number}
        ).scalar_one()
        return found


def _custody(session: Session, key: UUID) -> object:
    session.expunge_all()
    return custody.of(session, manifests.manifest(session, key, INSPECTOR))


def _listed(session: Session, prefix: str) -> object:
    session.expunge_all()
    return manifest_list.part_of(session, INSPECTOR, Wanted(manifest_list.STILL_OPEN, "", prefix, "HW08"))


def _checked(work: Work, plate: str) -> object:
    work.session.expunge_all()
    return road_checks.look_up(work, Asked(By.PLATE, plate), Place(30.5, 112.5))


def _bars(engine: Engine) -> Iterator[Line]:
    with reading(engine) as session:
        work = Work(session, NOW, INSPECTOR)
        keys = session.scalars(select(Manifest.id).where(Manifest.state == "issued").limit(50)).all()
        spent = [_gates(work, key) for key in keys]
    read, judged = (middle([pair[side] for pair in spent]) for side in (0, 1))
    whole = middle([sum(pair) for pair in spent])
    yield Line("gates of one load: issue's and loading's facts read, CPU", read, "ms")
    yield Line("gates of one load: all rules of both over those facts, CPU", judged, "ms", target=GATE_MS)
    yield Line("gates of one load: facts and rules together, CPU", whole, "ms", target=GATE_MS)
    with reading(engine) as session:
        work = Work(session, NOW, INSPECTOR)
        offers = [_offered(work, key) for key in keys]
    name = "gates of one offer, all rules: facts and rules together, CPU"
    yield Line(name, middle(offers), "ms", target=GATE_MS)
    start, cpu = time.perf_counter(), time.process_time()
    worker.sweep_deadlines(engine, lambda: NOW, PUBLISHED_YEARS)
    took, spent_s = time.perf_counter() - start, time.process_time() - cpu
    name = "the whole night: declarations, reserved numbers, clocks"
    yield Line(name, took, "s", target=NIGHTLY_S, note=f"{spent_s:.1f} s CPU")


def _offered(work: Work, key: UUID) -> float:
    """Return the milliseconds of processor time for all that can stand against a load as an offer."""
    work.session.expunge_all()
    row = work.session.get_one(Manifest, key)
    vehicle = work.session.get(Vehicle, row.vehicle_id)
    lot = Lot(
        id=row.deal_id,
        organisation_id=row.mover_id,
        site_id=row.origin_site_id,
        code=row.code,
        left_kg=row.planned_kg,
        ready_to=NOW + timedelta(days=9),
        state=LotState.LISTED.value,
    )
    need = Need(
        id=row.deal_id,
        organisation_id=row.receiver_id,
        site_id=row.destination_site_id,
        mode=row.mode,
        left_kg=row.planned_kg,
        valid_to=NOW.date() + timedelta(days=9),
        open=True,
    )
    offer = gates_of_a_deal.Offer(lot, need, vehicle, row.carrier_id, row.planned_kg)
    start = time.process_time()
    waste = catalogue.require(work, row.code, work.today, "code")
    known = gates_of_a_deal.parties(work, offer, waste)
    gates_of_a_deal.against(work, offer, waste, known)
    gates_of_a_deal.quota_warned(offer, waste, known[row.receiver_id], work.today)
    return (time.process_time() - start) * 1000


def _gates(work: Work, key: UUID) -> tuple[float, float]:
    """Return the milliseconds of processor time for reading a load's facts, and for the rules over them."""
    work.session.expunge_all()
    row = work.session.get_one(Manifest, key)
    start = time.process_time()
    known = gates.facts(work, row)
    read = time.process_time()
    for act in (Act.ISSUE, Act.LOAD):
        manifest_service.reasons_against(work, row, act, Signing(), known)
    return (read - start) * 1000, (time.process_time() - read) * 1000
