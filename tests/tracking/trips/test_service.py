"""Do the driver's steps and the satellites move a trip and its manifest on together?"""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from compliance.manifests.rules import State as ManifestState
from compliance.manifests.tables import Manifest
from compliance.record import ledger
from compliance.record.database import reading, transaction
from compliance.record.errors import Conflict, Forbidden, RuleBroken, Several
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from tests.tracking.world import (
    DESTINATION,
    GATE_A,
    OIL,
    ORIGIN,
    START,
    World,
    build,
    drive,
    fix,
    positions,
    ticket,
    weighed,
)
from tracking.fleet.tables import Vehicle
from tracking.positions.rules import Fix, length_m
from tracking.trips import queries, service
from tracking.trips.rules import Act, State

MINUTE = timedelta(minutes=1)


def load(world: World) -> None:
    """Weigh the truck empty and full at the origin."""
    empty = ticket(GATE_A, 1, 9_000, 300)
    full = ticket(GATE_A, 2, 21_000, 900, previous=empty.ticket_hash)
    world.feed(weighed(GATE_A, empty), weighed(GATE_A, full))


def test_a_plan_is_made_once(world: World) -> None:
    """An event digested twice must not send two trucks."""
    with transaction(world.engine) as session:
        manifest = session.get_one(Manifest, world.manifest_id)
        assert service.plan(Work(session, START, SYSTEM), manifest).id == world.trip_id
    assert len(world.events("TripPlanned")) == 1


def test_the_drivers_steps_sign_the_manifest(world: World) -> None:
    """The driver presses four buttons, and the inspector reads three signatures with place and mass."""
    load(world)
    for minute, act in ((1, Act.ARRIVE), (20, Act.LOAD), (29, Act.DEPART), (95, Act.DELIVER)):
        world.step(act, START + minute * MINUTE)
    trip, manifest = world.trip(), world.manifest()
    assert State(trip.state) is State.DELIVERED
    assert ManifestState(manifest.state) is ManifestState.ARRIVED
    assert manifest.loaded_kg == trip.sender_kg == 12_000
    assert [one.data["act"] for one in world.events("ManifestSigned")] == ["load", "depart", "arrive"]
    assert [(one.kind, one.data["by"]) for one in world.events("TripStarted", "TripArrived")] == [
        ("TripStarted", "driver"),
        ("TripArrived", "driver"),
    ]
    assert ledger.verify(world.engine) is None


def test_a_load_that_was_not_weighed_cannot_be_signed_for(world: World) -> None:
    """The carrier must not take what nobody has weighed (M4); the refusal names the rule."""
    world.step(Act.ARRIVE, START)
    with pytest.raises(RuleBroken) as refused:
        world.step(Act.LOAD, START + MINUTE)
    assert refused.value.rule == "M4.not_weighed"
    assert State(world.trip().state) is State.AT_ORIGIN


def test_a_vehicle_without_a_live_certificate_is_not_loaded(world: World) -> None:
    """Hazardous waste would leave on a truck that may not carry it (L9); all reasons come at once."""
    with transaction(world.engine) as session:
        session.get_one(Vehicle, world.trip().vehicle_id).permit_to = None
        manifest = session.get_one(Manifest, world.manifest_id)
        manifest.code, manifest.hazardous = OIL, True
    world.step(Act.ARRIVE, START)
    with pytest.raises(Several) as refused:
        world.step(Act.LOAD, START + MINUTE)
    rules = {one.rule for one in refused.value.errors if isinstance(one, RuleBroken)}
    assert {"L9.vehicle_not_permitted", "M4.not_weighed"} <= rules


def test_a_load_weighed_before_the_issue_is_noted_when_it_is_signed_for(world: World) -> None:
    """A truck weighed while the mover still fills in the form need not be weighed again."""
    with transaction(world.engine) as session:
        session.get_one(Manifest, world.manifest_id).state = ManifestState.DRAFT.value
    load(world)
    assert world.manifest().loaded_kg is None
    with transaction(world.engine) as session:
        session.get_one(Manifest, world.manifest_id).state = ManifestState.ISSUED.value
    world.step(Act.ARRIVE, START)
    world.step(Act.LOAD, START + 20 * MINUTE)
    assert world.manifest().loaded_kg == 12_000


def test_steps_out_of_order_are_refused(world: World) -> None:
    """A driver cannot deliver what was never loaded."""
    with pytest.raises(Conflict) as refused:
        world.step(Act.DELIVER, START)
    assert refused.value.code == "trip_state"
    with pytest.raises(Conflict):
        world.step(Act.REACH, START)


def test_only_the_crew_may_step(world: World) -> None:
    """Neither another carrier's dispatcher nor the producer may say that a truck has arrived."""
    for who in (world.stranger, world.producer, world.processor):
        with pytest.raises(Forbidden):
            world.step(Act.ARRIVE, START, who)
    world.step(Act.ARRIVE, START, world.dispatcher)


