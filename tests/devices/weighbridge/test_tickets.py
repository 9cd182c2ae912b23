"""Can a scale's book have a gap, a change or a forged page that nobody finds?"""

from __future__ import annotations

import shutil
import sqlite3
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs import FrameRefused
from devices.codecs.weighing_json import (
    decode_weighing,
    encode_weighing,
    public_key_of,
    verify_weighing,
    weighing_canonical,
)
from devices.outbox import Outbox, OutboxRefused
from devices.readings import Stability, Stream, WeighingReading
from devices.weighbridge.keys import KeyFileExposed, load_or_create_key
from devices.weighbridge.tickets import Draft, TicketBook

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
KEY = "11" * 32
DRAFT = Draft(NOW, "鄂A12345", 45_020, 20, Stability.DERIVED, (b"\x02+045020\x03",), {"frames": 8, "ms": 900})


def opened(path: Path, capacity: int = 100) -> Outbox:
    """Open a scale's outbox."""
    outbox = Outbox(path, capacity=capacity)
    outbox.enrol("scale-1", "t1", 3)
    return outbox


def stored(outbox: Outbox) -> list[WeighingReading]:
    """Read the tickets that wait."""
    return [decode_weighing(r.payload)[2] for r in outbox.oldest("scale-1", Stream.WEIGHINGS)]


def test_the_book_goes_on_after_a_kill_without_gap(tmp_path: Path) -> None:
    """A gap in the numbers is what a removed ticket looks like."""
    path = tmp_path / "a.db"
    outbox = opened(path)
    for plate in ("鄂A12345", "", "鄂B54321"):
        TicketBook(outbox, "scale-1", 3, KEY).issue(replace(DRAFT, plate=plate))
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", f"{tmp_path / 'killed.db'}{suffix}")
    outbox.close()
    again = opened(tmp_path / "killed.db")
    TicketBook(again, "scale-1", 3, KEY).issue(DRAFT)
    tickets = stored(again)
    again.close()
    assert [t.ticket_number for t in tickets] == [t.seq for t in tickets] == [1, 2, 3, 4]
    assert [t.shadow for t in tickets] == [False, True, False, False]
    assert tickets[0].previous_hash == ""
    assert all(b.previous_hash == a.ticket_hash for a, b in pairwise(tickets))
    assert all(verify_weighing("scale-1", 3, t, public_key_of(KEY)) for t in tickets)


def fill_the_disk(outbox: Outbox) -> None:
    """Let the file grow no further."""
    with outbox.exclusive() as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count={pages}")


def test_a_ticket_on_a_full_disk_takes_no_number(tmp_path: Path) -> None:
    """A number without a ticket would look like fraud where there was only a full disk."""
    outbox = opened(tmp_path / "a.db")
    book = TicketBook(outbox, "scale-1", 3, KEY)
    fill_the_disk(outbox)
    with pytest.raises(sqlite3.OperationalError):
        deque((book.issue(DRAFT) for _ in range(1000)), maxlen=0)
    tickets = stored(outbox)
    assert outbox.note("ticket:scale-1") == str(len(tickets))
    assert outbox.note("chain:scale-1") == tickets[-1].ticket_hash
    assert [t.ticket_number for t in tickets] == list(range(1, len(tickets) + 1))
    outbox.close()


def test_a_ticket_is_taken_where_positions_are_not(tmp_path: Path) -> None:
    """A vehicle would be weighed and nobody could prove it, because of a queue of its own fixes."""
    outbox = opened(tmp_path / "a.db", capacity=1)
    outbox.append("scale-1", Stream.POSITIONS, b"{}")
    with pytest.raises(OutboxRefused):
        outbox.append("scale-1", Stream.POSITIONS, b"{}")
    book = TicketBook(outbox, "scale-1", 3, KEY)
    assert [book.issue(DRAFT).ticket_number for _ in range(3)] == [1, 2, 3]
    outbox.close()


def _signed() -> WeighingReading:
    from devices.codecs.weighing_json import sign_weighing

    unsigned = WeighingReading(
        1, NOW, 1, "鄂A12345", 45_020, 20, Stability.DERIVED, ("022b",), "", "", "", extra={"how": {"ms": 9}}
    )
    return sign_weighing("scale-1", 3, unsigned, KEY)


@given(st.data())
def test_a_flipped_bit_is_found(data: st.DataObject) -> None:
    """A weight changed on its way would be settled in money."""
    wire = bytearray(encode_weighing("scale-1", 3, _signed()))
    bit = data.draw(st.integers(0, len(wire) * 8 - 1))
    wire[bit // 8] ^= 1 << bit % 8
    try:
        device, inc, changed = decode_weighing(bytes(wire))
        same = weighing_canonical(device, inc, changed) == weighing_canonical("scale-1", 3, _signed())
    except FrameRefused:
        return
    believed = verify_weighing("scale-1", 3, changed, public_key_of(KEY)) and (device, inc) == ("scale-1", 3)
    assert not believed or (same and changed == _signed())


def test_the_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    """A key that others can read signs for them as well."""
    path = tmp_path / "keys" / "scale-1.key"
    key = load_or_create_key(path)
    assert (len(bytes.fromhex(key)), path.stat().st_mode & 0o777) == (32, 0o600)
    assert load_or_create_key(path) == key
    path.chmod(0o644)
    with pytest.raises(KeyFileExposed):
        load_or_create_key(path)
