"""Is what the devices said judged exactly once, whatever the order, on each database?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, delete, select

from compliance.manifests.tables import Manifest
from compliance.record import ledger
from compliance.record.database import reading, transaction
from compliance.record.who import SYSTEM, Role, Who
from compliance.record.work import Work
from compliance.registry.service import circle
from devices.codecs.telemetry_json import encode_events, topic
from devices.readings import EventReading, PositionReading
from tests.tracking.world import (
    DESTINATION,
    ORIGIN,
    PLATE,
    START,
    TENANT,
    TRUCK,
    World,
    build,
    fix,
    positions,
)
from tracking.alerts.tables import Alert
from tracking.geofences import service as geofences
from tracking.geofences.rules import Fence
from tracking.geofences.service import NewApproval, NewArea
from tracking.judgement import clock, context, service
from tracking.judgement.fold import judge, settled
from tracking.judgement.notes import FOREVER, note
from tracking.judgement.rules import CARD
from tracking.judgement.state import State
from tracking.judgement.tables import Checkpoint, EpisodeRow, Head, Touched
from tracking.pipeline import Message
from tracking.positions import queries as positions_of
from tracking.positions.rules import Exclusion, Fix
from tracking.positions.tables import KeptFrom, Position
from tracking.trips.tables import Trip, TripRoute

Told = tuple[object, ...]
CITY = (30.47, 114.71)
LATER = START + timedelta(hours=8)


def day() -> list[PositionReading]:
    """Return a day with a detour, a stop beside the road, a silence, a closed city and too much haste."""
    path: list[tuple[float, float, float, float]] = []
    seconds = 0.0

    def go(to: tuple[float, float], minutes: int, kmh: float) -> None:
        nonlocal seconds
        here = path[-1][:2] if path else ORIGIN
        for step in range(1, 2 * minutes + 1):
            part = step / (2 * minutes)
            path.append(
                (here[0] + (to[0] - here[0]) * part, here[1] + (to[1] - here[1]) * part, seconds, kmh)
            )
            seconds += 30

    go(ORIGIN, 30, 0)
    go((30.58, 114.35), 8, 40)
    go((30.85, 114.62), 40, 60)
    go((30.85, 114.62), 25, 0)
    go(CITY, 45, 60)
    seconds += 1_500
    go((30.42, 114.80), 8, 84)
    go(DESTINATION, 10, 50)
    go(DESTINATION, 40, 0)
    return [
        fix(number, round(lat, 7), round(lon, 7), at, speed_kmh=kmh)
        for number, (lat, lon, at, kmh) in enumerate(path, 1)
    ]


def prepare(world: World) -> None:
    """Give the truck a hazardous load on a known road past a closed city, signed for and on its way."""
    with transaction(world.engine) as session:
        trip = session.get_one(Trip, world.trip_id)
        session.get_one(Manifest, world.manifest_id).hazardous = True
        trip.at_origin_at, trip.loaded_at = START, START + timedelta(minutes=20)
        trip.state = "loaded"
        route = session.get_one(TripRoute, world.trip_id)
        route.line = [list(ORIGIN), [30.50, 114.60], list(DESTINATION)]
        route.estimated = False
        shape = circle(*CITY, 2_000.0).__geo_interface__
        geofences.add_area(Work(session, START - timedelta(days=1), SYSTEM), NewArea("City", shape))


def standing(world: World) -> list[Told]:
    """Return what stands of everything found, by content."""
    rows = world.rows(select(EpisodeRow).where(EpisodeRow.withdrawn_at.is_(None)))
    return sorted(
        (
            one.kind,
            one.since,
            one.subject,
            one.opened_at,
            one.until,
            str(one.trip_id),
            sorted(one.facts.items()),
        )
        for one in rows
    )


def expected(world: World) -> list[Told]:
    """Return what the pure rules find in everything that is stored, in order."""
    with reading(world.engine) as session:
        fixes = positions_of.fixes(session, world.vehicle_id, START - timedelta(days=1), None)
    return told_of(world, fixes)


def told_of(world: World, fixes: Sequence[Fix]) -> list[Told]:
    """Return what the pure rules find in these fixes."""
    with reading(world.engine) as session:
        around = context.around(session, [world.vehicle_id])[world.vehicle_id]
    found = settled(judge(State(), fixes, around)[1]).values()
    return sorted(
        (
            one.kind.value,
            one.since,
            one.subject,
            one.opened[0],
            one.until,
            one.trip or "None",
            sorted(one.facts.items()),
        )
        for one in found
    )


def batches(readings: Sequence[PositionReading], size: int = 13) -> list[Message]:
    """Return messages of some readings each, received when the whole day is over."""
    return [positions(*readings[place : place + size], at=LATER) for place in range(0, len(readings), size)]


def shuffled(seed: int) -> list[Message]:
    """Return the day shuffled, some of it twice."""
    order = day()
    random.Random(seed).shuffle(order)
    messages = batches(order)
    return messages + messages[::5]


def a_day_late() -> list[Message]:
    """Return the newest fix alone and then the whole day, as a device does that was out of reach."""
    return [positions(day()[-1], at=LATER), *batches(day()[:-1])]


@pytest.mark.parametrize("messages", [batches(day()), a_day_late(), shuffled(1), shuffled(2)])
def test_a_day_is_the_same_day_in_whatever_order(engine: Engine, messages: list[Message]) -> None:
    """A replay in any order gives the same trips and events (telemetry.md, tests to demand)."""
    world = build(engine)
    prepare(world)
    for place in range(0, len(messages), 7):
        world.feed(*messages[place : place + 7], now=LATER)
    stands = standing(world)
    assert stands == expected(world)
    assert {one[0] for one in stands} >= {
        "drive", "stop", "visit", "deviation", "restricted_area", "overspeed", "unplanned_stop", "silence",
    }  # fmt: skip
    trip = world.trip()
    assert (trip.started_at, trip.arrived_at) == (trip_times(world))
    assert world.count(Touched) == 0
    assert ledger.verify(world.engine) is None


def trip_times(world: World) -> tuple[object, object]:
    """Return when the ordered day starts and arrives."""
    inside = Fence.around(circle(*DESTINATION, 300.0))
    outside = Fence.around(circle(*ORIGIN, 300.0))
    started = next(one.device_time for one in day() if outside.is_left(one.lat, one.lon))
    arrived = next(one.device_time for one in day() if inside.holds(one.lat, one.lon))
    return started, arrived


def test_what_late_data_disproves_is_withdrawn_by_a_record(world: World) -> None:
    """A silence that was none must not vanish: whoever read of it finds that it was taken back."""
    prepare(world)
    whole = day()
    late = [one for one in whole if 80 <= one.seq < 130]
    world.feed(*batches([one for one in whole if one not in late]), now=LATER)
    [silence] = [one for one in world.events("TripSilent") if one.data["since"] == late_from(late)]
    assert silence.data["rule"] == "M7.silent"
    assert not silence.data["late"]
    world.feed(*batches(late), now=LATER)
    assert standing(world) == expected(world)
    [taken_back] = world.events("EpisodeWithdrawn")
    assert taken_back.data["episode"] == silence.data["episode"]
    assert taken_back.data["what"] == "silence"
    [alert] = world.events("AlertWithdrawn")
    assert alert.subject in {one.subject for one in world.events("AlertRaised")}
    row = next(one for one in world.rows(select(EpisodeRow)) if str(one.id) == silence.data["episode"])
    assert row.withdrawn_at == LATER


def late_from(late: Sequence[PositionReading]) -> str:
    """Return when the silence begins that these readings fill."""
    return (late[0].device_time - timedelta(seconds=30)).isoformat()


def test_late_episodes_are_marked_late(world: World) -> None:
    """An alarm about this morning must not look like one about now."""
    prepare(world)
    whole = day()
    haste = {one.seq for one in whole if one.speed_kmh == 84}
    world.feed(*batches([one for one in whole if one.seq not in haste]), now=LATER)
    assert world.events("TripTooFast") == []
    world.feed(*batches([one for one in whole if one.seq in haste]), now=LATER)
    [fast] = world.events("TripTooFast")
    assert fast.data["late"] is True
    assert (fast.subject, fast.data["facts"]["limit_kmh"]) == (world.trip_id, 80)


def test_a_deviation_is_told_when_it_begins_and_measured_when_it_ends(world: World) -> None:
    """The inspector hears of it at once, and reads its length and time later."""
    prepare(world)
    world.feed(*batches(day()), now=LATER)
    [left], [back] = world.events("TripDeviated"), world.events("TripRejoined")
    assert left.data["episode"] == back.data["episode"]
    assert back.data["facts"]["seconds"] > 3_000
    assert back.data["facts"]["metres"] > 30_000


def test_an_approval_takes_the_report_back(world: World) -> None:
    """The police's paper is often typed in after the drive (M8)."""
    prepare(world)
    world.feed(*batches(day()), now=LATER)
    [entered] = world.events("TripInRestrictedArea")
    with transaction(world.engine) as session:
        work = Work(session, LATER, SYSTEM)
        [area] = geofences.queries.areas(session)
        new = NewApproval(PLATE, "武公交危 2026-7", date(2026, 11, 20), date(2026, 11, 20))
        approval = geofences.approve(work, area.id, new)
    world.judge(LATER)
    assert [one.data["episode"] for one in world.events("EpisodeWithdrawn")] == [entered.data["episode"]]
    with transaction(world.engine) as session:
        geofences.withdraw_approval(Work(session, LATER, SYSTEM), area.id, approval.id)
    world.judge(LATER)
    assert len(world.events("TripInRestrictedArea")) == 2
    assert standing(world) == expected(world)


