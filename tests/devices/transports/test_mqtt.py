"""Does the line to a real broker carry the outbox, survive a cut, and free only what was acknowledged?"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import paho.mqtt.client as paho
import pytest
from amqtt.broker import Broker
from paho.mqtt.enums import CallbackAPIVersion

from devices.codecs.telemetry_json import (
    Ack,
    decode_positions,
    decode_state,
    encode_ack,
    encode_positions,
    parse_topic,
)
from devices.outbox import Outbox
from devices.readings import PositionReading, Stream
from devices.transports.mqtt import BrokerLine, MqttPublisher
from devices.transports.pump import Timing

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


class BrokerThread:
    """An embedded broker in a thread of its own."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ready, self._stop = Event(), Event()
        self._thread = Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self._thread.start()
        assert self._ready.wait(20)

    async def _main(self) -> None:
        broker = Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{self._port}"}},
                "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
            }
        )
        await broker.start()
        self._ready.set()
        while not self._stop.is_set():
            await asyncio.sleep(0.02)
        await broker.shutdown()

    def stop(self) -> None:
        """Shut the broker down."""
        self._stop.set()
        self._thread.join(20)


class Server:
    """A server that hears everything and acknowledges when told to."""

    def __init__(self, port: int) -> None:
        self.acknowledges = False
        self.seen: dict[int, bytes] = {}
        self.copies = 0
        self.states: list[tuple[str, bool, int]] = []
        self.client = paho.Client(CallbackAPIVersion.VERSION2, client_id="server")
        self.client.on_connect = self._connected
        self.client.on_message = self._heard
        self.client.reconnect_delay_set(1, 1)
        self.client.connect_async("127.0.0.1", port)
        self.client.loop_start()

    def _connected(self, client: paho.Client, *_: object) -> None:
        client.subscribe("v1/#", qos=1)

    def _heard(self, client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        heard = parse_topic(message.topic)
        if heard.kind == "state":
            state = decode_state(bytes(message.payload))
            self.states.append((heard.device, state.on, state.boot))
        if heard.kind != "pos":
            return
        inc, readings = decode_positions(bytes(message.payload))
        for reading in readings:
            self.copies += reading.seq in self.seen
            self.seen[reading.seq] = encode_positions(inc, [reading])
        if self.acknowledges:
            mark = max(self.seen) if len(self.seen) == max(self.seen) else 0
            ack = encode_ack(Ack(inc, {Stream.POSITIONS: (mark, ())}))
            client.publish(f"v1/{heard.tenant}/{heard.device}/ack", ack, qos=1)

    def stop(self) -> None:
        """Hang up."""
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def port() -> int:
    """Find a free port."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """Open the outbox of a gateway that speaks for one truck."""
    box = Outbox(tmp_path / "o.db")
    box.enrol("gateway-1", "t1", 1)
    box.enrol("truck-1", "t2", 7)
    yield box
    box.close()


def store(outbox: Outbox, count: int) -> None:
    """Store fixes."""
    for _ in range(count):
        outbox.append(
            "truck-1",
            Stream.POSITIONS,
            lambda seq: encode_positions(
                7, [PositionReading(seq, NOW + timedelta(seconds=seq), 30.5, 114.3)]
            ),
        )


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that must come."""
    ends = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.02)


def test_a_record_leaves_the_outbox_only_by_the_servers_word(outbox: Outbox, port: int) -> None:
    """If the broker's own acknowledgement freed a record, a server that failed to store it would lose it."""
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    broker = BrokerThread(port)
    server = Server(port)
    line = BrokerLine("127.0.0.1", port, "gateway-1", reconnect_max_s=1)
    publisher = MqttPublisher(outbox, line, timing=Timing(retry_min_s=0.4, retry_max_s=1), poll_s=0.05)
    try:
        until(server.client.is_connected)
        publisher.start()
        assert publisher.wait_online(20)
        publisher.say_state("truck-1", on=True)
        store(outbox, 5)
        publisher.wake()
        until(lambda: len(server.seen) == 5 and server.copies > 0)
        assert outbox.status().waiting == 5
        broker.stop()
        store(outbox, 3)
        server.acknowledges = True
        broker = BrokerThread(port)
        until(lambda: outbox.status().waiting == 0)
        assert publisher.connections == 2
        assert sorted(server.seen) == list(range(1, 9))
    finally:
        publisher.stop()
        until(lambda: ("gateway-1", False, 1) in server.states)
        server.stop()
        broker.stop()
    assert ("gateway-1", True, 1) in server.states
    assert ("truck-1", False, 1) in server.states
