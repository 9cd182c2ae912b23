"""Is a draw the same for whoever draws again, and does a visit lead where the table says?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.visits import again
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


OF_NOW: dict[str, Any] = {
    "form": 2,
    "purpose": "site_visit",
    "kind": "carrier",
    "division": "42",
    "period": "2026-Q4",
}


@pytest.mark.parametrize(
    "population", [{}, OF_NOW | {"period": "2026-Q4", "earlier": 0}], ids=["form 1", "form 2"]
)
def test_a_published_draw_is_drawn_again_without_the_product(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], population: dict[str, Any]
) -> None:
    """An outsider would have to believe the page."""
    pool, people = [str(UUID(int=n)) for n in range(1, 20)], [str(UUID(int=n)) for n in range(90, 93)]
    draw = population | {"number": 7, "anchor_day": "2026-11-20", "anchor_digest": "ab" * 32, "count": 4}
    seed = again.seed_of(draw)
    chosen = again.drawn(seed, pool, 4)
    going = again.assigned(seed, chosen, people)
    draw |= {"seed": seed, "pool": pool, "pool_hash": again.pool_hash(pool), "inspectors": people}
    draw |= {"drawn": [{"organisation_id": one, "inspector_id": going[one]} for one in chosen]}
    file, anchors = tmp_path / "draw.json", tmp_path / "anchors.jsonl"
    file.write_text(json.dumps(draw))
    anchors.write_text(json.dumps({"day": "2026-11-20", "digest": "ab" * 32}))
    assert again.main([str(file), str(anchors)]) == 0
    assert chosen[0] in capsys.readouterr().out
    other = [one for one in pool if one not in chosen][:4]
    for wrong in (
        {"earlier": 3} if population else {"number": 8},
        {"count": 3},
        {"pool": pool[1:]},
        {"anchor_digest": ""},
        {"drawn": [{"organisation_id": one, "inspector_id": None} for one in other]},
        {"drawn": [one | {"inspector_id": None} for one in draw["drawn"]]},
    ):
        assert again.faults(draw | wrong), wrong
    assert again.faults(draw, [{"day": "2026-11-20", "digest": "cd" * 32}])
    own = {"day": "2026-11-20", "digest": "ab" * 32, "at": "2026-11-20T00:10:00.000000+00:00"}
    later = {"day": "2026-11-21", "digest": "cd" * 32, "at": "2026-11-21T00:10:00.000000+00:00"}
    assert again.faults(draw | {"at": "2026-11-21T00:09:00Z"}, [own, later]) == []
    assert again.faults(draw | {"at": "2026-11-21T09:00:00Z"}, [own, later])


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
