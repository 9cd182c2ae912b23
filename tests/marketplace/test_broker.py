"""Does each broker let in whom it should, and hold every user to its own topics?"""

from __future__ import annotations

import json
import queue
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import paho.mqtt.client as mqtt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion

from marketplace.broker import (
    BrokerUser,
    covers,
    may_publish,
    password_fits,
    plan_broker,
    read_users,
    write_mosquitto,
    write_users,
)
from marketplace.ports import free_port
from marketplace.supervisor import Supervisor
from tracking.fleet.passwords import hash_password

PATIENCE_S = 15.0
UP = ["v1/t1/%u/pos", "v1/t1/%u/state"]
DOWN = ["v1/t1/%u/ack"]


def everyone() -> dict[str, BrokerUser]:
    """Return a server that may do all and two devices that may not."""
    return {
        "server": BrokerUser(password="s", publish=["v1/#"], subscribe=["v1/#"]),
        "dev-a": BrokerUser(password_hash=hash_password("a"), publish=UP, subscribe=DOWN),
        "dev-b": BrokerUser(password_hash=hash_password("b"), publish=UP, subscribe=DOWN),
    }


class Client:
    """A connected MQTT client that puts what it receives in a queue."""

    def __init__(self, port: int, user: str, password: str, will: str | None = None) -> None:
        self.got: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self.answer: queue.Queue[bool] = queue.Queue()
        self.acknowledged: queue.Queue[int] = queue.Queue()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=user)
        self.client.username_pw_set(user, password)
        if will:
            self.client.will_set(will, b"will", qos=1)
        self.client.on_connect = lambda *a: self.answer.put(not a[3].is_failure)
        self.client.on_message = lambda _c, _u, message: self.got.put((message.topic, bytes(message.payload)))
        self.client.on_subscribe = lambda _c, _u, mid, *_: self.acknowledged.put(mid)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def accepted(self) -> bool:
        """Tell how the broker answered the connection."""
        return self.answer.get(timeout=PATIENCE_S)

    def subscribe(self, topic: str) -> None:
        """Subscribe and wait for the broker's answer, whatever it is."""
        self.client.subscribe(topic, qos=1)
        self.acknowledged.get(timeout=PATIENCE_S)

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish with quality 1 and wait for the acknowledgement."""
        self.client.publish(topic, payload, qos=1).wait_for_publish(PATIENCE_S)

    def vanish(self) -> None:
        """Drop the connection without a word, so that the broker sends the last will."""
        connection = self.client.socket()
        self.client.loop_stop()
        if isinstance(connection, socket.socket):
            connection.close()

    def close(self) -> None:
        """Leave."""
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def connected(port: int, user: str, password: str, will: str | None = None) -> Iterator[Client]:
    """Yield a client and always close it."""
    client = Client(port, user, password, will)
    try:
        yield client
    finally:
        client.close()


@pytest.fixture(params=["amqtt", pytest.param("mosquitto", marks=pytest.mark.mosquitto)])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Run each of the two brokers with the same users; yield its port and the users file."""
    users = tmp_path / "users.json"
    write_users(users, everyone())
    port = free_port()
    child = plan_broker(tmp_path, port, users, mosquitto="" if request.param == "amqtt" else None)
    assert request.param in child.argv[2]
    supervisor = Supervisor([child], tmp_path / "log", echo=False)
    try:
        supervisor.start()
        yield port, users
    finally:
        supervisor.stop()


def test_a_device_cannot_publish_under_anothers_topic(broker: tuple[int, Path]) -> None:
    """A rival could move somebody else's lorry on the inspector's map."""
    port, _ = broker
    with connected(port, "server", "s") as server, connected(port, "dev-a", "a") as device:
        assert server.accepted()
        assert device.accepted()
        server.subscribe("v1/#")
        device.publish("v1/t1/dev-b/pos", b"forged")
        device.publish("v1/t2/dev-a/pos", b"wrong tenant")
        device.publish("v1/t1/dev-a/ack", b"down topic")
        device.publish("v1/t1/dev-a/pos", b"own")
        assert server.got.get(timeout=PATIENCE_S) == ("v1/t1/dev-a/pos", b"own")
        assert server.got.empty()


def test_a_device_cannot_listen_to_another(broker: tuple[int, Path]) -> None:
    """A device could read every competitor's movements by subscribing to a wildcard."""
    port, _ = broker
    with connected(port, "server", "s") as server, connected(port, "dev-a", "a") as device:
        assert server.accepted()
        assert device.accepted()
        device.subscribe("v1/#")
        device.subscribe("v1/t1/dev-b/ack")
        device.subscribe("v1/t1/dev-a/ack")
        server.publish("v1/t1/dev-b/ack", b"not yours")
        server.publish("v1/t1/dev-a/ack", b"yours")
        assert device.got.get(timeout=PATIENCE_S) == ("v1/t1/dev-a/ack", b"yours")


