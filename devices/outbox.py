"""Which records has this agent been told to keep, and which may it forget?"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Protocol

from devices.outbox_file import Reserve, open_file
from devices.outbox_write import OutboxCode, OutboxRefused, Transaction
from devices.readings import Stream

__all__ = ["Outbox", "OutboxCode", "OutboxRefused", "Record", "Transaction"]

WINDOW = 2_000
CAPACITY = 200_000
CAPACITY_BYTES = 512 * 1024 * 1024

EVENTS_BEYOND = 20
"""Events have room for a twentieth beyond the capacity; weighings are never refused for want of it."""


class AckLike(Protocol):
    """What the outbox reads of `devices.codecs.telemetry_json.Ack`."""

    @property
    def inc(self) -> int:
        """Incarnation that the server acknowledges."""

    @property
    def streams(self) -> dict[Stream, tuple[int, tuple[tuple[int, int], ...]]]:
        """Watermark and stored ranges beyond it, by stream."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Under which tenant and incarnation a device's records leave."""

    device: str
    tenant: str
    inc: int


@dataclass(frozen=True, slots=True)
class Record:
    """One stored record; `payload` is the message of this record alone, with its `seq` inside.

    `sent` tells whether it has left before, so that a resend carries the same bytes.
    """

    device: str
    tenant: str
    inc: int
    stream: Stream
    seq: int
    payload: bytes
    replayed: bool
    sent: bool


@dataclass(frozen=True, slots=True)
class OutboxStatus:
    """Records waiting, records refused because the outbox was full, and acknowledgements not applied."""

    waiting: int
    capacity: int
    refused_full: int
    acks_other_inc: int
    acks_ahead: int


