"""Does a search keep its promises: the same answer again, stoppable at any time, sound whatever is asked?"""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import pytest

from matching.reasons import ReasonCode
from matching.routing.check import check_plan
from matching.routing.evaluate import evaluate
from matching.routing.model import Goal, Problem, Running, Tours, request_of
from matching.routing.plan import Plan, value
from matching.routing.search.limits import Limits, Progress
from matching.routing.search.solve import solve
from matching.solution import NotSound
from tests.matching.routing import days, small


def fleet_day(seed: int, requests: int = 24, goal: Goal = Goal.DISTANCE) -> Problem:
    """Draw a day of alike lorries and loads with windows along the road, large enough to differ by seed."""
    rnd = Random(seed)
    loads = []
    for n in range(requests):
        ready = 100.0 * rnd.randint(0, 60)
        span = small.span(ready, ready + 100.0 * rnd.randint(5, 20))
        ends = rnd.sample(range(1, small.LENGTH), 2)
        loads.append(small.load(f"r{n}", *ends, ready=span, amounts=(float(rnd.randint(1, 6)),)))
    return small.day(loads, [small.lorry(f"v{n}") for n in range(12)], goal=goal)


def of(tours: Tours) -> set[int]:
    """List the requests on tours."""
    return {request_of(node) for tour in tours for node in tour}


@pytest.mark.parametrize("goal", list(Goal))
def test_the_same_seed_and_iterations_give_the_same_plan(goal: Goal) -> None:
    """A dispatcher who solves again would see lots jump from lorry to lorry for no reason."""
    problem = fleet_day(1, goal=goal)
    limits = Limits(iterations=2_000, seed=7)
    assert solve(problem, limits) == solve(problem, limits)


def test_rich_days_give_the_same_plan_again() -> None:
    """The same, where docks, breaks and cleanings decide."""
    for seed in range(40):
        problem = replace(days.day(seed), running=None)
        assert solve(problem, Limits(iterations=300)) == solve(problem, Limits(iterations=300))


def test_more_iterations_are_not_worse() -> None:
    """Waiting longer would be punished."""
    problem = fleet_day(2)
    values = [value(problem, solve(problem, Limits(iterations=n))) for n in (0, 200, 5_000)]
    assert values == sorted(values, reverse=True)
    assert values[-1] < values[0]


@pytest.mark.parametrize("asked", [1, 2, 3, 7])
@pytest.mark.parametrize("goal", list(Goal))
def test_a_cancelled_search_gives_a_sound_plan(asked: int, goal: Goal) -> None:
    """Who stops the search would be left with nothing, or with a plan that can't be driven."""
    problem = fleet_day(3, goal=goal)
    calls = 0

    def cancelled() -> bool:
        nonlocal calls
        calls += 1
        return calls >= asked

    plan = solve(problem, Limits(iterations=10_000_000), cancelled=cancelled)
    assert check_plan(problem, plan) == []
    assert not plan.left_out
    assert calls == asked


def test_seconds_stop_it_by_the_clock_that_is_handed_in() -> None:
    """A search would go on after its time, or a test would have to wait for it."""
    ticks = iter(range(1_000_000))
    plan = solve(fleet_day(4), Limits(seconds=50.0), clock=lambda: float(next(ticks)))
    assert plan.feasible
    assert next(ticks) < 400


def test_progress_only_gets_better() -> None:
    """The dispatcher would watch a plan become worse."""
    told: list[Progress] = []
    problem = fleet_day(5)
    ticks = iter(range(1_000_000))
    plan = solve(problem, Limits(iterations=3_000), progress=told.append, clock=lambda: float(next(ticks)))
    best = [one.best for one in told]
    assert best == sorted(best, reverse=True)
    assert told[-1].unserved == 0
    assert told[-1].vehicles == len(plan.driven)
    assert math.isclose(told[-1].best, plan.metres)


def test_fewer_vehicles_where_they_are_the_goal() -> None:
    """A carrier who counts lorries would send out as many as for the shortest way."""
    far, few = fleet_day(6), fleet_day(6, goal=Goal.VEHICLES)
    shortest, fewest = solve(far, Limits(iterations=4_000)), solve(few, Limits(iterations=4_000))
    assert len(fewest.driven) <= len(shortest.driven)
    assert not fewest.left_out


def test_nothing_to_do_is_no_crash() -> None:
    """An empty day would end in a stack trace."""
    nobody = small.day([small.load()], goal=Goal.MONEY)
    no_loads, no_vehicles = replace(nobody, requests=()), replace(nobody, vehicles=())
    assert solve(no_loads, Limits(iterations=10)).driven == ()
    alone = solve(no_vehicles, Limits(iterations=10))
    assert [one.reason.code for one in alone.left_out] == [ReasonCode.NO_VEHICLE]


