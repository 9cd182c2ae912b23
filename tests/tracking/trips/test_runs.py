"""May several loads be on one vehicle, each weighed, followed and ended under its own manifest (M3)?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from compliance.manifests.tables import Manifest
from compliance.record import ledger
from compliance.record.database import transaction
from compliance.record.errors import Conflict, Forbidden
from compliance.record.who import SYSTEM, Who
from compliance.record.work import Work
from compliance.registry import service as registry
from devices.codecs.telemetry_json import public_key_of
from tests.tracking.world import (
    GATE_A,
    GATE_B,
    KEYS,
    START,
    TENANT,
    World,
    build,
    fix,
    positions,
    ticket,
    weighed,
)
from tracking.fleet import service as fleet
from tracking.fleet.rules import DeviceKind
from tracking.fleet.service import NewDevice, NewVehicle
from tracking.trips import queries, routes, runs, service
from tracking.trips.rules import Act, State
from tracking.trips.tables import Trip
from tracking.weighings import queries as weighings

MINUTE = timedelta(minutes=1)
YARD = (30.55, 114.55)
GATE_C = "scale-c"


@dataclass(frozen=True, slots=True)
class Pair:
    """The world with a second load for the same vehicle, at a yard on the way."""

    world: World
    second: UUID

    def trip(self, trip_id: UUID) -> Trip:
        """Return a trip as it is stored."""
        return self.world.get(Trip, trip_id)

    def join(self, who: Who, at: float = 0) -> None:
        """Put the second load on the first one's run."""
        with transaction(self.world.engine) as session:
            work = Work(session, START + at * MINUTE, who)
            runs.join(work, session.get_one(Trip, self.second), session.get_one(Trip, self.world.trip_id))

    def step(self, trip_id: UUID, act: Act, at: float) -> None:
        """Let the driver do a step of one of the trips."""
        replace(self.world, trip_id=trip_id).step(act, START + at * MINUTE)


@pytest.fixture
def pair(engine: Engine) -> Pair:
    """Two loads of one vehicle."""
    world = build(engine)
    KEYS[GATE_C] = "33" * 32
    with transaction(engine) as session:
        work = Work(session, START - timedelta(minutes=30), SYSTEM)
        first = session.get_one(Manifest, world.manifest_id)
        yard = registry.add_site(work, first.mover_id, "Yard", *YARD, "420100").id
        key = public_key_of(KEYS[GATE_C])
        fleet.enrol_device(work, NewDevice(GATE_C, TENANT, DeviceKind.SCALE, key, site_id=yard))
        told = {name: getattr(first, name) for name in Manifest.__mapper__.columns.keys()}  # noqa: SIM118 - no mapping
        told |= {"id": work.new_id(), "number": "20264201000002", "origin_site_id": yard, "planned_kg": 5_000}
        row = Manifest(**told)
        session.add(row)
        session.flush()
        return Pair(world, service.plan(work, row).id)


def load_first(pair: Pair) -> None:
    """Weigh and sign for the first load."""
    empty = ticket(GATE_A, 1, 9_000, 300)
    full = ticket(GATE_A, 2, 21_000, 900, previous=empty.ticket_hash)
    pair.world.feed(weighed(GATE_A, empty), weighed(GATE_A, full))
    for minute, act in ((1, Act.ARRIVE), (20, Act.LOAD), (21, Act.DEPART)):
        pair.step(pair.world.trip_id, act, minute)


def test_a_round_with_two_loads_is_weighed_followed_and_delivered(pair: Pair) -> None:
    """A collection round would have to drive the same way once for each of its producers."""
    world, first, second = pair.world, pair.world.trip_id, pair.second
    pair.join(world.dispatcher)
    load_first(pair)
    world.feed(positions(fix(1, *YARD, 2_400), fix(2, *YARD, 2_460)), now=START + 41 * MINUTE)
    assert State(pair.trip(second).state) is State.AT_ORIGIN
    came = ticket(GATE_C, 1, 20_980, 2_700)
    left = ticket(GATE_C, 2, 25_980, 3_000, previous=came.ticket_hash)
    world.feed(weighed(GATE_C, came), weighed(GATE_C, left), now=START + 51 * MINUTE)
    for minute, act in ((55, Act.LOAD), (56, Act.DEPART)):
        pair.step(second, act, minute)
    gross = ticket(GATE_B, 1, 25_960, 5_400)
    tare = ticket(GATE_B, 2, 9_000, 6_000, previous=gross.ticket_hash)
    world.feed(weighed(GATE_B, gross), weighed(GATE_B, tare), now=START + 101 * MINUTE)
    for trip_id in (first, second):
        pair.step(trip_id, Act.DELIVER, 102)
    one, two = pair.trip(first), pair.trip(second)
    assert (one.sender_kg, two.sender_kg) == (12_000, 5_000)
    assert (one.receiver_kg, two.receiver_kg) == (11_972, 4_988)
    assert (one.receiver_shared, two.receiver_shared, two.sender_shared) == (True, True, False)
    with transaction(world.engine) as session:
        told = {trip_id: weighings.of_trip(session, trip_id) for trip_id in (first, second)}
        assert [row.role for row in told[first]] == ["tare", "gross", "gross", "tare"]
        assert [row.role for row in told[second]] == ["partly", "gross", "gross", "tare"]
    assert [one.data["receiver_kg"] for one in world.events("Weighed")][-2:] == [11_972, 4_988]
    assert ledger.verify(world.engine) is None


