"""Is a message confirmed only after its commit, and only on the connection that brought it?"""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from threading import Event
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
from tracking.intake.consumer import Ingest
from tracking.intake.line import Batch, Line
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
class Wire:
    """A socket that only notes what is confirmed by it, and how many rows were committed by then."""

    world: World
    said: list[tuple[Any, ...]]

    def send(self, data: bytes) -> int:
        """Note confirmations."""
        for kind, length, packet in struct.iter_unpack(">BBH", data):
            assert (kind, length) == (0x40, 2)
            self.said.append(("ack", packet, self.world.count(Position)))
        return len(data)

    def close(self) -> None:
        """Leave the line."""


@dataclass(slots=True)
class Client:
    """A client that only notes what it is asked to publish."""

    said: list[tuple[Any, ...]]

    def publish(self, name: str, payload: bytes, qos: int) -> None:
        """Note a publication."""
        self.said.append(("publish", name, decode_ack(payload)))


@dataclass(slots=True)
class Note:
    """An ingest that is connected to nothing but note-takers, and one connection of it."""

    ingest: Ingest
    line: Line
    said: list[tuple[Any, ...]]

    def batch(self, *messages: Message) -> Batch:
        """Return messages as they come from the connection."""
        return Batch(self.line, range(10, 10 + len(messages)), messages)

    def take_in(self, batch: Batch) -> None:
        """Do with a batch what the database's thread does, and then what the broker's does."""
        result = self.ingest._take_in(batch.messages)
        assert result is not None
        self.ingest._finish(batch, result)


def noted(world: World) -> Note:
    """Return an ingest that is connected to nothing but note-takers."""
    said: list[tuple[Any, ...]] = []
    ingest = Ingest(world.engine, Place(), lambda: START)
    ingest._client = Client(said)  # type: ignore[assignment]
    return Note(ingest, Line(Wire(world, said)), said)  # type: ignore[arg-type]


def test_it_commits_then_confirms_in_order_then_tells(world: World) -> None:
    """A confirmation before the commit is a position that a power cut takes away for good."""
    note = noted(world)
    note.take_in(note.batch(positions(fix(1, *ORIGIN)), positions(fix(2, *ORIGIN, 1))))
    told = ("publish", topic(TENANT, TRUCK, "ack"), Ack(1, {Stream.POSITIONS: (2, ())}))
    assert note.said == [("ack", 10, 2), ("ack", 11, 2), told]


def test_it_confirms_nothing_of_an_earlier_connection(world: World) -> None:
    """Packet ids are given out anew: an old confirmation would strike somebody else's message."""
    note = noted(world)
    batch = note.batch(positions(fix(1, *ORIGIN)))
    note.line.close()
    note.line = Line(Wire(world, note.said))  # type: ignore[arg-type]
    note.take_in(batch)
    assert note.said == []
    assert world.count(Position) == 1


def test_a_database_that_is_away_costs_nothing_but_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """During a fail-over nothing may be confirmed, and afterwards everything must be there."""
    note = noted(world)
    moods: Iterator[Exception | None] = iter([OperationalError("x", {}, Exception()), None])

    def moody(work: Work, messages: list[Message]) -> BatchResult:
        assert note.said == []
        mood = next(moods)
        if mood is not None:
            raise mood
        return handle_batch(work, messages)

    monkeypatch.setattr(consumer, "handle_batch", moody)
    monkeypatch.setattr(consumer, "FIRST_DELAY_S", 0.001)
    note.take_in(note.batch(positions(fix(1, *ORIGIN))))
    assert [one[0] for one in note.said] == ["ack", "publish"]
    assert note.ingest.counts["retries"] == 1