def test_an_area_that_was_changed_judges_the_past_by_what_stood_then(world: World) -> None:
    """Late data must not be held against a line that was drawn after the drive."""
    prepare(world)
    operator = Who(world.producer.person_id, "op", world.producer.organisation_id, frozenset({Role.OPERATOR}))
    far = circle(30.0, 112.0, 2_000.0).__geo_interface__
    with transaction(world.engine) as session:
        [area] = geofences.queries.areas(session)
        geofences.change_area(Work(session, LATER, operator), area.id, NewArea("City", far))
    world.feed(*batches(day()), now=LATER)
    assert len(world.events("TripInRestrictedArea")) == 1


def test_a_process_that_dies_judges_nothing_twice(world: World) -> None:
    """A kill between reading and commit must leave the notes, and only once what they bring."""
    prepare(world)
    world.store(*batches(day()), now=LATER)

    def killed() -> None:
        with transaction(world.engine) as session:
            service.judge_waiting(Work(session, LATER, SYSTEM))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert world.count(EpisodeRow) == world.count(Checkpoint) == 0
    assert world.judge(LATER) == 1
    assert standing(world) == expected(world)
    assert world.judge(LATER) == 0


def test_more_than_can_be_read_at_once_is_judged_in_turns(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year that comes at once must not hold a lock for a year."""
    monkeypatch.setattr(service, "MOST", 150)
    prepare(world)
    world.store(*batches(day()), now=LATER)
    assert world.judge(LATER) > 1
    assert standing(world) == expected(world)
    assert world.get(Head, world.vehicle_id).at == day()[-1].device_time


def test_a_silence_is_noticed_while_it_lasts_and_ends_with_the_next_word(world: World) -> None:
    """A load that went dark is looked for now, not once it speaks again."""
    prepare(world)
    before = [one for one in day() if one.seq < 90]
    world.feed(*batches(before), now=LATER)
    for minutes, noticed in ((20, 1), (30, 0)):
        moment = before[-1].device_time + timedelta(minutes=minutes)
        with transaction(world.engine) as session:
            assert clock.notice_silences(Work(session, moment, SYSTEM)) == noticed
    [silent] = world.events("TripSilent")
    world.feed(*batches([one for one in day() if one.seq >= 130]), now=LATER)
    assert standing(world) == expected(world)
    row = next(one for one in world.rows(select(EpisodeRow)) if str(one.id) == silent.data["episode"])
    assert row.until is not None
    world.feed(*batches([one for one in day() if 90 <= one.seq < 130]), now=LATER)
    assert standing(world) == expected(world)
    assert silent.data["episode"] in {one.data["episode"] for one in world.events("EpisodeWithdrawn")}


def test_a_drivers_card_is_part_of_the_way(world: World) -> None:
    """The card comes as an event beside the fixes, and often later than they."""
    prepare(world)
    world.feed(*batches(day()), now=LATER)
    card = EventReading(
        1, START + timedelta(hours=1), "driver_card", {"status": 1, "name": "李", "licenseNo": "42"}
    )
    world.feed(Message(topic(TENANT, TRUCK, "evt"), encode_events(1, [card]), LATER), now=LATER)
    [drove] = [one for one in standing(world) if one[0] == "driver"]
    assert drove[1] == START + timedelta(hours=1)
    assert standing(world) == expected(world)


def test_another_drivers_card_raises_an_alert_and_the_right_one_late_takes_it_back(world: World) -> None:
    """The carrier would be asked about a driver whose card was long out."""
    prepare(world)
    world.feed(*batches(day()), now=LATER)
    other = EventReading(
        1, START + timedelta(minutes=40), CARD, {"status": 1, "name": "王", "licenseNo": "7"}
    )
    world.feed(Message(topic(TENANT, TRUCK, "evt"), encode_events(1, [other]), LATER), now=LATER)
    [alert] = world.rows(select(Alert).where(Alert.kind == "wrong_driver"))
    assert (alert.trip_id, alert.state, alert.evidence["card"]) == (world.trip_id, "open", "王")
    pulled = EventReading(2, START + timedelta(minutes=41), CARD, {"status": 2})
    moved = EventReading(3, START + timedelta(minutes=40), CARD, {"status": 2})
    world.feed(Message(topic(TENANT, TRUCK, "evt"), encode_events(1, [pulled, moved]), LATER), now=LATER)
    [alert] = world.rows(select(Alert).where(Alert.kind == "wrong_driver"))
    assert alert.state == "withdrawn"
    assert standing(world) == expected(world)


def test_old_checkpoints_are_thinned_and_the_past_can_still_be_judged(world: World) -> None:
    """A year of hourly states weighs too much, and late data must come out right all the same."""
    prepare(world)
    whole = day()
    world.feed(*batches([one for one in whole if not 200 <= one.seq < 230]), now=LATER)
    assert world.count(Checkpoint) > 1
    with transaction(world.engine) as session:
        clock.thin(Work(session, LATER + timedelta(days=4), SYSTEM))
    assert world.count(Checkpoint) == 1
    world.feed(*batches(whole[199:229]), now=LATER)
    assert standing(world) == expected(world)


def test_what_was_judged_by_positions_that_are_archived_stands(world: World) -> None:
    """One late fix would take back a whole drive, and its alarms, for want of the fixes beside it."""
    prepare(world)
    whole, much_later, cut = day(), LATER + timedelta(days=40), START + timedelta(hours=2)
    late = whole[245:265]
    assert late[0].device_time > cut
    world.feed(*batches([one for one in whole if one not in late]), now=LATER)
    with transaction(world.engine) as session:
        session.execute(delete(Position).where(Position.at < cut))
        session.add(KeptFrom(id=1, at=cut))
    before = world.count(Position)
    world.feed(*batches(whole[:60]), now=much_later)
    assert world.count(Position) == before, "sent again, it would be in the archive twice"
    world.feed(positions(replace(whole[30], seq=9001, lat=30.0), at=much_later), now=much_later)
    [row] = world.rows(select(Position).where(Position.seq == 9001))
    assert row.excluded == Exclusion.ARCHIVED
    assert world.count(Position) == before + 1
    with transaction(world.engine) as session:
        note(session, {world.vehicle_id: (START, FOREVER)})
    world.judge(much_later)
    assert world.events("EpisodeWithdrawn") == []
    driven = world.trip().distance_m
    world.feed(*batches(late), now=much_later)
    assert standing(world) == told_of(world, [fix_of(one) for one in whole])
    assert world.trip().distance_m >= driven > 0


def fix_of(reading: PositionReading) -> Fix:
    """Return a reading as the judgement sees it once it is stored."""
    return Fix(
        reading.device_time, reading.seq, reading.lat, reading.lon, reading.speed_kmh, reading.course_deg,
        reading.odometer_m, reading.load, reading.status_bits,
    )  # fmt: skip
