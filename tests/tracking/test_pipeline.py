"""Does a batch of device messages leave exactly what it should, whatever is wrong with it?"""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import event, select

from compliance.record import ledger
from compliance.record.database import reading, transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from devices.codecs.telemetry_json import Ack, DeviceState, encode_events, encode_state, topic
from devices.codecs.wire import to_millis
from devices.readings import EventReading, Stream
from tests.tracking.world import (
    DESTINATION,
    GATE_A,
    ORIGIN,
    START,
    STRANGER,
    TENANT,
    TRUCK,
    World,
    fix,
    positions,
    ticket,
    weighed,
)
from tracking.alerts.tables import Alert
from tracking.fleet import service as fleet
from tracking.fleet.tables import Device
from tracking.intake import queries as intake
from tracking.intake.tables import DeadLetter, DeviceEvent, SequenceConflict, Watermark
from tracking.pipeline import Message, handle_batch
from tracking.positions.tables import LastPosition, Position


def refusals(world: World) -> dict[str, int]:
    """Return the refusal counters as the operator sees them."""
    with reading(world.engine) as session:
        return intake.refusals(session, SYSTEM)


def test_a_position_is_stored_and_acknowledged(world: World) -> None:
    """A driver's first fix that is not stored, or not acknowledged, would be sent for ever."""
    result = world.feed(positions(fix(1, *ORIGIN, extra={"tyre": 7}), fix(2, *ORIGIN, 10)))
    assert result.acks == ((topic(TENANT, TRUCK, "ack"), Ack(1, {Stream.POSITIONS: (2, ())})),)
    rows = world.rows(select(Position).order_by(Position.seq))
    shown = world.get(LastPosition, world.vehicle_id)
    assert [row.seq for row in rows] == [1, 2]
    assert rows[0].extra == {"tyre": 7}
    assert rows[0].excluded is None
    assert shown.seq == 2


def test_duplicates_change_nothing(world: World) -> None:
    """A resend that doubled a record would double a vehicle's kilometres."""
    told = fix(1, *ORIGIN)
    first = world.feed(positions(told))
    again = world.feed(positions(replace(told, replayed=True)), positions(told))
    assert again.acks == first.acks
    assert world.count(Position) == 1
    assert refusals(world) == {}


def test_a_batch_redelivered_after_a_kill_doubles_nothing(world: World) -> None:
    """A process killed between commit and confirmation gets the whole batch again."""
    batch = [
        positions(fix(1, *ORIGIN)),
        weighed(GATE_A, ticket(GATE_A, 1, 9_000, 60)),
        Message(topic(TENANT, TRUCK, "evt"), encode_events(1, [EventReading(1, START, "sos")]), START),
        Message(topic(TENANT, TRUCK, "pos"), b"{not json", START),
    ]
    first = world.feed(*batch)
    before = len(world.events("Weighed"))
    again = world.feed(*batch)
    assert again.acks == first.acks
    assert (world.count(Position), world.count(DeviceEvent), world.count(DeadLetter)) == (1, 1, 1)
    assert len(world.events("Weighed")) == before == 1
    assert ledger.verify(world.engine) is None


def test_a_batch_that_is_rolled_back_leaves_no_trace(world: World) -> None:
    """A process killed before the commit must find the batch as new, or it would be lost."""
    batch = [positions(fix(1, *ORIGIN)), weighed(GATE_A, ticket(GATE_A, 1, 9_000, 60))]

    def killed() -> None:
        with transaction(world.engine) as session:
            handle_batch(Work(session, START, SYSTEM), batch)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert world.count(Position) == 0
    assert world.feed(*batch).counts["wgt"] == 1


def test_gaps_are_acknowledged_as_ranges(world: World) -> None:
    """A device that is not told which numbers arrived would resend a whole day."""
    world.feed(positions(fix(1, *ORIGIN), fix(4, *ORIGIN, 4), fix(5, *ORIGIN, 5)))
    result = world.feed(positions(fix(8, *ORIGIN, 8)))
    assert result.acks[0][1].streams[Stream.POSITIONS] == (1, ((4, 5), (8, 8)))
    result = world.feed(positions(fix(2, *ORIGIN, 2), fix(3, *ORIGIN, 3)))
    assert result.acks[0][1].streams[Stream.POSITIONS] == (5, ((8, 8),))


@pytest.mark.parametrize("together", [True, False])
def test_a_conflicting_number_keeps_the_first(world: World, together: bool) -> None:
    """A number given out twice is a security event: nobody may rewrite where a truck was."""
    first, second = positions(fix(1, *ORIGIN)), positions(fix(1, *DESTINATION))
    if together:
        world.feed(first, second)
    else:
        world.feed(first)
        world.feed(second)
    [row], [conflict] = world.rows(select(Position)), world.rows(select(SequenceConflict))
    assert (row.lat, row.lon) == ORIGIN
    assert conflict.first_hash == row.content_hash.hex() != conflict.second_hash
    assert refusals(world) == {"sequence_conflict": 1}
    [raised] = world.events("AlertRaised")
    [alert] = world.rows(select(Alert))
    assert (alert.kind, alert.device_id, str(alert.id)) == ("content_conflict", TRUCK, str(raised.subject))
    assert alert.evidence["second_hash"] == conflict.second_hash
    world.feed(positions(fix(1, *DESTINATION, 5)))
    assert world.count(Alert) == 1


