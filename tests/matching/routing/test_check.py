"""Does the door let through no plan that breaks a rule or states a wrong figure?"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from matching.routing.check import check_plan, sound
from matching.routing.evaluate import evaluate
from matching.routing.faults import Fault
from matching.routing.model import (
    Cleaning,
    Closure,
    Compartment,
    HoursRule,
    Place,
    Problem,
    Running,
    Segregation,
    Stop,
)
from matching.routing.plan import Act, HomeLeg, Plan, PlannedStop
from matching.solution import NotSound
from tests.matching.routing import days
from tests.matching.routing.small import LENGTH, day, load, lorry, span


def honest() -> tuple[Problem, Plan]:
    """Plan a day in which most rules have a say."""
    loads = [
        load("A", 1, 3, waste="acid", service_s=60.0, ready=span(0, 2000)),
        load("B", 2, 4, waste="oil", service_s=60.0, max_ride_s=5000.0),
        load("C", 5, 2, waste="oil", penalty_fen=10.0),
    ]
    problem = day(
        loads,
        [lorry("V", fixed_fen=100.0, per_hour_fen=3600.0, compartments=(Compartment((1.0,)),) * 2)],
        hours=HoursRule(250.0, 60.0, 5000.0),
        segregation=Segregation(not_after=frozenset({("acid", "oil")}), cleanings=(Cleaning(4, 30.0, 5.0),)),
        places=tuple(Place(f"p{n}", docks=1) for n in range(LENGTH)),
    )
    return problem, evaluate(problem, ((0, 1, 2, 3),))


def changed(plan: Plan, at: int, **facts: object) -> Plan:
    """Change one stop of the first tour."""
    stops = [replace(s, **facts) if n == at else s for n, s in enumerate(plan.tours[0].stops)]  # type: ignore[arg-type]
    return replace(plan, tours=(replace(plan.tours[0], stops=tuple(stops)), *plan.tours[1:]))


def found(problem: Problem, plan: Plan) -> set[str]:
    """List what the check finds."""
    return {str(one.breach) for one in check_plan(problem, plan)}


def test_an_honest_plan_passes_the_door() -> None:
    """No plan would ever reach a driver."""
    problem, plan = honest()
    assert sound(problem, plan) is plan
    assert [stop.act for stop in plan.tours[0].stops].count(Act.CLEANING) == 0


@pytest.mark.parametrize(
    ("at", "facts", "fault"),
    [
        (0, {"node": 99}, Fault.UNKNOWN_NODE),
        (0, {"place": 99}, Fault.UNKNOWN_NODE),
        (0, {"node": 4}, Fault.NODE_COUNT),
        (0, {"act": Act.DELIVERY}, Fault.NODE_ORDER),
        (1, {"place": 4}, Fault.ROAD_WRONG),
        (1, {"leg_m": 1.0}, Fault.ROAD_WRONG),
        (1, {"drive_s": 1.0}, Fault.ROAD_WRONG),
        (1, {"arrival": 0.0}, Fault.TIMES_WRONG),
        (1, {"held_s": -50.0}, Fault.TIMES_WRONG),
        (1, {"begin": 0.0, "departure": 60.0}, Fault.TIMES_WRONG),
        (1, {"departure": 9999.0}, Fault.TIMES_WRONG),
        (1, {"break_s": 0.0}, Fault.BREAK_MISSED),
        (1, {"driven_s": 0.0}, Fault.TIMES_WRONG),
        (1, {"since_break_s": 0.0}, Fault.TIMES_WRONG),
        (1, {"load": (5.0,)}, Fault.LOAD_WRONG),
        (1, {"compartment": 1}, Fault.NODE_ORDER),
        (0, {"compartment": 7}, Fault.LOAD_WRONG),
        (0, {"compartment": None}, Fault.LOAD_WRONG),
        (2, {"compartment": 0}, Fault.NOT_CLEANED),
    ],
)
def test_a_lie_about_a_stop_is_found(at: int, facts: dict[str, object], fault: Fault) -> None:
    """A driver could be sent on a tour that cannot be driven."""
    problem, plan = honest()
    assert fault in found(problem, changed(plan, at, **facts))


@pytest.mark.parametrize(
    ("facts", "fault"),
    [
        ({"ends": 1.0}, Fault.TIMES_WRONG),
        ({"driving_s": 1.0}, Fault.TIMES_WRONG),
        ({"metres": 1.0}, Fault.ROAD_WRONG),
        ({"paid_s": 1.0}, Fault.COSTS_WRONG),
        ({"home": HomeLeg()}, Fault.ROAD_WRONG),
        ({"vehicle": 3}, Fault.UNKNOWN_NODE),
        ({"number": 3}, Fault.UNKNOWN_NODE),
    ],
)
def test_a_lie_about_a_tour_is_found(facts: dict[str, object], fault: Fault) -> None:
    """A carrier would bill hours and kilometres that nobody drove."""
    problem, plan = honest()
    lie = replace(plan, tours=(replace(plan.tours[0], **facts),))  # type: ignore[arg-type]
    assert fault in found(problem, lie)


@pytest.mark.parametrize(
    "part", ["fixed_fen", "distance_fen", "hours_fen", "cleaning_fen", "penalties_fen", "changes_fen"]
)
def test_a_lie_about_the_costs_is_found(part: str) -> None:
    """The cheapest plan would be the one that lies best."""
    problem, plan = honest()
    lie = replace(plan, costs=replace(plan.costs, **{part: 7.5}))
    assert found(problem, lie) == {"costs_wrong"}


def test_a_lie_about_the_whole_plan_is_found() -> None:
    """A lot would be lost between the plan and the list of what is left out."""
    problem, plan = honest()
    assert found(problem, replace(plan, left_out=())) == {"unexplained", "costs_wrong"}
    assert found(problem, replace(plan, left_out=plan.left_out * 2)) >= {"unexplained"}
    strange = replace(plan.left_out[0], request=9)
    assert found(problem, replace(plan, left_out=(strange,))) == {"unknown_node"}
    assert found(problem, replace(plan, metres=1.0)) == {"road_wrong"}
    assert found(problem, replace(plan, distance_source="a map")) == {"road_wrong"}
    assert found(problem, replace(plan, moved=3)) == {"costs_wrong"}
    assert found(problem, replace(plan, tours=())) == {"unknown_node"}
    with pytest.raises(NotSound):
        sound(problem, replace(plan, metres=1.0))


def stricter(problem: Problem) -> dict[Fault, Problem]:
    """Change the problem behind the plan's back, one rule at a time."""
    first, second, third = problem.requests
    truck = problem.vehicles[0]

    def with_request(**facts: object) -> Problem:
        return replace(problem, requests=(replace(first, **facts), second, third))  # type: ignore[arg-type]

    def with_truck(**facts: object) -> Problem:
        return replace(problem, vehicles=(replace(truck, **facts),))  # type: ignore[arg-type]

    shift = replace(truck.shifts[0], ends=500.0)
    only = (Compartment((1.0,), frozenset({"x"})),) * 2
    return {
        Fault.WINDOW_MISSED: with_request(pickup=Stop(1, span(0, 1), 60.0)),
        Fault.CLOSED: replace(problem, closures=(Closure(span(0, 110), places=frozenset({1})),)),
        Fault.RIDE_TOO_LONG: with_request(max_ride_s=1.0),
        Fault.SHIFT_OVERRUN: with_truck(shifts=(shift,)),
        Fault.DRIVEN_TOO_LONG: replace(problem, hours=HoursRule(250.0, 60.0, 300.0)),
        Fault.BREAK_MISSED: replace(problem, hours=HoursRule(150.0, 60.0, 5000.0)),
        Fault.OVERLOADED: with_truck(compartments=(Compartment((0.5,)),) * 2),
        Fault.WASTE_FORBIDDEN: with_truck(compartments=only),
        Fault.VEHICLE_FORBIDDEN: with_request(licences=frozenset({"permit"})),
        Fault.FIXED_CHANGED: replace(problem, running=Running(((2, 3, 0, 1),), 0.0, None, ((2,),))),
        Fault.MOVED_TOO_MANY: replace(problem, running=Running(((2, 3, 0, 1),), 0.0, 1)),
        Fault.ROAD_WRONG: replace(
            problem, roads=(replace(problem.roads[0], metres=problem.roads[0].metres * 2),)
        ),
    }