def test_the_ways_go_through_the_stops_of_the_run(pair: Pair) -> None:
    """A vehicle that calls at the second producer would be reported off its route."""
    pair.join(pair.world.dispatcher)
    with transaction(pair.world.engine) as session:
        ways = routes.routes(session, [pair.world.trip_id, pair.second])
        first, second = (session.get_one(Trip, key) for key in (pair.world.trip_id, pair.second))
        assert len(queries.stops(session, first)) == len(ways[first.id].line) == 3
        assert len(ways[second.id].line) == 2
    before = ways[pair.world.trip_id].distance_m
    with transaction(pair.world.engine) as session:
        runs.leave(Work(session, START, pair.world.dispatcher), session.get_one(Trip, pair.second))
    with transaction(pair.world.engine) as session:
        assert len(routes.routes(session, [pair.world.trip_id])[pair.world.trip_id].line) == 2
        assert routes.routes(session, [pair.world.trip_id])[pair.world.trip_id].distance_m <= before
    assert len(pair.world.events("RunChanged")) == 4


def test_what_cannot_go_together_says_why(pair: Pair) -> None:
    """Two loads that do not fit, or are on two vehicles, would meet at the gate."""
    with pytest.raises(Forbidden):
        pair.join(pair.world.stranger)
    with transaction(pair.world.engine) as session:
        session.get_one(Trip, pair.second).planned_kg = 14_000
    with pytest.raises(Conflict) as full:
        pair.join(pair.world.dispatcher)
    assert full.value.code == "vehicle_small"
    with transaction(pair.world.engine) as session:
        work = Work(session, START, SYSTEM)
        carrier = session.get_one(Trip, pair.second).carrier_id
        other = fleet.add_vehicle(work, NewVehicle(carrier, "鄂A70013", 25_000, *YARD))
        service.reassign(work, session.get_one(Trip, pair.second), other, None)
    with pytest.raises(Conflict) as apart:
        pair.join(pair.world.dispatcher)
    assert apart.value.code == "other_vehicle"


def test_a_load_that_is_aboard_stays_on_its_run(pair: Pair) -> None:
    """The record would say of a vehicle under way that it carries something else than it does."""
    pair.join(pair.world.dispatcher)
    load_first(pair)
    with transaction(pair.world.engine) as session, pytest.raises(Conflict) as refused:
        runs.leave(Work(session, START, pair.world.dispatcher), session.get_one(Trip, pair.world.trip_id))
    assert refused.value.code == "trip_loaded"
    with transaction(pair.world.engine) as session:
        runs.leave(Work(session, START, pair.world.dispatcher), session.get_one(Trip, pair.second))
        one, two = (session.get_one(Trip, key) for key in (pair.world.trip_id, pair.second))
        assert (one.run_id, two.run_id) == (one.id, two.id)


def at_one_gate(pair: Pair) -> None:
    """Let both loads be at the same works, weigh them together and sign for both."""
    world = pair.world
    with transaction(world.engine) as session:
        session.get_one(Trip, pair.second).origin_site_id = world.origin_id
    pair.join(world.dispatcher)
    empty = ticket(GATE_A, 1, 9_000, 300)
    full = ticket(GATE_A, 2, 26_000, 900, previous=empty.ticket_hash)
    world.feed(weighed(GATE_A, empty), weighed(GATE_A, full))
    for trip_id in (world.trip_id, pair.second):
        pair.step(trip_id, Act.ARRIVE, 1)


def test_a_load_that_was_weighed_with_another_does_not_leave_it(pair: Pair) -> None:
    """The other one would sign for its share, and the record say the whole afterwards."""
    at_one_gate(pair)
    with transaction(pair.world.engine) as session, pytest.raises(Conflict) as refused:
        runs.leave(Work(session, START, pair.world.dispatcher), session.get_one(Trip, pair.second))
    assert refused.value.code == "weighed_together"


def test_what_another_vehicle_carries_now_is_not_dealt_anew(pair: Pair) -> None:
    """A hand-over on the way would give the mate's tonnes to the load that stayed."""
    at_one_gate(pair)
    world = pair.world
    for minute, act in ((20, Act.LOAD), (21, Act.DEPART)):
        for trip_id in (world.trip_id, pair.second):
            pair.step(trip_id, act, minute)
    assert (pair.trip(world.trip_id).sender_kg, pair.trip(pair.second).sender_kg) == (12_000, 5_000)
    with transaction(world.engine) as session:
        moved = session.get_one(Trip, pair.second)
        moved.vehicle_id, moved.run_id = world.strange_vehicle_id, moved.id
    gross = ticket(GATE_B, 1, 20_980, 5_400)
    tare = ticket(GATE_B, 2, 9_000, 6_000, previous=gross.ticket_hash)
    world.feed(weighed(GATE_B, gross), weighed(GATE_B, tare), now=START + 101 * MINUTE)
    stayed, went = pair.trip(world.trip_id), pair.trip(pair.second)
    assert (stayed.sender_kg, stayed.receiver_kg, went.sender_kg) == (12_000, 11_980, 5_000)
    with transaction(world.engine) as session:
        assert len(weighings.of_trip(session, pair.second)) == 2
        assert len(weighings.of_trip(session, world.trip_id)) == 4
