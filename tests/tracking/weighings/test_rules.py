"""Does every ticket find its trip, and does every pair give the right net?"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.readings import Stability
from tests.tracking.world import START
from tracking.weighings.rules import Binding, Candidate, Pairing, Part, Place, Ticket, Unbound, chained, pair

HERE, THERE, ELSEWHERE = UUID(int=1), UUID(int=2), UUID(int=3)
TRIP = UUID(int=9)
MINUTE = timedelta(minutes=1)
SCALES = {HERE: "a", THERE: "b", ELSEWHERE: "c"}


def ticket(number: int, kg: int, site: UUID = HERE, minutes: float = 0) -> Ticket:
    """Return a derived-stable ticket some minutes after the start."""
    at = START + minutes * MINUTE
    return Ticket(
        UUID(int=100 + number), SCALES[site], site, at, at, number, kg, 20, Stability.DERIVED, False
    )


def trip(number: int = 9, *, loaded: float | None = None, done: float | None = None) -> Candidate:
    """Return a trip from here to there, loaded and delivered some minutes after the start."""

    def moment(minutes: float | None) -> object:
        return None if minutes is None else START + minutes * MINUTE

    return Candidate(UUID(int=number), HERE, THERE, START, None, moment(loaded), moment(done))  # type: ignore[arg-type]


def judge(one: Ticket, *others: Ticket, to: Candidate | None = None) -> Binding | Unbound:
    """Return where a ticket belongs among others."""
    return pair([one, *others], [to or trip()]).tickets[one.id]


LOAD = (
    ticket(1, 9_000, minutes=5),
    ticket(2, 21_000, minutes=15),
    ticket(1 + 50, 20_980, THERE, minutes=90),
    ticket(2 + 50, 9_000, THERE, minutes=120),
)
WAY = (Place.SOURCE, Place.SOURCE, Place.DESTINATION, Place.DESTINATION)
PARTS = (Part.TARE, Part.GROSS, Part.GROSS, Part.TARE)


def test_the_source_weighs_empty_then_full_and_the_destination_full_then_empty() -> None:
    """The net of either end is what is paid for; the empty truck comes after the driver has signed."""
    found = pair(LOAD, [trip(loaded=20, done=95)])
    assert [found.tickets[one.id] for one in LOAD] == [
        Binding(TRIP, place, part) for place, part in zip(WAY, PARTS, strict=True)
    ]
    assert found.nets == {(TRIP, Place.SOURCE): 12_000, (TRIP, Place.DESTINATION): 11_980}


def test_a_ticket_weighed_before_a_late_signature_is_not_lost() -> None:
    """A driver without signal signs hours later; the load would have no receiver's net."""
    found = pair(LOAD, [trip(loaded=300, done=301)])
    assert found.nets == {(TRIP, Place.SOURCE): 12_000, (TRIP, Place.DESTINATION): 11_980}


@pytest.mark.parametrize(
    ("one", "others", "to", "reason"),
    [
        (replace(ticket(1, 9_000), shadow=True), (), trip(), Unbound.SHADOW),
        (replace(ticket(1, 9_000), stability=Stability.UNSTABLE), (), trip(), Unbound.UNSTABLE),
        (replace(ticket(1, 9_000, minutes=30), received_at=START), (), trip(), Unbound.FUTURE),
        (ticket(1, 9_000, ELSEWHERE), (), trip(), Unbound.NO_TRIP),
        (ticket(1, 9_000, THERE), (), trip(), Unbound.NO_TRIP),
        (ticket(1, 9_000, minutes=-60), (), trip(), Unbound.NO_TRIP),
        (ticket(1, 9_000, minutes=60), (), trip(loaded=20), Unbound.NO_TRIP),
        (ticket(2, 9_010, minutes=1), (ticket(1, 9_000),), trip(), Unbound.NOT_HEAVIER),
        (
            ticket(2, 21_000, THERE, 31),
            (ticket(1, 21_000, THERE, 30),),
            trip(loaded=20),
            Unbound.NOT_LIGHTER,
        ),
        (
            ticket(3, 30_000, minutes=2),
            (ticket(1, 9_000), ticket(2, 21_000, minutes=1)),
            trip(),
            Unbound.PAIR_COMPLETE,
        ),
        (
            replace(ticket(2, 21_000, minutes=9), device_id="x"),
            (ticket(1, 9_000),),
            trip(),
            Unbound.OTHER_SCALE,
        ),
    ],
)
def test_a_ticket_that_fits_no_trip_says_why(
    one: Ticket, others: Sequence[Ticket], to: Candidate, reason: Unbound
) -> None:
    """A weight bound to the wrong load would be paid for; a net needs both weights of one instrument."""
    assert judge(one, *others, to=to) is reason


