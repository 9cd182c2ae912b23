"""Do commands and configurations reach a device through each broker, signed where they must be?"""

from __future__ import annotations

import queue
import shutil
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import Engine

from compliance.record.clock import system_now
from compliance.record.database import open_database, transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from devices.codecs.command_args import CommandType
from devices.codecs.commands_json import decode_command, verify_command
from devices.codecs.config_json import decode_config
from devices.codecs.telemetry_json import public_key_of
from marketplace.broker import BrokerUser, plan_broker, write_users
from marketplace.instance import MqttPlace
from marketplace.ports import free_port
from marketplace.supervisor import Supervisor
from tests.tracking.world import GATE_A, TENANT, build
from tracking.commands import service
from tracking.commands.rules import State
from tracking.commands.sender import Sender
from tracking.commands.service import Order
from tracking.commands.tables import DeviceCommand, DeviceConfig

KEY = "77" * 32
PATIENCE_S = 20.0


@pytest.fixture
def engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A small world."""
    copy = tmp_path / "huanlian.db"
    shutil.copy(sqlite_template, copy)
    opened = open_database(f"sqlite:///{copy}")
    build(opened)
    yield opened
    opened.dispose()


@pytest.fixture(params=["amqtt", pytest.param("mosquitto", marks=pytest.mark.mosquitto)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MqttPlace]:
    """Each of the two brokers, with a server and a scale as its users."""
    users, port = tmp_path / "users.json", free_port()
    everything = BrokerUser(password="s", publish=["v1/#"], subscribe=["v1/#"])
    write_users(users, {"server": everything, GATE_A: everything})
    child = plan_broker(tmp_path, port, users, mosquitto="" if request.param == "amqtt" else None)
    supervisor = Supervisor([child], tmp_path / "log", echo=False)
    try:
        supervisor.start()
        yield MqttPlace("127.0.0.1", port, "server", "s")
    finally:
        supervisor.stop()


@pytest.fixture
def heard(place: MqttPlace) -> Iterator[queue.Queue[tuple[str, bytes]]]:
    """What the scale hears from its broker."""
    found: queue.Queue[tuple[str, bytes]] = queue.Queue()
    ready = threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=GATE_A)
    client.username_pw_set(GATE_A, "s")
    client.on_message = lambda _c, _u, one: found.put((one.topic, bytes(one.payload)))
    client.on_subscribe = lambda *_: ready.set()
    client.connect(place.host, place.port)
    client.loop_start()
    client.subscribe([(f"v1/{TENANT}/{GATE_A}/cmd", 1), (f"v1/{TENANT}/{GATE_A}/cfg", 1)])
    assert ready.wait(PATIENCE_S)
    yield found
    client.disconnect()
    client.loop_stop()


def state_of(engine: Engine, command: UUID) -> str:
    """Return where a command stands."""
    with transaction(engine) as session:
        return session.get_one(DeviceCommand, command).state


def test_a_signed_command_and_a_configuration_arrive(
    engine: Engine, place: MqttPlace, heard: queue.Queue[tuple[str, bytes]]
) -> None:
    """A barrier would stay shut, or open for anybody who can publish."""
    now = system_now()

    def clock() -> datetime:
        return now

    with transaction(engine) as session:
        work = Work(session, now, SYSTEM)
        barrier = Order(GATE_A, CommandType.BARRIER, {"name": "in", "open": True}, confirmed=True)
        command = service.order(work, barrier).id
        service.configure(work, GATE_A, {"threshold_kg": 250})
    stop = threading.Event()
    sender = Sender(engine, place, clock, lambda: KEY)
    thread = threading.Thread(target=sender.run, args=(stop,))
    thread.start()
    try:
        got = dict(heard.get(timeout=PATIENCE_S) for _ in range(2))
        said = decode_command(got[f"v1/{TENANT}/{GATE_A}/cmd"])
        assert (said.id, said.type) == (str(command), "barrier")
        assert verify_command(GATE_A, said, [public_key_of(KEY)])
        assert not verify_command("scale-b", said, [public_key_of(KEY)])
        config = decode_config(got[f"v1/{TENANT}/{GATE_A}/cfg"])
        assert (config.version, config.settings) == (1, {"threshold_kg": 250})
        waiting = threading.Event()
        for _ in range(100):
            if state_of(engine, command) == State.SENT:
                break
            waiting.wait(0.1)
        assert state_of(engine, command) == State.SENT
        now += timedelta(seconds=6)
        again = decode_command(heard.get(timeout=PATIENCE_S)[1])
        assert again == said, "said again word for word, signature included"
    finally:
        stop.set()
        thread.join()
    with transaction(engine) as session:
        assert session.get_one(DeviceConfig, (GATE_A, 1)).published_at is not None