def test_what_a_whole_fleet_sends_again_is_compared_in_one_look(world: World) -> None:
    """After an outage thousands send again at once: a question for each would hold up the live ones."""
    other = {"device": STRANGER, "tenant": "t2"}
    first, second = fix(1, *ORIGIN), fix(2, *ORIGIN, 5)
    world.feed(positions(first), positions(first, **other))
    asked: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    result = world.feed(positions(first, second), positions(fix(1, *DESTINATION), second, **other))
    assert len([one for one in asked if "FROM position" in one and "content_hash" in one]) == 1
    assert {ack.streams[Stream.POSITIONS] for _, ack in result.acks} == {(2, ())}
    assert world.count(Position) == 4
    assert refusals(world) == {"sequence_conflict": 1}


def test_a_position_from_the_future_is_kept_but_not_believed(world: World) -> None:
    """A terminal with a wrong clock would otherwise freeze its vehicle on the inspector's map."""
    world.feed(positions(fix(1, *ORIGIN)))
    world.feed(positions(fix(2, *DESTINATION, 3600), at=START))
    (row,) = world.rows(select(Position).where(Position.seq == 2))
    shown = world.get(LastPosition, world.vehicle_id)
    assert row.excluded == "future"
    assert shown.seq == 1
    assert refusals(world) == {"future": 1}


@pytest.mark.parametrize(
    ("place", "reason"), [((48.8, 2.3), "outside_china"), ((89.0, 30.0), "swapped_coordinates")]
)
def test_an_impossible_place_is_kept_but_not_believed(
    world: World, place: tuple[float, float], reason: str
) -> None:
    """A swapped latitude must not throw a truck across the map (telemetry.md 2.3)."""
    world.feed(positions(fix(1, *place)))
    assert world.count(Position) == 1
    assert world.count(LastPosition) == 0
    assert refusals(world) == {reason: 1}


def test_a_late_position_does_not_move_the_live_map_back(world: World) -> None:
    """A replayed hour must not make the truck drive backwards before the inspector's eyes."""
    world.feed(positions(fix(9, *DESTINATION, 900)))
    world.feed(positions(fix(1, *ORIGIN, replayed=True), at=START))
    shown = world.get(LastPosition, world.vehicle_id)
    assert (shown.seq, (shown.lat, shown.lon)) == (9, DESTINATION)
    assert world.count(Position) == 2


def test_one_bad_record_costs_its_neighbours_nothing(world: World) -> None:
    """A terminal's one broken fix must neither take 49 good ones with it nor come back for ever."""
    payload = msgspec.json.encode(
        {
            "inc": 1,
            "r": [
                {"s": 1, "t": 1_795_136_400_000, "lat": 30.6, "lon": 114.3},
                {"s": 2, "t": 1_795_136_401_000, "lat": "north", "lon": 114.3},
            ],
        }
    )
    result = world.feed(Message(topic(TENANT, TRUCK, "pos"), payload, START))
    assert result.acks[0][1].streams[Stream.POSITIONS] == (2, ())
    assert world.count(Position) == 1
    assert refusals(world) == {"bad_field": 1}


def test_a_message_of_nothing_readable_and_no_number_is_a_dead_letter_alone(world: World) -> None:
    """There is no number to acknowledge; a stream made up for it would stay for ever."""
    empty = Message(topic(TENANT, TRUCK, "pos"), b'{"inc":1,"r":[{"s":"x"}]}', START)
    result = world.feed(empty, Message(topic(TENANT, TRUCK, "evt"), b'{"inc":1,"r":[{"s":-1}]}', START))
    assert result.acks == ()
    assert world.count(Watermark) == 0
    assert refusals(world) == {"bad_field": 2}


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (Message(topic(TENANT, TRUCK, "pos"), b"\xff\x00{", START), "bad_json"),
        (Message("v1/else\x00/where", b"", START), "bad_topic"),
        (positions(fix(1, *ORIGIN), device="veh-404"), "unknown_device"),
        (positions(fix(1, *ORIGIN), device=STRANGER), "foreign_tenant"),
        (positions(fix(1, *ORIGIN), device=GATE_A), "wrong_kind"),
        (positions(fix(1, *ORIGIN), inc=7), "unknown_incarnation"),
        (
            Message(
                topic(TENANT, "scale-b", "wgt"), weighed(GATE_A, ticket(GATE_A, 1, 9_000, 0)).payload, START
            ),
            "foreign_device",
        ),
    ],
)
def test_what_may_not_be_said_is_refused_counted_and_kept(
    world: World, message: Message, reason: str
) -> None:
    """A device that speaks under another's name must not get a byte into anybody's records."""
    result = world.feed(message, positions(fix(1, *ORIGIN)))
    assert refusals(world) == {reason: 1}
    [letter] = world.rows(select(DeadLetter))
    assert (letter.payload, letter.reason) == (message.payload, reason)
    assert world.count(Position) == 1
    assert [name for name, _ in result.acks] == [topic(TENANT, TRUCK, "ack")]


