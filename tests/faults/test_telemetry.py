"""Is every reading stored exactly once, and judged as if nothing had happened, whatever is killed when?

Real processes: PostgreSQL, Mosquitto, two ingest workers, a worker, a JT/T 808 gateway and a scale agent, all
of them killed with SIGKILL, their links cut, the agents' disks full, in an order that a seed chooses.
`make faults RUNS=20 SIZE=full` runs more of it; ordinary runs take one small one.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
from sqlalchemy import Engine, func, select

from compliance.record import ledger
from compliance.record.database import open_database, reading, transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from devices.codecs.terminals import Terminal
from devices.gateway.registry import write_registry
from devices.readings import Load, PositionReading
from devices.simulator.vehicle import Fix
from marketplace import schema, worker
from tests.faults.drivers import Deck, Plan, Terminals, background, phone_of
from tests.faults.story import FULL, SMALL, Fault, Size, device_name, expected, faults, fixes
from tests.faults.yard import GATEWAY, Yard, yard
from tests.tracking.world import (
    GATE_A,
    GATE_B,
    ORIGIN,
    START,
    TENANT,
    World,
    build,
    positions,
    ticket,
    weighed,
)
from tracking.fleet import service as fleet
from tracking.fleet.rules import DeviceKind
from tracking.fleet.service import NewDevice, NewVehicle
from tracking.intake.tables import SequenceConflict, Watermark
from tracking.positions.tables import Position
from tracking.trips.rules import Act
from tracking.trips.tables import Trip
from tracking.weighings.tables import Weighing

RUNS = int(os.environ.get("FAULT_RUNS", "1"))
SIZE = FULL if os.environ.get("FAULT_SIZE") == "full" else SMALL
SEED = int(os.environ.get("FAULT_SEED", "808"))
SETTLED_WITHIN_S = 600.0
JUDGED = (
    "state",
    "at_origin_at",
    "loaded_at",
    "departed_at",
    "started_at",
    "arrived_at",
    "distance_m",
)


def moment() -> datetime:
    """Return a clock that stands still, a day after the first fix, as the processes' clock began."""
    return START + timedelta(days=1)


def prepare(engine: Engine, size: Size) -> World:
    """Fill a database: one trip that is loaded, and as many vehicles with terminals as the run has."""
    schema.upgrade(engine)
    world = build(engine)
    carrier = world.dispatcher.organisation_id
    with transaction(engine) as session:
        work = Work(session, START - timedelta(hours=1), SYSTEM)
        fleet.enrol_device(work, NewDevice(GATEWAY, TENANT, DeviceKind.GATEWAY))
        for number in range(1, size.devices):
            name = device_name(number)
            row = fleet.add_vehicle(work, NewVehicle(carrier, f"鄂C{number:05d}", 25_000, *ORIGIN))
            fleet.enrol_device(work, NewDevice(name, TENANT, DeviceKind.VEHICLE, vehicle_id=row.id))
    empty = ticket(GATE_A, 1, 9_000, 300)
    full = ticket(GATE_A, 2, 21_000, 900, previous=empty.ticket_hash)
    world.feed(weighed(GATE_A, empty), weighed(GATE_A, full))
    world.step(Act.ARRIVE, START + timedelta(minutes=1))
    world.step(Act.LOAD, START + timedelta(minutes=20))
    return world


def go_wrong(place: Yard, several: Iterator[Fault]) -> None:
    """Let the faults happen, one after the other; what was killed comes back after a while."""
    for fault in several:
        time.sleep(fault.after_s)
        if fault.what == "cut":
            place.links[fault.whom].cut()
            time.sleep(fault.lasts_s)
            place.links[fault.whom].mend()
        elif fault.what == "part":
            kill_one_part(place)
        else:
            victim = place.victims[fault.whom]
            victim.kill()
            if fault.what == "full":
                place.full.add(fault.whom)
                victim.start(patient=False)
                time.sleep(fault.lasts_s + 1)
                victim.kill()
                place.full.discard(fault.whom)
            else:
                time.sleep(fault.lasts_s)
            victim.start()


