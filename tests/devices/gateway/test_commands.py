"""Does what the server commands reach the terminal that it is for, and is its outcome the terminal's own?"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from devices.codecs import FrameRefused, jt808
from devices.codecs.command_args import TERMINAL, CommandType, Shape, read_args
from devices.codecs.commands_json import CommandState, ResultCode
from devices.codecs.config_json import GatewaySettings
from devices.codecs.jt808 import GeneralReply, Message, Record, Version
from devices.codecs.jt808.places import tell_place
from devices.codecs.telemetry_json import decode_events
from devices.codecs.terminals import Terminal
from devices.datum import Datum, wgs84_to_gcj02
from devices.gateway.downlink import downlink
from devices.readings import RAW_FRAMES, Stream
from tests.devices.codecs.test_commands_json import GOOD
from tests.devices.gateway.bench import TERMINALS, Bench, Line, position, run

PLAIN = Terminal("13800000001", "truck-1", "t1", 7)


@pytest.mark.parametrize("version", list(Version))
@pytest.mark.parametrize("kind", sorted(TERMINAL - {CommandType.FRAMES}))
def test_every_command_becomes_a_message_of_every_edition(kind: CommandType, version: Version) -> None:
    """A terminal of an older edition would refuse the message, or take it for another one."""
    told = downlink(kind, read_args(kind, GOOD[kind]), PLAIN, version)
    frame = jt808.encode(Message(told.msg_id, version, "013800000001", 1, told.body))
    read = jt808.decode(frame, None if version is Version.V2019 else version)
    assert isinstance(read.body, Record)
    assert (read.msg_id, read.body.tail, read.body.edition) == (told.msg_id, b"", None)


def _area(**more: object) -> Record:
    args = {"shape": "circle", "id": 7, "points": [[30.6, 114.3]], "radius_m": 300, **more}
    return downlink(CommandType.AREA, read_args(CommandType.AREA, args), PLAIN, Version.V2019).body


def test_an_area_lies_where_the_terminal_looks_for_it() -> None:
    """A terminal that thinks in GCJ-02 would guard a place half a kilometre away."""
    args = read_args(CommandType.AREA, {"shape": "circle", "id": 7, "points": [[30.6, 114.3]], "radius_m": 9})
    there = Terminal("1", "truck-1", "t1", 7, datum=Datum.GCJ02)
    (area,) = downlink(CommandType.AREA, args, there, Version.V2013).body.values["positions"]
    lat, lon = wgs84_to_gcj02(30.6, 114.3)
    assert (area["lat_e6_raw"], area["lon_e6_raw"]) == (round(lat * 1e6), round(lon * 1e6))


def test_an_areas_limits_and_hours_are_those_that_were_meant() -> None:
    """A driver would be warned at the wrong hour or speed."""
    (area,) = _area(from_ms=1_795_000_000_000, to_ms=1_795_003_600_000, max_kmh=40).values["positions"]
    assert (area["startTime"], area["endTime"]) == ("2026-11-18T19:06:40", "2026-11-18T20:06:40")
    assert (area["maxSpeed"], area["attribute"]) == (40, 0b0011_1111)
    (plain,) = _area(enter=False).values["positions"]
    assert plain["attribute"] == 0b0011_0000
    with pytest.raises(FrameRefused, match="hemisphere"):
        _area(shape=Shape.POLYGON, points=[[1, 1], [-1, 1], [1, 2]], radius_m=None)


async def taken(line: Line, msg_id: int, result: int = 0) -> Message:
    """Take a message of the gateway as a terminal does."""
    told = await line.message()
    assert told is not None
    assert told.msg_id == msg_id
    await line.send(line.frame(jt808.TERMINAL_REPLY, GeneralReply(told.serial, told.msg_id, result)))
    return told


def test_a_command_waits_for_its_terminal_and_ends_with_its_word(tmp_path: Path) -> None:
    """A text to a lorry in a tunnel would be lost, or be called received by nobody."""

    async def story(bench: Bench) -> None:
        await bench.order("text", text="前方限行")
        await bench.until(CommandState.ACCEPTED, final=False)
        line = await bench.connect()
        await line.sign_in()
        await taken(line, 0x8300)
        await bench.until(CommandState.RECEIVED)
        await bench.order("track", id="c-2", every_s=5)
        await taken(line, 0x8202, result=3)
        assert (await bench.until(CommandState.FAILED, "c-2")).code is ResultCode.TERMINAL_UNSUPPORTED
        assert await line.result(jt808.POSITION, position()) == 0
        line.writer.close()

    run(Bench(tmp_path), story)


def test_an_answer_with_a_position_ends_the_command_and_is_a_position(tmp_path: Path) -> None:
    """A dispatcher who asks where a lorry is would see that it answered, and not where it is."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        await bench.order("locate")
        told = await line.message()
        assert told is not None
        place = {**tell_place(position(3)), "ack_serial": told.serial}
        assert await line.result(0x0201, Record(place)) == 0
        await bench.until(CommandState.DONE)
        assert len(bench.outbox.oldest("truck-1", Stream.POSITIONS)) == 1
        line.writer.close()

    run(Bench(tmp_path), story)


