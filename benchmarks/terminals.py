"""Do five thousand JT/T 808 terminals at ten seconds get through one gateway and the ingest in time?

Real processes: gateway, Mosquitto, ingest, PostGIS; the terminals are this one, with asyncio. BENCH_TERMINALS
and BENCH_SECONDS say how many and for how long (5000 and 600 for the promise; less by default).
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import psutil
from sqlalchemy import Engine, func, select

from benchmarks import durable
from benchmarks.children import child, processor_s, python
from benchmarks.lines import Line
from benchmarks.worlds import seeded
from compliance.record.clock import system_now
from compliance.record.database import open_database, reading, transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from devices.codecs import jt808
from devices.codecs.jt808 import Message, Version, make_position
from devices.codecs.terminals import Terminal
from devices.gateway.registry import write_registry
from marketplace.broker import HOST, BrokerUser, find_mosquitto, plan_broker, write_users
from marketplace.ports import answers, free_port
from marketplace.settings import Settings
from tests.faults.field import Task
from tracking.fleet import service as fleet
from tracking.fleet.rules import DeviceKind
from tracking.fleet.service import NewDevice, NewVehicle
from tracking.fleet.tables import Vehicle
from tracking.positions.tables import Position

TERMINALS = int(os.environ.get("BENCH_TERMINALS", "1000"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "30"))
EVERY_S = 10.0
LAG_S = 5.0
LOOK_S = 1.0
DRAIN_S = 120.0
GATEWAY, TENANT, PASSWORD = "bench-gateway", "bench", "benchmark"


@dataclass(slots=True)
class Tally:
    """What the terminals sent and what the gateway confirmed, since when."""

    sent: int = 0
    confirmed: int = 0
    refused: int = 0
    lags: list[float] = field(default_factory=list)


def measure() -> Iterator[Line]:
    """Yield the longest lag between a terminal's confirmation and the database, and what was lost."""
    if find_mosquitto() is None or durable.program("initdb") is None:
        print(
            "  Mosquitto and PostGIS are not both installed here: the terminals are not measured.", flush=True
        )
        return
    with TemporaryDirectory(prefix="huanlian-bench-808-") as folder, ExitStack() as stack:
        server = stack.enter_context(durable.postgres())
        server.execute("CREATE DATABASE terminals")
        settings = seeded(Settings(var=Path(folder) / "var", database_url=server.url("terminals")))
        engine = open_database(settings.database)
        _enrol(engine)
        port, processes = _processes(stack, Path(folder), settings)
        before = {name: processor_s(process) for name, process in processes.items()}
        tally = asyncio.run(_drive(engine, port))
        stored = _await_stored(engine, tally)
        worked = {name: processor_s(process) - before[name] for name, process in processes.items()}
        engine.dispose()
    note = f"{TERMINALS} terminals, {SECONDS:g} s, {tally.sent} sent, {tally.confirmed} confirmed"
    yield Line(
        "longest lag from a terminal's answer to the database", max(tally.lags), "s", target=LAG_S, note=note
    )
    yield Line(
        "confirmed and not stored", float(tally.confirmed - stored), "positions", target=0.0, note=note
    )
    yield Line("sent and not confirmed", float(tally.sent - tally.confirmed), "positions", note=note)
    for name, seconds in worked.items():
        yield Line(f"processor time of the {name}", seconds / max(1, stored) * 1e6, "us a position")


def _name(number: int) -> str:
    return f"bench-{number:05d}"


def _phone(number: int) -> str:
    return str(13_900_000_000 + number)


def _enrol(engine: Engine) -> None:
    with transaction(engine) as session:
        work = Work(session, system_now(), SYSTEM)
        carrier = session.scalars(select(Vehicle.carrier_id)).first()
        assert carrier is not None
        fleet.enrol_device(work, NewDevice(GATEWAY, TENANT, DeviceKind.GATEWAY))
        for number in range(TERMINALS):
            row = fleet.add_vehicle(work, NewVehicle(carrier, f"\u9102D{number:05d}", 25_000, 30.6, 114.3))
            fleet.enrol_device(work, NewDevice(_name(number), TENANT, DeviceKind.VEHICLE, vehicle_id=row.id))


