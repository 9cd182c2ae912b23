"""Do evaluation, check and another's checker agree, whatever the day, and however it is written down?"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from benchmarks.routing import pdptw_check
from matching.routing.check import check_plan
from matching.routing.evaluate import evaluate
from matching.routing.faults import Fault
from matching.routing.instances import read_instance
from matching.routing.model import Problem, Roads, Tours
from matching.routing.plan import Plan
from tests.matching.routing import days

DATA = Path(__file__).parents[3] / "benchmarks" / "data" / "pdptw"
NAMES = sorted(path.stem for path in DATA.glob("*.txt"))


def faults(plan: Plan) -> set[str]:
    """List which rules are broken."""
    return {str(one.breach) for one in plan.violations}


def pairs(seed: int) -> tuple[Problem, Tours]:
    """Draw a day and some tours."""
    problem = days.day(seed)
    return problem, days.tours(Random(seed), problem)


def test_evaluate_and_check_agree_on_a_thousand_days() -> None:
    """A plan would be called sound by one half of the package and unsound by the other."""
    seen: set[str] = set()
    sound = 0
    for seed in range(1000):
        problem, tours = pairs(seed)
        plan = evaluate(problem, tours)
        said, checked = faults(plan), {str(one.breach) for one in check_plan(problem, plan)}
        allowed = {Fault.CLOSED, Fault.DOCKS_FULL} if Fault.WINDOW_MISSED in said else set()
        assert bool(said) == bool(checked), (seed, said, checked)
        assert checked - said <= allowed, (seed, said, checked)
        seen |= said
        sound += plan.feasible
    assert sound > 200
    assert len(seen) >= 12


def test_slack_can_be_used_up_without_breaking_anything() -> None:
    """A driver who trusts the slack on her screen would miss a later window."""
    used = 0
    for seed in range(600):
        problem, tours = pairs(seed)
        plan = evaluate(problem, tours)
        stops = [stop for tour in plan.tours for stop in tour.stops if stop.node is not None]
        for stop in stops if plan.feasible else []:
            if 0 < stop.slack_s < 1e5:
                booked = {other.node: other.begin for other in stops if other.node is not None}
                late = evaluate(problem, tours, booked | {stop.node: stop.begin + stop.slack_s})  # type: ignore[dict-item]
                assert late.feasible, (seed, stop)
                used += 1
    assert used > 100


def renumbered(problem: Problem, order: list[int]) -> Problem:
    """Give the requests other numbers."""
    return replace(problem, requests=tuple(problem.requests[n] for n in order), running=None)


def test_names_and_numbers_mean_nothing() -> None:
    """Two dispatchers with the same loads in another order would get two bills."""
    for seed in range(200):
        problem, tours = pairs(seed)
        problem = replace(problem, running=None)
        order = list(range(len(problem.requests)))
        Random(seed).shuffle(order)
        at = {old: new for new, old in enumerate(order)}
        again = tuple(tuple(2 * at[node // 2] + node % 2 for node in tour) for tour in tours)
        one, other = evaluate(problem, tours), evaluate(renumbered(problem, order), again)
        on_board = any(request.on_board for request in problem.requests)
        if not on_board:  # loads on board are stowed in the order of their numbers
            assert [tour.ends for tour in one.tours] == [tour.ends for tour in other.tours]
            assert one.costs.total_fen == pytest.approx(other.costs.total_fen)
            assert faults(one) == faults(other)


def scaled(problem: Problem, factor: float) -> Problem:
    """Make every metre longer."""
    roads = tuple(Roads(one.metres * factor, one.seconds, one.source, one.version) for one in problem.roads)
    return replace(problem, roads=roads)


def test_twice_the_road_costs_twice_as_much() -> None:
    """A bill would depend on the unit in which the road was measured."""
    for seed in range(100):
        problem, tours = pairs(seed)
        one, other = evaluate(problem, tours), evaluate(scaled(problem, 2.0), tours)
        assert other.costs.distance_fen == pytest.approx(2 * one.costs.distance_fen)
        assert [tour.ends for tour in one.tours] == [tour.ends for tour in other.tours]


def test_a_useless_vehicle_changes_nothing() -> None:
    """A lorry in the yard would cost money because it is on the list."""
    for seed in range(100):
        problem, tours = pairs(seed)
        problem = replace(problem, running=None)
        idle = replace(problem.vehicles[0], id="idle", shifts=problem.vehicles[0].shifts[:1])
        one = evaluate(problem, tours)
        other = evaluate(replace(problem, vehicles=(*problem.vehicles, idle)), (*tours, ()))
        assert (one.costs, one.metres, faults(one)) == (other.costs, other.metres, faults(other))


@pytest.mark.parametrize("name", NAMES)
def test_the_published_routes_are_what_they_are_said_to_be(name: str) -> None:
    """We would compare ourselves with the literature by another ruler."""
    instance = read_instance(DATA / f"{name}.txt")
    routes = json.loads((DATA / "bks_routes" / f"{name}.json").read_text())["routes"]
    plan = evaluate(instance.problem, instance.tours(routes))
    found = pdptw_check.check(pdptw_check.read_problem(str(DATA / f"{name}.txt")), routes)
    assert (plan.violations, check_plan(instance.problem, plan), found.errors) == ((), [], [])
    assert plan.metres == pytest.approx(found.distance, rel=1e-12)
    assert (len(plan.driven), plan.left_out) == (found.vehicles, ())


def spoilt(routes: list[list[int]], rnd: Random) -> list[list[int]]:
    """Swap, drop or move nodes of routes."""
    again = [list(route) for route in routes]
    for _ in range(rnd.randint(1, 3)):
        a, b = rnd.randrange(len(again)), rnd.randrange(len(again))
        if again[a]:
            node = again[a].pop(rnd.randrange(len(again[a])))
            if rnd.random() < 0.9:
                again[b].insert(rnd.randint(0, len(again[b])), node)
    return [route for route in again if route]


@pytest.mark.parametrize("name", [one for one in NAMES if "_10_" not in one and "_8_" not in one])
def test_spoilt_routes_are_judged_as_the_other_checker_does(name: str) -> None:
    """An infeasible answer would leave with a distance that looks like a record."""
    instance = read_instance(DATA / f"{name}.txt")
    raw = pdptw_check.read_problem(str(DATA / f"{name}.txt"))
    routes = json.loads((DATA / "bks_routes" / f"{name}.json").read_text())["routes"]
    for seed in range(15):
        bad = spoilt(routes, Random(seed))
        plan = evaluate(instance.problem, instance.tours(bad))
        found = pdptw_check.check(raw, bad)
        complete = plan.feasible and not plan.left_out
        assert complete == (not found.errors), (seed, plan.violations[:3], found.errors[:3])
        assert (not check_plan(instance.problem, plan)) == plan.feasible
        assert plan.metres == pytest.approx(found.distance)


def test_the_road_matrix_is_in_double_precision() -> None:
    """Rounded roads would let us beat records that we do not."""
    instance = read_instance(DATA / "lr104.txt")
    assert instance.problem.roads[0].metres.dtype == np.float64
    assert instance.problem.roads[0].metres[0, 1] == np.hypot(35 - 41, 35 - 49)
