"""Does the gateway take what terminals say beside single positions, and each in its own way?"""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

import pytest

from devices.codecs import jt808
from devices.codecs.jt808 import Version, make_position
from devices.codecs.telemetry_json import decode_events, decode_positions, decode_state, parse_topic
from devices.codecs.terminals import Terminal
from devices.gateway import session
from devices.gateway.registry import write_registry
from devices.readings import Stream
from devices.transports.presence import FIRMWARE
from tests.devices.gateway.bench import (
    NOW,
    PHONE,
    TERMINALS,
    Bench,
    position,
    registration,
    run,
)


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


def test_a_lost_part_is_asked_for_again(tmp_path: Path) -> None:
    """One frame lost in a tunnel must not cost the whole replay."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        batch = jt808.PositionBatch(1, tuple(position(minute) for minute in range(4)))
        whole = jt808.unwrap(line.frame(jt808.POSITION_BATCH, batch))
        first, lost, last = jt808.split(whole, 45)
        for part in (first, last):
            await line.send(jt808.wrap(part))
        asked = await line.answer()
        assert isinstance(asked, jt808.Record)
        assert asked.values == {"ack_serial": first.serial, "id": [2]}
        await line.send(jt808.wrap(lost))
        answer = await line.answer()
        assert isinstance(answer, jt808.GeneralReply)
        assert (answer.result, bench.gateway.counters["positions"]) == (0, 4)
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
        assert first[0].device_time == NOW, "when the card was put in, not when its message came"
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


def test_a_terminals_own_software_is_told_as_its_firmware(tmp_path: Path) -> None:
    """Whoever looks for the terminals with the faulty release would find the gateway's own number at all."""

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        given = await line.ask(jt808.REGISTRATION, registration(), Version.V2019)
        assert isinstance(given, jt808.RegistrationReply)
        word = jt808.Authentication(given.auth_code, "860000000000001", "V3.2.1")
        assert await line.result(jt808.AUTHENTICATION, word, Version.V2019) == 0
        line.writer.close()

    bench = Bench(tmp_path)
    run(bench, story)
    told = {
        parse_topic(one.topic).device: decode_state(one.payload).fw
        for one in bench.publisher.messages
        if one.topic.endswith("/state")
    }
    assert told == {"gateway-1": FIRMWARE, "truck-1": "V3.2.1"}


@pytest.mark.parametrize(("quiet_s", "told"), [(45, 1), (0, 3)])
def test_a_parked_terminal_that_only_beats_is_told_as_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet_s: int, told: int
) -> None:
    """A fleet that stands overnight would look as if every terminal had been torn out."""
    monkeypatch.setattr(session, "QUIET", timedelta(seconds=quiet_s))

    async def story(bench: Bench) -> None:
        line = await bench.connect()
        await line.sign_in()
        for _ in range(2):
            assert await line.result(jt808.HEARTBEAT, jt808.Empty()) == 0
        states = [one for one in bench.publisher.messages if one.topic.endswith("/truck-1/state")]
        assert [decode_state(one.payload).on for one in states] == [True] * told
        line.writer.close()

    run(Bench(tmp_path), story)
