"""Does every request that is left out get its reason, and the least that would have to give way?"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from matching.distances import UNREACHABLE
from matching.reasons import NUMBERS, ReasonCode
from matching.routing.check import check_plan
from matching.routing.evaluate import evaluate
from matching.routing.model import (
    Cleaning,
    Compartment,
    HoursRule,
    Problem,
    Request,
    Segregation,
    Tours,
    Vehicle,
)
from matching.routing.plan import Plan
from matching.routing.relax import Step, by_search, cheapest_way_out
from matching.routing.unserved import NEARNESS
from tests.matching.routing import days
from tests.matching.routing.small import day, load, lorry, span

HOUR = 3600.0
ACID_FIRST = Segregation(not_after=frozenset({("acid", "oil")}))
ONLY_ACID = (Compartment((10.0,), frozenset({"acid"})),)

CASES: list[tuple[Request, list[Vehicle], dict[str, object], ReasonCode, Step | None]] = [
    (load(vehicle=1), [lorry("V"), lorry("W", ends=1.0)], {}, ReasonCode.HOURS_EXCEEDED, Step.LONGER_SHIFT),
    (load(vehicle_types=frozenset({"tank"})), [lorry()], {}, ReasonCode.VEHICLE_TYPE, Step.ALLOW_TYPE),
    (load(licences=frozenset({"p"})), [lorry()], {}, ReasonCode.LICENCE_MISSING, Step.VEHICLE_PERMIT),
    (load(hazardous=True), [lorry()], {}, ReasonCode.VEHICLE_NOT_HAZARDOUS, Step.VEHICLE_PERMIT),
    (load(dg_class="8"), [lorry()], {}, ReasonCode.VEHICLE_DG_CLASS, Step.VEHICLE_PERMIT),
    (load(waste="oil"), [lorry(compartments=ONLY_ACID)], {}, ReasonCode.NO_COMPARTMENT, Step.LARGER_VEHICLE),
    (replace(load(), amounts=(11.0,)), [lorry()], {}, ReasonCode.LOAD_TOO_HEAVY, Step.LARGER_VEHICLE),
    (load(ready=span(0, 50)), [lorry()], {}, ReasonCode.PICKUP_WINDOW_MISSED, Step.WIDEN_PICKUP),
    (load(due=span(0, 50)), [lorry()], {}, ReasonCode.DELIVERY_WINDOW_MISSED, Step.WIDEN_DELIVERY),
    (load(max_ride_s=50.0), [lorry()], {}, ReasonCode.RIDE_LIMIT, Step.DROP_RIDE_LIMIT),
    (
        load(waste="oil"),
        [lorry(residue=frozenset({"acid"}))],
        {"segregation": ACID_FIRST},
        ReasonCode.NOT_CLEAN,
        Step.CLEAN_VEHICLE,
    ),
    (
        load(),
        [lorry()],
        {"hours": HoursRule(100.0, 10.0, 300.0)},
        ReasonCode.HOURS_EXCEEDED,
        Step.SECOND_DRIVER,
    ),
    (load(), [lorry()], {"hours": HoursRule(100.0, 10.0, 30.0)}, ReasonCode.HOURS_EXCEEDED, None),
    (load(penalty_fen=10.0), [lorry()], {}, ReasonCode.COSTS_MORE, Step.PLAN_AGAIN),
    (load(), [lorry()], {}, ReasonCode.NO_ROOM_IN_ROUTE, Step.PLAN_AGAIN),
]


@pytest.mark.parametrize(("request_", "vehicles", "facts", "code", "step"), CASES)
def test_each_reason_has_its_number_and_its_way_out(
    request_: Request, vehicles: list[Vehicle], facts: dict[str, object], code: ReasonCode, step: Step | None
) -> None:
    """A carrier would hear that a lot cannot be carried, and neither why nor what would help."""
    problem = day([request_], vehicles, **facts)
    plan = evaluate(problem, ())
    assert [one.reason.code for one in plan.left_out] == [code]
    assert plan.left_out[0].reason.number == NUMBERS[code]
    found = cheapest_way_out(problem, plan, 0)
    assert (found.step if found else None) is step
    if found is not None:
        assert found.plan.left_out == ()
        assert check_plan(found.problem, found.plan) == []


def test_a_place_without_a_road_is_no_matter_of_hours() -> None:
    """A dispatcher would plan longer and longer shifts for a lot on an island."""
    problem = day([load()])
    metres = problem.roads[0].metres.copy()
    metres[:, problem.requests[0].delivery.place] = UNREACHABLE
    island = replace(problem, roads=(replace(problem.roads[0], metres=metres, seconds=metres),))
    plan = evaluate(island, ())
    assert [(one.reason.number, one.reason.code) for one in plan.left_out] == [(115, ReasonCode.NO_ROAD)]
    assert cheapest_way_out(island, plan, 0) is None


def test_a_full_day_is_eased_by_one_more_vehicle() -> None:
    """A carrier would buy a licence where a second lorry was all that was missing."""
    far = load("A", 9, 8, ready=span(900, 900), due=span(1000, 1000))
    near = load("B", 1, 2, ready=span(900, 900), due=span(1000, 1000))
    problem = day([far, near])
    found = cheapest_way_out(problem, evaluate(problem, ((0, 1),)), 1)
    assert found is not None
    assert (found.step, found.params["like"]) == (Step.ONE_MORE_VEHICLE, "V")
    assert found.plan.tours[1].nodes == (2, 3)


def test_the_least_number_of_minutes_is_offered() -> None:
    """A producer would be asked to stay open all night for a quarter of an hour."""
    problem = day([load(ready=span(0, 50), start=9)], [lorry(ends=1e6)])
    slow = replace(problem, roads=(replace(problem.roads[0], seconds=problem.roads[0].seconds * 4),))
    found = cheapest_way_out(slow, evaluate(slow, ()), 0)
    assert found is not None
    assert (found.step, found.params) == (Step.WIDEN_PICKUP, {"minutes": 60})


def test_a_locked_load_is_unlocked_before_lorries_are_bought() -> None:
    """A load tied to a broken lorry would wait for a new one."""
    heavy = replace(load(vehicle=0), amounts=(8.0,))
    small = lorry("small", compartments=(Compartment((1.0,)),))
    problem = day([heavy], [small, lorry("large")])
    plan = evaluate(problem, ())
    assert plan.left_out[0].reason.code is ReasonCode.LOAD_TOO_HEAVY
    found = cheapest_way_out(problem, plan, 0)
    assert found is not None
    assert (found.step, found.plan.tours[1].nodes) == (Step.UNLOCK, (0, 1))


def test_a_solver_is_asked_where_nothing_can_be_put_in_as_it_is() -> None:
    """A way out that needs the day to be planned anew would never be found."""
    problem = day([load("A", 1, 2), load("B", 5, 6, licences=frozenset({"p"}))])
    plan = evaluate(problem, ((0, 1),))
    asked: list[Problem] = []

    def solver(changed: Problem, tours: Tours) -> Plan:
        asked.append(changed)
        able = any("p" in vehicle.licences for vehicle in changed.vehicles)
        return evaluate(changed, ((0, 1, 2, 3), *tours[1:]) if able else tours)

    found = cheapest_way_out(problem, plan, 1, solver)
    assert found is not None
    assert asked
    assert found.step is Step.VEHICLE_PERMIT


def test_the_search_itself_can_be_asked() -> None:
    """A request that fits once the others make room would be said to need a second lorry."""
    first = load("A", 1, 2, ready=span(0, 5000))
    early = load("B", 1, 9, ready=span(0, 100), due=span(0, 900))
    problem = day([first, early, load("C", 9, 8, ready=span(0, 900))], [lorry(ends=1800.0)])
    plan = evaluate(problem, ((0, 1),))
    found = cheapest_way_out(problem, plan, 1, by_search(200))
    assert found is not None
    assert found.step is Step.PLAN_AGAIN
    assert found.plan.stop_of(2) is not None


def test_no_way_out_is_offered_that_does_not_help() -> None:
    """People would change their gates and papers, and the lot would still stand there."""
    steps = set()
    for seed in range(150):
        problem = days.day(seed, 4)
        plan = evaluate(problem, days.tours(Random(seed), problem, 0.4))
        for one in plan.left_out if plan.feasible else ():
            assert one.reason.code in NEARNESS
            found = cheapest_way_out(problem, plan, one.request)
            if found is not None:
                out = {other.request for other in found.plan.left_out}
                assert out < {other.request for other in plan.left_out}
                assert check_plan(found.problem, found.plan) == []
                steps.add(found.step)
    assert len(steps) >= 5


def test_a_cleaning_place_makes_a_dirty_tank_usable() -> None:
    """A tank would be written off for the day because of what it carried in the morning."""
    rules = replace(ACID_FIRST, cleanings=(Cleaning(1, 100.0),))
    problem = day([load(waste="oil")], [lorry(residue=frozenset({"acid"}))], segregation=rules)
    assert evaluate(problem, ((0, 1),)).feasible
    assert evaluate(problem, ()).left_out[0].reason.code is ReasonCode.NO_ROOM_IN_ROUTE