def test_the_satellites_mark_but_never_sign(world: World) -> None:
    """The manifest waits for a person, whatever the truck does; its times come from the road."""
    load(world)
    world.feed(positions(*drive()[:30]))
    assert State(world.trip().state) is State.AT_ORIGIN
    world.step(Act.LOAD, START + 20 * MINUTE)
    world.feed(positions(*drive()[30:75]), positions(*drive()[75:]))
    trip = world.trip()
    assert (trip.started_at, trip.arrived_at) == (START + 30 * MINUTE, START + 89 * MINUTE)
    assert State(trip.state) is State.LOADED
    assert ManifestState(world.manifest().state) is ManifestState.LOADED
    world.step(Act.DEPART, START + 100 * MINUTE)
    assert State(world.trip().state) is State.AT_DESTINATION
    assert [one.data["by"] for one in world.events("TripStarted", "TripArrived")] == ["telemetry"] * 2


def test_late_fixes_set_the_times_right(world: World) -> None:
    """A truck without signal on the road gets its true times once its outbox has been read."""
    load(world)
    day = drive()
    world.step(Act.ARRIVE, START + 5 * MINUTE)
    world.step(Act.LOAD, START + 20 * MINUTE)
    world.step(Act.DEPART, START + 40 * MINUTE)
    world.step(Act.DELIVER, START + 120 * MINUTE)
    assert world.trip().arrived_at == START + 120 * MINUTE
    world.feed(positions(*day[60:100]))
    world.feed(positions(*day[20:60]), positions(*day[:20]))
    trip = world.trip()
    assert trip.at_origin_at == START
    assert trip.started_at == START + 30 * MINUTE
    assert trip.arrived_at == START + 89 * MINUTE
    assert trip.distance_m > 58_000
    assert len(world.events("TripStarted", "TripArrived")) == 2


@pytest.mark.parametrize("seed", range(3))
def test_a_shuffled_day_gives_the_same_trip(engine: Engine, seed: int) -> None:
    """A replay in any order gives the same trips and events (telemetry.md, tests to demand)."""
    world = build(engine)
    load(world)
    world.step(Act.ARRIVE, START)
    world.step(Act.LOAD, START + 20 * MINUTE)
    day = drive()
    random.Random(seed).shuffle(day)
    messages = [positions(*day[place : place + 9]) for place in range(0, len(day), 9)]
    messages += messages[:3]
    for place in range(0, len(messages), 4):
        world.feed(*messages[place : place + 4])
    trip = world.trip()
    times = (trip.at_origin_at, trip.started_at, trip.arrived_at)
    assert times == (START, START + 30 * MINUTE, START + 89 * MINUTE)
    road = [Fix(one.device_time, one.seq, one.lat, one.lon) for one in drive()[30:90]]
    assert trip.distance_m == pytest.approx(length_m(road), abs=1)
    assert [one.kind for one in world.events("TripStarted", "TripArrived")] == ["TripStarted", "TripArrived"]


def test_a_manifest_called_off_frees_the_truck(world: World) -> None:
    """A cancelled load must not keep a truck busy, nor show it to parties it no longer concerns."""
    with transaction(world.engine) as session:
        service.end(Work(session, START, SYSTEM), world.manifest_id)
        service.end(Work(session, START, SYSTEM), world.manifest_id)
    assert State(world.trip().state) is State.CANCELLED
    assert len(world.events("TripCancelled")) == 1
    world.feed(positions(fix(1, *ORIGIN)))
    assert world.trip().at_origin_at is None


def test_the_track_begins_at_the_origin(world: World) -> None:
    """A producer sees the way of the load, not where the truck was before it."""
    load(world)
    away = fix(1, 30.2, 114.0, -600)
    day = drive(seq=2)
    world.feed(positions(away), *(positions(*day[place : place + 40]) for place in (0, 40, 80)))
    with reading(world.engine) as session:
        trip = queries.trip(session, world.trip_id, world.producer)
        line = queries.track(session, trip)
    assert (line[0].lat, line[0].lon) == ORIGIN
    assert (line[-1].lat, line[-1].lon) == DESTINATION
    assert len(line) < 10


def test_fixes_and_tickets_of_one_batch_both_count(world: World) -> None:
    """A truck that arrives and is weighed within 50 ms must not lose one to the other."""
    empty = ticket(GATE_A, 1, 9_000, 300)
    full = ticket(GATE_A, 2, 21_000, 900, previous=empty.ticket_hash)
    world.feed(weighed(GATE_A, empty), positions(*drive()[:30]), weighed(GATE_A, full))
    trip = world.trip()
    assert (trip.at_origin_at, trip.sender_kg, State(trip.state)) == (START, 12_000, State.AT_ORIGIN)
