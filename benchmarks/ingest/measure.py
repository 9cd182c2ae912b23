"""How many messages a second does the ingest take in, beside a bare paho loop that only confirms them?

Both have a durable session at the same Mosquitto. In each round the same messages are published to both
while nobody listens; then each empties its queue by itself, in turns first and second.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import select

from benchmarks.children import ROOT, child, python
from benchmarks.ingest.drain import Task, Took, Watch
from benchmarks.lines import Line, beside
from benchmarks.worlds import worlds
from compliance.record.clock import system_now
from compliance.record.database import open_database, reading
from devices.codecs.telemetry_json import encode_positions, topic
from devices.readings import PositionReading
from marketplace.broker import BrokerUser, find_mosquitto, plan_broker, write_users
from marketplace.ports import free_port
from marketplace.settings import Settings
from tracking.fleet.rules import DeviceKind
from tracking.fleet.tables import Device
from tracking.intake.consumer import TOPICS
from tracking.judgement import runner as judgement

ROUNDS = 5
MESSAGES = 20_000
"""In each round, whatever they hold: the first steps of a process then weigh as little with batches."""
USER = BrokerUser(password="benchmark", publish=["#"], subscribe=["#"])
TARGET = 0.55
CPU_TARGET = 0.4
"""2.5 times the processor time of the bare loop."""
TEN = 10
TEN_TARGET = 3.0
PATIENCE_S = 60.0


@dataclass(slots=True)
class Fleet:
    """The demonstration's vehicles, which say where they are in turns."""

    devices: Sequence[tuple[str, str, int]]
    seq: int = 0

    def messages(self, count: int, size: int) -> Iterator[tuple[str, bytes]]:
        """Yield messages of `size` positions each, numbered on from the last."""
        for number in range(count):
            tenant, device, inc = self.devices[number % len(self.devices)]
            if number % len(self.devices) == 0:
                self.seq += size
            several = [self._reading(self.seq - size + step + 1) for step in range(size)]
            yield topic(tenant, device, "pos"), encode_positions(inc, several)

    def _reading(self, seq: int) -> PositionReading:
        lat, lon = 30.5 + seq % 1000 / 5000, 114.3 + seq % 700 / 5000
        return PositionReading(seq, system_now(), lat, lon, speed_kmh=42.5, course_deg=90, satellites=11)


@dataclass(frozen=True, slots=True)
class Round:
    """So many messages taken in by ours and by the bare loop."""

    count: int
    ours: Took
    bare: Took

    @property
    def rate(self) -> float:
        """Return the messages that ours took in a second."""
        return self.count / self.ours.seconds


def measure() -> Iterator[Line]:
    """Yield single positions and batches of ten on each database."""
    if find_mosquitto() is None:
        print("  Mosquitto is not installed here: the ingest is not measured.", flush=True)
        return
    with worlds() as found, TemporaryDirectory(prefix="huanlian-bench-mqtt-") as folder:
        for name, settings in found.items():
            with broker(Path(folder) / name) as port:
                fleet = fleet_of(settings)
                single, tens = _rounds(fleet, settings, port)
                yield _beside(f"ingest of single positions, {name}", single, TARGET)
                yield beside(
                    f"the same by processor time, {name}",
                    "messages/CPU s",
                    [(one.count / one.ours.cpu_s, one.count / one.bare.cpu_s) for one in single],
                    CPU_TARGET,
                )
                yield _judged(f"judgement of all positions, all handlers, {name}", settings, single, tens)
                yield _beside(f"ingest of batches of {TEN}, {name}", tens)
                yield beside(
                    f"batches of {TEN} beside single, {name}",
                    "positions/s",
                    [(ten.rate * TEN, one.rate) for ten, one in zip(tens, single, strict=True)],
                    TEN_TARGET,
                )
                yield beside(
                    f"the same by processor time, {name}",
                    "positions/CPU s",
                    [
                        (ten.count * TEN / ten.ours.cpu_s, one.count / one.ours.cpu_s)
                        for ten, one in zip(tens, single, strict=True)
                    ],
                )


