"""Does what a dispatcher marks as urgent go first where not everything can be carried, and is that told?"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select, update

from compliance.record.database import transaction
from compliance.record.errors import Forbidden, NotFound
from marketplace.plans import day as days
from marketplace.plans import engine, proposal, service
from marketplace.plans.rules import PRIORITY, Urgency
from marketplace.plans.tables import LoadUrgency
from marketplace.solves.rules import Limits
from marketplace.web.plan_words import words_for
from marketplace.web.translation import Language
from matching.reasons import ReasonCode
from matching.routing import model
from tests.marketplace.plans.conftest import Dispatch
from tracking.fleet.tables import Vehicle


def mark(desk: Dispatch, load: UUID, level: Urgency, who: str = "carrier") -> None:
    """Mark a load."""
    with desk.market.work(who) as work:
        service.mark_urgency(work, load, level)


def test_a_mark_is_put_changed_and_taken_back(desk: Dispatch) -> None:
    """A mark by mistake would stay for ever, or nobody would know who set it."""
    load = desk.loads[0]
    marks = {desk.day().mark}
    for level in (Urgency.SOON, Urgency.URGENT):
        mark(desk, load, level)
        (row,) = desk.market.rows(select(LoadUrgency))
        own = desk.market.parties["carrier"].who
        assert (row.manifest_id, row.level, row.person_id) == (load, level.value, own.person_id)
        assert row.at == desk.market.at
        (seen,) = (one for one in desk.day().loads if one.id == load)
        assert seen.urgency is level
        marks.add(desk.day().mark)
    assert len(marks) == 3, "a plan that was looked at before the mark is stale"
    mark(desk, load, Urgency.ORDINARY)
    mark(desk, load, Urgency.ORDINARY)
    assert desk.market.rows(select(LoadUrgency)) == []
    assert desk.day().mark in marks


@pytest.mark.parametrize("who", ["producer", "processor", "inspector", "operator"])
def test_only_a_dispatcher_marks(desk: Dispatch, who: str) -> None:
    """A producer would push the own load before all others."""
    with pytest.raises(Forbidden):
        mark(desk, desk.loads[0], Urgency.URGENT, who)


def test_only_what_is_ones_own_can_be_marked(desk: Dispatch) -> None:
    """A mark on somebody else's load would tell that it exists."""
    with pytest.raises(NotFound):
        mark(desk, desk.near, Urgency.URGENT)


@pytest.mark.parametrize("urgent", [0, 1, 2])
def test_the_urgent_load_is_kept_and_named_by_what_gives_way(desk: Dispatch, urgent: int) -> None:
    """A dispatcher would be told that the urgent load has to wait, or not why another one does."""
    load = desk.loads[urgent]
    moves = [(one, desk.near) for one in desk.loads]
    mark(desk, load, Urgency.URGENT)
    proposed = desk.moved(*moves)
    ((out, reason),) = proposed.broken.items()
    assert out != load
    assert reason.code is ReasonCode.NO_ROOM_IN_ROUTE
    told = words_for(proposed.day, Language.EN).tell(reason)
    assert told.startswith("There is no room for it beside what is more urgent: ")
    assert desk.manifest(load).waste_name in told


def test_among_equals_nothing_changes_and_nobody_is_blamed(desk: Dispatch) -> None:
    """A load would be called less urgent than one that nobody has marked."""
    before = desk.moved(*((one, desk.near) for one in desk.loads)).broken
    for load in desk.loads:
        mark(desk, load, Urgency.SOON)
    after = desk.moved(*((one, desk.near) for one in desk.loads)).broken
    assert after == before
    assert all("urgent_id" not in reason.params for reason in after.values())


@pytest.mark.usefixtures("compiled")
@pytest.mark.sqlite_alone
def test_a_search_carries_what_is_urgent(desk: Dispatch) -> None:
    """The mark would stand on the board and the search pass over it."""
    with transaction(desk.market.engine) as session:
        session.execute(update(Vehicle).where(Vehicle.id != desk.near).values(capacity_kg=5_000))

    def left_out() -> UUID:
        told = days.snapshot(desk.day(), 0)
        found = engine.answer(told, Limits(seconds=60, iterations=2000), lambda _: None, lambda: False)
        (out,) = found["unserved"]
        proposed = proposal.propose(desk.day(), found["sequences"], [out["load"]])
        assert proposed.broken == {}
        assert set(proposed.after.unserved) == {UUID(out["load"])}
        return UUID(out["load"])

    first = left_out()
    mark(desk, first, Urgency.URGENT)
    second = left_out()
    assert second != first
    mark(desk, second, Urgency.URGENT)
    assert left_out() not in {first, second}


def rivals(docks: int | None) -> model.Problem:
    """Return a day of two vehicles: one has two loads and time for one where it waits for the dock."""
    table = 600.0 * (1.0 - model.np.eye(3))
    request = model.Request(
        id="a",
        pickup=model.Stop(0, (), 60.0),
        delivery=model.Stop(1, (model.Span(0.0, 2_400.0),), 60.0),
        amounts=(1.0,),
    )
    blocking = model.Stop(1, (model.Span(0.0, 600.0),), 1_500.0)
    requests = (
        request,
        replace(request, id="b", priority=PRIORITY[Urgency.URGENT]),
        replace(request, id="c", vehicle=1, pickup=model.Stop(1, (), 0.0), delivery=blocking),
    )
    vehicle = model.Vehicle(
        id="v",
        shifts=(model.Shift(0, 0, 0.0, 36_000.0),),
        compartments=(model.Compartment((1.0,)),),
    )
    return model.Problem(
        places=(model.Place("o"), model.Place("d", docks=docks), model.Place("e")),
        requests=requests,
        vehicles=(vehicle, replace(vehicle, id="w", shifts=(model.Shift(1, 1, 0.0, 36_000.0),))),
        roads=(model.Roads(table, table, "tiny", "1"),),
    )


def test_where_vehicles_wait_for_a_dock_the_less_urgent_gives_way() -> None:
    """The urgent load would be late for the sake of an ordinary one before it."""
    wanted = {"v": ["a", "b"], "w": ["c"]}
    assert engine.kept_of(rivals(None), wanted, {}) == wanted
    assert engine.kept_of(rivals(1), wanted, {}) == {"v": ["b"], "w": ["c"]}
    equal = replace(rivals(1), requests=tuple(replace(one, priority=1) for one in rivals(1).requests))
    assert engine.kept_of(equal, wanted, {}) == {"v": ["a"], "w": ["c"]}
