"""Is a message confirmed only after its commit, and only on the connection that brought it?"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from compliance.record.work import Work
from devices.codecs.telemetry_json import Ack, decode_ack, topic
from devices.readings import Stream
from tests.tracking.world import ORIGIN, START, TENANT, TRUCK, World, fix, positions
from tracking.intake import consumer
from tracking.intake.consumer import Delivery, Ingest
from tracking.intake.tables import DeadLetter
from tracking.pipeline import BatchResult, Message, handle_batch
from tracking.positions.tables import Position


@dataclass(frozen=True, slots=True)
class Place:
    """A broker on this machine."""

    port: int = 1
    host: str = "127.0.0.1"
    user: str = ""
    password: str = ""
    tls: bool = False


@dataclass(slots=True)
class Line:
    """A client that only notes what it is asked to do, and how many rows were committed by then."""

    world: World
    said: list[tuple[Any, ...]] = field(default_factory=list)

    def ack(self, packet: int, _qos: int) -> None:
        """Note a confirmation."""
        self.said.append(("ack", packet, self.world.count(Position)))

    def publish(self, name: str, payload: bytes, qos: int) -> None:
        """Note a publication."""
        self.said.append(("publish", name, decode_ack(payload)))


def ingest_of(world: World) -> tuple[Ingest, Line]:
    """Return an ingest that is connected to nothing but a note-taker."""
    ingest, line = Ingest(world.engine, Place(), lambda: START), Line(world)
    ingest._client = line  # type: ignore[assignment]
    ingest.connected.set()
    return ingest, line


def deliveries(*messages: Message, epoch: int = 0) -> list[Delivery]:
    """Return messages as they come from one connection."""
    return [Delivery(epoch, 10 + place, 1, message) for place, message in enumerate(messages)]


def test_it_commits_then_confirms_in_order_then_tells(world: World) -> None:
    """A confirmation before the commit is a position that a power cut takes away for good."""
    ingest, line = ingest_of(world)
    ingest._take_in(deliveries(positions(fix(1, *ORIGIN)), positions(fix(2, *ORIGIN, 1))))
    told = ("publish", topic(TENANT, TRUCK, "ack"), Ack(1, {Stream.POSITIONS: (2, ())}))
    assert line.said == [("ack", 10, 2), ("ack", 11, 2), told]


def test_it_confirms_nothing_of_an_earlier_connection(world: World) -> None:
    """Packet ids are given out anew: an old confirmation would strike somebody else's message."""
    ingest, line = ingest_of(world)
    batch = deliveries(positions(fix(1, *ORIGIN)))
    ingest._on_disconnect(None, None, None, None, None)  # type: ignore[arg-type]
    ingest._take_in(batch)
    assert line.said == []
    assert world.count(Position) == 1


def test_a_database_that_is_away_costs_nothing_but_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """During a fail-over nothing may be confirmed, and afterwards everything must be there."""
    ingest, line = ingest_of(world)
    moods: Iterator[Exception | None] = iter([OperationalError("x", {}, Exception()), None])

    def moody(work: Work, messages: list[Message]) -> BatchResult:
        assert line.said == []
        mood = next(moods)
        if mood is not None:
            raise mood
        return handle_batch(work, messages)

    monkeypatch.setattr(consumer, "handle_batch", moody)
    monkeypatch.setattr(consumer, "FIRST_DELAY_S", 0.001)
    ingest._take_in(deliveries(positions(fix(1, *ORIGIN))))
    assert [one[0] for one in line.said] == ["ack", "publish"]
    assert ingest.counts["retries"] == 1


def test_one_indigestible_message_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that trips a fault of ours is set aside; the fleet behind it is heard."""
    ingest, line = ingest_of(world)
    poison = positions(fix(2, *ORIGIN, 1))

    def touchy(work: Work, messages: list[Message]) -> BatchResult:
        if poison in messages:
            raise ZeroDivisionError
        return handle_batch(work, messages)

    monkeypatch.setattr(consumer, "handle_batch", touchy)
    ingest._take_in(deliveries(positions(fix(1, *ORIGIN)), poison, positions(fix(3, *ORIGIN, 2))))
    assert [one[1] for one in line.said if one[0] == "ack"] == [10, 11, 12]
    assert line.said[-1][2] == Ack(1, {Stream.POSITIONS: (1, ((3, 3),))})
    [letter] = world.rows(select(DeadLetter))
    assert (letter.reason, letter.payload) == ("internal_error", poison.payload)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[int]:
    """A Mosquitto broker of this test's own; yields its port."""
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n", encoding="utf-8")
    with subprocess.Popen(
        [program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield port
        running.terminate()


class Device:
    """A terminal on the line: it publishes, and keeps what it is told."""

    def __init__(self, port: int) -> None:
        self.acks: Queue[Ack] = Queue()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=TRUCK)
        self._client.on_message = lambda _c, _d, message: self.acks.put(decode_ack(bytes(message.payload)))
        self._client.connect("127.0.0.1", port)
        self._client.subscribe(topic(TENANT, TRUCK, "ack"), 1)
        self._client.loop_start()

    def say(self, message: Message) -> None:
        """Publish and wait until the broker has it."""
        self._client.publish(message.topic, message.payload, qos=1).wait_for_publish(5)

    def close(self) -> None:
        """Leave the line."""
        self._client.disconnect()
        self._client.loop_stop()


def running(world: World, port: int, stop: Event) -> Thread:
    """Start an ingest and wait until it is connected."""
    ingest = Ingest(world.engine, Place(port), lambda: START)
    thread = Thread(target=ingest.run, args=(stop,))
    thread.start()
    assert ingest.connected.wait(10)
    return thread


@pytest.mark.mosquitto
def test_what_is_published_while_nobody_listens_comes_in_later(world: World, broker: int) -> None:
    """An ingest that is being updated must find everything that was said meanwhile."""
    stop = Event()
    thread = running(world, broker, stop)
    device = Device(broker)
    try:
        device.say(positions(fix(1, *ORIGIN)))
        assert device.acks.get(timeout=10).streams[Stream.POSITIONS] == (1, ())
        stop.set()
        thread.join(10)
        device.say(positions(fix(2, *ORIGIN, 1)))
        assert world.count(Position) == 1
        stop = Event()
        thread = running(world, broker, stop)
        assert device.acks.get(timeout=10).streams[Stream.POSITIONS] == (2, ())
        assert world.count(Position) == 2
    finally:
        stop.set()
        thread.join(10)
        device.close()