def test_a_terminal_that_leaves_before_it_answers_is_asked_again(tmp_path: Path) -> None:
    """A command sent into a half-open connection would count as lost though the lorry is back."""

    async def story(bench: Bench) -> None:
        first = await bench.connect()
        await first.sign_in()
        await bench.order("text", text="x")
        assert await first.message()
        again = await bench.connect()
        await again.sign_in()
        await taken(again, 0x8300)
        await bench.until(CommandState.RECEIVED)
        first.writer.close()
        again.writer.close()

    run(Bench(tmp_path), story)


def test_what_is_not_answered_is_sent_again_and_given_up(tmp_path: Path) -> None:
    """A deaf terminal would keep a command open for ever, or be sent it for ever."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        await bench.order("text", text="x")
        told = [await line.message()]
        now = asyncio.get_running_loop().time()
        for later in (30, 90):
            bench.dispatch.sweep(now + later)
            told.append(await line.message())
        bench.dispatch.sweep(now + 1000)
        assert (await bench.until(CommandState.FAILED)).code is ResultCode.NO_ANSWER
        assert told == [told[0]] * 3
        line.writer.close()

    run(Bench(tmp_path), story)


def test_a_command_that_expires_while_it_waits_is_not_sent(tmp_path: Path) -> None:
    """A lorry would be told in the evening to avoid a road that was closed in the morning."""

    async def story(bench: Bench) -> None:
        await bench.order("text", text="x")
        await bench.until(CommandState.ACCEPTED, final=False)
        bench.now += timedelta(minutes=6)
        bench.dispatch.sweep(asyncio.get_running_loop().time())
        await bench.until(CommandState.EXPIRED)
        await bench.order("text", device="truck-9", id="c-9", text="x")
        await bench.until(CommandState.EXPIRED, "c-9")

    run(Bench(tmp_path), story)


def test_the_gateway_itself_answers_and_starts_again(tmp_path: Path) -> None:
    """A gateway that hangs could not be told to begin anew from the office."""

    async def story(bench: Bench) -> None:
        await bench.order("ping", "gateway-1")
        await bench.until(CommandState.DONE)
        await bench.order("restart", "gateway-1", "c-2")
        await bench.until(CommandState.DONE, "c-2")
        await bench.order("text", "gateway-1", "c-3", text="x")
        assert (await bench.until(CommandState.FAILED, "c-3")).code is ResultCode.UNKNOWN_TYPE

    bench = Bench(tmp_path)
    run(bench, story)
    assert bench.restarts == 1


def test_a_terminal_that_the_server_lists_no_more_is_hung_up_on(tmp_path: Path) -> None:
    """A stolen terminal would go on drawing its lorry's way."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        await asyncio.to_thread(bench.gateway.apply, GatewaySettings(terminals=[TERMINALS[1]], idle_s=9))
        assert await line.answer() is None
        line.writer.close()
        other = await bench.connect("013800000002")
        await other.sign_in("")
        await asyncio.to_thread(bench.gateway.apply, GatewaySettings())
        back = await bench.connect()
        await back.sign_in()
        other.writer.close()
        back.writer.close()

    run(Bench(tmp_path), story)


def test_the_last_raw_frames_are_told_to_whoever_asks(tmp_path: Path) -> None:
    """Why a terminal's positions are refused is seen in its bytes, and nobody stands beside the gateway."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        sent = [line.frame(jt808.POSITION, position(minute)) for minute in range(12)]
        broken = sent[-1][:20] + b"\x00" + sent[-1][21:]
        for frame in sent:
            await line.send(frame)
            await line.answer()
        await line.send(broken)
        assert await line.result(jt808.HEARTBEAT, jt808.Empty()) == 0
        await bench.order("frames")
        await bench.until(CommandState.DONE)
        [record] = bench.outbox.oldest("truck-1", Stream.EVENTS)
        _, [event] = decode_events(record.payload)
        assert event.kind == RAW_FRAMES
        told = [one["hex"] for one in event.args["frames"]]
        assert len(told) == 10
        assert told[-3:-1] == [sent[-1].hex(), broken.hex()]
        line.writer.close()

    run(Bench(tmp_path), story)
