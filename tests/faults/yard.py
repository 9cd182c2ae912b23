"""Which real processes does a fault run have, how is each killed, and how does it come back?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import msgspec
import psutil
import psycopg

from compliance.record.clock import system_now
from marketplace.broker import HOST, BrokerUser, find_mosquitto, write_mosquitto
from marketplace.instance import DOWN, RUN, UP, write_state
from marketplace.ports import answers, free_port
from marketplace.settings import Settings
from tests.faults.field import Task
from tests.support.postgres import Server, binaries
from tests.support.proxy import Proxy, link
from tests.tracking.world import GATE_B, KEYS, START, TENANT

GATEWAY = "gateway-1"
PASSWORD = "of-the-fault-suite"
WITHIN_S = 120.0
WORKERS = 2
ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(slots=True)
class Victim:
    """One process in a group of its own: what starts it, and how one knows that it is up."""

    name: str
    words: Callable[[], Sequence[str]]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    ready: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = None

    def start(self, *, patient: bool = True) -> None:
        """Start it, and wait until it is up, unless it is to fail."""
        until = time.monotonic() + WITHIN_S
        while True:
            self._launch()
            assert self.process is not None
            while self.process.poll() is None:
                if not patient or self.ready():
                    return
                assert time.monotonic() < until, f"{self.name} did not come up: {self.log}"
                time.sleep(0.05)
            # What it had before may still be going away: shared memory, a port.
            assert time.monotonic() < until, f"{self.name} ended: {self.log.read_text()[-2000:]}"
            time.sleep(0.3)

    def _launch(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.words(),
                env={**os.environ, **self.env},
                cwd=ROOT if self.user is None else self.log.parent,
                stdout=log,
                stderr=log,
                user=self.user,
                process_group=0,
            )

    def kill(self) -> None:
        """Kill it and everything that it has started with SIGKILL."""
        assert self.process is not None
        if self.process.poll() is None:
            whole = psutil.Process(self.process.pid)
            for one in [whole, *whole.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
        self.process.wait()

    def keep_up(self) -> None:
        """Start it again where it has ended by itself, as its supervisor would."""
        if self.process is not None and self.process.poll() is not None:
            self.start()

    def end(self) -> None:
        """Ask it to end, and see that it does."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


@dataclass(frozen=True, slots=True)
class Yard:
    """Everything of one run: the processes by name, the links that can be cut, and where things are."""

    victims: Mapping[str, Victim]
    links: Mapping[str, Proxy]
    server: Server
    gateway_port: int
    field: Path
    full: set[str]
    """Agents whose disk is full when they next start."""


def _postgres(home: Path, port: int) -> Victim:
    """Return a server that keeps its word when it is killed; a power cut is not what is tried here."""
    folder = binaries()
    assert folder is not None
    user = "postgres" if os.geteuid() == 0 else None
    home.mkdir()
    if user:
        shutil.chown(home, user)
    data = str(home / "data")
    made = [str(folder / "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync"]
    subprocess.run(made, check=True, capture_output=True, user=user, cwd=home)
    settings = ("fsync=off", "max_connections=60", "shared_buffers=64MB")
    words = [str(folder / "postgres"), "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", str(home)]
    words += [word for one in settings for word in ("-c", one)]

    def ready() -> bool:
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    return Victim("postgres", lambda: words, home / "log", user=user, ready=ready)


def _broker(folder: Path, port: int) -> Victim:
    up, down = [f"v1/+/+/{kind}" for kind in UP], [f"v1/+/+/{kind}" for kind in DOWN]
    program = find_mosquitto()
    assert program is not None
    users = {
        "server": BrokerUser(password=PASSWORD, publish=down, subscribe=up),
        GATEWAY: BrokerUser(password=PASSWORD, publish=up, subscribe=down),
        GATE_B: BrokerUser(
            password=PASSWORD,
            publish=[f"v1/+/%u/{kind}" for kind in UP],
            subscribe=[f"v1/+/%u/{kind}" for kind in DOWN],
        ),
    }
    config = write_mosquitto(folder, port, users).config
    return Victim("broker", lambda: [program, "-c", str(config)], folder / "log", ready=answers(HOST, port))


def _agent(kind: str, task: Task, env: Mapping[str, str], full: set[str]) -> Victim:
    folder = Path(task.folder)

    def words() -> list[str]:
        now = msgspec.structs.replace(task, full=kind in full)
        return [sys.executable, "-m", "tests.faults.field", kind, msgspec.json.encode(now).decode()]

    ready = answers(HOST, task.port) if kind == "gateway" else (lambda: True)
    return Victim(kind, words, folder / "log", env, ready=ready)


@contextmanager
def yard(folder: Path, indicator: int) -> Iterator[Yard]:
    """Start a database server and a broker; the others are started by whoever has filled the database."""
    ports = {name: free_port() for name in ("postgres", "broker", "gateway")}
    clock = f"{system_now().isoformat()},{(START + timedelta(days=1)).isoformat()},1"
    full: set[str] = set()
    with ExitStack() as stack:
        links = {name: stack.enter_context(link(ports["broker"])) for name in ("gateway", "scale", "ingest")}
        links["terminals"] = stack.enter_context(link(ports["gateway"]))
        server = Server(ports["postgres"])
        env = {
            RUN: "faults",
            "HUANLIAN_DEMO": "0",
            "HUANLIAN_VAR": str(folder / "var"),
            "DATABASE_URL": server.url("faults"),
            "MQTT_URL": f"mqtt://server:{PASSWORD}@127.0.0.1:{links['ingest'].port}",
            "INGEST_WORKERS": str(WORKERS),
        }
        write_state(Settings(var=folder / "var"), "faults", clock)
        for name in ("gateway", "scale", "broker"):
            (folder / name).mkdir()
        gate = Task(
            GATEWAY, TENANT, str(folder / "gateway"), links["gateway"].port, PASSWORD, ports["gateway"]
        )
        scale = Task(
            GATE_B, TENANT, str(folder / "scale"), links["scale"].port, PASSWORD, indicator, KEYS[GATE_B]
        )
        ours = [sys.executable, "-m", "marketplace"]
        victims = [
            _postgres(folder / "postgres", ports["postgres"]),
            _broker(folder / "broker", ports["broker"]),
            Victim("ingest", lambda: [*ours, "ingest"], folder / "ingest.log", env),
            Victim("worker", lambda: [*ours, "worker"], folder / "worker.log", env),
            _agent("gateway", gate, env, full),
            _agent("scale", scale, env, full),
        ]
        by_name = {victim.name: victim for victim in victims}
        for victim in victims:
            stack.callback(victim.end)
        for name in ("postgres", "broker"):
            by_name[name].start()
        yield Yard(by_name, links, server, links["terminals"].port, folder, full)