def test_a_revoked_device_is_not_heard(world: World) -> None:
    """A stolen terminal goes on talking; nobody should listen."""
    with transaction(world.engine) as session:
        fleet.revoke_device(Work(session, START, SYSTEM), TRUCK)
    assert world.feed(positions(fix(1, *ORIGIN))).acks == ()
    assert refusals(world) == {"revoked_device": 1}


def test_an_old_will_does_not_switch_a_device_off(world: World) -> None:
    """A terminal that took over its own connection must not look offline to its dispatcher."""

    def say(state: DeviceState, seconds: int) -> None:
        moment = fix(1, *ORIGIN, seconds).device_time
        world.feed(Message(topic(TENANT, TRUCK, "state"), encode_state(state), moment), now=moment)

    say(DeviceState(on=True, inc=1, boot=4, fw="x 1", q=17), 0)
    say(DeviceState(on=False, boot=3), 1)
    device = world.get(Device, TRUCK)
    assert (device.online, device.boot, device.queued, device.firmware) == (True, 4, 17, "x 1")
    say(DeviceState(on=False, boot=4), 2)
    assert not world.get(Device, TRUCK).online


def test_clock_skew_is_the_median_of_live_records(world: World) -> None:
    """An operator finds the terminal whose clock runs 40 s behind."""
    world.feed(positions(fix(1, *ORIGIN, -40), fix(2, *ORIGIN, -30), fix(3, *ORIGIN, -20), at=START))
    assert world.get(Device, TRUCK).skew_s == 30.0


@pytest.mark.parametrize("stream", [Stream.POSITIONS, Stream.EVENTS])
def test_what_no_database_can_hold_stops_nobody(world: World, stream: Stream) -> None:
    """One terminal with a NUL in a text would send the same batch for ever, and hold up a thousand others."""
    fine = ["a\0b", {"a\0": 1}, [[[[]]]], 2**64 - 1, None]
    odd = [b"\xff", float("nan"), float("inf"), {1: 2}, {b"k": 1}, msgspec.msgpack.Ext(1, b"x"), START]
    place = {"t": to_millis(START), "lat": ORIGIN[0], "lon": ORIGIN[1]}
    several = enumerate([{"x": one} for one in fine + odd], 1)
    if stream is Stream.POSITIONS:
        records = [{"s": seq} | place | more for seq, more in several]
    else:
        records = [{"s": seq, "t": place["t"], "type": "x", "args": args} for seq, args in several]
    told = Message(topic(TENANT, TRUCK, stream), msgspec.msgpack.encode({"inc": 1, "r": records}), START)
    result = world.feed(told, positions(fix(20, *ORIGIN)))
    assert result.acks[0][1].streams[stream][0] == len(records)
    assert refusals(world) == {"bad_field": len(odd)}
    stored = Position if stream is Stream.POSITIONS else DeviceEvent
    assert {row.seq for row in world.rows(select(stored))} - {20} == set(range(1, len(fine) + 1))


def test_content_nested_without_end_is_refused_alone(world: World) -> None:
    """A list in a list in a list costs its sender one dead letter, and the others nothing."""
    deep = msgspec.json.decode(b"[" * 500 + b"]" * 500)
    good, bad = fix(1, *ORIGIN), fix(2, *ORIGIN, extra={"x": deep})
    result = world.feed(positions(good, bad))
    assert result.acks[0][1].streams == {Stream.POSITIONS: (2, ())}
    assert [row.seq for row in world.rows(select(Position))] == [1]
    [letter] = world.rows(select(DeadLetter))
    assert "nested" in letter.detail


def test_a_name_with_a_nul_is_a_dead_letter_of_its_own(world: World) -> None:
    """PostgreSQL's columns refuse the character; the whole batch would be gone through one by one."""
    state = {"on": 1, "fw": "a\0", "id": "c-1", "state": "done", "t": 1, "detail": "a\0"}
    event = {"inc": 1, "r": [{"s": 1, "t": 1, "type": "a\0"}]}
    weighing = msgspec.json.decode(weighed(GATE_A, ticket(GATE_A, 1, 20_000, 0)).payload) | {"plate": "a\0"}
    said = [(TRUCK, "state", state), (TRUCK, "res", state), (TRUCK, "evt", event), (GATE_A, "wgt", weighing)]
    result = world.feed(
        *(Message(topic(TENANT, who, kind), msgspec.json.encode(what), START) for who, kind, what in said)
    )
    assert refusals(world) == {"bad_field": 4}
    assert {str(kind): has for _, ack in result.acks for kind, has in ack.streams.items()} == {
        "evt": (1, ()),
        "wgt": (1, ()),
    }, "what has a number counts as received, or it is sent for ever"