@pytest.mark.parametrize("fault", list(stricter(honest()[0])))
def test_every_rule_is_held_against_the_plan(fault: Fault) -> None:
    """A rule that only the search knows would be kept until the search forgets it."""
    problem, plan = honest()
    assert fault in found(stricter(problem)[fault], plan)


def test_more_vehicles_than_docks_are_found() -> None:
    """Two lorries would meet at one bay."""
    loads = [load("A", 1, 3, service_s=100.0), load("B", 1, 3, service_s=100.0)]
    open_wide = day(loads, [lorry("V"), lorry("W")])
    plan = evaluate(open_wide, ((0, 1), (2, 3)))
    narrow = replace(open_wide, places=tuple(Place(f"p{n}", docks=1) for n in range(LENGTH)))
    assert found(narrow, plan) == {"docks_full"}


def test_what_must_not_meet_is_found() -> None:
    """Acid and lye would share a lorry."""
    loads = [load("A", 1, 3, waste="acid"), load("B", 2, 4, waste="lye")]
    plan = evaluate(day(loads), ((0, 2, 1, 3),))
    apart = Segregation(apart=frozenset({frozenset({"acid", "lye"})}))
    assert found(day(loads, segregation=apart), plan) == {"must_not_meet"}


def test_a_cleaning_that_never_was_is_found() -> None:
    """A tank would be written down as clean that nobody has washed."""
    loads = [load("A", 1, 3, waste="acid"), load("B", 4, 2, waste="oil")]
    rules = Segregation(not_after=frozenset({("acid", "oil")}), cleanings=(Cleaning(5, 200.0),))
    problem = day(loads, segregation=rules)
    plan = evaluate(problem, ((0, 1, 2, 3),))
    assert found(problem, plan) == set()
    assert found(problem, changed(plan, 2, departure=500.0)) >= {"times_wrong"}
    unwashed = tuple(stop for stop in plan.tours[0].stops if stop.act is not Act.CLEANING)
    skipped = replace(plan, tours=(replace(plan.tours[0], stops=unwashed),))
    assert found(problem, skipped) >= {"not_cleaned"}