def kill_one_part(place: Yard) -> None:
    """Kill one of the ingest's parts behind its supervisor's back."""
    process = place.victims["ingest"].process
    assert process is not None
    for child in psutil.Process(process.pid).children(recursive=True):
        if "--part" in child.cmdline():
            child.kill()
            return


def wait_until(place: Yard, done: Callable[[], bool], what: Callable[[], str]) -> None:
    """Wait for something that is to come; a worker that ended with its database is started again."""
    until = time.monotonic() + SETTLED_WITHIN_S
    while not done():
        place.victims["worker"].keep_up()
        assert time.monotonic() < until, what()
        time.sleep(0.2)


def tickets_written(folder: Path) -> int:
    """Return the number of the last ticket in the scale's own book."""
    try:
        with closing(sqlite3.connect(f"file:{folder / 'outbox.db'}?mode=ro", uri=True)) as book:
            row = book.execute("SELECT value FROM note WHERE name = ?", (f"ticket:{GATE_B}",)).fetchone()
    except sqlite3.OperationalError:  # the agent has not made it yet, or is writing
        return 0
    return int(row[0]) if row else 0


def count(engine: Engine, model: type) -> int:
    """Return how many rows a table has."""
    with reading(engine) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@contextmanager
def staged(folder: Path, deck: Deck) -> Iterator[tuple[Yard, asyncio.AbstractEventLoop]]:
    """Yield database and broker of a run, and the loop of those who speak in it."""
    with background() as loop:
        asyncio.run_coroutine_threadsafe(deck.indicator.start(), loop).result(10)
        try:
            with yard(folder, deck.indicator.port) as place:
                place.server.execute("CREATE DATABASE faults")
                yield place, loop
        finally:
            asyncio.run_coroutine_threadsafe(deck.indicator.stop(), loop).result(10)


def open_the_gates(place: Yard, size: Size) -> Path:
    """Tell the gateway its terminals, put up the scale's camera, and start everybody; return the camera."""
    several = [Terminal(phone_of(n), device_name(n), TENANT, 1) for n in range(size.devices)]
    write_registry(place.field / "gateway" / "terminals.json", several)
    camera = place.field / "scale" / "plate.txt"
    camera.write_text("", encoding="utf-8")
    for name in ("ingest", "worker", "gateway", "scale"):
        place.victims[name].start()
    return camera


def disturbed(folder: Path, size: Size, seed: int) -> None:
    """Run the story with everything going wrong, until all of it is in the database; then look at it."""
    told = [fixes(number, size, seed) for number in range(size.devices)]
    deck, total = Deck(seed, size.tickets), sum(len(one) for one in told)
    book = partial(tickets_written, folder / "scale")
    with staged(folder, deck) as (place, loop):
        engine = open_database(place.server.url("faults"))
        world = prepare(engine, size)
        camera = open_the_gates(place, size)
        terminals = Terminals(seed, place.gateway_port, told, size.seconds)
        for story in (terminals.run(), deck.run(camera, book)):
            asyncio.run_coroutine_threadsafe(story, loop)
        go_wrong(place, faults(size, seed))
        wait_until(
            place,
            lambda: terminals.offered.is_set() and deck.done.is_set() and not terminals.waiting,
            lambda: f"{terminals.waiting} fixes are not confirmed",
        )
        wait_until(
            place,
            lambda: count(engine, Position) >= total and len(ticket_numbers(engine)) >= book(),
            lambda: f"{count(engine, Position)} of {total}, tickets {ticket_numbers(engine)} of {book()}",
        )
        worker.run_until_idle(engine, moment)
        assert_stored_once(engine, told, seed)
        assert_tickets(engine, book())
        assert_judged_alike(world, folder, size)
        engine.dispose()


