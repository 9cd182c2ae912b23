"""Does the line to a real broker carry the outbox, survive a cut, and free only what was acknowledged?"""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devices.codecs.telemetry_json import (
    encode_positions,
)
from devices.outbox import Outbox
from devices.readings import PositionReading, Stream
from devices.transports.mqtt import BrokerLine, MqttPublisher
from devices.transports.pump import Timing
from tests.devices.transports.broker import BrokerThread, Server, until

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)


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