@pytest.mark.parametrize(("user", "password"), [("dev-a", "b"), ("dev-a", ""), ("nobody", "a")])
def test_a_wrong_password_is_refused(broker: tuple[int, Path], user: str, password: str) -> None:
    """Anybody on the network could speak for any device."""
    port, _ = broker
    with connected(port, user, password) as client:
        assert not client.accepted()


def test_a_new_device_may_connect_without_a_restart(broker: tuple[int, Path]) -> None:
    """Provisioning a device would cut the connection of the whole fleet."""
    port, users = broker
    more = everyone() | {"dev-c": BrokerUser(password_hash=hash_password("c"), publish=UP, subscribe=DOWN)}
    write_users(users, more)
    waiting = threading.Event()
    for _ in range(40):
        with connected(port, "dev-c", "c") as client:
            if client.accepted():
                return
        waiting.wait(0.25)
    pytest.fail("the broker never learned of the new device")


def test_a_last_will_under_anothers_topic_reaches_nobody(broker: tuple[int, Path]) -> None:
    """A device could say of a rival's device that it went off, by dying with a forged will."""
    port, _ = broker
    with connected(port, "server", "s") as server:
        assert server.accepted()
        server.subscribe("v1/#")
        forger = Client(port, "dev-a", "a", will="v1/t1/dev-b/state")
        forger.accepted()
        forger.vanish()
        with connected(port, "dev-b", "b") as device:
            assert device.accepted()
            device.publish("v1/t1/dev-b/pos", b"own")
        assert server.got.get(timeout=PATIENCE_S) == ("v1/t1/dev-b/pos", b"own")


def test_files_with_passwords_are_private(tmp_path: Path) -> None:
    """Another user of the machine could read the device passwords."""
    users = tmp_path / "users.json"
    write_users(users, everyone())
    files = write_mosquitto(tmp_path, 1883, read_users(users))
    for path in (users, files.passwords, files.rights, files.config):
        assert path.stat().st_mode & 0o077 == 0
    assert "dev-a" in files.passwords.read_text()


@pytest.mark.parametrize(
    "users",
    [
        {"a\nuser b": {"publish": []}},
        {"a": {"publish": ["x\ntopic write #"]}},
        {"a": {"pubish": ["x"]}},
        {"": {}},
    ],
)
def test_a_users_file_that_could_smuggle_rights_is_refused(tmp_path: Path, users: dict[str, object]) -> None:
    """A device named with a line break could grant itself every topic."""
    path = tmp_path / "users.json"
    path.write_text(json.dumps(users))
    with pytest.raises(msgspec.ValidationError):
        read_users(path)


@pytest.mark.parametrize(
    ("pattern", "wanted", "expected"),
    [
        ("v1/+/a/pos", "v1/t/a/pos", True),
        ("v1/+/a/pos", "v1/t/a", False),
        ("v1/t/a", "v1/t/a/pos", False),
        ("v1/#", "v1", True),
        ("v1/#", "v1/+/x/#", True),
        ("v1/+", "v1/#", False),
        ("v1/a", "v1/+", False),
        ("v1/+", "v1/+", True),
        ("#", "#", True),
    ],
)
def test_covers(pattern: str, wanted: str, expected: bool) -> None:
    """A filter wider than the right would be let through, or an allowed one refused."""
    assert covers(pattern, wanted) is expected


LEVELS = st.lists(st.sampled_from(["a", "b", "v1"]), min_size=1, max_size=4)


@given(levels=LEVELS, name=st.sampled_from(["dev-a", "dev-b"]))
def test_a_device_publishes_only_below_its_own_name(levels: list[str], name: str) -> None:
    """Some odd topic would slip through the pattern with %u."""
    user = BrokerUser(publish=["v1/+/%u/#"])
    topic = "/".join([*levels, name, "pos"])
    assert may_publish(name, user, topic) is (len(levels) == 2 and levels[0] == "v1")
    assert not may_publish("dev-c", user, topic)


@given(password=st.text(max_size=20), other=st.text(max_size=20))
def test_a_hash_fits_its_password_only(password: str, other: str) -> None:
    """A device would be locked out, or let in with a wrong password."""
    user = BrokerUser(password_hash=hash_password(password))
    assert password_fits(user, password)
    assert password_fits(user, other) is (password == other)
