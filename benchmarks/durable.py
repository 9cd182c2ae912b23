"""Where does a measurement get a PostgreSQL server that keeps its word at every commit?

The tests' server takes commits without waiting for the disk; here both sides of a ratio wait, as in earnest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marketplace.ports import free_port
from tests.support.postgres import Server
from tools.parts import find_postgis


def program(name: str) -> str | None:
    """Return the path of one of the server's programs, or None where PostGIS is not installed."""
    folder = find_postgis()
    return None if folder is None else str(Path(folder) / name)


@contextmanager
def postgres() -> Iterator[Server]:
    """Start a private server with its default, durable settings and stop it by its own pid file."""
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    assert initdb is not None
    assert pg_ctl is not None
    home = Path(tempfile.mkdtemp(prefix="huanlian-bench-pg-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(home, user)
    data, port = home / "data", free_port()

    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, user=user, cwd=home, timeout=120)

    run(initdb, "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8")
    place = f"-h 127.0.0.1 -p {port} -k {home}"
    run(pg_ctl, "-D", str(data), "-l", str(home / "log"), "-w", "-o", place, "start")
    try:
        yield Server(port)
    finally:
        run(pg_ctl, "-D", str(data), "-m", "fast", "stop")
        shutil.rmtree(home, ignore_errors=True)
