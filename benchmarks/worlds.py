"""On which databases is measured, and what is in them? The demonstration world, on SQLite and on PostGIS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import durable
from marketplace import preparing
from marketplace.settings import Settings


@contextmanager
def worlds() -> Iterator[dict[str, Settings]]:
    """Yield the settings of a seeded instance for each database that this machine has."""
    with TemporaryDirectory(prefix="huanlian-bench-") as folder:
        found = {"SQLite": seeded(Settings(var=Path(folder) / "sqlite"))}
        if durable.program("initdb") is None:
            print("PostGIS is not installed here: only SQLite is measured.", flush=True)
            yield found
            return
        with durable.postgres() as server:
            server.execute("CREATE DATABASE bench")
            found["PostGIS"] = seeded(
                Settings(var=Path(folder) / "postgis", database_url=server.url("bench"))
            )
            yield found


def seeded(settings: Settings) -> Settings:
    """Make an instance with the demonstration world and return its settings."""
    settings.var.mkdir(parents=True)
    preparing.prepare(settings).dispose()
    return settings
