"""Does the send window keep its bounds, its order and its patience?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devices.codecs.telemetry_json import Ack, decode_positions, encode_ack, encode_positions
from devices.outbox import Outbox
from devices.readings import PositionReading, Stream
from devices.transports.pump import Pump, Timing

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
ACK = "v1/t1/truck-1/ack"


class Clock:
    """Real seconds that stand still until moved."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """Open an outbox with one truck."""
    box = Outbox(tmp_path / "o.db")
    box.enrol("truck-1", "t1", 7)
    yield box
    box.close()


def pump_of(outbox: Outbox, clock: Clock, timing: Timing) -> Pump:
    """Make a pump without chance."""
    return Pump(outbox, timing, monotonic=clock, jitter=lambda: 1.0)


def store(outbox: Outbox, count: int) -> None:
    """Store `count` fixes."""
    with outbox.transaction() as work:
        for _ in range(count):
            work.append(
                "truck-1",
                Stream.POSITIONS,
                lambda seq: encode_positions(
                    7, [PositionReading(seq, NOW + timedelta(seconds=seq), 30.5, 114.3)]
                ),
            )


def sent(pump: Pump) -> list[list[tuple[int, bool]]]:
    """Take what is due as (seq, replayed) by message."""
    return [[(r.seq, r.replayed) for r in decode_positions(m.payload)[1]] for m in pump.due()]


def acknowledge(pump: Pump, watermark: int, *ranges: tuple[int, int]) -> None:
    """Answer as the server does."""
    pump.acknowledge(ACK, encode_ack(Ack(7, {Stream.POSITIONS: (watermark, ranges)})))


def test_live_fixes_leave_in_order_and_unmarked(outbox: Outbox) -> None:
    """A live fix marked as a replay would be left out of the clock check."""
    pump = pump_of(outbox, Clock(), Timing())
    pump.connected()
    store(outbox, 3)
    assert sent(pump) == [[(1, False), (2, False), (3, False)]]
    assert sent(pump) == []


def test_after_a_silence_the_newest_goes_first_and_alone(outbox: Outbox) -> None:
    """Behind a long backlog the map would show where the truck was hours ago."""
    store(outbox, 120)
    pump = pump_of(outbox, Clock(), Timing())
    pump.connected()
    messages = sent(pump)
    assert messages[0] == [(120, False)]
    assert [len(m) for m in messages[1:]] == [50, 50, 19]
    assert [pair for m in messages[1:] for pair in m] == [(seq, True) for seq in range(1, 120)]


def test_the_window_bounds_what_is_unacknowledged(outbox: Outbox) -> None:
    """Without a bound a long outage would flood the broker at its end."""
    store(outbox, 30)
    pump = pump_of(outbox, Clock(), Timing(window=10))
    pump.connected()
    assert sum(map(len, sent(pump))) == 10
    assert sent(pump) == []
    acknowledge(pump, 4)
    assert sent(pump) == [[(seq, True) for seq in range(10, 14)]]


def test_the_replay_rate_is_capped(outbox: Outbox) -> None:
    """A fleet that comes back from an outage at once must not drown the live fixes."""
    store(outbox, 40)
    clock = Clock()
    pump = pump_of(outbox, clock, Timing(replay_per_s=10))
    pump.connected()
    assert sum(map(len, sent(pump))) == 11
    assert sent(pump) == []
    clock.at += 0.5
    assert sum(map(len, sent(pump))) == 5


def test_without_progress_the_same_bytes_leave_again_later_and_later(outbox: Outbox) -> None:
    """Other bytes under the same number would be taken for tampering by the server."""
    store(outbox, 3)
    clock = Clock()
    pump = pump_of(outbox, clock, Timing())
    pump.connected()
    first = sorted(m.payload for m in pump.due())
    waits = []
    for _ in range(5):
        waited = 0.0
        while not (again := pump.due()):
            clock.at += 1
            waited += 1
        waits.append(waited)
        pump.connected()
        assert {pair for m in again for pair in _pairs(m.payload)} == {
            pair for payload in first for pair in _pairs(payload)
        }
    assert waits == [5, 10, 20, 40, 60]


def test_a_server_that_is_behind_is_not_sent_everything_twice(outbox: Outbox) -> None:
    """Resends that outrun the answers would keep it behind for ever."""
    pump = pump_of(outbox, clock := Clock(), Timing())
    pump.connected()
    store(outbox, 1)
    sent(pump)
    clock.at += 20
    sent(pump)
    acknowledge(pump, 1)
    store(outbox, 1)
    assert sent(pump) == [[(2, False)]]
    clock.at += 39
    assert sent(pump) == []
    clock.at += 2
    assert sent(pump) == [[(2, False)]]


def test_only_the_missing_ones_are_sent_again(outbox: Outbox) -> None:
    """Resending what the server named as stored would waste a bad line."""
    pump = pump_of(outbox, clock := Clock(), Timing())
    pump.connected()
    store(outbox, 6)
    sent(pump)
    acknowledge(pump, 2, (4, 5))
    clock.at += 5
    assert [pair[0] for m in sent(pump) for pair in m] == [6, 3]


def test_an_acknowledgement_that_is_not_one_is_counted(outbox: Outbox) -> None:
    """Junk on the acknowledgement topic must neither free a record nor end the agent."""
    pump = pump_of(outbox, Clock(), Timing())
    store(outbox, 1)
    assert pump.acknowledge(ACK, b"{") == 0
    assert pump.acknowledge("x/y", b"{}") == 0
    assert (pump.acks_refused, outbox.status().waiting) == (2, 1)


def _pairs(payload: bytes) -> list[tuple[int, bool]]:
    return [(r.seq, r.replayed) for r in decode_positions(payload)[1]]
