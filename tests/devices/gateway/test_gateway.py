"""Does the JT/T 808 gateway store before it answers, and refuse whom it must?"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from devices.codecs import jt808
from devices.codecs.jt808 import Version, make_position
from devices.codecs.terminals import Terminal
from devices.gateway.commit import GroupCommit, Job, Stored
from devices.gateway.registry import TerminalRegistry, write_registry
from devices.readings import Stream
from tests.devices.gateway.bench import (
    NOW,
    PHONE,
    TERMINALS,
    Bench,
    position,
    registration,
    run,
)


@pytest.mark.parametrize("version", list(Version))
def test_a_terminal_of_each_edition_gets_in_and_is_heard(tmp_path: Path, version: Version) -> None:
    """A carrier whose terminals are of an older edition would see no truck at all."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in(version=version)
        assert await line.result(jt808.HEARTBEAT, jt808.Empty(), version) == 0
        assert await line.result(jt808.POSITION, position(), version) == 0
        line.writer.close()

    bench = Bench(tmp_path, acknowledge=True)
    run(bench, story)
    ((device, reading),) = bench.publisher.positions
    assert (device, reading.device_time, reading.speed_kmh) == ("truck-1", NOW, 63.5)


def test_an_unknown_terminal_gets_result_four(tmp_path: Path) -> None:
    """Anybody could invent a truck."""

    async def story(bench: Bench) -> None:
        line = await bench.connect("013999999999")
        answer = await line.ask(jt808.REGISTRATION, registration())
        assert isinstance(answer, jt808.RegistrationReply)
        assert (answer.result, answer.auth_code) == (4, "")
        assert await line.result(jt808.POSITION, position()) == 1
        assert bench.gateway.counters["refused_unknown_terminal"] == 2
        line.writer.close()

    run(Bench(tmp_path), story)


def test_a_known_terminal_on_another_vehicle_is_refused(tmp_path: Path) -> None:
    """A terminal moved to another truck would draw that truck's way under the wrong plate."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        answer = await line.ask(jt808.REGISTRATION, registration("鄂B99999"))
        assert isinstance(answer, jt808.RegistrationReply)
        assert answer.result == 2
        line.writer.close()

    run(Bench(tmp_path), story)


def test_without_the_right_code_nothing_is_stored(tmp_path: Path) -> None:
    """Knowing a phone number would be enough to send fixes for its truck."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        assert await line.result(jt808.POSITION, position()) == 1
        assert await line.result(jt808.AUTHENTICATION, jt808.Authentication("guess")) == 1
        assert await line.result(jt808.POSITION, position()) == 1
        assert bench.outbox.status().waiting == 0
        counted = bench.gateway.counters
        assert (counted["refused_unauthenticated"], counted["refused_bad_auth"]) == (2, 1)
        await line.sign_in()
        line.phone = "013800000002"
        assert await line.result(jt808.POSITION, position()) == 1
        assert bench.gateway.counters["refused_other_phone"] == 1
        line.writer.close()

    run(Bench(tmp_path), story)


def test_a_broken_frame_is_counted_and_not_answered(tmp_path: Path) -> None:
    """An answer would make the terminal forget a fix that nobody could read."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        frame = bytearray(line.frame(jt808.POSITION, position()))
        frame[20] ^= 0x01
        await line.send(bytes(frame))
        assert await line.result(jt808.HEARTBEAT, jt808.Empty()) == 0
        assert bench.gateway.counters["refused_bad_checksum"] == 1
        assert bench.outbox.status().waiting == 0
        line.writer.close()

    run(Bench(tmp_path), story)


@pytest.mark.parametrize(("encryption", "result"), [(0, 2), (1, 3)])
def test_a_whole_frame_that_nobody_can_read_is_answered_so(
    tmp_path: Path, encryption: int, result: int
) -> None:
    """Left without an answer a terminal says the same for ever, and keeps what comes after waiting."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        unread = jt808.Envelope(jt808.POSITION, Version.V2013, PHONE, 77, bytes(20), encryption=encryption)
        await line.send(jt808.wrap(unread))
        await line.sign_in()
        await line.send(jt808.wrap(unread))
        answer = await line.answer()
        assert answer == jt808.GeneralReply(77, jt808.POSITION, result)
        assert bench.outbox.status().waiting == 0
        line.writer.close()

    run(Bench(tmp_path), story)