def test_one_indigestible_message_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that trips a fault of ours is set aside; the fleet behind it is heard."""
    note = noted(world)
    poison = positions(fix(2, *ORIGIN, 1))

    def touchy(work: Work, messages: list[Message]) -> BatchResult:
        if poison in messages:
            raise ZeroDivisionError
        return handle_batch(work, messages)

    monkeypatch.setattr(consumer, "handle_batch", touchy)
    note.take_in(note.batch(positions(fix(1, *ORIGIN)), poison, positions(fix(3, *ORIGIN, 2))))
    assert [one[1] for one in note.said if one[0] == "ack"] == [10, 11, 12]
    assert note.said[-1][2] == Ack(1, {Stream.POSITIONS: (1, ((3, 3),))})
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
        del self._client  # paho closes its pair of sockets when it goes, unless a circle holds it


@contextmanager
def running(world: World, port: int) -> Iterator[Ingest]:
    """Run an ingest that is connected; stop it in the end."""
    ingest, stop = Ingest(world.engine, Place(port), lambda: START), Event()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(ingest.run, stop)
        try:
            assert ingest.connected.wait(10)
            yield ingest
        finally:
            stop.set()
            done.result(10)


@dataclass(slots=True)
class Door:
    """A database that lets no batch in until it is opened."""

    reached: Event = field(default_factory=Event)
    opened: Event = field(default_factory=Event)

    def handle(self, work: Work, messages: list[Message]) -> BatchResult:
        """Wait, then take the batch in."""
        self.reached.set()
        assert self.opened.wait(20)
        return handle_batch(work, messages)


@pytest.fixture
def device(broker: int) -> Iterator[Device]:
    """A terminal on this test's own broker."""
    found = Device(broker)
    yield found
    found.close()


@pytest.mark.mosquitto
def test_what_is_published_while_nobody_listens_comes_in_later(
    world: World, broker: int, device: Device
) -> None:
    """An ingest that is being updated must find everything that was said meanwhile."""
    with running(world, broker):
        device.say(positions(fix(1, *ORIGIN)))
        assert device.acks.get(timeout=10).streams[Stream.POSITIONS] == (1, ())
    device.say(positions(fix(2, *ORIGIN, 1)))
    assert world.count(Position) == 1
    with running(world, broker):
        assert device.acks.get(timeout=10).streams[Stream.POSITIONS] == (2, ())
        assert world.count(Position) == 2


@pytest.mark.mosquitto
@pytest.mark.sqlite_alone
@pytest.mark.parametrize("window", [5000, 1])
def test_a_slow_database_does_not_cost_the_connection(
    world: World, broker: int, device: Device, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    """A broker that hears nothing drops the ingest, and with it every message that is on its way."""
    door = Door()
    monkeypatch.setattr(consumer, "handle_batch", door.handle)
    monkeypatch.setattr(consumer, "KEEPALIVE_S", 1)
    monkeypatch.setattr(consumer, "WINDOW", window)
    with running(world, broker) as ingest:
        line = ingest._client.line
        for seq in range(1, 6):
            device.say(positions(fix(seq, *ORIGIN, seq)))
            assert door.reached.wait(10)
        time.sleep(3)
        assert ingest.counts == {}
        door.opened.set()
        while device.acks.get(timeout=10).streams[Stream.POSITIONS] != (5, ()):
            pass
        assert ingest._client.line is line
        assert line is not None
        assert line.is_open
    assert world.count(Position) == 5


@pytest.mark.mosquitto
def test_a_cut_line_is_taken_up_again(
    world: World, broker: int, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch whose connection is gone before its commit comes again on the next, and changes nothing."""
    door = Door()
    monkeypatch.setattr(consumer, "handle_batch", door.handle)
    monkeypatch.setattr(consumer, "FIRST_PAUSE_S", 0.01)
    with running(world, broker) as ingest:
        device.say(positions(fix(1, *ORIGIN)))
        assert door.reached.wait(10)
        cut = ingest._client.line
        assert cut is not None
        with socket.fromfd(cut.fileno(), socket.AF_INET, socket.SOCK_STREAM) as raw:
            raw.shutdown(socket.SHUT_RDWR)
        while ingest._client.line is cut:
            time.sleep(0.01)
        door.opened.set()
        assert device.acks.get(timeout=10).streams[Stream.POSITIONS] == (1, ())
        assert ingest.counts["messages"] == 2
    assert world.count(Position) == 1
