"""How much more do two ingest processes take in than one, and does each device's order stay?

Each process has a durable session that gets everything; it takes in the devices whose hash falls to its
part and confirms the rest (ADR 7). In each round one process, and then two at once, empty queues of the same
length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import func, select

from benchmarks.ingest.drain import Task
from benchmarks.ingest.measure import USER, Fleet, broker, drain, fleet_of, keep_queue, publish
from benchmarks.lines import Line, beside
from benchmarks.worlds import worlds
from compliance.record.database import open_database, reading
from devices.readings import Stream
from marketplace.broker import find_mosquitto
from marketplace.settings import Settings
from tracking.intake.rules import Part
from tracking.intake.tables import Watermark
from tracking.positions.tables import Position

ROUNDS = 5
MESSAGES = 20_000
WAYS = (1, 2)


def measure() -> Iterator[Line]:
    """Yield the messages a second of two processes beside those of one, single positions, PostGIS."""
    if find_mosquitto() is None:
        print("  Mosquitto is not installed here: the workers are not measured.", flush=True)
        return
    with worlds() as found, TemporaryDirectory(prefix="huanlian-bench-mqtt-") as folder:
        settings = found.get("PostGIS")
        if settings is None:
            return
        with broker(Path(folder) / "workers") as port:
            fleet = fleet_of(settings)
            rates = []
            for number in range(ROUNDS):
                ways = WAYS if number % 2 else WAYS[::-1]
                took = {of: _emptied(fleet, settings, port, of) for of in ways}
                rates.append((MESSAGES / took[2], MESSAGES / took[1]))
        _require_order(settings, fleet)
    yield beside("2 ingest processes beside 1, PostGIS", "messages/s", rates, note="each device in order")


def _emptied(fleet: Fleet, settings: Settings, port: int, of: int) -> float:
    """Return the seconds in which so many processes empty their queues at once."""
    names = ["workers" if number == 0 else f"workers-{number + 1}" for number in range(of)]
    for name in names:
        keep_queue(port, name)
    count = MESSAGES // len(fleet.devices) * len(fleet.devices)  # else some would miss a number
    messages = list(fleet.messages(count, 1))
    publish(port, messages)
    tasks = [_task(settings, port, messages, Part(number, of)) for number in range(of)]
    with ThreadPoolExecutor(of) as pool:
        took = list(pool.map(drain, tasks))
    for name in names:
        _forget(port, name)
    return max(one.seconds for one in took)


def _task(settings: Settings, port: int, messages: Sequence[tuple[str, bytes]], part: Part) -> Task:
    own = sum(part.owns(name) for name, _ in messages)
    password = USER.password or ""
    return Task("ours", settings.database, port, "bench", password, "workers", own, part.number, part.of)


def _forget(port: int, name: str) -> None:
    """Have the broker drop a session, that its queue does not grow while the others are measured."""
    client = paho.Client(CallbackAPIVersion.VERSION2, name, clean_session=True)
    client.username_pw_set("bench", USER.password)
    client.on_connect = lambda client, *_: client.disconnect()
    client.connect("127.0.0.1", port)
    client.loop_forever()


def _require_order(settings: Settings, fleet: Fleet) -> None:
    """End the measurement where a device's numbers have a gap, or one is stored twice or not at all."""
    engine = open_database(settings.database)
    names = [device for _, device, _ in fleet.devices]
    with reading(engine) as session:
        marks = session.scalars(
            select(Watermark).where(
                Watermark.device_id.in_(names), Watermark.stream == Stream.POSITIONS.value
            )
        ).all()
        stored = session.scalar(
            select(func.count()).select_from(Position).where(Position.device_id.in_(names))
        )
    engine.dispose()
    if any(one.ranges for one in marks) or stored != sum(one.watermark for one in marks):
        raise SystemExit("a device's numbers are not complete and in order")
