"""Which stored records are due on the line now, in which messages?

The rules of telemetry.md 1.5: a bounded window, the newest position first and alone, then replay oldest
first at a capped rate; without progress everything unacknowledged is sent again from the watermark.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from threading import RLock

from msgspec import structs

from devices.codecs import FrameRefused
from devices.codecs.telemetry_json import (
    Ack,
    decode_ack,
    decode_positions,
    encode_positions,
    parse_topic,
    topic,
)
from devices.outbox import WINDOW, Outbox, Record
from devices.readings import Stream

_NEWS = 0.125
"""How much the latest answer counts beside those before it (as in RFC 6298)."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Real seconds and counts of the send window; the defaults are those of telemetry.md 1.5."""

    retry_min_s: float = 5.0
    retry_max_s: float = 60.0
    window: int = WINDOW
    batch: int = 50
    replay_per_s: float = 500.0


@dataclass(frozen=True, slots=True)
class Message:
    """One publication: topic, payload, and whether the broker keeps it."""

    topic: str
    payload: bytes
    retain: bool = False


@dataclass(slots=True)
class _Flight:
    """What of one stream is on the way: sent in this pass and not yet acknowledged.

    `more` says that something of it waits for room in the window or in the rate of replay, `since` when what
    is on the way left for the first time.
    """

    delay: float
    more: bool = False
    since: float = 0.0
    deadline: float = 0.0
    cursor: int = 0
    replay_upto: int = 0
    sent: set[int] = field(default_factory=set)


