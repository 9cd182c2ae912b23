"""Does one load close the whole loop on every pair of database and broker, on real bytes?"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from marketplace.broker import find_mosquitto
from marketplace.demo.loop import Loop, Trace
from marketplace.demo.private import Private, private_instance
from marketplace.ports import answers, free_port
from tests.support.postgres import Server

SPEED = 300


def _walk(environment: Mapping[str, str]) -> Trace:
    """Walk the loop on an instance of its own, which leaves nothing behind."""
    with private_instance(SPEED, environment=environment) as instance:
        loop = Loop(instance.url, lambda _: None)
        try:
            trace = loop.run()
        finally:
            loop.close()
        own_broker = (instance.var / "log" / "broker.log").exists()
    assert own_broker == ("MQTT_URL" not in environment)
    _assert_gone(instance)
    return trace


def _assert_gone(instance: Private) -> None:
    """A demonstration that left processes or files would fill the machine of whoever runs it often."""
    assert instance.process.poll() == 0
    assert not instance.var.exists()


def _assert_closed(trace: Trace) -> None:
    assert trace.imbalances() == []
    assert trace.verification["findings"] == []
    assert trace.closed
    acts = [one["act"] for one in trace.custody["signatures"]]
    assert acts == ["issue", "load", "depart", "arrive", "accept", "confirm", "treat", "close"]
    assert len(trace.custody["weighings"]) == 4
    hashes = [one["hash"] for one in trace.custody["events"]]
    assert len(hashes) == len(set(hashes)) >= 12


@pytest.mark.timeout(300)
def test_the_loop_closes_on_sqlite_with_the_embedded_broker() -> None:
    """A newcomer without any system part would see a load that never arrives."""
    trace = _walk({"MQTT_BROKER": "amqtt"})
    _assert_closed(trace)
    assert json.dumps(trace.told())


@pytest.mark.postgis
@pytest.mark.mosquitto
@pytest.mark.timeout(300)
def test_the_loop_closes_on_postgis_with_a_mosquitto_outside(postgres_server: Server, tmp_path: Path) -> None:
    """The production pair must close the same loop; a broker of one's own is named in MQTT_URL, no more.

    The how-to with curl closes it on SQLite and the instance's own Mosquitto, the run with kills on PostGIS.
    """
    postgres_server.execute("CREATE DATABASE flows")
    with _outside_broker(tmp_path) as port:
        trace = _walk({"DATABASE_URL": postgres_server.url("flows"), "MQTT_URL": f"mqtt://127.0.0.1:{port}"})
    _assert_closed(trace)


@contextmanager
def _outside_broker(folder: Path) -> Iterator[int]:
    program = find_mosquitto()
    assert program is not None
    port, config = free_port(), folder / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    process = subprocess.Popen([program, "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        while not answers("127.0.0.1", port)():
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)
