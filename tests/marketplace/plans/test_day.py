"""Does a carrier's day on paper say what the record says?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from compliance.manifests.rules import Act as ManifestAct
from compliance.record.errors import NotFound
from marketplace.plans import day as days
from marketplace.plans import engine, proposal
from marketplace.plans.rules import LockKind, Standing
from matching.reasons import ReasonCode
from tests.marketplace.plans.conftest import Dispatch
from tracking.trips.rules import Act as TripAct


def test_every_load_stands_with_the_vehicle_its_trip_names(desk: Dispatch) -> None:
    """A dispatcher would plan with loads that are elsewhere."""
    day = desk.day()
    assert {one for loads in day.present.values() for one in loads} == {str(one) for one in desk.loads}
    assert sorted(len(loads) for loads in day.present.values()) == [1, 1, 1]
    outcome = proposal.present(day)
    assert (outcome.plan.violations, outcome.unserved, outcome.vehicles) == ((), {}, 3)
    assert outcome.fen["total"] == sum(fen for part, fen in outcome.fen.items() if part != "total") > 0


def test_a_load_is_picked_up_while_it_is_ready_and_one_at_a_time(desk: Dispatch) -> None:
    """A driver would stand at a closed gate, or weigh two loads as one."""
    day = desk.day()
    proposed = desk.moved((desk.others[0], desk.near))
    assert proposed.broken == {}
    (tour,) = (tour for tour in proposed.after.plan.driven if len(tour.stops) > 2)
    acts = [stop.act.value for stop in tour.stops]
    assert acts == ["pickup", "delivery"] * 2
    assert all(stop.load[1] <= 1 for stop in tour.stops)
    for stop in tour.stops[::2]:
        load = day.load(UUID(proposal.request_of(proposed.problem, stop)))
        assert load is not None
        assert load.lot.ready_from <= day.at + timedelta(seconds=stop.begin) <= load.lot.ready_to


def test_a_driver_is_given_no_more_than_eight_hours(desk: Dispatch) -> None:
    """A driver would be sent out beyond the hours the law allows for dangerous goods (JT 617)."""
    proposed = desk.moved(*((load, desk.near) for load in desk.loads))
    assert [reason.code for reason in proposed.broken.values()] == [ReasonCode.NO_ROOM_IN_ROUTE]
    assert all(tour.driving_s <= 8 * 3600 for tour in proposed.after.plan.tours)


def test_a_load_that_is_ready_later_waits_in_the_list(desk: Dispatch) -> None:
    """A plan for today would hold a vehicle for next week's load."""
    market = desk.market
    far = market.at + timedelta(days=3)
    desk.accept(desk.moved((desk.others[0], desk.near)))
    market.idle()
    deal = market.agree(ready_from=far, ready_to=far + timedelta(days=1))
    day = desk.day()
    assert [load.id for load in day.later] == [market.manifest(deal).id]
    assert market.manifest(deal).id not in {load.id for load in day.loads}


def test_a_load_under_way_stays_with_its_vehicle_and_comes_first(desk: Dispatch) -> None:
    """A plan would take a load out of a moving vehicle."""
    market, load = desk.market, desk.loads[0]
    market.forward(hours=2)
    deal, plate = desk.trip(load).deal_id, desk.manifest(load).plate
    market.sign(deal, ManifestAct.ISSUE, "producer")
    market.step(deal, TripAct.ARRIVE)
    assert [one.standing for one in desk.day().loads if one.id == load] == [Standing.AT_ORIGIN]
    market.weigh("producer", plate, 12_000)
    market.weigh("producer", plate, 24_000)
    market.step(deal, TripAct.LOAD)
    market.step(deal, TripAct.DEPART)
    day = desk.day()
    (here,) = (one for one in day.loads if one.id == load)
    assert (here.standing, here.movable) == (Standing.ON_BOARD, False)
    own = str(here.trip.vehicle_id)
    other = next(unit.id for unit in day.units if str(unit.id) != own)
    proposed = desk.moved((desk.loads[1], UUID(own)), (load, other))
    assert proposed.after.sequences[own][0] == str(load)
    stop = proposed.after.plan.stop_of(1 + 2 * [r.id for r in proposed.problem.requests].index(str(load)))
    assert stop is not None
    assert stop.act.value == "delivery"


def test_a_load_too_late_is_told_with_its_reason(desk: Dispatch) -> None:
    """A dispatcher would learn of a missed window from an angry producer."""
    desk.market.forward(hours=8, minutes=1)
    day = desk.day()
    outcome = proposal.present(day)
    assert [reason.code for reason in outcome.unserved.values()] == [ReasonCode.PICKUP_WINDOW_MISSED]
    assert set(outcome.unserved) == {desk.loads[0]}
    assert outcome.plan.violations == ()


def test_a_vehicle_without_a_permit_is_offered_no_hazardous_load(desk: Dispatch) -> None:
    """A plan would send a vehicle that may not be loaded (L9)."""
    market = desk.market
    market.forward(days=201)
    with market.work("carrier") as work:
        day = days.of(work)
    assert all(unit.classes == frozenset() for unit in day.units)


def test_a_stored_day_is_the_same_day(desk: Dispatch) -> None:
    """The solver would plan another day than the one the dispatcher sees."""
    problem = days.problem_of(desk.day(), 500)
    again = engine.problem_of(engine.stored(problem))
    assert again.requests == problem.requests
    assert again.vehicles == problem.vehicles
    assert again.running == problem.running
    assert (again.roads[0].metres == problem.roads[0].metres).all()
    assert engine.driven(again, desk.day().present) == engine.driven(problem, desk.day().present)


def test_what_is_locked_stays(desk: Dispatch) -> None:
    """A dispatcher's word to a customer would be overturned by the next plan."""
    load, other = desk.others[0], desk.near
    desk.lock(LockKind.LOAD, load)
    proposed = desk.moved((load, other))
    assert proposed.broken[load].code is ReasonCode.LOCKED_ELSEWHERE
    desk.lock(LockKind.LOAD, load, locked=False)
    assert desk.moved((load, other)).broken == {}
    desk.lock(LockKind.VEHICLE, other)
    assert set(desk.moved((load, other)).broken) == {load}


def test_only_what_is_ones_own_can_be_locked(desk: Dispatch) -> None:
    """A lock on somebody else's load would tell that it exists."""
    with pytest.raises(NotFound):
        desk.lock(LockKind.VEHICLE, desk.loads[0])