def test_what_nobody_can_carry_is_left_out_with_its_reason() -> None:
    """A lot would vanish from the day, or the search would fail because of it."""
    loads = [small.load("A"), small.load("B", amounts=(99.0,)), small.load("C", due=small.span(0, 1))]
    plan = solve(small.day(loads), Limits(iterations=200))
    assert {one.request: one.reason.code for one in plan.left_out} == {
        1: ReasonCode.LOAD_TOO_HEAVY,
        2: ReasonCode.DELIVERY_WINDOW_MISSED,
    }
    assert of(plan.nodes) == {0}


def test_everything_unserved_is_an_answer() -> None:
    """A day on which no lorry is allowed to drive would crash instead of saying why."""
    loads = [small.load(f"r{n}", licences=frozenset({"hw"})) for n in range(5)]
    plan = solve(small.day(loads), Limits(iterations=200))
    assert plan.driven == ()
    assert {one.reason.code for one in plan.left_out} == {ReasonCode.LICENCE_MISSING}


def test_an_optional_lot_is_carried_only_if_it_pays() -> None:
    """A carrier would drive for 1 fen, or let 1 yuan lie by the road."""
    poor = small.load("A", 8, 9, penalty_fen=1.0)
    rich = small.load("B", 8, 9, penalty_fen=1_000_000.0)
    plan = solve(
        small.day([poor, rich], [small.lorry(compartments=(small.lorry().compartments))]),
        Limits(iterations=300),
    )
    assert 1 in of(plan.nodes)
    alone = solve(small.day([poor]), Limits(iterations=300))
    assert [one.reason.code for one in alone.left_out] == [ReasonCode.COSTS_MORE]


def test_a_plan_to_start_from_is_never_made_worse() -> None:
    """A plan made by hand and improved by the machine would come back worse."""
    problem = fleet_day(8)
    start = solve(problem, Limits(iterations=1_000, seed=2))
    better = solve(problem, Limits(iterations=200, seed=3), start=start)
    assert value(problem, better) <= value(problem, start)


def running_day(seed: int) -> tuple[Problem, Plan]:
    """Draw a rich day and a plan for all but one of its loads."""
    problem = replace(days.day(seed), running=None)
    plan = solve(problem, Limits(iterations=50))
    return problem, plan


def test_fixed_stops_stay_and_no_more_moves_than_asked() -> None:
    """A driver under way would be sent back, or half the city rung up because of one new lot."""
    rnd = Random(1)
    for seed in range(120):
        problem, before = running_day(seed)
        dropped = rnd.randrange(len(problem.requests)) if problem.requests else -1
        tours = tuple(tuple(node for node in tour if request_of(node) != dropped) for tour in before.nodes)
        if not evaluate(problem, tours).feasible:
            continue
        fixed = tuple(tour[: rnd.randint(0, 2)] for tour in tours)
        most = rnd.choice((None, 0, 1, 2))
        again = replace(problem, running=Running(tours, rnd.choice((0.0, 1e6)), most, fixed))
        plan = solve(again, Limits(iterations=200))
        assert check_plan(again, plan) == []
        assert all(tour[: len(head)] == head for head, tour in zip(fixed, plan.nodes, strict=True))
        assert most is None or plan.moved <= most
        assert value(again, plan) <= value(again, evaluate(again, tours))


def test_dear_changes_are_not_made() -> None:
    """A better order of two stops, worth a yuan, would cost ten phone calls."""
    problem = replace(fleet_day(9), goal=Goal.MONEY)
    before = solve(problem, Limits(iterations=20))
    dear = replace(problem, running=Running(before.nodes, 1e9))
    free = replace(problem, running=Running(before.nodes, 0.0))
    assert solve(dear, Limits(iterations=1_000)).moved == 0
    assert solve(free, Limits(iterations=1_000)).metres < before.metres


def test_what_a_vehicle_may_no_longer_carry_is_planned_anew() -> None:
    """A permit that ends at noon would leave the dispatcher with an error instead of a plan."""
    problem, before = next(day for day in map(running_day, range(100)) if any(day[1].nodes))
    number = request_of(next(tour[0] for tour in before.nodes if tour))
    barred = replace(problem.requests[number], licences=frozenset({"a new permit"}))
    requests = (*problem.requests[:number], barred, *problem.requests[number + 1 :])
    again = replace(problem, requests=requests, running=Running(before.nodes))
    plan = solve(again, Limits(iterations=50))
    assert check_plan(again, plan) == []
    assert 2 * number not in {node for tour in plan.nodes for node in tour}


def test_a_fixed_part_that_breaks_the_rules_is_named() -> None:
    """A plan that nobody can drive would be handed out as the answer."""
    late = small.load("A", 5, 6, ready=small.span(0, 100))
    running = Running(((0, 1),), fixed=((0, 1),))
    with pytest.raises(NotSound, match="window_missed"):
        solve(small.day([late], running=running), Limits(iterations=100))


@pytest.mark.parametrize(
    "wrong", [{"seconds": 0.0}, {"seconds": math.nan}, {"iterations": -1}, {"seed": -1}, {"threads": 0}]
)
def test_limits_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    """A search without end, or with none of the work done, would follow from a slip of the pen."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Limits(**wrong)  # type: ignore[arg-type]
