"""How does one instance of the product get its clock, its keys and its processes?"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from compliance.record.clock import Now, ScaledClock, system_now
from compliance.record.errors import N_, Invalid
from marketplace.broker import BrokerUser, plan_broker, read_users, write_private, write_users
from marketplace.demo.known import GATEWAY
from marketplace.ports import answers, require_free_port
from marketplace.settings import Settings
from marketplace.supervisor import Child

RUN = "HUANLIAN_RUN"
LOOK_EVERY_S = 0.02
SERVER = "server"
UP, DOWN = ("pos", "evt", "wgt", "res", "state"), ("ack", "cmd", "cfg")


@dataclass(frozen=True, slots=True)
class MqttPlace:
    """Where the broker is, and as whom to speak to it."""

    host: str
    port: int
    user: str
    password: str
    tls: bool = False


def clock_of(settings: Settings) -> Now:
    """Return the instance's clock: the one its supervisor started, or the machine's own.

    A process that was started early waits here until its supervisor has prepared the instance.
    """
    run = os.environ.get(RUN, "")
    text = _told(settings, run)["clock"] if run else ""
    if not text or settings.production:
        return system_now
    anchor, shown, speed = text.split(",")
    return ScaledClock(datetime.fromisoformat(anchor), datetime.fromisoformat(shown), float(speed))


def _told(settings: Settings, run: str) -> dict[str, str]:
    """Return what the supervisor of this run says of the instance, once it has prepared it."""
    while True:
        told: dict[str, str] = json.loads(_state(settings).read_text()) if _state(settings).exists() else {}
        if told.get("run") == run:
            return told
        time.sleep(LOOK_EVERY_S)


ACCOUNTS = "bank-accounts"
"""Under which secret bank accounts are hashed."""


def secret(settings: Settings, name: str) -> str:
    """Return one of the instance's own secrets, made at the first asking and kept private under `var`."""
    path = settings.var / "secrets" / f"{name}.txt"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32))
    return path.read_text(encoding="utf-8").strip()


def mqtt_place(settings: Settings, user: str = SERVER) -> MqttPlace:
    """Return how to reach the broker as one of the instance's own users.

    `MQTT_URL` may carry the user and the password of an outside broker: `mqtt://user:word@host:1883`.
    """
    if not settings.mqtt_url:
        return MqttPlace("127.0.0.1", settings.mqtt_port, user, secret(settings, f"mqtt-{user}"))
    place = urlsplit(settings.mqtt_url)
    if place.scheme not in {"mqtt", "mqtts"} or not place.hostname:
        raise Invalid(
            N_("MQTT_URL={url} is not an address like mqtt://host:1883."),
            field="MQTT_URL",
            values={"url": settings.mqtt_url},
        )
    tls = place.scheme == "mqtts"
    return MqttPlace(
        place.hostname, place.port or (8883 if tls else 1883), place.username or "", place.password or "", tls
    )


def broker_users(settings: Settings) -> dict[str, BrokerUser]:
    """Return the broker's users that are no registered device: the server, and a demonstration's gateway."""
    up = [f"v1/+/+/{kind}" for kind in UP]
    down = [f"v1/+/+/{kind}" for kind in DOWN]
    server = mqtt_place(settings)
    users = {}
    if server.password:
        users[server.user] = BrokerUser(password=server.password, publish=down, subscribe=up)
    if settings.demo and not settings.mqtt_url:
        users[GATEWAY] = BrokerUser(password=secret(settings, f"mqtt-{GATEWAY}"), publish=up, subscribe=down)
    return users


def users_file(settings: Settings) -> Path:
    """Return where the broker's users are kept."""
    return settings.var / "broker" / "users.json"


def require_ports(settings: Settings) -> None:
    """Raise `PortInUse` with the way out, before anything else is done, where an address is taken."""
    require_free_port(settings.host, settings.port, f"make run PORT={settings.port + 1}")
    if not settings.mqtt_url:
        require_free_port("127.0.0.1", settings.mqtt_port, f"make run MQTT_PORT={settings.mqtt_port + 1}")


def children(settings: Settings, run: str) -> list[Child]:
    """Return the processes of an instance in the order in which they start; `run` names this start of it.

    The pages come first, as somebody waits for them; the record keeps what the others do not see at once.
    """
    env = _environment(settings, run)
    found = []
    if not settings.mqtt_url:
        known = read_users(users_file(settings)) if users_file(settings).exists() else {}
        write_users(users_file(settings), known | broker_users(settings))
        program = "" if settings.broker == "amqtt" else None
        found.append(plan_broker(settings.var, settings.mqtt_port, users_file(settings), mosquitto=program))
    found += [
        Child("web", _huanlian("web"), env, answers(settings.host, settings.port), early=True),
        Child("ingest", _huanlian("ingest"), env),
        Child("worker", _huanlian("worker"), env),
        Child("solver", _huanlian("solver"), env),
    ]
    if settings.demo:
        found.append(Child("devices", _huanlian("demo", "devices"), env))
    return found


def ingest_children(settings: Settings) -> list[Child]:
    """Return one process for each part of the ingest; they have this process's environment."""
    parts = range(1, settings.ingest_workers + 1)
    return [Child(f"ingest-{number}", _huanlian("ingest", "--part", str(number))) for number in parts]


def _huanlian(*words: str) -> list[str]:
    return [sys.executable, "-m", "marketplace", *words]


def _environment(settings: Settings, run: str) -> dict[str, str]:
    return {
        "HUANLIAN_VAR": str(settings.var),
        "DATABASE_URL": settings.database,
        "MQTT_URL": settings.mqtt_url,
        "MQTT_PUBLIC_URL": settings.mqtt_public_url,
        "MQTT_CA": settings.mqtt_ca,
        "COMMAND_KEY": settings.command_key,
        "HOST": settings.host,
        "PORT": str(settings.port),
        "MQTT_PORT": str(settings.mqtt_port),
        "INGEST_WORKERS": str(settings.ingest_workers),
        "DEMO_SPEED": str(settings.demo_speed),
        "DEMO_AUTOPILOT": str(settings.autopilot_s),
        "DEMO_SEED": str(settings.seed),
        "HUANLIAN_DEMO": "1" if settings.demo else "0",
        RUN: run,
        "PYTHONUNBUFFERED": "1",
    }


def write_state(settings: Settings, run: str, clock: str) -> None:
    """Tell that the instance is prepared: its processes read their clock there, commands its address."""
    facts = {
        "url": f"http://{settings.host}:{settings.port}",
        "pid": os.getpid(),
        "run": run,
        "clock": clock,
    }
    write_private(_state(settings), json.dumps(facts))


def _state(settings: Settings) -> Path:
    return settings.var / "instance.json"
