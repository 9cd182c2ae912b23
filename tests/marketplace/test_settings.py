"""Is an instance told plainly which of its settings cannot be?"""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.record.errors import Invalid
from marketplace.settings import Settings, read_settings


def test_nothing_set_is_a_demonstration_on_this_machine() -> None:
    """A newcomer's first `make run` would want answers, or listen to the whole network."""
    found = read_settings({})
    assert found == Settings()
    assert (found.demo, found.host, found.production) == (True, "127.0.0.1", False)
    assert found.database == "sqlite:///var/huanlian.db"


def test_what_is_set_is_used() -> None:
    """An operator's address would be ignored, and the wrong database filled."""
    found = read_settings(
        {
            "HUANLIAN_VAR": "/srv/huanlian",
            "DATABASE_URL": "postgresql+psycopg://db/huanlian",
            "MQTT_URL": "mqtt://broker:1883",
            "HOST": "0.0.0.0",
            "PORT": "9000",
            "MQTT_PORT": "1999",
            "INGEST_WORKERS": "2",
            "MQTT_BROKER": "amqtt",
            "DEMO_SPEED": "2.5",
            "DEMO_AUTOPILOT": "0",
            "DEMO_SEED": "7",
            "HUANLIAN_DEMO": "0",
        }
    )
    assert found.database == "postgresql+psycopg://db/huanlian"
    assert (found.var, found.mqtt_url, found.host) == (Path("/srv/huanlian"), "mqtt://broker:1883", "0.0.0.0")
    assert (found.port, found.mqtt_port, found.broker, found.seed) == (9000, 1999, "amqtt", 7)
    assert (found.demo, found.demo_speed, found.autopilot_s) == (False, 2.5, 0)
    assert found.ingest_workers == 2


@pytest.mark.parametrize("name", ["PORT", "MQTT_PORT", "DEMO_SPEED", "DEMO_AUTOPILOT", "DEMO_SEED"])
def test_a_number_that_is_none_is_named(name: str) -> None:
    """An operator would search a stack trace for the variable that was mistyped."""
    with pytest.raises(Invalid, match=f"{name}=eight is not a ") as caught:
        read_settings({name: "eight"})
    assert caught.value.field == name


def test_several_ingest_processes_need_postgresql() -> None:
    """On SQLite they would only wait for each other, and nobody would know why it got slower."""
    with pytest.raises(Invalid, match="SQLite has one writer") as caught:
        read_settings({"INGEST_WORKERS": "2"})
    assert caught.value.field == "INGEST_WORKERS"


def test_an_empty_number_is_the_usual_one() -> None:
    """`PORT= make run` would end in an error."""
    assert read_settings({"PORT": ""}).port == 8000


def test_an_unknown_broker_is_named_with_the_known_ones() -> None:
    """An operator would not know what else to write."""
    with pytest.raises(Invalid, match="MQTT_BROKER=rabbit is none of: mosquitto, amqtt"):
        read_settings({"MQTT_BROKER": "rabbit"})


def test_production_is_at_the_speed_of_the_clock_and_without_simulation() -> None:
    """Real manifests would carry times that never were, or simulated loads stand among real ones."""
    found = read_settings({"HUANLIAN_ENV": "production"})
    assert (found.production, found.demo, found.demo_speed) == (True, False, 1)
    for setting in ({"HUANLIAN_DEMO": "1"}, {"DEMO_SPEED": "30"}):
        with pytest.raises(Invalid) as caught:
            read_settings({"HUANLIAN_ENV": "production", **setting})
        assert caught.value.field == "HUANLIAN_ENV"
        assert caught.value.way_out
