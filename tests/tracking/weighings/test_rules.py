"""Does every ticket find its trip, and does every pair give the right net?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from devices.readings import Stability
from tests.tracking.world import START
from tracking.trips.rules import State
from tracking.weighings.rules import Binding, Candidate, Part, Place, Ticket, Unbound, bind, chained

HERE, THERE, ELSEWHERE = UUID(int=1), UUID(int=2), UUID(int=3)


def ticket(number: int, kg: int, site: UUID = HERE, minutes: float = 0) -> Ticket:
    """Return a derived-stable ticket some minutes after the start."""
    at = START + timedelta(minutes=minutes)
    return Ticket(UUID(int=100 + number), site, at, number, kg, 20, Stability.DERIVED, False)


def trip(state: State, *, source: tuple[Ticket, ...] = (), destination: tuple[Ticket, ...] = ()) -> Candidate:
    """Return a trip from here to there."""
    return Candidate(UUID(int=9), state, HERE, THERE, START, None, None, source, destination)


def judge(one: Ticket, *trips: Candidate) -> Binding | Unbound:
    """Bind a ticket that came in at once."""
    return bind(one, one.at, trips)


def test_the_source_weighs_empty_then_full() -> None:
    """The sender's net is the second weight less the first."""
    first = judge(ticket(1, 9_000), trip(State.PLANNED))
    assert first == Binding(UUID(int=9), Place.SOURCE, ((UUID(int=101), Part.TARE),), None)
    second = judge(ticket(2, 21_000, minutes=9), trip(State.AT_ORIGIN, source=(ticket(1, 9_000),)))
    assert isinstance(second, Binding)
    assert second.net_kg == 12_000
    assert dict(second.parts) == {UUID(int=101): Part.TARE, UUID(int=102): Part.GROSS}


def test_the_destination_weighs_full_then_empty_even_after_the_delivery() -> None:
    """The receiver's net needs the empty truck, which is weighed when the driver has long signed."""
    gross = ticket(5, 21_000, THERE)
    done = trip(State.DELIVERED, destination=(gross,))
    found = judge(ticket(6, 9_040, THERE, minutes=30), done)
    assert isinstance(found, Binding)
    assert (found.place, found.net_kg) == (Place.DESTINATION, 11_960)


def test_a_pair_that_arrives_in_the_wrong_order_is_the_same_pair() -> None:
    """A scale that was off line must not turn a gross weight into a tare."""
    late = judge(ticket(1, 9_000), trip(State.AT_ORIGIN, source=(ticket(2, 21_000, minutes=9),)))
    assert isinstance(late, Binding)
    assert late.net_kg == 12_000
    assert dict(late.parts)[UUID(int=101)] is Part.TARE


@pytest.mark.parametrize(
    ("one", "at", "reason"),
    [
        (replace(ticket(1, 9_000), shadow=True), trip(State.PLANNED), Unbound.SHADOW),
        (replace(ticket(1, 9_000), stability=Stability.UNSTABLE), trip(State.PLANNED), Unbound.UNSTABLE),
        (ticket(1, 9_000, ELSEWHERE), trip(State.PLANNED), Unbound.NO_TRIP),
        (ticket(1, 9_000, THERE), trip(State.PLANNED), Unbound.NO_TRIP),
        (ticket(1, 9_000, minutes=-60), trip(State.PLANNED), Unbound.NO_TRIP),
        (ticket(2, 9_010, minutes=1), trip(State.AT_ORIGIN, source=(ticket(1, 9_000),)), Unbound.NOT_HEAVIER),
        (
            ticket(2, 21_000, THERE, minutes=1),
            trip(State.UNDER_WAY, destination=(ticket(1, 21_000, THERE),)),
            Unbound.NOT_LIGHTER,
        ),
        (
            ticket(3, 30_000, minutes=2),
            trip(State.AT_ORIGIN, source=(ticket(1, 9_000), ticket(2, 21_000, minutes=1))),
            Unbound.PAIR_COMPLETE,
        ),
    ],
)
def test_a_ticket_that_fits_no_trip_says_why(one: Ticket, at: Candidate, reason: Unbound) -> None:
    """A weight bound to the wrong load would be paid for."""
    assert judge(one, at) is reason


def test_a_ticket_from_the_future_is_not_bound() -> None:
    """A scale with a wrong clock must not settle tomorrow's load."""
    assert bind(ticket(1, 9_000, minutes=30), START, [trip(State.PLANNED)]) is Unbound.FUTURE


def test_a_chain_is_whole_only_with_both_neighbours() -> None:
    """A ticket slipped in, or left out, shows at its neighbours."""
    assert chained("", "b", 1, None, "b")
    assert chained("a", "b", 2, "a", None)
    assert not chained("a", "b", 1, None, None)
    assert not chained("x", "b", 2, "a", None)
    assert not chained("a", "x", 2, "a", "b")
