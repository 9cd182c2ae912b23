"""Does the outbox keep what it said it kept, and forget only what the server has?"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs.telemetry_json import Ack
from devices.outbox import Outbox, OutboxCode, OutboxRefused
from devices.readings import Stream

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
STREAMS = (Stream.POSITIONS, Stream.WEIGHINGS)


def opened(path: Path, *, capacity: int = 1000) -> Outbox:
    """Open an outbox with two enrolled devices."""
    outbox = Outbox(path, capacity=capacity)
    outbox.enrol("truck-1", "t1", 7)
    outbox.enrol("truck-2", "t1", 3)
    return outbox


def killed_copy(path: Path, to: Path) -> Path:
    """Copy the files as they are on the disk: what a killed process leaves behind."""
    for suffix in ("", "-wal"):
        if (source := Path(f"{path}{suffix}")).exists():
            shutil.copy(source, f"{to}{suffix}")
    return to


@st.composite
def acts(draw: st.DrawFn) -> list[tuple[str, str, Stream, int, tuple[tuple[int, int], ...]]]:
    """Draw appends, acknowledgements and kills in any order."""
    act = st.tuples(
        st.sampled_from(["append", "append", "append", "ack", "other_inc", "kill"]),
        st.sampled_from(["truck-1", "truck-2"]),
        st.sampled_from(STREAMS),
        st.integers(0, 12),
        st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=2).map(tuple),
    )
    return draw(st.lists(act, min_size=4, max_size=30))


@settings(max_examples=25, deadline=None)
@given(acts())
def test_nothing_is_lost_or_doubled_whatever_is_killed_when(
    script: list[tuple[str, str, Stream, int, tuple[tuple[int, int], ...]]],
) -> None:
    """A record lost at a kill, or freed by an acknowledgement that misses it, is a trip without proof."""
    inc = {"truck-1": 7, "truck-2": 3}
    kept: dict[tuple[str, Stream], dict[int, bytes]] = {(d, s): {} for d in inc for s in STREAMS}
    last = dict.fromkeys(kept, 0)
    with TemporaryDirectory() as folder:
        path, kills = Path(folder) / "outbox-0.db", 0
        outbox = opened(path)
        for what, device, stream, watermark, gaps in script:
            key = (device, stream)
            if what == "append":
                seq = outbox.append(device, stream, lambda seq: b"%d" % seq)
                assert seq == last[key] + 1
                last[key], kept[key][seq] = seq, b"%d" % seq
            elif what == "kill":
                kills += 1
                path = killed_copy(path, Path(folder) / f"outbox-{kills}.db")
                outbox.close()
                outbox = opened(path)
            else:
                spans, at = [], watermark
                for gap, length in gaps:
                    spans.append((at + gap + 1, at + gap + 1 + length))
                    at = spans[-1][1]
                said = inc[device] + (what == "other_inc")
                outbox.acknowledge(device, Ack(said, {stream: (watermark, tuple(spans))}))
                if what == "ack" and at <= last[key]:
                    covered = [s for s in kept[key] if s <= watermark or any(a <= s <= b for a, b in spans)]
                    for seq in covered:
                        del kept[key][seq]
            found = {k: {r.seq: r.payload for r in outbox.oldest(*k)} for k in kept}
            assert found == kept
            assert outbox.status().waiting == sum(map(len, kept.values()))
        outbox.close()


def test_a_sequence_goes_on_after_everything_was_acknowledged(tmp_path: Path) -> None:
    """A sequence that starts again would make the server drop new fixes as duplicates."""
    outbox = opened(tmp_path / "o.db")
    outbox.append("truck-1", Stream.POSITIONS, b"a")
    outbox.acknowledge("truck-1", Ack(7, {Stream.POSITIONS: (1, ())}))
    outbox.close()
    again = opened(tmp_path / "o.db")
    assert again.append("truck-1", Stream.POSITIONS, b"b") == 2
    again.close()


def test_a_full_outbox_refuses_the_new_and_counts_it(tmp_path: Path) -> None:
    """Dropping the oldest in silence would lose a record whose sender was told that it is stored."""
    outbox = opened(tmp_path / "o.db", capacity=2)
    outbox.append("truck-1", Stream.POSITIONS, b"a")
    outbox.append("truck-1", Stream.POSITIONS, b"b")
    with pytest.raises(OutboxRefused) as refused:
        outbox.append("truck-2", Stream.POSITIONS, b"c")
    assert refused.value.code is OutboxCode.FULL
    assert [r.payload for r in outbox.oldest("truck-1", Stream.POSITIONS)] == [b"a", b"b"]
    assert (outbox.status().waiting, outbox.status().refused_full) == (2, 1)
    outbox.acknowledge("truck-1", Ack(7, {Stream.POSITIONS: (1, ())}))
    assert outbox.append("truck-2", Stream.POSITIONS, b"c") == 1
    outbox.close()


def test_an_unknown_device_cannot_append(tmp_path: Path) -> None:
    """Records without a tenant could never be delivered and would fill the disk."""
    outbox = opened(tmp_path / "o.db")
    with pytest.raises(OutboxRefused) as refused:
        outbox.append("truck-9", Stream.POSITIONS, b"a")
    assert refused.value.code is OutboxCode.UNKNOWN_DEVICE
    outbox.close()


def test_an_acknowledgement_from_the_future_changes_nothing(tmp_path: Path) -> None:
    """An outbox restored from an old copy must not have its new records freed by the old life's marks."""
    outbox = opened(tmp_path / "o.db")
    outbox.append("truck-1", Stream.POSITIONS, b"a")
    assert outbox.acknowledge("truck-1", Ack(7, {Stream.POSITIONS: (500, ())})) == 0
    assert (outbox.status().waiting, outbox.status().acks_ahead) == (1, 1)
    outbox.close()


def test_records_keep_the_incarnation_they_were_stored_under(tmp_path: Path) -> None:
    """After a new provisioning the old records would otherwise be freed by numbers of the new life."""
    outbox = opened(tmp_path / "o.db")
    outbox.append("truck-1", Stream.POSITIONS, b"old")
    outbox.enrol("truck-1", "t1", 8)
    outbox.append("truck-1", Stream.POSITIONS, b"new")
    assert outbox.acknowledge("truck-1", Ack(8, {Stream.POSITIONS: (2, ())})) == 1
    assert [(r.inc, r.payload) for r in outbox.oldest("truck-1", Stream.POSITIONS)] == [(7, b"old")]
    outbox.close()


def test_a_broken_transaction_leaves_no_trace(tmp_path: Path) -> None:
    """A ticket number without its record would be a gap in the scale's book."""
    outbox = opened(tmp_path / "o.db")

    def broken() -> None:
        with outbox.transaction() as work:
            work.set_note("ticket", "1")
            work.append("truck-1", Stream.WEIGHINGS, b"x")
            raise OSError("power")

    with pytest.raises(OSError, match="power"):
        broken()
    assert outbox.note("ticket") is None
    assert outbox.append("truck-1", Stream.WEIGHINGS, b"y") == 1
    outbox.close()


def test_a_terminal_record_is_new_once_in_seven_days(tmp_path: Path) -> None:
    """A resend after a lost reply must not give a second fix."""
    outbox = opened(tmp_path / "o.db")
    seen = []
    for body, later in ((b"a", 0), (b"a", 6), (b"b", 6), (b"a", 8)):
        with outbox.transaction() as work:
            seen.append(work.first_time("013800000000", NOW, body, NOW + timedelta(days=later)))
    assert seen == [True, False, True, True]
    outbox.close()
