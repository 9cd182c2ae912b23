"""Which PostgreSQL server may the tests use, and how does each test get a database of its own?"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

SETTINGS = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=100",
    "shared_buffers=64MB",
)
ROOM = 4 * 1024**3


def binaries() -> Path | None:
    """Return the folder with `initdb` and `pg_ctl`, or None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    folders += [Path("/opt/homebrew/bin"), Path("/usr/local/bin")]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@dataclass(frozen=True, slots=True)
class Server:
    """A private server on loopback that ends with the tests."""

    port: int

    def url(self, database: str) -> str:
        """Return the SQLAlchemy address of one of its databases."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run one statement outside any transaction, as the owner."""
        with self._connect() as connection:
            connection.execute(statement.encode())

    def copy(self, template: str, name: str) -> None:
        """Make a database that is a copy of another, by copying its files where the server can."""
        with self._connect() as connection:
            way = " STRATEGY file_copy" if connection.info.server_version >= 150_000 else ""
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}{way}".encode())

    def _connect(self) -> psycopg.Connection:
        place = f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"
        return psycopg.connect(place, autocommit=True)


@contextmanager
def server() -> Iterator[Server]:
    """Start a private server in a temporary folder and stop it by its own pid file."""
    folder = binaries()
    assert folder is not None
    home = Path(tempfile.mkdtemp(prefix="huanlian-pg-", dir=memory()))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(home, user)
    data, port = home / "data", _free_port()

    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, user=user, cwd=home, timeout=120)

    run(str(folder / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
    options = " ".join(["-h 127.0.0.1", f"-p {port}", f"-k {home}", *(f"-c {one}" for one in SETTINGS)])
    run(str(folder / "pg_ctl"), "-D", str(data), "-l", str(home / "log"), "-w", "-o", options, "start")
    try:
        _await(port)
        yield Server(port)
    finally:
        run(str(folder / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


def memory() -> Path | None:
    """Return a folder kept in memory, where making and dropping a database is a matter of milliseconds."""
    place = Path("/dev/shm")
    try:
        return place if shutil.disk_usage(place).free > ROOM else None
    except OSError:
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the test database did not come up")
