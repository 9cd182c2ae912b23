"""What does an agent's store look like on the disk, and is it whole?"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS device(
    device TEXT PRIMARY KEY, tenant TEXT NOT NULL, inc INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stream(
    device TEXT NOT NULL, stream TEXT NOT NULL, last_seq INTEGER NOT NULL,
    PRIMARY KEY(device, stream)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS record(
    device TEXT NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL, inc INTEGER NOT NULL,
    payload BLOB NOT NULL, replayed INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY(device, stream, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen(
    terminal TEXT NOT NULL, device_ms INTEGER NOT NULL, body BLOB NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY(terminal, device_ms, body)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS seen_at ON seen(at_ms);
CREATE TABLE IF NOT EXISTS command(
    device TEXT NOT NULL, id TEXT NOT NULL, order_payload BLOB NOT NULL, result BLOB NOT NULL,
    at_ms INTEGER NOT NULL, final INTEGER NOT NULL, begun INTEGER NOT NULL, told INTEGER NOT NULL,
    PRIMARY KEY(device, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS command_at ON command(at_ms);
CREATE TABLE IF NOT EXISTS issued(
    device TEXT NOT NULL, number INTEGER NOT NULL, payload BLOB NOT NULL,
    voided_by INTEGER NOT NULL DEFAULT 0, prints INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY(device, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS photo(
    device TEXT NOT NULL, number INTEGER NOT NULL, view TEXT NOT NULL, sha256 TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, due_ms INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY(device, number, view)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS photo_sha256 ON photo(sha256);
CREATE TABLE IF NOT EXISTS note(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_SHOWN = 200
RESERVE_BYTES = 1024 * 1024


class OutboxDamaged(Exception):
    """The store cannot be trusted: which file, and what is wrong with it.

    It is left as it is. A new one needs a new incarnation, for its numbers begin anew.
    """

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path
        self.why = why


def open_file(path: Path) -> sqlite3.Connection:
    """Open or make a store, whole and durable (WAL, synchronous=FULL); raise `OutboxDamaged`.

    What a cut of power left in the write-ahead log is taken up to the last whole commit.
    """
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        found = [str(row[0]) for row in db.execute("PRAGMA quick_check(3)")]
        if found != ["ok"]:
            raise OutboxDamaged(path, "; ".join(found)[:_SHOWN])
        db.executescript(SCHEMA)
    except sqlite3.OperationalError:
        db.close()
        raise
    except sqlite3.DatabaseError as problem:
        db.close()
        raise OutboxDamaged(path, str(problem)) from None
    except OutboxDamaged:
        db.close()
        raise
    return db


class Reserve:
    """Room on the disk that is kept for emptying the outbox: even forgetting a record has to be written.

    While it is given away the outbox takes no new positions and events, or these would fill it again.
    """

    def __init__(self, outbox: Path) -> None:
        self._path = outbox.with_name(f"{outbox.name}.reserve")
        self.here = False
        self.fill()

    def fill(self) -> bool:
        """Take the room if it is to be had; tell whether it is there."""
        if not self.here:
            with suppress(OSError), self._path.open("wb") as file:
                file.write(bytes(RESERVE_BYTES))
                file.flush()
                os.fsync(file.fileno())
                self.here = True
        return self.here

    def give(self) -> bool:
        """Give the room away; False when it was given away before."""
        had, self.here = self.here, False
        self._path.unlink(missing_ok=True)
        return had
