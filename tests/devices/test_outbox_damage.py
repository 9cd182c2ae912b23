"""What is left of an outbox when the power goes, the disk is full, or the file itself is damaged?"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.codecs.telemetry_json import Ack
from devices.outbox import Outbox, OutboxRefused
from devices.outbox_file import RESERVE_BYTES, OutboxDamaged, Reserve
from devices.readings import Stream

ROOT = Path(__file__).resolve().parents[2]
RECORDS = 60
BODY = b"x" * 300


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an outbox whose file and log are as at a power cut: some is in the one, some in the other."""
    folder = tmp_path_factory.mktemp("torn")
    outbox = Outbox(folder / "live.db")
    outbox.enrol("truck-1", "t1", 7)
    for number in range(RECORDS):
        outbox.append("truck-1", Stream.POSITIONS, BODY)
        if number == RECORDS // 2:
            with outbox._lock:
                outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in ("", "-wal"):
        shutil.copy(f"{folder / 'live.db'}{suffix}", f"{folder / 'cut.db'}{suffix}")
    outbox.close()
    return folder / "cut.db"


def _copied(cut: Path, folder: str, change: tuple[str, int, int]) -> Path:
    """Copy an outbox, with its log cut off at a byte, or a byte of log or file overwritten."""
    path = Path(folder) / "o.db"
    what, at, byte = change
    for suffix in ("", "-wal"):
        shutil.copy(f"{cut}{suffix}", f"{path}{suffix}")
    target = Path(f"{path}-wal") if what != "file" else path
    content = bytearray(target.read_bytes())
    if what == "cut":
        content = content[: at % (len(content) + 1)]
    else:
        content[at % len(content)] ^= byte
    target.write_bytes(content)
    return path


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["cut", "log"]), st.integers(0, 2**20), st.integers(1, 255))
def test_a_power_cut_at_any_byte_leaves_whole_commits(torn: Path, what: str, at: int, byte: int) -> None:
    """Half a record would be sent, or one that was confirmed go missing from between the others."""
    with TemporaryDirectory() as folder:
        outbox = Outbox(_copied(torn, folder, (what, at, byte)))
        found = outbox.oldest("truck-1", Stream.POSITIONS)
        assert [one.seq for one in found] == list(range(1, len(found) + 1))
        assert len(found) > RECORDS // 2
        assert all(one.payload == BODY for one in found)
        assert outbox.status().waiting == len(found)
        assert outbox.append("truck-1", Stream.POSITIONS, BODY) == len(found) + 1
        outbox.close()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**20), st.integers(1, 255))
def test_a_damaged_file_is_refused_or_whole_and_never_a_crash(torn: Path, at: int, byte: int) -> None:
    """A bad sector would end in a traceback, or in records that nobody has sent."""
    with TemporaryDirectory() as folder:
        try:
            outbox = Outbox(_copied(torn, folder, ("file", at, byte)))
        except OutboxDamaged:
            return
        seqs = [one.seq for one in outbox.oldest("truck-1", Stream.POSITIONS)]
        assert seqs == sorted(set(seqs))
        outbox.close()


# A process whose files may grow no further, as on a full disk; then they may.
FULL_DISK = """
import resource, sqlite3, sys
from pathlib import Path
from devices.outbox import Outbox
from devices.readings import Stream

outbox = Outbox(Path(sys.argv[1]))
outbox.enrol("truck-1", "t1", 7)
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
kept = refused = 0
for number in range(1000):
    try:
        outbox.append("truck-1", Stream.POSITIONS, b"x" * 300)
        kept += 1
    except sqlite3.OperationalError:
        refused += 1
assert outbox.status().waiting == kept, outbox.status()
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
kept += len([outbox.append("truck-1", Stream.POSITIONS, b"y") for _ in range(5)])
outbox.close()
print(kept, refused)
"""


def test_a_full_disk_refuses_and_loses_nothing(tmp_path: Path) -> None:
    """A terminal would be told that its fix is stored while the disk had no room for it."""
    path = tmp_path / "o.db"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    kept, refused = map(int, done.stdout.split())
    outbox = Outbox(path)
    seqs = [one.seq for one in outbox.oldest("truck-1", Stream.POSITIONS, limit=5000)]
    outbox.close()
    assert refused > 0
    assert seqs == list(range(1, kept + 1))


def test_a_full_disk_can_still_be_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that something else has filled would keep the records for ever."""
    outbox = Outbox(tmp_path / "o.db")
    outbox.enrol("truck-1", "t1", 7)
    outbox.append("truck-1", Stream.POSITIONS, BODY)
    reserve = tmp_path / "o.db.reserve"
    assert reserve.stat().st_blocks * 512 >= RESERVE_BYTES
    with monkeypatch.context() as full:
        full.setattr(Reserve, "fill", lambda self: self.here)
        full.setattr(Outbox, "exclusive", _no_space)
        with pytest.raises(sqlite3.OperationalError):
            outbox.mark_sent(outbox.oldest("truck-1", Stream.POSITIONS))
    assert not reserve.exists()
    with monkeypatch.context() as full:
        full.setattr(Reserve, "fill", lambda self: self.here)
        with pytest.raises(OutboxRefused):
            outbox.append("truck-1", Stream.POSITIONS, BODY)
        outbox.append("truck-1", Stream.WEIGHINGS, BODY)
        outbox.mark_sent(outbox.oldest("truck-1", Stream.POSITIONS))
        assert outbox.acknowledge("truck-1", Ack(7, {Stream.POSITIONS: (1, ())})) == 1
    assert outbox.append("truck-1", Stream.POSITIONS, BODY) == 2
    outbox.close()


def _no_space(*_: object) -> NoReturn:
    raise sqlite3.OperationalError("database or disk is full")


def test_an_outbox_is_bounded_in_bytes_too(tmp_path: Path) -> None:
    """A terminal that sends pictures as events would fill the disk long before the count is reached."""
    outbox = Outbox(tmp_path / "o.db", capacity_bytes=1_000)
    outbox.enrol("truck-1", "t1", 7)
    for _ in range(4):
        outbox.append("truck-1", Stream.EVENTS, BODY)
    for stream in (Stream.EVENTS, Stream.POSITIONS):
        with pytest.raises(OutboxRefused):
            outbox.append("truck-1", stream, BODY)
    outbox.append("truck-1", Stream.WEIGHINGS, BODY)
    outbox.close()
    again = Outbox(tmp_path / "o.db", capacity_bytes=1_000)
    with pytest.raises(OutboxRefused):
        again.append("truck-1", Stream.EVENTS, BODY)
    assert again.status().refused_full == 3
    again.close()
