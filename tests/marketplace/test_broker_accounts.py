"""Does each broker know exactly the devices that may speak, and cut off one that may not any more?"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from compliance.record.clock import system_now
from compliance.record.database import open_database, transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from marketplace import broker_accounts
from marketplace.broker import find_mosquitto
from marketplace.cli import main
from marketplace.ports import answers, free_port
from marketplace.settings import Settings
from tests.marketplace.test_broker import Client, connected
from tests.tracking.world import TENANT, TRUCK, build
from tracking.fleet import credentials, service
from tracking.fleet.rules import DeviceKind
from tracking.fleet.service import NewDevice
from tracking.fleet.tables import Device

OTHER, GATEWAY = "veh-900", "gw-1"


@pytest.fixture
def engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A small world with two vehicles and a gateway that have passwords."""
    copy = tmp_path / "huanlian.db"
    shutil.copy(sqlite_template, copy)
    opened = open_database(f"sqlite:///{copy}")
    build(opened)
    with transaction(opened) as session:
        work = Work(session, system_now(), SYSTEM)
        service.enrol_device(work, NewDevice(GATEWAY, TENANT, DeviceKind.GATEWAY))
        for name in (TRUCK, OTHER, GATEWAY):
            credentials.issue(session, name, system_now(), f"word of {name}")
    yield opened
    opened.dispose()


def settings_of(engine: Engine, folder: Path, port: int = 1883) -> Settings:
    """Return an instance whose Mosquitto is somebody else's."""
    url = f"mqtt://server:s@127.0.0.1:{port}"
    return Settings(var=folder, demo=False, mqtt_url=url, database_url=str(engine.url))


def test_the_own_broker_follows_what_is_on_record(engine: Engine, tmp_path: Path) -> None:
    """A revoked device would stay a user of the embedded broker for ever."""
    settings = Settings(var=tmp_path, demo=False)
    assert broker_accounts.sync_users_file(engine, settings)
    assert not broker_accounts.sync_users_file(engine, settings)
    with transaction(engine) as session:
        service.revoke_device(Work(session, system_now(), SYSTEM), OTHER)
    assert broker_accounts.sync_users_file(engine, settings)
    users = broker_accounts.read_users(broker_accounts.users_file(settings))
    assert set(users) == {"server", TRUCK, GATEWAY}


def test_the_files_are_written_once_and_private(engine: Engine, tmp_path: Path) -> None:
    """Mosquitto would be told to read the same users again and again, or others read the hashes."""
    settings = settings_of(engine, tmp_path)
    with transaction(engine) as session:
        users = broker_accounts.accounts(session, settings, system_now())
    assert broker_accounts.write_files(tmp_path / "acl", users)
    assert not broker_accounts.write_files(tmp_path / "acl", users)
    rights = (tmp_path / "acl" / "rights").read_text()
    assert "pattern write v1/+/%u/pos" in rights
    assert "pattern read v1/+/%u/cmd" in rights
    assert f"user {GATEWAY}\ntopic write v1/{TENANT}/+/pos" in rights
    assert f"user {TRUCK}" not in rights, "ordinary devices need no section: the file stays as it is"
    assert "/wgt" not in rights.split("pattern")[0].split(f"user {GATEWAY}")[1].split("user ")[0]
    for path in (tmp_path / "acl").iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_a_broker_that_does_not_run_is_not_told(tmp_path: Path) -> None:
    """The keeper of users and rights would end with a traceback while Mosquitto starts again."""
    broker_accounts.tell_broker(tmp_path / "mosquitto.pid")
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    (tmp_path / "mosquitto.pid").write_text(f"{ended.pid}\n")
    broker_accounts.tell_broker(tmp_path / "mosquitto.pid")


