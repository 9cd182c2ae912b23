"""Is waste that goes round noticed in the order of time, and nothing else taken for it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.oversight.circles import Bounds, circles, circles_of_year
from compliance.oversight.rules import Load
from tests.compliance.oversight.test_rules import DAY, load

PARTIES = tuple(UUID(int=number) for number in range(1, 8))
A, B, C = PARTIES[:3]


def leg(source: UUID, target: UUID, day: int, kg: int = 20_000, **changed: object) -> Load:
    """Return a load that left on the `day`-th day and arrived the day after."""
    left = DAY + timedelta(days=day)
    number = source.int * 100_000 + target.int * 1_000 + day
    sound = load(
        number,
        mover=source,
        receiver=target,
        drawn_up=left,
        accepted_on=left + timedelta(days=1),
        accepted_kg=kg,
    )
    return replace(sound, number=f"{number:014d}", **changed)  # type: ignore[arg-type]


def around(*parties: UUID, every: int = 10, kg: int = 20_000) -> list[Load]:
    """Return one load on each leg of a ring, one after the other."""
    ways = zip(parties, (*parties[1:], parties[0]), strict=True)
    return [leg(a, b, place * every, kg) for place, (a, b) in enumerate(ways)]


def test_a_ring_is_told_with_its_manifests_days_and_masses() -> None:
    """An inspector would read that something goes round, and not which loads."""
    loads = [leg(A, B, 0, 20_000), leg(B, C, 10, 15_000), leg(C, A, 20, 7_000)]
    rings = circles(loads)
    (ring,) = rings.found
    assert rings.complete
    assert (ring.subjects, ring.manifests) == ((A, B, C), tuple(one.id for one in loads))
    assert ring.figures["legs_kg"] == [20_000, 15_000, 7_000]
    assert (ring.figures["round_kg"], ring.figures["round_percent"]) == (7_000, 35)
    first = ring.figures["legs"][0][0]  # type: ignore[index]
    assert (first["number"], first["kg"], first["round_kg"]) == (loads[0].number, 20_000, 7_000)
    assert first["left"].date() == DAY
    assert first["arrived"].date() == DAY + timedelta(days=1)


@pytest.mark.parametrize("size", [2, 3, 4, 5, 6])
def test_rings_of_up_to_six_are_found_once(size: int) -> None:
    """A ring over a fourth company would be invisible, or be told once for each of its companies."""
    (ring,) = circles(around(*PARTIES[:size])).found
    assert ring.subjects == PARTIES[:size]
    assert ring.figures["round_percent"] == 100


def test_what_cannot_have_gone_round_is_no_ring() -> None:
    """A works would be asked about a ring that the order of time rules out."""
    there, back = leg(A, B, 10), leg(B, A, 20)
    assert len(circles([there, back]).found) == 1
    assert not circles(around(*PARTIES)).found, "seven companies"
    assert not circles([leg(A, B, 0), leg(B, A, 0)]).found, "both left before either had come"
    assert not circles([there, leg(B, A, 102)]).found, "beyond the window"
    assert circles([there, leg(B, A, 102)], Bounds(timedelta(days=120))).found
    assert not circles([there, replace(back, code="900-001-S17")]).found, "another category"
    assert circles([there, replace(back, code="900-249-08")]).found, "one category"
    assert not circles([there, replace(back, cancelled=True)]).found
    assert not circles([there, replace(back, accepted_kg=None, accepted_on=None)]).found, "never arrived"
    assert not circles([there, leg(B, A, 20, 1_900)]).found, "a few drums of 20 t"
    assert circles([there, leg(B, A, 20, 2_000)]).found


def test_a_load_that_merely_came_home_is_nobodys_ring() -> None:
    """Whose load was refused at the gate would stand on the list of suspects."""
    there = leg(A, B, 0)
    assert not circles([there, leg(B, A, 5, refused_before=True)]).found
    home = replace(leg(A, A, 5), origin=B)
    assert not circles([there, home]).found


def test_the_hour_decides_within_a_day() -> None:
    """A lorry that left at nine would carry what came at noon."""
    noon = datetime(2026, 3, 3, 12, tzinfo=UTC)
    there = leg(A, B, 0, accepted_at=noon)
    assert not circles([there, leg(B, A, 1, left_at=noon - timedelta(hours=3))]).found
    assert circles([there, leg(B, A, 1, left_at=noon + timedelta(hours=3))]).found


def test_only_the_loads_that_can_have_gone_round_are_named() -> None:
    """Ninety loads that stayed would be called evidence beside the one that came back."""
    loads = [leg(A, B, day, 10_000) for day in range(0, 60, 10)]
    (ring,) = circles([*loads, leg(B, A, 25, 15_000)]).found
    assert ring.manifests == (loads[0].id, loads[1].id, leg(B, A, 25).id)
    assert (ring.figures["legs_kg"], ring.figures["round_percent"]) == ([20_000, 15_000], 75)


def test_a_ring_counts_in_the_year_in_which_it_closes() -> None:
    """A ring over new year would fall between two years, or be told in both."""
    start = (date(2026, 12, 20) - DAY).days
    loads = [leg(A, B, start), leg(B, A, start + 20)]
    assert not circles_of_year(loads, 2026).found
    assert len(circles_of_year(loads, 2027).found) == 1


def test_a_dense_year_is_cut_short_and_says_so() -> None:
    """The page would hang on forty companies that all trade with each other, or claim to have seen all."""
    crowd = [UUID(int=number) for number in range(1, 15)]
    loads = [leg(a, b, (a.int * 7 + b.int * 11) % 60) for a in crowd for b in crowd if a != b]
    rings = circles(loads, Bounds(steps=20_000))
    assert not rings.complete
    assert rings.found


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 200), st.integers(1, 30_000)),
        max_size=25,
    )
)
@settings(max_examples=40)
def test_no_ring_claims_more_than_any_of_its_legs_carried(ways: list[tuple[int, int, int, int]]) -> None:
    """Mass would be made up, or a leg leave before its goods had come."""
    loads = [
        replace(leg(PARTIES[a], PARTIES[b], day, kg), id=UUID(int=5_000 + at))
        for at, (a, b, day, kg) in enumerate(ways)
    ]
    for ring in circles(loads, Bounds(least_percent=1)).found:
        legs = ring.figures["legs"]
        assert isinstance(legs, list)
        sums = [sum(one["round_kg"] for one in own) for own in legs]
        assert set(sums) == {ring.figures["round_kg"]}
        assert all(0 < one["round_kg"] <= one["kg"] for own in legs for one in own)
        firsts = [min(one["arrived"] for one in own) for own in legs]
        assert all(min(x["left"] for x in own) >= came for came, own in zip(firsts, legs[1:], strict=False))