def later_by(stop: PlannedStop, seconds: float) -> PlannedStop:
    """Put a stop off."""
    return replace(stop, begin=stop.begin + seconds, departure=stop.departure + seconds)


def test_any_timing_that_keeps_the_rules_is_accepted() -> None:
    """A search that books a later slot for a good reason would be turned away."""
    problem = day([load("A", 2, 5)])
    plan = evaluate(problem, ((0, 1),), {0: 700.0})
    assert plan.tours[0].stops[0].wait_s == 500.0
    assert found(problem, plan) == set()


def test_random_lies_are_found() -> None:
    """A figure that nobody reckons anew would be free to be wrong."""
    caught = 0
    for seed in range(400):
        rnd = Random(seed)
        problem = days.day(seed)
        plan = evaluate(problem, days.tours(rnd, problem))
        if not plan.feasible or not plan.tours[0].stops:
            continue
        at = rnd.randrange(len(plan.tours[0].stops))
        name = rnd.choice(("leg_m", "arrival", "departure", "drive_s", "driven_s", "break_s"))
        lie = changed(plan, at, **{name: getattr(plan.tours[0].stops[at], name) + rnd.choice((-7.0, 7.0))})
        assert found(problem, lie), (seed, at, name)
        caught += 1
    assert caught > 40