def _beside(name: str, rounds: Sequence[Round], target: float | None = None) -> Line:
    pairs = [(one.rate, one.count / one.bare.seconds) for one in rounds]
    return beside(name, "messages/s", pairs, target)


def _judged(name: str, settings: Settings, single: Sequence[Round], tens: Sequence[Round]) -> Line:
    """Judge what came in and return what a position costs the processor here, beside taking it in."""
    engine = open_database(settings.database)
    watch = Watch()
    judgement.until_idle(engine, system_now)
    took = watch.read()
    engine.dispose()
    count = sum(one.count for one in single) + TEN * sum(ten.count for ten in tens)
    taken_in = sum(one.ours.cpu_s for one in (*single, *tens))
    return Line(name, took.cpu_s / count * 1e6, "CPU us", taken_in / count * 1e6)


def fleet_of(settings: Settings) -> Fleet:
    """Return the demonstration's vehicles."""
    engine = open_database(settings.database)
    with reading(engine) as session:
        rows = session.scalars(select(Device).where(Device.kind == DeviceKind.VEHICLE.value))
        devices = [(row.tenant, row.id, row.inc) for row in rows]
    engine.dispose()
    return Fleet(devices)


@contextmanager
def broker(folder: Path) -> Iterator[int]:
    """Run Mosquitto as the product configures it, with one user for all."""
    port, users = free_port(), folder / "users.json"
    write_users(users, {"bench": USER})
    plan = plan_broker(folder, port, users)
    assert plan.ready is not None
    with child(plan.argv, plan.ready):
        yield port


def _rounds(fleet: Fleet, settings: Settings, port: int) -> tuple[list[Round], list[Round]]:
    """Return the rounds of single positions and those of batches, which took turns."""
    for way in ("ours", "bare"):
        keep_queue(port, way)
    pairs = [
        (_round(fleet, settings, port, 1, number), _round(fleet, settings, port, TEN, number))
        for number in range(ROUNDS)
    ]
    return [single for single, _ in pairs], [ten for _, ten in pairs]


def _round(fleet: Fleet, settings: Settings, port: int, size: int, number: int) -> Round:
    publish(port, list(fleet.messages(MESSAGES, size)))
    took = {}
    for way in ("ours", "bare") if number % 2 else ("bare", "ours"):
        took[way] = drain(Task(way, settings.database, port, "bench", USER.password or "", way, MESSAGES))
    return Round(MESSAGES, took["ours"], took["bare"])


def _client(name: str, *, clean: bool) -> paho.Client:
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=name, clean_session=clean)
    client.username_pw_set("bench", USER.password)
    return client


def keep_queue(port: int, name: str) -> None:
    """Open a durable session at the broker and leave it."""
    client, granted = _client(name, clean=False), Event()
    client.on_subscribe = lambda *_: granted.set()
    client.on_connect = lambda *_: client.subscribe([(one, 1) for one in TOPICS])
    client.connect("127.0.0.1", port)
    client.loop_start()
    assert granted.wait(PATIENCE_S)
    client.disconnect()
    client.loop_stop()


def publish(port: int, messages: Sequence[tuple[str, bytes]]) -> None:
    """Publish messages and wait until the broker has them all."""
    client = _client("publisher", clean=True)
    client.max_inflight_messages_set(500)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for one in [client.publish(name, payload, qos=1) for name, payload in messages]:
        one.wait_for_publish(PATIENCE_S)
    client.disconnect()
    client.loop_stop()


def drain(task: Task) -> Took:
    """Let one consumer empty its queue in a process of its own."""
    said = subprocess.run(
        python("benchmarks.ingest.drain"),
        input=json.dumps(asdict(task)),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if said.returncode:
        raise SystemExit(said.stderr)
    return Took(**json.loads(said.stdout.splitlines()[-1]))
