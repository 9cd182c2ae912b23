"""What does one atomic write to an outbox consist of, and when is it refused?"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from devices.readings import Stream

DEDUPE_FOR = timedelta(days=7)


class OutboxCode(StrEnum):
    """Why the outbox said no."""

    FULL = "outbox_full"
    UNKNOWN_DEVICE = "unknown_device"


class OutboxRefused(Exception):
    """A record was not taken; the caller must not confirm it to whoever sent it."""

    def __init__(self, code: OutboxCode, device: str) -> None:
        super().__init__(f"{code}: {device}")
        self.code = code
        self.device = device


class Transaction:
    """One atomic write: records, notes and duplicate marks stand or fall together.

    `room` is how many positions, and how many bytes, still fit.
    """

    def __init__(self, db: sqlite3.Connection, room: int, room_bytes: int, events_more: int) -> None:
        self._db = db
        self._room = {Stream.POSITIONS: room, Stream.EVENTS: room + events_more}
        self._room_bytes = room_bytes
        self._forgot = False
        self.appended: Counter[tuple[str, Stream]] = Counter()
        self.appended_bytes = 0

    def append(
        self, device: str, stream: Stream, payload: bytes | Callable[[int], bytes], *, replayed: bool = False
    ) -> int:
        """Store one record and return its `seq`; a callable payload is given the `seq` it is to carry.

        Raises `OutboxRefused` when the outbox is full or the device is not enrolled.
        """
        if stream in self._room and (
            self.appended.total() >= self._room[stream] or self.appended_bytes >= self._room_bytes
        ):
            raise OutboxRefused(OutboxCode.FULL, device)
        row = self._db.execute("SELECT inc FROM device WHERE device = ?", (device,)).fetchone()
        if row is None:
            raise OutboxRefused(OutboxCode.UNKNOWN_DEVICE, device)
        (seq,) = self._db.execute(
            "INSERT INTO stream VALUES(?, ?, 1) "
            "ON CONFLICT DO UPDATE SET last_seq = last_seq + 1 RETURNING last_seq",
            (device, stream.value),
        ).fetchone()
        body = payload if isinstance(payload, bytes) else payload(seq)
        self._db.execute(
            "INSERT INTO record(device, stream, seq, inc, payload, replayed) VALUES(?, ?, ?, ?, ?, ?)",
            (device, stream.value, seq, row[0], body, int(replayed)),
        )
        self.appended[device, stream] += 1
        self.appended_bytes += len(body)
        return int(seq)

    def first_time(self, terminal: str, device_time: datetime, body_hash: bytes, now: datetime) -> bool:
        """Mark a terminal's record as seen; False when it was seen within seven days (telemetry.md 1.11)."""
        if not self._forgot:
            self._db.execute("DELETE FROM seen WHERE at_ms < ?", (to_ms(now - DEDUPE_FOR),))
            self._forgot = True
        done = self._db.execute(
            "INSERT INTO seen VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (terminal, to_ms(device_time), body_hash, to_ms(now)),
        )
        return done.rowcount == 1

    def note(self, name: str) -> str | None:
        """Read a named note, or None."""
        row = self._db.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_note(self, name: str, value: str) -> None:
        """Keep a named note."""
        self._db.execute(
            "INSERT INTO note VALUES(?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (name, value)
        )


def to_ms(moment: datetime) -> int:
    """Return a moment as the store keeps it: milliseconds since 1970."""
    return round(moment.timestamp() * 1000)
