"""Does everybody see the own trucks, trips and tickets, and nobody else's?"""

from __future__ import annotations

from uuid import uuid4

import pytest

from compliance.record.database import reading
from compliance.record.errors import NotFound
from compliance.record.who import Role, Who
from tests.tracking.world import (
    GATE_A,
    ORIGIN,
    START,
    STRANGER,
    World,
    fix,
    positions,
    ticket,
    weighed,
)
from tracking import live
from tracking.fleet import queries as fleet
from tracking.intake import queries as intake
from tracking.trips import queries as trips
from tracking.trips.rules import Act
from tracking.weighings import queries as weighings

OPERATOR = Who(uuid4(), "operator", uuid4(), frozenset({Role.OPERATOR}))
INSPECTOR = Who(uuid4(), "inspector", uuid4(), frozenset({Role.INSPECTOR}))


def seen(world: World, who: Who) -> tuple[int, int, int, int, int]:
    """Return how many vehicles, devices, trips, tickets and live rows a person sees."""
    with reading(world.engine) as session:
        return (
            len(fleet.vehicles(session, who)),
            len(session.scalars(fleet.devices_visible_to(who)).all()),
            len(trips.trips(session, who)),
            len(weighings.weighings(session, who)),
            len(live.snapshot(session, who)),
        )


def fill(world: World) -> None:
    """Let both trucks and a scale speak."""
    world.feed(
        positions(fix(1, *ORIGIN)),
        positions(fix(1, 30.0, 113.0), device=STRANGER, tenant="t2"),
        weighed(GATE_A, ticket(GATE_A, 1, 9_000, 0)),
        weighed(GATE_A, ticket(GATE_A, 2, 8_000, 60, previous=ticket(GATE_A, 1, 9_000, 0).ticket_hash)),
    )


def test_each_sees_what_concerns_them(world: World) -> None:
    """A competitor who sees a truck's road knows its customers."""
    fill(world)
    other_driver = Who(uuid4(), "driver", world.driver.organisation_id, frozenset({Role.DRIVER}))
    assert seen(world, INSPECTOR) == (2, 4, 1, 2, 2)
    assert seen(world, OPERATOR) == (2, 4, 1, 2, 2)
    assert seen(world, world.dispatcher) == (1, 1, 1, 1, 1)
    assert seen(world, world.driver) == (1, 1, 1, 1, 1)
    assert seen(world, other_driver) == (0, 1, 0, 0, 0)
    assert seen(world, world.producer) == (1, 1, 1, 2, 1)
    assert seen(world, world.processor) == (1, 1, 1, 1, 1)
    assert seen(world, world.stranger) == (1, 1, 0, 0, 1)


def test_a_party_sees_the_truck_move_only_while_its_trip_is_on(world: World) -> None:
    """Before it comes to the origin and after the delivery, the truck serves other customers."""
    world.feed(positions(fix(1, 30.2, 114.0)))
    assert seen(world, world.producer)[-1] == 0
    world.step(Act.ARRIVE, START)
    with reading(world.engine) as session:
        [row] = live.snapshot(session, world.producer)
    assert (row["manifest_id"], row["trip_state"]) == (world.manifest_id, "at_origin")


def test_another_ones_things_are_not_found(world: World) -> None:
    """Whether a trip exists is nobody else's business: the answer is 404, not 403."""
    with reading(world.engine) as session:
        with pytest.raises(NotFound):
            trips.trip(session, world.trip_id, world.stranger)
        with pytest.raises(NotFound):
            fleet.vehicle(session, world.vehicle_id, world.stranger)


def test_only_the_operator_reads_what_was_refused(world: World) -> None:
    """A dead letter may hold anybody's data."""
    world.feed(positions(fix(1, *ORIGIN), device="veh-404"))
    world.feed(positions(fix(1, *ORIGIN)))
    world.feed(positions(fix(1, 30.1, 114.0)))
    with reading(world.engine) as session:
        assert len(intake.dead_letters(session, OPERATOR)) == len(intake.conflicts(session, OPERATOR)) == 1
        assert intake.refusals(session, OPERATOR) == {"unknown_device": 1, "sequence_conflict": 1}
        for who in (INSPECTOR, world.dispatcher, world.producer):
            assert intake.dead_letters(session, who) == intake.conflicts(session, who) == []
            assert intake.refusals(session, who) == {}


def test_a_reader_who_asks_for_changes_skips_none(world: World) -> None:
    """The inspector's map would show a truck where it no longer is."""
    fill(world)
    with reading(world.engine) as session:
        first = live.snapshot(session, INSPECTOR)
        last = live.version(session)
    versions = [row["version"] for row in first]
    assert versions == sorted(set(versions))
    assert len(versions) == 2
    assert versions[-1] == last
    world.feed(positions(fix(2, *ORIGIN, 60), fix(3, *ORIGIN, 120)))
    world.step(Act.ARRIVE, START)
    with reading(world.engine) as session:
        [row] = live.deltas(session, INSPECTOR, last)
        assert live.deltas(session, world.stranger, last) == []
    assert row["vehicle_id"] == world.vehicle_id
    assert row["version"] > last
    assert row["at"] == fix(3, *ORIGIN, 120).device_time
