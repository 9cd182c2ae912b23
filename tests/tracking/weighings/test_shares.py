"""Is what several loads weigh together dealt out to the kilogram, and to the right ones?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.readings import Stability
from tests.tracking.world import START
from tracking.trips.rules import MOST_TOGETHER
from tracking.weighings.rules import Binding, Candidate, Pairing, Part, Place, Ticket, Unbound, pair
from tracking.weighings.shares import deal, split

A, B, C = UUID(int=1), UUID(int=2), UUID(int=3)
FIRST, SECOND, KILN = UUID(int=11), UUID(int=12), UUID(int=13)
MINUTE = timedelta(minutes=1)


def ticket(number: int, kg: int, site: UUID, minutes: float) -> Ticket:
    """Return a ticket of a site's only scale some minutes after the start."""
    at = START + minutes * MINUTE
    name = UUID(int=100 + number)
    return Ticket(name, f"scale-{site.int}", site, at, at, number, kg, 20, Stability.DERIVED, False)


def load(trip: UUID, site: UUID, kg: int, loaded: float | None, done: float | None = None) -> Candidate:
    """Return a load of the run that A gives its name."""
    times = [None if one is None else START + one * MINUTE for one in (loaded, done)]
    return Candidate(trip, site, KILN, START, None, *times, run_id=A, planned_kg=kg)


def nets(found: Pairing) -> dict[tuple[UUID, str], int]:
    """Return the nets by trip and end."""
    return {(trip, place.value): kg for (trip, place), kg in found.nets.items()}


ROUND = (
    ticket(1, 9_000, FIRST, 5),
    ticket(2, 12_000, FIRST, 15),
    ticket(3, 12_020, SECOND, 60),
    ticket(4, 17_020, SECOND, 70),
    ticket(5, 17_000, KILN, 120),
    ticket(6, 9_020, KILN, 150),
)
LOADS = (load(A, FIRST, 3_000, 20, 125), load(B, SECOND, 5_000, 75, 126))


def test_two_movers_on_one_vehicle_share_what_the_receiver_weighs() -> None:
    """The second mover would pay for the first one's waste, or the receiver for none of it."""
    found = pair(ROUND, LOADS)
    assert nets(found) == {
        (A, "source"): 3_000,
        (B, "source"): 5_000,
        (A, "destination"): 2_993,
        (B, "destination"): 4_987,
    }
    assert found.shared == {(A, Place.DESTINATION), (B, Place.DESTINATION)}
    assert found.tickets[ROUND[2].id] == Binding(B, Place.SOURCE, Part.PARTLY)
    assert found.tickets[ROUND[4].id] == Binding(A, Place.DESTINATION, Part.GROSS, (B,))
    assert found.tickets[ROUND[5].id] == Binding(A, Place.DESTINATION, Part.TARE, (B,))


def test_a_weighing_between_two_unloadings_weighs_each_by_itself() -> None:
    """Whoever takes the trouble to weigh in between must not be paid by a share."""
    between = ticket(7, 12_020, KILN, 135)
    found = pair([*ROUND, between], LOADS)
    assert (found.nets[A, Place.DESTINATION], found.nets[B, Place.DESTINATION]) == (3_000, 4_980)
    assert found.shared == frozenset()
    assert found.tickets[between.id] == Binding(B, Place.DESTINATION, Part.PARTLY, (A,))


def test_two_kinds_of_one_mover_are_weighed_one_after_the_other() -> None:
    """The vehicle with the first kind aboard is the second kind's empty weight."""
    rising = [ticket(1, 9_000, FIRST, 5), ticket(2, 12_000, FIRST, 15), ticket(3, 17_000, FIRST, 30)]
    found = pair(rising, [load(A, FIRST, 3_000, None), load(B, FIRST, 5_000, None)])
    assert nets(found) == {(A, "source"): 3_000, (B, "source"): 5_000}
    assert found.tickets[rising[1].id] == Binding(A, Place.SOURCE, Part.GROSS, (B,))
    more = pair(
        [*rising, ticket(4, 18_000, FIRST, 40)], [load(A, FIRST, 3_000, None), load(B, FIRST, 5_000, None)]
    )
    assert list(more.tickets.values()).count(Unbound.PAIR_COMPLETE) == 1


def test_a_small_load_that_was_signed_for_is_not_lost_in_a_big_ones_deviation() -> None:
    """A drum beside twenty tonnes would never be paid, nor be anywhere on record."""
    once = [ticket(1, 9_000, FIRST, 5), ticket(2, 19_050, FIRST, 15), ticket(5, 19_050, KILN, 90)]
    both = [load(A, FIRST, 10_000, 20, 125), load(B, FIRST, 200, 20, 125)]
    found = pair([*once, ticket(6, 9_000, KILN, 120)], both)
    assert found.nets[A, Place.DESTINATION] + found.nets[B, Place.DESTINATION] == 10_050
    assert found.nets[B, Place.SOURCE] == found.nets[B, Place.DESTINATION] == 197


def test_what_was_signed_for_stays_as_it_was_signed() -> None:
    """A later ticket must not change what a driver and a mover have put their names to."""
    signed = replace(LOADS[0], sealed={Place.SOURCE: (ROUND[0].id, ROUND[1].id)}, origin_site_id=FIRST)
    other = load(B, FIRST, 3_000, None)
    found = pair([*ROUND[:2], ticket(8, 14_000, FIRST, 19)], [signed, other])
    assert nets(found) == {(A, "source"): 3_000, (B, "source"): 2_000}


@given(st.integers(1, 60_000), st.lists(st.integers(0, 30_000), min_size=1, max_size=MOST_TOGETHER))
def test_shares_make_up_the_whole_and_keep_their_order(kg: int, expected: list[int]) -> None:
    """A kilogram lost to rounding is a kilogram of hazardous waste nobody has."""
    loads = {UUID(int=place + 1): one for place, one in enumerate(expected)}
    shares = split(kg, loads)
    assert sum(shares.values()) == kg
    for key, one in loads.items():
        exact = kg * one / sum(expected) if sum(expected) else kg / len(expected)
        assert abs(shares[key] - exact) < 1


@given(st.permutations([900, 2_100, 4_300, 8_900]))
def test_loads_weighed_singly_are_told_apart_in_any_order(order: list[int]) -> None:
    """The receiver unloads as it likes; the scale shows which load it was."""
    loads = {UUID(int=place + 1): kg for place, kg in enumerate([900, 2_100, 4_300, 8_900])}
    dealt = deal([kg + 20 for kg in order], loads)
    assert [loads[keys[0]] for keys in dealt] == order


def test_a_run_with_too_many_loads_is_refused() -> None:
    """Dealing them out would take longer than anybody waits."""
    with pytest.raises(ValueError, match="9"):
        deal([1], {UUID(int=place): 1 for place in range(MOST_TOGETHER + 1)})