class Mosquitto:
    """A real Mosquitto, as its own operator runs it, on the files that our command writes."""

    def __init__(self, folder: Path, access: Sequence[str]) -> None:
        self.port, self.pid = free_port(), folder / "mosquitto.pid"
        self.run: Callable[..., None] = print
        lines = [
            *(["user root"] if os.geteuid() == 0 else []),
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous false",
            *access,
            f"pid_file {self.pid}",
        ]
        (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
        program = find_mosquitto()
        assert program is not None
        self.process = subprocess.Popen(
            [program, "-c", str(folder / "mosquitto.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        ready = answers("127.0.0.1", self.port)
        waiting = threading.Event()
        while not ready():
            waiting.wait(0.05)

    def end(self) -> None:
        """Stop it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


@pytest.fixture
def mosquitto(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mosquitto]:
    """Mosquitto on the files of `huanlian devices acl`."""
    monkeypatch.setenv("DATABASE_URL", str(engine.url))
    monkeypatch.setenv("MQTT_URL", "mqtt://server:s@127.0.0.1:1883")
    monkeypatch.setenv("HUANLIAN_DEMO", "0")

    def run(*more: str) -> None:
        done = CliRunner().invoke(main, ["devices", "acl", "--out", str(tmp_path / "acl"), *more])
        assert done.exit_code == 0, done.output

    run()
    acl = tmp_path / "acl"
    broker = Mosquitto(tmp_path, [f"password_file {acl}/passwords", f"acl_file {acl}/rights"])
    broker.run = run
    yield broker
    broker.end()


@pytest.mark.mosquitto
def test_devices_keep_to_their_topics_and_a_revoked_one_is_cut_off(
    engine: Engine, mosquitto: Mosquitto
) -> None:
    """A rival could speak for somebody else's lorry, and a stolen terminal go on speaking."""
    port = mosquitto.port
    with connected(port, "server", "s") as server, connected(port, TRUCK, f"word of {TRUCK}") as truck:
        assert server.accepted()
        assert truck.accepted()
        server.subscribe("v1/+/+/pos")
        thief = Client(port, OTHER, f"word of {OTHER}")
        assert thief.accepted()
        gone: queue.Queue[bool] = queue.Queue()
        thief.client.on_disconnect = lambda *_: gone.put(True)
        thief.publish(f"v1/{TENANT}/{TRUCK}/pos", b"forged")
        thief.publish(f"v1/t2/{OTHER}/pos", b"own")
        assert server.got.get(timeout=15) == (f"v1/t2/{OTHER}/pos", b"own")
        with connected(port, GATEWAY, f"word of {GATEWAY}") as gateway:
            assert gateway.accepted()
            gateway.publish(f"v1/t2/{OTHER}/pos", b"another tenant's")
            gateway.publish(f"v1/{TENANT}/{TRUCK}/pos", b"a terminal's")
        assert server.got.get(timeout=15) == (f"v1/{TENANT}/{TRUCK}/pos", b"a terminal's")
        with transaction(engine) as session:
            service.revoke_device(Work(session, system_now(), SYSTEM), OTHER)
        mosquitto.run("--pid", str(mosquitto.pid))
        assert gone.get(timeout=15)
        thief.close()
        with connected(port, OTHER, f"word of {OTHER}") as again:
            assert not again.accepted()
        truck.publish(f"v1/{TENANT}/{TRUCK}/pos", b"still there")
        assert server.got.get(timeout=15) == (f"v1/{TENANT}/{TRUCK}/pos", b"still there")


@pytest.mark.mosquitto
def test_the_plugin_for_dynamic_security_holds_devices_to_their_topics(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator who uses the plugin would let every device speak for every other."""
    plugin = next(Path("/usr/lib").rglob("mosquitto_dynamic_security.so"))
    monkeypatch.setenv("DATABASE_URL", str(engine.url))
    monkeypatch.setenv("MQTT_URL", "mqtt://server:s@127.0.0.1:1883")
    monkeypatch.setenv("HUANLIAN_DEMO", "0")
    asked = ["devices", "acl", "--out", str(tmp_path), "--dynamic-security"]
    assert CliRunner().invoke(main, asked).exit_code == 0
    lines = [f"plugin {plugin}", f"plugin_opt_config_file {tmp_path}/dynamic-security.json"]
    broker = Mosquitto(tmp_path, lines)
    try:
        with (
            connected(broker.port, "server", "s") as server,
            connected(broker.port, OTHER, f"word of {OTHER}") as thief,
            connected(broker.port, OTHER, "guessed") as stranger,
        ):
            assert server.accepted()
            assert thief.accepted()
            assert not stranger.accepted()
            server.subscribe("v1/+/+/pos")
            thief.publish(f"v1/{TENANT}/{TRUCK}/pos", b"forged")
            thief.publish(f"v1/t2/{OTHER}/pos", b"own")
            assert server.got.get(timeout=15) == (f"v1/t2/{OTHER}/pos", b"own")
            thief.subscribe(f"v1/{TENANT}/{TRUCK}/cmd")
            thief.subscribe(f"v1/t2/{OTHER}/cmd")
            server.publish(f"v1/{TENANT}/{TRUCK}/cmd", b"not yours")
            server.publish(f"v1/t2/{OTHER}/cmd", b"yours")
            assert thief.got.get(timeout=15) == (f"v1/t2/{OTHER}/cmd", b"yours")
            gone: queue.Queue[bool] = queue.Queue()
            thief.client.on_disconnect = lambda *_: gone.put(True)
            cut = {"commands": [{"command": "deleteClient", "username": OTHER}]}
            server.publish("$CONTROL/dynamic-security/v1", json.dumps(cut).encode())
            assert gone.get(timeout=15)
    finally:
        broker.end()


@pytest.mark.mosquitto
def test_a_rotated_password_changes_over_when_it_has_arrived(engine: Engine, mosquitto: Mosquitto) -> None:
    """A device would be locked out between two passwords."""
    with transaction(engine) as session:
        new = credentials.rotate(session, session.get_one(Device, TRUCK), system_now())
    mosquitto.run("--pid", str(mosquitto.pid))
    with connected(mosquitto.port, TRUCK, f"word of {TRUCK}") as old:
        assert old.accepted()
    with transaction(engine) as session:
        found = credentials.by_password(session, new, system_now())
        assert found is not None
        credentials.note_use(found[1], system_now())
    mosquitto.run("--pid", str(mosquitto.pid))
    waiting = threading.Event()
    for _ in range(40):
        with connected(mosquitto.port, TRUCK, new) as device:
            if device.accepted():
                return
        waiting.wait(0.25)
    pytest.fail("the broker never took the new password")