def test_a_fix_resent_because_the_answer_was_lost_is_stored_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between commit and answer: nothing may be lost, nothing doubled."""
    write = GroupCommit.write

    async def killed_after_commit(self: GroupCommit, job: Job) -> Stored:
        await write(self, job)
        raise ConnectionResetError("killed")

    async def before(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        monkeypatch.setattr(GroupCommit, "write", killed_after_commit)
        assert await line.ask(jt808.POSITION, position()) is None
        line.writer.close()

    async def after(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        batch = jt808.PositionBatch(1, (position(), position(1)))
        assert await line.result(jt808.POSITION_BATCH, batch) == 0
        counted = bench.gateway.counters
        assert (counted["positions"], counted["duplicates"]) == (1, 1)
        assert [r.seq for r in bench.outbox.oldest("truck-1", Stream.POSITIONS)] == [1, 2]
        line.writer.close()

    run(Bench(tmp_path), before)
    monkeypatch.setattr(GroupCommit, "write", write)
    run(Bench(tmp_path), after)


def test_a_blind_spot_is_marked_as_replay(tmp_path: Path) -> None:
    """Late fixes taken for live ones would make the truck jump back on the map."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        assert await line.result(jt808.POSITION, position(9)) == 0
        assert (
            await line.result(jt808.POSITION_BATCH, jt808.PositionBatch(1, (position(1), position(2)))) == 0
        )
        line.writer.close()

    bench = Bench(tmp_path, acknowledge=True)
    run(bench, story)
    assert {(r.device_time.minute, r.replayed) for _, r in bench.publisher.positions} == {
        (9, False),
        (1, True),
        (2, True),
    }


def test_a_position_that_is_no_place_is_kept_as_an_event(tmp_path: Path) -> None:
    """A swapped latitude must neither put a truck into the sea nor vanish without a trace."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        odd = make_position(114.3, 30.5, NOW)
        assert await line.result(jt808.POSITION, odd) == 0
        assert bench.gateway.counters["unreadable"] == 1
        assert len(bench.outbox.oldest("truck-1", Stream.EVENTS)) == 1
        line.writer.close()

    run(Bench(tmp_path), story)


def test_a_new_connection_takes_over_and_a_silent_one_is_dropped(tmp_path: Path) -> None:
    """After a dead spot the old socket hangs half-open; the truck must not wait for it to time out."""

    async def story(bench: Bench) -> None:
        older, newer = await bench.connect(), await bench.connect()
        await older.sign_in()
        await newer.sign_in()
        assert await older.answer() is None
        assert await newer.result(jt808.POSITION, position()) == 0
        assert (bench.gateway.counters["taken_over"], bench.gateway.counters["connected"]) == (1, 1)
        assert await newer.answer() is None
        assert bench.gateway.counters["dropped_idle"] == 1
        older.writer.close()
        newer.writer.close()

    bench = Bench(tmp_path, idle_s=0.3)
    run(bench, story)
    states = [m for m in bench.publisher.messages if m.topic == "v1/t1/truck-1/state"]
    assert [b'"on":1' in m.payload for m in states] == [True, True, False]


def test_a_terminal_added_to_the_file_is_let_in_without_a_restart(tmp_path: Path) -> None:
    """Provisioning one truck must not cut the line of all others."""

    async def story(bench: Bench) -> None:
        write_registry(bench.path, [*TERMINALS, Terminal("13800000003", "truck-3", "t1", 1)])
        line = await bench.connect("013800000003")
        await line.sign_in()
        assert await line.result(jt808.POSITION, position()) == 0
        bench.path.write_text("{", encoding="ascii")
        assert await line.result(jt808.POSITION, position(1)) == 0
        assert bench.gateway.counters["registry_bad_reads"] == 1
        line.writer.close()

    run(Bench(tmp_path), story)


def test_a_file_of_another_tenants_terminals_is_refused(tmp_path: Path) -> None:
    """A tenant copied from a document kept every position on the gateway's disk, and nobody said why."""
    file = tmp_path / "terminals.json"
    write_registry(file, TERMINALS)
    with pytest.raises(msgspec.ValidationError, match="truck-1: tenant: the gateway's is t2"):
        TerminalRegistry(file, "t2")


def test_a_full_outbox_is_told_to_the_terminal(tmp_path: Path) -> None:
    """A terminal that hears "stored" deletes its copy."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        assert await line.result(jt808.POSITION, position()) == 0
        assert await line.result(jt808.POSITION, position(1)) == 1
        assert bench.gateway.counters["refused_outbox_full"] == 1
        line.writer.close()

    bench = Bench(tmp_path)
    bench.outbox._capacity = 1
    run(bench, story)
