"""Does an instance keep its secrets, its clock and its ports in order?"""

from __future__ import annotations

import json
import socket
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine

from compliance.record.clock import Now, ScaledClock, system_now
from compliance.record.errors import Invalid
from marketplace import instance, preparing
from marketplace.broker import read_users
from marketplace.ports import PortInUse
from marketplace.settings import Settings
from tests.factories.trade import open_market


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An instance with private data of its own."""
    return Settings(var=tmp_path, port=18999, mqtt_port=18998, broker="amqtt")


def test_a_secret_is_made_once_and_kept_from_others(settings: Settings) -> None:
    """After a restart no device could sign in, or any user of the machine read the password."""
    first = instance.secret(settings, "mqtt-server")
    assert instance.secret(settings, "mqtt-server") == first
    assert instance.secret(settings, "other") != first
    mode = (settings.var / "secrets" / "mqtt-server.txt").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_the_own_broker_is_reached_with_the_own_secret(settings: Settings) -> None:
    """Worker and ingest would be refused by the broker that was started for them."""
    place = instance.mqtt_place(settings)
    assert (place.host, place.port, place.user) == ("127.0.0.1", 18998, "server")
    assert instance.broker_users(settings)["server"].password == place.password


@pytest.mark.parametrize(
    ("url", "port", "tls"), [("mqtt://u:w@broker", 1883, False), ("mqtts://u:w@broker", 8883, True)]
)
def test_an_outside_broker_is_reached_as_its_address_says(
    settings: Settings, url: str, port: int, tls: bool
) -> None:
    """Telemetry would go unencrypted, or to a broker nobody runs."""
    place = instance.mqtt_place(replace(settings, mqtt_url=url))
    assert place == instance.MqttPlace("broker", port, "u", "w", tls)
    assert urlsplit(url).hostname == place.host


@pytest.mark.parametrize("url", ["http://broker", "broker:1883", "mqtt://"])
def test_an_address_that_is_none_is_named(settings: Settings, url: str) -> None:
    """An operator would wait for a broker that is never called."""
    with pytest.raises(Invalid) as caught:
        instance.mqtt_place(replace(settings, mqtt_url=url))
    assert caught.value.field == "MQTT_URL"


def test_only_a_demonstration_has_a_simulated_gateway(settings: Settings) -> None:
    """A production broker would know a user that nobody provisioned."""
    assert set(instance.broker_users(settings)) == {"server", "gateway-demo"}
    assert set(instance.broker_users(replace(settings, demo=False))) == {"server"}
    outside = instance.broker_users(replace(settings, demo=False, mqtt_url="mqtt://hub:word@broker"))
    assert {name: user.password for name, user in outside.items()} == {"hub": "word"}


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_a_taken_port_is_named_with_the_way_out(settings: Settings, taken: int) -> None:
    """An instance would start half, and leave the rest running."""
    for name in ("port", "mqtt_port"):
        with pytest.raises(PortInUse) as caught:
            instance.require_ports(replace(settings, **{name: taken}))
        assert str(taken) in str(caught.value)
        assert f"{name.upper()}={taken + 1}" in str(caught.value)
    outside = replace(settings, mqtt_port=taken, mqtt_url="mqtt://elsewhere")
    instance.require_ports(outside)


def test_every_process_gets_the_same_settings_and_clock(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Web and worker would disagree about the day, or about the database."""
    clock = f"{system_now().isoformat()},{(system_now() + timedelta(days=3)).isoformat()},30"
    children = instance.children(settings, "this")
    assert [child.name for child in children] == ["broker", "web", "ingest", "worker", "solver", "devices"]
    ours = [child for child in children if child.name != "broker"]
    assert {child.env[instance.RUN] for child in ours} == {"this"}
    assert {child.env["DATABASE_URL"] for child in ours} == {settings.database}
    assert set(read_users(instance.users_file(settings))) == {"server", "gateway-demo"}
    bare = instance.children(replace(settings, demo=False, mqtt_url="mqtt://elsewhere"), "")
    assert [child.name for child in bare] == ["web", "ingest", "worker", "solver"]
    instance.write_state(settings, "this", clock)
    monkeypatch.setenv(instance.RUN, "this")
    now = instance.clock_of(settings)
    assert isinstance(now, ScaledClock)
    assert now() - system_now() > timedelta(days=2)
    assert instance.clock_of(replace(settings, production=True)) is system_now


def test_a_process_that_comes_early_waits_for_this_start_of_the_instance(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages would show yesterday's clock, or fail on tables that are still being made."""
    instance.write_state(settings, "yesterday", "")
    monkeypatch.setenv(instance.RUN, "today")
    found: list[Now] = []
    waiting = threading.Thread(target=lambda: found.append(instance.clock_of(settings)))
    waiting.start()
    waiting.join(5 * instance.LOOK_EVERY_S)
    assert waiting.is_alive()
    instance.write_state(settings, "today", "")
    waiting.join(10)
    assert found == [system_now]


def test_a_second_start_does_not_go_back_in_time(engine: Engine, settings: Settings) -> None:
    """A load would arrive before it left, as soon as the demonstration is started again."""
    market = open_market(engine, vehicles=1)
    market.at = system_now() + timedelta(days=400)
    market.list_lot()
    _, shown, speed = preparing.start_clock(settings, engine).split(",")
    assert (shown, speed) == (market.at.isoformat(), "30.0")
    assert preparing.start_clock(replace(settings, demo_speed=1), engine) == ""


def test_the_running_instance_says_where_it_answers(settings: Settings) -> None:
    """`huanlian demo loop` would knock at a house that is not there."""
    instance.write_state(settings, "this", "")
    told = json.loads((settings.var / "instance.json").read_text())
    assert told["url"] == "http://127.0.0.1:18999"
    assert told["pid"] > 0
