"""Does the JT/T 808 gateway store before it answers, and refuse whom it must?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devices.codecs import jt808
from devices.codecs.jt808 import Message, Version, make_position
from devices.codecs.telemetry_json import decode_events, decode_positions
from devices.gateway.commit import GroupCommit, Job, Stored
from devices.gateway.registry import Terminal, TerminalRegistry, write_registry
from devices.gateway.server import Gateway, GatewayLine
from devices.outbox import Outbox
from devices.readings import Stream
from devices.transports.memory import MemoryPublisher

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
PHONE = "013800000001"
TERMINALS = [
    Terminal("13800000001", "truck-1", "t1", 7, plate="鄂A12345"),
    Terminal("13800000002", "truck-2", "t1", 7, zone="+00:00"),
]


class Line:
    """A terminal's socket, spoken to in whole messages."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, phone: str) -> None:
        self.reader, self.writer, self.phone = reader, writer, phone
        self.framer, self.serial = jt808.Framer(), 0

    def frame(self, msg_id: int, body: jt808.Body, version: Version = Version.V2013) -> bytes:
        """Word the next message."""
        self.serial += 1
        phone = self.phone.zfill(20) if version is Version.V2019 else self.phone
        return jt808.encode(Message(msg_id, version, phone, self.serial, body))

    async def send(self, frame: bytes) -> None:
        """Send raw bytes."""
        self.writer.write(frame)
        await self.writer.drain()

    async def answer(self) -> jt808.Body | None:
        """Read the next answer; None when the gateway hung up."""
        while data := await asyncio.wait_for(self.reader.read(4096), 5):
            for found in self.framer.feed(data):
                assert isinstance(found, bytes)
                return jt808.decode(found).body
        return None

    async def ask(self, msg_id: int, body: jt808.Body, version: Version = Version.V2013) -> jt808.Body | None:
        """Send a message and read its answer."""
        await self.send(self.frame(msg_id, body, version))
        return await self.answer()

    async def result(self, msg_id: int, body: jt808.Body, version: Version = Version.V2013) -> int:
        """Send a message and tell the result of the general answer."""
        answer = await self.ask(msg_id, body, version)
        assert isinstance(answer, jt808.GeneralReply)
        assert (answer.serial, answer.msg_id) == (self.serial, msg_id)
        return answer.result

    async def sign_in(self, plate: str = "鄂A12345", version: Version = Version.V2013) -> None:
        """Register and authenticate."""
        answer = await self.ask(jt808.REGISTRATION, registration(plate), version)
        assert isinstance(answer, jt808.RegistrationReply)
        assert (answer.result, answer.serial) == (0, self.serial)
        assert await self.result(jt808.AUTHENTICATION, jt808.Authentication(answer.auth_code), version) == 0


def registration(plate: str = "鄂A12345") -> jt808.Registration:
    """Word a registration."""
    return jt808.Registration(42, 100, "HLSIM", "SIM-1", "0000001", 2, plate)


def position(minute: int = 0) -> jt808.Position:
    """Word a fix."""
    return make_position(30.5, 114.3, NOW + timedelta(minutes=minute), speed_kmh=63.5)


class Bench:
    """A running gateway with its outbox and what its publisher heard."""

    def __init__(self, folder: Path, *, acknowledge: bool = False, **line: float) -> None:
        self.path = folder / "terminals.json"
        write_registry(self.path, TERMINALS)
        self.outbox = Outbox(folder / "outbox.db")
        self.outbox.enrol("gateway-1", "t1", 1)
        self.publisher = MemoryPublisher(self.outbox, "gateway-1", acknowledge=acknowledge)
        self.gateway = Gateway(
            self.outbox,
            TerminalRegistry(self.path),
            self.publisher,
            lambda: NOW,
            line=GatewayLine(**line),  # type: ignore[arg-type]
        )

    async def connect(self, phone: str = PHONE) -> Line:
        """Open a terminal's socket."""
        return Line(*await asyncio.open_connection("127.0.0.1", self.gateway.port), phone)


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[Bench]:
    """Run a gateway for a while."""
    await bench.gateway.start()
    try:
        yield bench
    finally:
        await bench.gateway.stop()
        bench.outbox.close()


def run(bench: Bench, story: Callable[[Bench], Awaitable[None]]) -> None:
    """Tell a story to a running gateway."""

    async def told() -> None:
        async with running(bench):
            await story(bench)

    asyncio.run(told())


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


def test_a_split_message_is_joined(tmp_path: Path) -> None:
    """Long replays come in parts; a gateway that cannot join them never gets them."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        whole = jt808.unwrap(
            line.frame(jt808.POSITION_BATCH, jt808.PositionBatch(1, (position(1), position(2))))
        )
        for number, body in enumerate((whole.body[:20], whole.body[20:]), start=1):
            part = jt808.Envelope(
                whole.msg_id,
                whole.version,
                whole.phone,
                whole.serial + number,
                body,
                packet=(2, number),
            )
            await line.send(jt808.wrap(part))
        answer = await line.answer()
        assert isinstance(answer, jt808.GeneralReply)
        assert (answer.result, bench.gateway.counters["positions"]) == (0, 2)
        line.writer.close()

    run(Bench(tmp_path), story)


def test_parts_are_not_kept_for_strangers(tmp_path: Path) -> None:
    """Anybody could fill the gateway's memory with halves of messages."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        part = jt808.Envelope(jt808.POSITION_BATCH, Version.V2013, PHONE, 1, bytes(1000), packet=(200, 1))
        await line.send(jt808.wrap(part))
        await line.sign_in()
        assert bench.gateway.counters["refused_split"] == 1
        line.writer.close()

    run(Bench(tmp_path), story)


def test_a_driver_card_is_kept_as_an_event_once(tmp_path: Path) -> None:
    """Who drove a load of hazardous waste must be on record, and not twice because an answer was lost."""
    card = jt808.Record({"status": 1, "time_local": "261120160000", "cardStatus": 1})

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        resent = line.frame(0x0702, card)
        for _ in range(2):
            await line.send(resent)
            answer = await line.answer()
            assert isinstance(answer, jt808.GeneralReply)
            assert answer.result == 0
        assert await line.result(0x0702, card) == 0
        counted = bench.gateway.counters
        assert (counted["events"], counted["duplicates"]) == (2, 1)
        (_, first), (_, second) = (
            decode_events(record.payload) for record in bench.outbox.oldest("truck-1", Stream.EVENTS)
        )
        assert [event.kind for event in first + second] == ["driver_card"] * 2
        assert first[0].args == card.values
        line.writer.close()

    run(Bench(tmp_path), story)


def test_the_settings_of_a_terminal_reach_its_positions(tmp_path: Path) -> None:
    """A terminal that is known to exchange its coordinates must still be where it is."""

    async def story(bench: Bench) -> None:
        odd = Terminal("13800000004", "truck-4", "t1", 1, zone="+00:00", edition=Version.V2011, swapped=True)
        write_registry(bench.path, [*TERMINALS, odd])
        line = await bench.connect("013800000004")
        await line.sign_in()
        fix = make_position(87.6, 30.5, NOW, zone=UTC)
        assert await line.result(jt808.COMPACT_BATCH, jt808.PositionBatch(0, (fix,))) == 0
        (record,) = bench.outbox.oldest("truck-4", Stream.POSITIONS)
        (reading,) = decode_positions(record.payload)[1]
        assert (reading.lat, reading.lon, reading.device_time) == (30.5, 87.6, NOW)
        assert reading.extra["quirks"] == ["swapped_coordinates"]
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
