"""Which settings does an instance run with, and which of them are refused in production?"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from compliance.record.errors import N_, Invalid
from tracking.intake.rules import MAX_PARTS


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an instance is told from outside; read once, at the edge."""

    var: Path = field(default_factory=lambda: Path("var"))
    database_url: str = ""
    mqtt_url: str = ""
    """An outside broker; empty: the supervisor starts one of its own on `mqtt_port`."""
    host: str = "127.0.0.1"
    port: int = 8000
    mqtt_port: int = 18830
    mqtt_public_url: str = ""
    """Where devices reach the broker, `mqtts://host:8883`; empty: where we do."""
    mqtt_ca: str = ""
    """The certificate (PEM file) of the authority behind that address, where it is not a public one."""
    command_key: str = ""
    """The file with the Ed25519 key that signs commands; empty: one made under `var`."""
    ingest_workers: int = 1
    """How many processes `huanlian ingest` divides the devices among; more than one need PostgreSQL."""
    broker: str = ""
    """Which broker to run: `mosquitto`, `amqtt`, or empty for Mosquitto where it is installed."""
    production: bool = False
    demo: bool = True
    demo_speed: float = 30.0
    """Seconds of demonstration time for each second of the machine; 1 in production."""
    autopilot_s: float = 20.0
    """After how many seconds simulated colleagues act for people who have not; 0: never."""
    seed: int = 42
    roads: str = ""
    """Who tells road distances: `osrm`, `valhalla`, `file`, or empty for an estimate."""
    roads_url: str = ""
    """The road server's address, one for each kind of vehicle, or the file."""

    positions_kept_days: int = 0
    """After how many days positions go to the archive; 0: never."""
    positions_archive: str = ""
    """The folder of Parquet files that they go to."""
    timestamp_url: str = ""
    """The time-stamping authority (RFC 3161) that stamps the daily anchors; empty: a simulator."""
    timestamp_ca: str = ""
    """The roots (PEM file) that its certificates must lead to."""
    anchors: str = ""
    """The folder that the daily anchors are published to; empty: one below `var`."""
    solves_kept_days: int = 30
    """A solve that is over is deleted with its answer so many days after it was asked for."""
    signing_proof_minutes: int = 10
    """How old the password may be that a signature in a browser rests on."""
    exception_evidence_hours: int = 24
    """Within so many hours whoever asked for leave without a photo or scan hands it in."""
    circle_window_days: int = 90
    """Waste can have gone round only where each leg left so soon after the one before had come."""
    circle_least_percent: int = 10
    """A ring is shown where at least this much of its first leg can have come home."""
    workdays_file: str = ""
    """Working days and holidays that come before the published ones, one `day,works` a line; empty: none."""

    @property
    def signing_proof(self) -> timedelta:
        """Return for how long a password that was given is good to sign by."""
        return timedelta(minutes=self.signing_proof_minutes)

    @property
    def hand_in_within(self) -> timedelta:
        """Return within which time a photo or scan is handed in that was not there at the gate."""
        return timedelta(hours=self.exception_evidence_hours)

    @property
    def database(self) -> str:
        """Return the database address: the one given, or the SQLite file of this instance."""
        return self.database_url or f"sqlite:///{self.var / 'huanlian.db'}"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings from environment variables (docs/reference/settings.md).

    Raises `Invalid` with the variable's name for a value that cannot be read, and for simulators in
    production.
    """
    env = os.environ if environment is None else environment
    production = _choice(env, "HUANLIAN_ENV", ("", "production", "development")) == "production"
    found = Settings(
        var=Path(env.get("HUANLIAN_VAR", "var")),
        database_url=env.get("DATABASE_URL", ""),
        mqtt_url=env.get("MQTT_URL", ""),
        host=env.get("HOST", "127.0.0.1"),
        port=_whole(env, "PORT", "8000", 1, 65535),
        mqtt_port=_whole(env, "MQTT_PORT", "18830", 1, 65535),
        mqtt_public_url=env.get("MQTT_PUBLIC_URL", ""),
        mqtt_ca=env.get("MQTT_CA", ""),
        command_key=env.get("COMMAND_KEY", ""),
        ingest_workers=_whole(env, "INGEST_WORKERS", "1", 1, MAX_PARTS),
        broker=_choice(env, "MQTT_BROKER", ("", "mosquitto", "amqtt")),
        production=production,
        demo=env.get("HUANLIAN_DEMO", "0" if production else "1") == "1",
        demo_speed=_number(env, "DEMO_SPEED", "1" if production else "30", 0.01, 1000),
        autopilot_s=_number(env, "DEMO_AUTOPILOT", "20", 0, 86_400),
        seed=_whole(env, "DEMO_SEED", "42", 0, 2**31),
        roads=_choice(env, "ROADS", ("", "osrm", "valhalla", "file")),
        roads_url=env.get("ROADS_URL", ""),
        workdays_file=env.get("WORKDAYS_FILE", ""),
        positions_kept_days=_whole(env, "POSITIONS_KEPT_DAYS", "0", 0, 36_500),
        positions_archive=env.get("POSITIONS_ARCHIVE", ""),
        timestamp_url=env.get("TIMESTAMP_URL", ""),
        timestamp_ca=env.get("TIMESTAMP_CA", ""),
        anchors=env.get("ANCHORS", ""),
        signing_proof_minutes=_whole(env, "SIGNING_PROOF_MINUTES", "10", 1, 720),
        exception_evidence_hours=_whole(env, "EXCEPTION_EVIDENCE_HOURS", "24", 1, 720),
        circle_window_days=_whole(env, "CIRCLE_WINDOW_DAYS", "90", 1, 366),
        circle_least_percent=_whole(env, "CIRCLE_LEAST_PERCENT", "10", 1, 100),
        solves_kept_days=_whole(env, "SOLVES_KEPT_DAYS", "30", 1, 3650),
    )
    _refuse_contradictions(found)
    return found


def _refuse_contradictions(found: Settings) -> None:
    if found.ingest_workers > 1 and found.database.startswith("sqlite"):
        raise Invalid(
            N_("SQLite has one writer: several ingest processes need PostgreSQL."),
            field="INGEST_WORKERS",
            way_out=N_("Unset INGEST_WORKERS, or set DATABASE_URL."),
        )
    if bool(found.roads) != bool(found.roads_url):
        raise Invalid(
            N_("ROADS names a provider and ROADS_URL its address or file: set both, or neither."),
            field="ROADS",
        )
    if bool(found.timestamp_url) != bool(found.timestamp_ca):
        raise Invalid(
            N_("TIMESTAMP_URL names an authority and TIMESTAMP_CA its roots: set both, or neither."),
            field="TIMESTAMP_URL",
        )
    if found.production and (found.demo or found.demo_speed != 1):
        raise Invalid(
            N_("Production runs without the demonstration world and at the speed of the clock."),
            field="HUANLIAN_ENV",
            way_out=N_("Unset HUANLIAN_DEMO and DEMO_SPEED, or HUANLIAN_ENV."),
        )
    if found.positions_kept_days and not found.positions_archive:
        raise Invalid(
            N_("POSITIONS_KEPT_DAYS says when positions go, and not where to: set POSITIONS_ARCHIVE."),
            field="POSITIONS_ARCHIVE",
        )


def _number(env: Mapping[str, str], name: str, default: str, least: float, most: float) -> float:
    text = env.get(name) or default
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not least <= found <= most:
        message = N_("{name}={text} is not a number from {least} to {most}.")
        values = {"name": name, "text": text, "least": least, "most": most}
        raise Invalid(message, field=name, values=values)
    return found


def _whole(env: Mapping[str, str], name: str, default: str, least: int, most: int) -> int:
    text = env.get(name) or default
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        message = N_("{name}={text} is not a whole number from {least} to {most}.")
        values = {"name": name, "text": text, "least": least, "most": most}
        raise Invalid(message, field=name, values=values)
    return int(text)


def _choice(env: Mapping[str, str], name: str, known: tuple[str, ...]) -> str:
    text = env.get(name, "")
    if text not in known:
        raise Invalid(
            N_("{name}={text} is none of: {known}."),
            field=name,
            values={"name": name, "text": text, "known": ", ".join(known[1:])},
        )
    return text
