"""Is a ticket believed only when it is the scale's own, and does it reach manifest and receipt?"""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from compliance.record.database import reading, transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from devices.readings import Stream
from tests.tracking.world import GATE_A, GATE_B, START, World, ticket, weighed
from tracking.intake import queries as intake
from tracking.intake.tables import DeadLetter
from tracking.pipeline import Message
from tracking.trips.rules import Act
from tracking.trips.tables import Trip
from tracking.weighings import queries, service
from tracking.weighings.tables import Weighing

MINUTE = timedelta(minutes=1)


def flipped(message: Message, name: str, value: object) -> Message:
    """Return a message with one field changed after it was signed."""
    return msgspec.structs.replace(
        message, payload=msgspec.json.encode(msgspec.json.decode(message.payload) | {name: value})
    )


def refusals(world: World) -> dict[str, int]:
    """Return the refusal counters as the operator sees them."""
    with reading(world.engine) as session:
        return intake.refusals(session, SYSTEM)


def test_four_tickets_make_two_nets(world: World) -> None:
    """Sender's and receiver's net decide what is paid; the receipt needs all four tickets by id."""
    empty = ticket(GATE_A, 1, 9_000, 300)
    full = ticket(GATE_A, 2, 21_000, 900, previous=empty.ticket_hash, plate="鄂a 70012")
    world.feed(weighed(GATE_A, empty))
    world.feed(weighed(GATE_A, full))
    assert world.manifest().loaded_kg == 12_000
    world.step(Act.ARRIVE, START)
    world.step(Act.LOAD, START + 20 * MINUTE)
    world.step(Act.DEPART, START + 21 * MINUTE)
    gross = ticket(GATE_B, 1, 20_980, 5_400)
    world.feed(weighed(GATE_B, gross))
    world.step(Act.DELIVER, START + 95 * MINUTE)
    world.feed(weighed(GATE_B, ticket(GATE_B, 2, 9_000, 6_000, previous=gross.ticket_hash)))
    rows = world.rows(select(Weighing).order_by(Weighing.at))
    assert [(row.place, row.role) for row in rows] == [
        ("source", "tare"),
        ("source", "gross"),
        ("destination", "gross"),
        ("destination", "tare"),
    ]
    said = [one.data for one in world.events("Weighed")]
    assert [(one["net_kg"], one["sender_kg"], one["receiver_kg"]) for one in said] == [
        (None, None, None),
        (12_000, 12_000, None),
        (None, 12_000, None),
        (11_980, 12_000, 11_980),
    ]
    assert said[-1]["weighings"] == [str(row.id) for row in rows]
    assert said[-1]["manifest"] == str(world.manifest_id)


def test_tickets_that_come_in_the_wrong_order_make_the_same_nets(world: World) -> None:
    """A scale that was off line, or a driver who signs late, would leave the load without a receipt."""
    empty = ticket(GATE_A, 1, 9_000, 300)
    full = ticket(GATE_A, 2, 21_000, 900, previous=empty.ticket_hash)
    gross = ticket(GATE_B, 1, 20_980, 5_400)
    tare = ticket(GATE_B, 2, 9_000, 6_000, previous=gross.ticket_hash)
    world.feed(weighed(GATE_B, tare), weighed(GATE_A, full))
    assert {row.unbound for row in world.rows(select(Weighing))} == {"no_trip", None}
    world.feed(weighed(GATE_B, gross), weighed(GATE_A, empty))
    assert world.manifest().loaded_kg == 12_000
    world.step(Act.ARRIVE, START)
    world.step(Act.LOAD, START + 110 * MINUTE)
    with transaction(world.engine) as session:
        work = Work(session, START + 110 * MINUTE, SYSTEM)
        service.revisit(work, session.get_one(Trip, world.trip_id))
    assert (world.trip().sender_kg, world.trip().receiver_kg) == (12_000, 11_980)
    assert {row.role for row in world.rows(select(Weighing))} == {"tare", "gross"}
    assert world.events("Weighed")[-1].data["receiver_kg"] == 11_980


@pytest.mark.parametrize(
    ("name", "value"),
    [("kg", 9_020), ("plate", "鄂A99999"), ("t", 1_795_136_400_000), ("shadow", 1), ("how", {"frames": 9})],
)
def test_a_flipped_bit_in_a_ticket_is_found(world: World, name: str, value: object) -> None:
    """Nobody between the scale and us may change what was weighed."""
    good = weighed(GATE_A, ticket(GATE_A, 1, 9_000, 300))
    world.feed(flipped(good, name, value))
    assert refusals(world) == {"bad_signature": 1}
    assert world.count(Weighing) == 0
    assert world.rows(select(DeadLetter))[0].reason == "bad_signature"
    world.feed(good)
    assert world.count(Weighing) == 1


def test_a_flipped_ticket_beside_the_good_one_does_not_hide_it(world: World) -> None:
    """A forger who is quicker than the scale must not push the true ticket out."""
    good = weighed(GATE_A, ticket(GATE_A, 1, 9_000, 300))
    result = world.feed(flipped(good, "sig", "0" * 128), good)
    assert world.count(Weighing) == 1
    assert result.acks[0][1].streams[Stream.WEIGHINGS] == (1, ())


def test_a_ticket_outside_the_chain_is_refused(world: World) -> None:
    """A ticket removed and written anew breaks the chain on either side."""
    first = ticket(GATE_A, 1, 9_000, 300)
    third = ticket(GATE_A, 3, 9_000, 500, previous="ab" * 32)
    world.feed(weighed(GATE_A, first), weighed(GATE_A, third))
    second = ticket(GATE_A, 2, 9_000, 400, previous=first.ticket_hash)
    world.feed(weighed(GATE_A, second))
    stranger = ticket(GATE_A, 4, 9_000, 600, previous="cd" * 32)
    world.feed(weighed(GATE_A, stranger))
    assert refusals(world) == {"broken_chain": 2}
    assert {row.ticket_number for row in world.rows(select(Weighing))} == {1, 3}


def test_a_number_cannot_be_used_twice(world: World) -> None:
    """Two weights under one ticket number would let the dearer one be picked."""
    world.feed(weighed(GATE_A, ticket(GATE_A, 1, 9_000, 300)))
    world.feed(weighed(GATE_A, ticket(GATE_A, 1, 19_000, 300)))
    world.feed(weighed(GATE_A, ticket(GATE_A, 1, 19_000, 300, seq=2)))
    assert refusals(world) == {"sequence_conflict": 1, "ticket_conflict": 1}
    assert [row.kg for row in world.rows(select(Weighing))] == [9_000]


def test_a_ticket_without_a_trip_stays_visible(world: World) -> None:
    """A truck weighed without an order is what an inspector looks for first."""
    world.feed(weighed(GATE_A, ticket(GATE_A, 1, 30_000, 300, plate="鄂B90000")))
    with reading(world.engine) as session:
        found = queries.unbound(session, SYSTEM)
        assert [(row.plate, row.unbound) for row in found] == [("鄂B90000", "no_trip")]
    assert world.events("Weighed") == []