def assert_stored_once(engine: Engine, told: Sequence[Sequence[Fix]], seed: int) -> None:
    """Every reading is there once, under numbers without a gap, and nothing else is."""
    with reading(engine) as session:
        assert session.scalars(select(SequenceConflict)).all() == []
        for number, own in enumerate(told):
            name = device_name(number)
            rows = session.scalars(select(Position).where(Position.device_id == name)).all()
            assert sorted(row.seq for row in rows) == list(range(1, len(own) + 1)), name
            wanted = expected(own, Plan(seed, number, own[-1].at).skew)
            found = {row.device_time: (round(row.lat, 6), round(row.lon, 6)) for row in rows}
            assert found == wanted, name
            mark = session.get_one(Watermark, (name, 1, "pos"))
            assert (mark.watermark, mark.ranges) == (len(own), [])


def ticket_numbers(engine: Engine) -> list[int]:
    """Return the numbers of the scale's tickets in the database."""
    own = select(Weighing.ticket_number).where(Weighing.device_id == GATE_B)
    with reading(engine) as session:
        return sorted(session.scalars(own))


def assert_tickets(engine: Engine, written: int) -> None:
    """The chain of the scale's tickets has neither gap nor fork."""
    assert ticket_numbers(engine) == list(range(1, written + 1))
    assert written > 0


def assert_judged_alike(world: World, folder: Path, size: Size) -> None:
    """The trip is what it would be had the same fixes come one after the other, undisturbed."""
    calm_engine = open_database(f"sqlite:///{folder / 'calm.db'}")
    calm = prepare(calm_engine, size)
    rows = world.rows(select(Position).where(Position.vehicle_id == world.vehicle_id))
    ordered = sorted(rows, key=lambda row: row.at)
    for start in range(0, len(ordered), 50):
        several = [reading_of(row, start + n + 1) for n, row in enumerate(ordered[start : start + 50])]
        calm.feed(positions(*several, at=moment()), now=moment())
        worker.run_until_idle(calm_engine, moment)
    assert judged(world) == judged(calm)
    assert trip_events(world) == trip_events(calm)
    assert judged(calm)["arrived_at"] is not None
    calm_engine.dispose()


def judged(world: World) -> dict[str, object]:
    """Return what is held of the trip."""
    trip: Trip = world.trip()
    return {
        name: round(value, 3) if isinstance(value := getattr(trip, name), float) else value for name in JUDGED
    }


def trip_events(world: World) -> Counter[str]:
    """Return what happened to the trip, by kind; what late data has disproved did not.

    While a link is cut nothing is heard of the truck, and that is said of it until its fixes come in.
    """
    with reading(world.engine) as session:
        found = [one.event for one in ledger.read(session, 0, 100_000)]
    gone = {one.data["episode"] for one in found if one.kind == "EpisodeWithdrawn"}
    return Counter(
        one.kind for one in found if one.kind.startswith("Trip") and one.data.get("episode") not in gone
    )


def reading_of(row: Position, seq: int) -> PositionReading:
    """Return a stored position as a device would tell it."""
    return PositionReading(
        seq,
        row.device_time,
        row.lat,
        row.lon,
        row.gnss_time,
        row.altitude_m,
        row.speed_kmh,
        row.course_deg,
        row.satellites,
        row.hdop,
        row.odometer_m,
        row.ignition,
        Load(row.load),
        row.status_bits,
        row.alarm_bits,
    )


@pytest.mark.faults
@pytest.mark.postgis
@pytest.mark.mosquitto
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(SEED, SEED + RUNS))
def test_every_reading_is_stored_once_whatever_is_killed(seed: int) -> None:
    """What a terminal was told is stored would be gone, or counted twice, after the next power cut."""
    with TemporaryDirectory(prefix="huanlian-faults-") as folder:
        Path(folder).chmod(0o755)  # the database server is another user's
        disturbed(Path(folder), SIZE, seed)