def test_a_signed_pair_stays_whatever_comes_late() -> None:
    """A manifest would say another mass than its carrier signed for."""
    late = ticket(7, 8_000, minutes=1)
    free = pair([*LOAD, late], [trip(loaded=20)])
    assert free.nets[TRIP, Place.SOURCE] == 1_000
    signed = replace(trip(loaded=20), sealed={Place.SOURCE: (LOAD[0].id, LOAD[1].id)})
    found = pair([*LOAD, late], [signed])
    assert found.nets[TRIP, Place.SOURCE] == 12_000
    assert found.tickets[late.id] is Unbound.PAIR_COMPLETE


def test_each_of_two_loads_of_a_day_has_its_own_tickets() -> None:
    """The second load of a truck would be weighed on the first one's paper."""
    again = tuple(
        replace(one, id=UUID(int=200 + one.number), at=one.at + 180 * MINUTE, number=one.number + 10)
        for one in LOAD
    )
    again = tuple(replace(one, received_at=one.at) for one in again)
    trips = [trip(9, loaded=20, done=95), trip(8, loaded=200, done=280)]
    found = pair([*again, *LOAD], trips)
    assert {found.tickets[one.id].trip_id for one in LOAD} == {TRIP}  # type: ignore[union-attr]
    assert {found.tickets[one.id].trip_id for one in again} == {UUID(int=8)}  # type: ignore[union-attr]


times = st.lists(
    st.tuples(
        st.sampled_from([HERE, THERE, ELSEWHERE]),
        st.integers(0, 400),
        st.integers(400, 1_500),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda one: one[:2],
)
loads = st.lists(
    st.tuples(st.integers(0, 300), st.one_of(st.none(), st.integers(0, 200))), min_size=1, max_size=3
)


@given(times, loads, st.integers(0, 2**32))
def test_the_order_of_arrival_changes_nothing(
    told: list[tuple[UUID, int, int, bool]], loads: list[tuple[int, int | None]], seed: int
) -> None:
    """A scale that was off line for a day would settle another mass than one that was not."""
    tickets = [
        replace(ticket(number, 20 * tens, site, minutes), shadow=shadow)
        for number, (site, minutes, tens, shadow) in enumerate(told)
    ]
    trips = [
        trip(9 + place, loaded=at, done=None if after is None else at + after)
        for place, (at, after) in enumerate(loads)
    ]
    chance = random.Random(seed)
    shuffled, other = list(tickets), list(trips)
    chance.shuffle(shuffled)
    chance.shuffle(other)
    ordered = pair(tickets, trips)
    assert pair(shuffled, other) == ordered
    _is_sound(ordered, tickets)


def _is_sound(found: Pairing, tickets: Sequence[Ticket]) -> None:
    """Check that no end has more than a pair, and that its net is that of its own two tickets."""
    weights = {one.id: one.kg for one in tickets}
    ends: dict[tuple[UUID, Place], dict[Part, int]] = {}
    for key, bound in found.tickets.items():
        if isinstance(bound, Binding):
            parts = ends.setdefault((bound.trip_id, bound.place), {})
            assert bound.part not in parts
            parts[bound.part] = weights[key]
    assert found.nets == {
        end: parts[Part.GROSS] - parts[Part.TARE] for end, parts in ends.items() if len(parts) == 2
    }


def test_a_chain_is_whole_only_with_both_neighbours() -> None:
    """A ticket slipped in, or left out, shows at its neighbours."""
    assert chained("", "b", 1, None, "b")
    assert chained("a", "b", 2, "a", None)
    assert not chained("a", "b", 1, None, None)
    assert not chained("x", "b", 2, "a", None)
    assert not chained("a", "x", 2, "a", "b")