class Pump:
    """Turn an outbox into messages, and acknowledgements into deletions; knows no broker.

    `monotonic` and `jitter` (a factor near 1) are injected for tests.
    """

    def __init__(
        self,
        outbox: Outbox,
        timing: Timing | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] | None = None,
    ) -> None:
        self._outbox = outbox
        self._timing = timing or Timing()
        self._monotonic = monotonic
        self._jitter = jitter or (lambda: random.uniform(0.8, 1.2))  # noqa: S311 -- spreads load, hides nothing
        self._flights: dict[tuple[str, Stream], _Flight] = {}
        self._lock = RLock()
        self._budget = self._timing.replay_per_s
        self._budget_at = monotonic()
        self._heard: deque[tuple[str, Ack]] = deque()
        self._answer_s = 0.0
        self.acks_refused = 0
        self.disk_errors = 0

    def connected(self) -> None:
        """Note that a connection begins: what waits now is a replay, all but the newest position."""
        with self._lock:
            for flight in self._flights.values():
                flight.since = self._monotonic()
            for device, stream in self._outbox.streams():
                flight = self._flight(device, stream)
                flight.replay_upto = self._outbox.last_seq(device, stream)
                flight.more = True

    def due(self) -> list[Message]:
        """Take the messages to publish now and start their clocks."""
        with self._lock:
            self._apply()
            now = self._monotonic()
            gained = (now - self._budget_at) * self._timing.replay_per_s
            self._budget = min(self._timing.replay_per_s, self._budget + gained)
            self._budget_at = now
            runs: list[list[Record]] = []
            for device, stream in sorted(self._in_question(now)):
                runs.extend(self._due_of(device, stream, now))
            try:
                self._outbox.mark_sent([record for run in runs for record in run])
            except sqlite3.OperationalError:
                self.disk_errors += 1  # what cannot be noted as sent does not leave: a resend is the same
                for flight in self._flights.values():
                    flight.sent.clear()
                    flight.cursor, flight.more = 0, True
                return []
            return [message for run in runs for message in _messages(run, self._timing.batch)]

    def acknowledge(self, name: str, payload: bytes) -> int:
        """Apply an acknowledgement that came in on topic `name`; return the records it released."""
        self.hear(name, payload)
        return self._apply()

    def hear(self, name: str, payload: bytes) -> None:
        """Take an acknowledgement, to be applied with all others when next asked what is due."""
        try:
            heard = (parse_topic(name).device, decode_ack(payload))
        except FrameRefused:
            self.acks_refused += 1
        else:
            self._heard.append(heard)

    def _apply(self) -> int:
        """Forget what was acknowledged, in one write; what the disk does not take is sent again."""
        with self._lock:
            heard = [self._heard.popleft() for _ in range(len(self._heard))]
            if not heard:
                return 0
            try:
                with self._outbox.exclusive():
                    gone = [self._outbox.acknowledge(device, ack) for device, ack in heard]
            except sqlite3.OperationalError:
                self.disk_errors += 1
                return 0
            for (device, ack), count in zip(heard, gone, strict=True):
                if count:
                    self._progress(device, ack)
        return sum(gone)

    def _in_question(self, now: float) -> set[tuple[str, Stream]]:
        """Return the streams of which something may be due: of thousands that wait, most only wait."""
        late = {key for key, one in self._flights.items() if one.more or (one.sent and now >= one.deadline)}
        return self._outbox.fresh() | late

    def _flight(self, device: str, stream: Stream) -> _Flight:
        return self._flights.setdefault((device, stream), _Flight(self._timing.retry_min_s))

    def _due_of(self, device: str, stream: Stream, now: float) -> list[list[Record]]:
        flight = self._flight(device, stream)
        again = bool(flight.sent) and now >= flight.deadline
        if again:
            flight.sent.clear()
            flight.cursor = 0
            flight.delay = min(self._timing.retry_max_s, flight.delay * 2)
        idle = not flight.sent
        room = max(self._timing.window - len(flight.sent), 0)
        waiting = self._outbox.oldest(device, stream, limit=room, after=flight.cursor)
        flight.more = len(waiting) == room
        runs = [list(self._newest(stream, flight, waiting)), list(self._backlog(flight, waiting))]
        if idle and flight.sent:
            if not again:
                flight.since = now
            flight.deadline = now + flight.delay * self._jitter()
        return runs

    def _newest(self, stream: Stream, flight: _Flight, waiting: Sequence[Record]) -> Iterator[Record]:
        """Yield the newest position when a replay would go out before it."""
        if stream is not Stream.POSITIONS or not waiting:
            return
        first = waiting[0]
        if first.seq > flight.replay_upto and not (first.replayed or first.sent):
            return
        newest = self._outbox.newest(first.device, stream) if flight.more else waiting[-1]
        if newest is not None and newest.seq not in flight.sent:
            flight.sent.add(newest.seq)
            yield newest

    def _backlog(self, flight: _Flight, waiting: Sequence[Record]) -> Iterator[Record]:
        for stored in waiting:
            record = stored
            if record.seq not in flight.sent:
                if len(flight.sent) >= self._timing.window:
                    flight.more = True
                    return
                if not record.sent and record.seq <= flight.replay_upto:
                    record = replace(record, replayed=True)
                if record.replayed or record.sent:
                    if self._budget < 1:
                        flight.more = True
                        return
                    self._budget -= 1
                flight.sent.add(record.seq)
                yield record
            flight.cursor = record.seq

    def _progress(self, device: str, ack: Ack) -> None:
        for stream, (watermark, ranges) in ack.streams.items():
            flight = self._flight(device, stream)
            spans = [(0, watermark), *ranges]
            left = {s for s in flight.sent if not any(low <= s <= high for low, high in spans)}
            if len(left) == len(flight.sent):
                continue
            now, flight.sent = self._monotonic(), left
            flight.delay = self._patience(now - flight.since)
            flight.since, flight.deadline = now, now + flight.delay * self._jitter()

    def _patience(self, answered_s: float) -> float:
        """Return how long to wait for an answer: twice what answers take of late, counted from the first try.

        A server that is behind would fall behind further with everything sent to it twice.
        """
        weight = _NEWS if self._answer_s else 1.0
        self._answer_s += weight * (min(answered_s, self._timing.retry_max_s) - self._answer_s)
        return min(self._timing.retry_max_s, max(self._timing.retry_min_s, 2 * self._answer_s))


def _messages(records: Iterable[Record], batch: int) -> Iterator[Message]:
    """Wrap records: positions of one device, incarnation and kind together, others one by one."""
    for (tenant, device, inc, stream, replayed), run in groupby(
        records, key=lambda r: (r.tenant, r.device, r.inc, r.stream, r.replayed)
    ):
        name = topic(tenant, device, stream)
        if stream is not Stream.POSITIONS:
            yield from (Message(name, record.payload) for record in run)
            continue
        together = list(run)
        if len(together) == 1 and not replayed:
            yield Message(name, together[0].payload)  # as it was stored: no need to read it
            continue
        readings = [
            structs.replace(reading, replayed=replayed)
            for record in together
            for reading in decode_positions(record.payload)[1]
        ]
        for start in range(0, len(readings), batch):
            yield Message(name, encode_positions(inc, readings[start : start + batch]))