def _processes(stack: ExitStack, folder: Path, settings: Settings) -> tuple[int, dict[str, psutil.Process]]:
    """Start broker, ingest and gateway; return the gateway's port and the processes."""
    broker, port, users = free_port(), free_port(), folder / "users.json"
    everything = BrokerUser(password=PASSWORD, publish=["#"], subscribe=["#"])
    write_users(users, {GATEWAY: everything, "server": everything})
    plan = plan_broker(folder, broker, users)
    assert plan.ready is not None
    processes = {"broker": stack.enter_context(child(plan.argv, plan.ready))}
    env = {
        "DATABASE_URL": settings.database,
        "HUANLIAN_VAR": str(settings.var),
        "HUANLIAN_DEMO": "0",
        "MQTT_URL": f"mqtt://server:{PASSWORD}@127.0.0.1:{broker}",
        "INGEST_WORKERS": os.environ.get("INGEST_WORKERS", "1"),
    }
    ingest = child(python("marketplace", "ingest"), lambda: True, env)
    processes["ingest"] = stack.enter_context(ingest)
    own = folder / "gateway"
    own.mkdir()
    named = [Terminal(_phone(n), _name(n), TENANT, 1) for n in range(TERMINALS)]
    write_registry(own / "terminals.json", named)
    asked = Task(GATEWAY, TENANT, str(own), broker, PASSWORD, port, hurry=False)
    words = python("tests.faults.field", "gateway", msgspec.json.encode(asked).decode())
    processes["gateway"] = stack.enter_context(child(words, answers(HOST, port), env))
    return port, processes


async def _drive(engine: Engine, port: int) -> Tally:
    """Let the terminals come on within one interval, and all send for the time of the run."""
    tally = Tally()
    until = time.monotonic() + EVERY_S + SECONDS
    watch = asyncio.create_task(_watch(engine, tally))
    await asyncio.gather(*(_terminal(number, port, until, tally) for number in range(TERMINALS)))
    watch.cancel()
    return tally


async def _terminal(number: int, port: int, until: float, tally: Tally) -> None:
    chance = random.Random(number)
    await asyncio.sleep(chance.uniform(0, EVERY_S))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    framer, serial = jt808.Framer(), 0

    async def ask(msg_id: int, body: jt808.Body) -> jt808.Body:
        nonlocal serial
        serial += 1
        writer.write(jt808.encode(Message(msg_id, Version.V2013, _phone(number), serial, body)))
        while True:
            for found in framer.feed(await reader.read(4096)):
                answer = jt808.decode(found).body if isinstance(found, bytes) else None
                if getattr(answer, "serial", None) == serial and answer is not None:
                    return answer

    word = jt808.Registration(42, 100, "HLSIM", "SIM-1", _phone(number)[-7:], 2, "")
    answer = await ask(jt808.REGISTRATION, word)
    assert isinstance(answer, jt808.RegistrationReply)
    await ask(jt808.AUTHENTICATION, jt808.Authentication(answer.auth_code))
    lat, lon = 30.0 + chance.random(), 114.0 + chance.random()
    due = time.monotonic()
    while due < until:
        at = system_now().replace(microsecond=0)
        tally.sent += 1
        answer = await ask(jt808.POSITION, make_position(lat, lon, at, speed_kmh=42.5, course_deg=90))
        tally.confirmed += isinstance(answer, jt808.GeneralReply) and answer.result == 0
        lat, lon, due = lat + 0.001, lon + 0.001, due + EVERY_S
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    writer.close()


def _stored(engine: Engine) -> int:
    with reading(engine) as session:
        own = select(func.count()).select_from(Position).where(Position.device_id.like("bench-%"))
        return session.scalar(own) or 0


async def _watch(engine: Engine, tally: Tally) -> None:
    """Note, second by second, how long ago it was that as many were confirmed as are stored now."""
    history: list[tuple[float, int]] = []
    while True:
        history.append((time.monotonic(), tally.confirmed))
        stored = await asyncio.to_thread(_stored, engine)
        behind = next((at for at, confirmed in history if confirmed > stored), time.monotonic())
        tally.lags.append(time.monotonic() - behind)
        await asyncio.sleep(LOOK_S)


def _await_stored(engine: Engine, tally: Tally) -> int:
    until = time.monotonic() + DRAIN_S
    while (stored := _stored(engine)) < tally.confirmed and time.monotonic() < until:
        time.sleep(LOOK_S)
    return stored
