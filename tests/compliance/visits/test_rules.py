"""Is a draw the same for whoever draws again, and does a visit lead where the table says?"""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from compliance.visits.rules import (
    NEXT,
    OPEN,
    Act,
    Answer,
    Purpose,
    State,
    act_of,
    assigned,
    drawn,
    grave_findings,
    next_state,
    points_for,
    pool_hash,
)

IDS = st.lists(st.uuids(), min_size=1, max_size=40, unique=True)


@given(IDS, st.randoms(), st.text(min_size=4, max_size=20), st.integers(1, 40))
def test_the_same_seed_draws_the_same_from_the_same_pool(
    pool: list[UUID], random: st.DataObject, seed: str, count: int
) -> None:
    """An inspector would say the draw had sent him to a rival of his cousin."""
    shuffled = [*pool, *pool]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    first = drawn(seed, pool, count)
    assert drawn(seed, shuffled, count) == first
    assert pool_hash(shuffled) == pool_hash(pool)
    assert len(set(first)) == len(first) == min(count, len(pool))
    assert set(first) <= set(pool)
    assert drawn(seed, pool, count + 1)[: len(first)] == first


@given(IDS, IDS, st.text(min_size=4, max_size=20))
def test_inspectors_are_drawn_too_and_evenly(visits: list[UUID], people: list[UUID], seed: str) -> None:
    """Who is to be looked at would choose who looks."""
    going = assigned(seed, visits, people)
    assert set(going) == set(visits)
    loads = [sum(1 for one in going.values() if one == person) for person in people]
    assert max(loads) - min(loads) <= 1
    assert assigned(seed, visits, []) == {}


def test_every_state_and_act_leads_where_the_table_says() -> None:
    """A visit with findings would end without anybody looking again."""
    for state in State:
        for act in Act:
            assert next_state(state, act) == NEXT.get((state, act))
    assert {state for state, _ in NEXT} == OPEN


def test_what_is_looked_at_follows_purpose_and_business() -> None:
    """A re-check of papers would ask for the store, or a works' visit forget its plant."""
    recheck = {point.key for point in points_for(Purpose.RECHECK, ["processor"])}
    visit = {point.key for point in points_for(Purpose.VISIT, ["processor", "producer"])}
    assert recheck == {"papers_true", "papers_valid"}
    assert recheck | {"works_licensed", "store_apart"} <= visit
    points = points_for(Purpose.VISIT, ["processor"])
    good = {point.key: Answer.GOOD for point in points}
    assert act_of(good) is Act.PASS
    bad = good | {"insured": Answer.BAD}
    assert (act_of(bad), grave_findings(points, bad)) == (Act.ORDER, [])
    assert [one.key for one in grave_findings(points, good | {"scale_kept": Answer.BAD})] == ["scale_kept"]