class Outbox:
    """The durable outbox of one agent: one SQLite file, shared by its threads.

    A write is on the disk (synchronous=FULL) before the call returns. When `capacity` records or
    `capacity_bytes` are reached a new position is refused and counted, and a little later a new event: the
    oldest is never dropped to make room, because its sender has been told that it is stored. A weighing is
    taken as long as the disk takes it. Raises `OutboxDamaged` for a file that is not whole.
    """

    def __init__(self, path: Path, *, capacity: int = CAPACITY, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self._lock = RLock()
        self._capacity = capacity
        self._capacity_bytes = capacity_bytes
        self._db = open_file(path)
        self._reserve = Reserve(path)
        self._waiting: Counter[tuple[str, Stream]] = Counter()
        self._fresh: set[tuple[str, Stream]] = set()
        self._count = self._bytes = 0
        self._version = self._data_version()
        self._recount()
        self._enrolled = {
            row[0]: Enrolment(*row) for row in self._db.execute("SELECT device, tenant, inc FROM device")
        }
        self.enrolled = 0
        """How often a device was enrolled or changed: a look at this number tells whether to look at all."""
        self._counted = Counter(
            {
                str(name).removeprefix("count:"): int(value)
                for name, value in self._db.execute("SELECT name, value FROM note WHERE name LIKE 'count:%'")
            }
        )

    def _recount(self) -> None:
        """Count anew what waits, as it stands on the disk."""
        self._waiting.clear()
        self._count = self._bytes = 0
        for device, stream, count, size in self._db.execute(
            "SELECT device, stream, count(*), sum(length(payload)) FROM record GROUP BY device, stream"
        ):
            self._waiting[device, Stream(stream)] = count
            self._fresh.add((device, Stream(stream)))
            self._count += count
            self._bytes += size

    def _data_version(self) -> int:
        """Return a number that changes when another process has written."""
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def notice(self) -> bool:
        """Take up what another process of this machine has stored, and tell whether it stored anything.

        The desk at the gate writes its voids and prints into the same file while the agent runs.
        """
        with self._lock:
            version = self._data_version()
            if version == self._version:
                return False
            self._version = version
            self._recount()
            return True

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def enrol(self, device: str, tenant: str, inc: int) -> None:
        """Name the tenant and the incarnation of a device; records already stored keep theirs."""
        fresh = Enrolment(device, tenant, inc)
        with self._lock:
            if self._enrolled.get(device) == fresh:
                return
            self._db.execute(
                "INSERT INTO device VALUES(?, ?, ?) "
                "ON CONFLICT DO UPDATE SET tenant = excluded.tenant, inc = excluded.inc",
                (device, tenant, inc),
            )
            self._enrolled[device] = fresh
            self.enrolled += 1

    def enrolments(self) -> list[Enrolment]:
        """List the devices that this outbox speaks for."""
        with self._lock:
            return sorted(self._enrolled.values(), key=lambda one: one.device)

    def enrolment(self, device: str) -> Enrolment:
        """Return under what a device's records leave; raise `OutboxRefused` for a stranger."""
        with self._lock:
            if device not in self._enrolled:
                raise OutboxRefused(OutboxCode.UNKNOWN_DEVICE, device)
            return self._enrolled[device]

    @contextmanager
    def exclusive(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one atomic write; one inside another is part of it."""
        with self._lock:
            inside = self._db.in_transaction
            if inside:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                self._recount()
                raise

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open one atomic write; it is durable when the block has ended without an error."""
        with self._lock:
            takes = self._reserve.fill()
            room = self._capacity - self._count if takes else 0
            room_bytes = self._capacity_bytes - self._bytes
            more = self._capacity // EVENTS_BEYOND if takes else 0
            try:
                with self.exclusive() as db:
                    work = Transaction(db, room, room_bytes, more)
                    yield work
            except OutboxRefused as refused:
                if refused.code is OutboxCode.FULL:
                    self._bump("refused_full")
                raise
            self._waiting.update(work.appended)
            self._fresh.update(work.appended)
            self._count += work.appended.total()
            self._bytes += work.appended_bytes

    def append(
        self, device: str, stream: Stream, payload: bytes | Callable[[int], bytes], *, replayed: bool = False
    ) -> int:
        """Store one record durably and return its `seq` (see `Transaction.append`)."""
        with self.transaction() as work:
            return work.append(device, stream, payload, replayed=replayed)

    def acknowledge(self, device: str, ack: AckLike) -> int:
        """Delete the records that the server's acknowledgement covers; return how many.

        Only records of the acknowledged incarnation go. An acknowledgement of records never given out
        cannot be about this outbox: it is counted and changes nothing.
        """
        with self._lock:
            return sum(
                self._acknowledge(device, ack.inc, stream, [(0, watermark), *ranges])
                for stream, (watermark, ranges) in ack.streams.items()
            )

    def _acknowledge(self, device: str, inc: int, stream: Stream, spans: Sequence[tuple[int, int]]) -> int:
        known = self._enrolled.get(device)
        if known is None or known.inc != inc:
            self._bump("acks_other_inc")
        if max(high for _, high in spans) > self.last_seq(device, stream):
            self._bump("acks_ahead")
            return 0
        gone, size = 0, 0
        with self._emptying() as db:
            for low, high in spans:
                sizes = db.execute(
                    "DELETE FROM record WHERE device = ? AND stream = ? AND inc = ? AND seq BETWEEN ? AND ? "
                    "RETURNING length(payload)",
                    (device, stream.value, inc, low, high),
                ).fetchall()
                gone += len(sizes)
                size += sum(row[0] for row in sizes)
        self._waiting[device, stream] -= gone
        if not self._waiting[device, stream]:
            del self._waiting[device, stream]
        self._count -= gone
        self._bytes -= size
        return gone

    @contextmanager
    def _emptying(self) -> Iterator[sqlite3.Connection]:
        """Write what is on the way out; on a full disk give the reserve away, so that a next try succeeds."""
        try:
            with self.exclusive() as db:
                yield db
        except sqlite3.OperationalError:
            self._reserve.give()
            raise

    def last_seq(self, device: str, stream: Stream) -> int:
        """Tell the highest `seq` ever given out on a stream; 0 when none."""
        with self._lock:
            row = self._db.execute(
                "SELECT last_seq FROM stream WHERE device = ? AND stream = ?", (device, stream.value)
            ).fetchone()
        return 0 if row is None else int(row[0])

    def streams(self) -> list[tuple[str, Stream]]:
        """List the streams with records waiting."""
        with self._lock:
            return [key for key, count in self._waiting.items() if count > 0]

    def fresh(self) -> set[tuple[str, Stream]]:
        """Take the streams that got a record since this was last asked; at first, all that wait."""
        with self._lock:
            taken, self._fresh = self._fresh, set()
            return taken

    def oldest(self, device: str, stream: Stream, limit: int = WINDOW, after: int = 0) -> list[Record]:
        """Read waiting records in order of `seq`, from behind `after`."""
        return self._read(device, stream, "seq > ? ORDER BY r.seq LIMIT ?", (after, limit))

    def newest(self, device: str, stream: Stream) -> Record | None:
        """Read the waiting record with the highest `seq`."""
        found = self._read(device, stream, "seq > ? ORDER BY r.seq DESC LIMIT ?", (0, 1))
        return found[0] if found else None

    def _read(self, device: str, stream: Stream, tail: str, values: tuple[int, int]) -> list[Record]:
        with self._lock:
            rows = self._db.execute(
                "SELECT r.device, d.tenant, r.inc, r.stream, r.seq, r.payload, r.replayed, r.sent "
                "FROM record r JOIN device d USING(device) WHERE r.device = ? AND r.stream = ? AND r." + tail,
                (device, stream.value, *values),
            ).fetchall()
        return [
            Record(dev, tenant, inc, Stream(kind), seq, payload, bool(replayed), bool(sent))
            for dev, tenant, inc, kind, seq, payload, replayed, sent in rows
        ]

    def mark_sent(self, records: Sequence[Record]) -> None:
        """Fix how each record leaves (live or replayed), so that every resend has the same bytes."""
        fresh = [(int(r.replayed), r.device, r.stream.value, r.seq) for r in records if not r.sent]
        if not fresh:
            return
        with self._emptying() as db:
            db.executemany(
                "UPDATE record SET sent = 1, replayed = ? "
                "WHERE device = ? AND stream = ? AND seq = ? AND sent = 0",
                fresh,
            )

    def note(self, name: str) -> str | None:
        """Read a named note, or None."""
        with self._lock:
            row = self._db.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def status(self) -> OutboxStatus:
        """Tell how full the outbox is and what it has refused."""
        with self._lock:
            return OutboxStatus(
                self._count,
                self._capacity,
                self._counted["refused_full"],
                self._counted["acks_other_inc"],
                self._counted["acks_ahead"],
            )

    def waiting(self, device: str) -> int:
        """Count the records of one device that wait for an acknowledgement."""
        with self._lock:
            return sum(self._waiting[device, stream] for stream in Stream)

    def _bump(self, counter: str) -> None:
        """Count something, and on the disk too if it takes it."""
        self._counted[counter] += 1
        with suppress(sqlite3.OperationalError), self.exclusive() as db:
            db.execute(
                "INSERT INTO note VALUES(?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (f"count:{counter}", str(self._counted[counter])),
            )
