"""How does a program get an instance of its own for a while, and leave nothing behind?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from compliance.record.errors import N_, Conflict
from marketplace.ports import answers, free_port

START_WITHIN_S = 120.0
END_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Private:
    """A running instance: where it answers, where its data are, and its supervisor's process."""

    url: str
    var: Path
    database_url: str
    process: subprocess.Popen[bytes]


@contextmanager
def private_instance(
    speed: float, autopilot_s: float = 0.0, environment: Mapping[str, str] | None = None
) -> Iterator[Private]:
    """Start an instance with private data on free ports, yield it once it answers, and end it.

    `environment` overrides settings, for example `DATABASE_URL`. Raises `Conflict` with the last words
    of an instance that does not come up.
    """
    with tempfile.TemporaryDirectory(prefix="huanlian-") as folder:
        var, port = Path(folder), free_port()
        env = {
            **os.environ,
            "DATABASE_URL": "",
            "MQTT_URL": "",
            "HUANLIAN_VAR": str(var),
            "PORT": str(port),
            "MQTT_PORT": str(free_port()),
            "DEMO_SPEED": str(speed),
            "DEMO_AUTOPILOT": str(autopilot_s),
            **(environment or {}),
        }
        words = var / "run.log"
        with words.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "marketplace", "run"], env=env, stdout=log, stderr=log
            )
        try:
            _await(process, port, words)
            database = env["DATABASE_URL"] or f"sqlite:///{var / 'huanlian.db'}"
            yield Private(f"http://127.0.0.1:{port}", var, database, process)
        finally:
            _end(process)


def _await(process: subprocess.Popen[bytes], port: int, words: Path) -> None:
    answering = answers("127.0.0.1", port)
    until = time.monotonic() + START_WITHIN_S
    while not answering():
        if process.poll() is not None or time.monotonic() > until:
            raise Conflict(
                N_("The private instance did not come up: {words}"),
                code="not_started",
                values={"words": words.read_text(errors="replace")[-2000:]},
            )
        time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
