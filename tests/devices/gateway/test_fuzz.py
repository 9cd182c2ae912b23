"""Does any terminal, broken or hostile, crash the gateway, hang it, or fill its memory?"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devices.codecs import FrameRefused, jt808
from devices.codecs.jt808 import Envelope, GeneralReply, Message, PositionBatch, Record, Version, wrap
from devices.gateway.commit import GroupCommit, Job, Stored
from devices.gateway.limits import FAILURES, FAILURES_WITHIN_S, MOST_ADDRESSES, Bucket, Doorman
from devices.gateway.registry import TerminalRegistry, write_registry
from devices.gateway.session import Desk, Session
from devices.outbox import Outbox
from tests.devices.gateway.bench import NOW, TERMINALS, Bench, position, registration, run
from tests.devices.weighbridge.test_tickets import fill_the_disk

PHONES = ["013800000001", "013800000002", "013999999999", "000000000000"]
BODIES: list[tuple[int, jt808.Body]] = [
    (jt808.HEARTBEAT, jt808.Empty()),
    (jt808.LOGOUT, jt808.Empty()),
    (jt808.REGISTRATION, registration()),
    (jt808.AUTHENTICATION, jt808.Authentication("known")),
    (jt808.AUTHENTICATION, jt808.Authentication("guess")),
    (jt808.POSITION, position()),
    (jt808.POSITION_BATCH, PositionBatch(1, (position(1), position(2)))),
    (jt808.TERMINAL_REPLY, GeneralReply(3, 0x8300, 9)),
    (0x0301, Record({"eventId": 4})),
    (0x0900, Record({"transparent_type": 65, "data": "00"})),
    (0x6666, jt808.Raw(b"\x00\x01")),
]


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """Draw a frame that a terminal may send, or what has become of one on its way."""
    version = draw(st.sampled_from(Version))
    phone = draw(st.sampled_from(PHONES))
    phone = phone.zfill(20) if version is Version.V2019 else phone
    msg_id, body = draw(st.sampled_from(BODIES))
    frame = jt808.encode(Message(msg_id, version, phone, draw(st.integers(0, 0xFFFF)), body))
    what = draw(st.sampled_from(["whole", "whole", "whole", "cut", "flipped", "doubled", "body"]))
    at = draw(st.integers(0, len(frame) - 1))
    if what == "cut":
        return frame[:at]
    if what == "flipped":
        return frame[:at] + bytes([frame[at] ^ draw(st.integers(1, 255))]) + frame[at + 1 :]
    if what == "body":
        return wrap(Envelope(msg_id, version, phone, 7, draw(st.binary(max_size=60))))
    return frame * 2 if what == "doubled" else frame


parts = st.builds(
    lambda msg_id, total, number, serial, data: wrap(
        Envelope(msg_id, Version.V2013, PHONES[0], serial, data, packet=(total, number))
    ),
    st.sampled_from([0x0704, 0x0801, 0x0900]),
    st.integers(0, 300),
    st.integers(0, 300),
    st.integers(0, 0xFFFF),
    st.binary(max_size=200),
)
said = st.lists(st.one_of(frames(), frames(), parts, st.binary(max_size=80)), min_size=1, max_size=25)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Make the desk of a gateway whose commits are immediate."""
    folder = tmp_path_factory.mktemp("fuzz")
    write_registry(folder / "t.json", TERMINALS)
    outbox = Outbox(folder / "o.db")
    outbox._db.execute("PRAGMA synchronous=OFF")

    async def write(job: Job) -> Stored:
        with outbox.transaction() as work:
            return job(work)

    commit = cast(GroupCommit, SimpleNamespace(write=write))
    yield Desk(outbox, TerminalRegistry(folder / "t.json"), commit, Counter(), lambda: NOW)
    outbox.close()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said, st.booleans())
def test_no_conversation_crashes_the_gateway(desk: Desk, chunks: list[bytes], signed_in: bool) -> None:
    """One broken terminal would take the positions of all others with it."""

    async def converse() -> None:
        session, framer = Session(desk), jt808.Framer()
        if signed_in:
            session.terminal = TERMINALS[0]
            desk.outbox.enrol("truck-1", "t1", 7)
        for chunk in chunks:
            for found in framer.feed(chunk):
                answer = None if isinstance(found, FrameRefused) else await session.handle(found)
                if answer is not None:
                    assert jt808.decode(answer).msg_id in {0x8001, 0x8100, 0x8003}

    asyncio.run(converse())
    assert len(desk.counters) < 60, "a counter that is named by what a terminal says grows without end"


def test_a_terminal_that_never_ends_a_frame_is_forgotten() -> None:
    """A terminal could fill the memory with one frame."""
    framer = jt808.Framer()
    refused = 0
    for _ in range(200):
        refused += len(framer.feed(b"\x7e" + b"\x01" * 4095))
    held = sum(len(value) for value in vars(framer).values() if isinstance(value, bytes | bytearray))
    assert refused > 0
    assert held < 16 * 1024


def test_a_terminal_that_says_too_much_is_read_more_slowly() -> None:
    """A terminal in a loop would take the others' share; one after a blind spot would lose its fixes."""
    bucket = Bucket(60, 0.0)
    assert bucket.take(60, 0.0) == 0
    assert bucket.take(30, 0.0) == pytest.approx(30)
    assert bucket.take(1, 60.0) == 0


def test_an_address_that_guesses_is_shut_out_for_a_while() -> None:
    """Somebody could try codes at the speed of the line."""
    door = Doorman()
    for _ in range(FAILURES):
        assert door.let_in("192.0.2.1", 5, 0.0)
        door.failed("192.0.2.1", 0.0)
        door.gone("192.0.2.1")
    assert not door.let_in("192.0.2.1", 5, 1.0)
    assert door.let_in("192.0.2.2", 1, 1.0)
    assert not door.let_in("192.0.2.2", 1, 1.0)
    assert door.let_in("192.0.2.1", 5, FAILURES_WITHIN_S + 1)
    for number in range(2 * MOST_ADDRESSES):
        door.failed(str(number), 1.0)
    assert len(door._failures) == MOST_ADDRESSES


def test_a_stranger_does_not_shut_out_the_fleet_behind_its_operator() -> None:
    """A mobile operator puts thousands of terminals behind one address: one not listed would cost all."""
    door = Doorman()
    for _ in range(3 * FAILURES):
        assert door.let_in("192.0.2.1", 10_000, 0.0)
    for _ in range(2 * FAILURES):
        door.failed("192.0.2.1", 0.0)
    assert door.let_in("192.0.2.1", 10_000, 1.0)


def test_a_full_disk_is_told_to_the_terminal_and_not_to_the_log_alone(tmp_path: Path) -> None:
    """The terminal would forget a fix that nobody has."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        fill_the_disk(bench.outbox)
        results = [await line.result(jt808.POSITION, position(minute)) for minute in range(300)]
        assert set(results) == {0, 1}
        assert bench.outbox.status().waiting == results.count(0)
        with bench.outbox.exclusive() as db:
            db.execute("PRAGMA max_page_count=1000000")
        assert await line.result(jt808.POSITION, position(-1)) == 0
        line.writer.close()

    run(Bench(tmp_path), story)
