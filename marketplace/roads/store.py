"""Where are measured roads kept, so that a restart does not ask for them again?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from matching.distances.cached import Edition, Pair, Road

log = structlog.get_logger(__name__)
BUSY_S = 10.0
SHAPE = """
CREATE TABLE IF NOT EXISTS edition (
    id INTEGER PRIMARY KEY, provider TEXT NOT NULL, version TEXT NOT NULL, vehicle TEXT NOT NULL,
    UNIQUE (provider, version, vehicle)
);
CREATE TABLE IF NOT EXISTS road (
    edition INTEGER NOT NULL, from_lat INTEGER NOT NULL, from_lon INTEGER NOT NULL,
    to_lat INTEGER NOT NULL, to_lon INTEGER NOT NULL, metres INTEGER NOT NULL, seconds INTEGER NOT NULL,
    PRIMARY KEY (edition, from_lat, from_lon, to_lat, to_lon)
) WITHOUT ROWID;
CREATE TEMP TABLE asked (from_lat INTEGER, from_lon INTEGER, to_lat INTEGER, to_lon INTEGER);
"""
FIND = """
SELECT from_lat, from_lon, to_lat, to_lon, metres, seconds FROM asked
JOIN road USING (from_lat, from_lon, to_lat, to_lon) WHERE edition = ?
"""


@dataclass(frozen=True, slots=True)
class SqliteStore:
    """Keeps roads in a SQLite file of its own: it is a cache and may be deleted at any time.

    It is no part of the record, and nobody fails for want of it. A newer edition of a provider's data drops
    the older ones.
    """

    path: Path

    def find(self, edition: Edition, pairs: Sequence[Pair]) -> dict[Pair, Road]:
        """Return the roads that are known; none where the file cannot be read."""
        try:
            return self._find(edition, pairs)
        except sqlite3.Error as wrong:
            log.warning("roads.cache_broken", path=str(self.path), detail=str(wrong))
            return {}

    def keep(self, edition: Edition, roads: dict[Pair, Road]) -> None:
        """Remember roads, and forget those of the provider's older data; a full disk stops nobody."""
        try:
            self._keep(edition, roads)
        except sqlite3.Error as wrong:
            log.warning("roads.cache_broken", path=str(self.path), detail=str(wrong))

    def _find(self, edition: Edition, pairs: Sequence[Pair]) -> dict[Pair, Road]:
        with self._open() as database:
            number = _number(database, edition)
            if number is None:
                return {}
            database.executemany("INSERT INTO asked VALUES (?, ?, ?, ?)", [(*a, *b) for a, b in pairs])
            rows = database.execute(FIND, (number,)).fetchall()
        return {((row[0], row[1]), (row[2], row[3])): (row[4], row[5]) for row in rows}

    def _keep(self, edition: Edition, roads: dict[Pair, Road]) -> None:
        with self._open() as database:
            provider, version, _ = edition
            old = "SELECT id FROM edition WHERE provider = ? AND version != ?"
            database.execute(f"DELETE FROM road WHERE edition IN ({old})", (provider, version))  # noqa: S608
            database.execute("DELETE FROM edition WHERE provider = ? AND version != ?", (provider, version))
            database.execute(
                "INSERT OR IGNORE INTO edition (provider, version, vehicle) VALUES (?, ?, ?)", edition
            )
            number = _number(database, edition)
            database.executemany(
                "INSERT OR REPLACE INTO road VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(number, *a, *b, *road) for (a, b), road in roads.items()],
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path, timeout=BUSY_S)
        try:
            database.executescript(SHAPE)
            with database:
                yield database
        finally:
            database.close()


def _number(database: sqlite3.Connection, edition: Edition) -> int | None:
    asked = "SELECT id FROM edition WHERE provider = ? AND version = ? AND vehicle = ?"
    row = database.execute(asked, edition).fetchone()
    return int(row[0]) if row else None
