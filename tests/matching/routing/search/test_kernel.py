"""Does the kernel mean what the model means, to the second and the fen?"""

from __future__ import annotations

from dataclasses import replace

from matching.routing.evaluate import evaluate
from matching.routing.model import Compartment, Goal, Problem
from matching.routing.plan import value
from matching.routing.search.compile import compile_problem
from matching.routing.search.searcher import Searcher
from matching.routing.search.solve import plan_of
from tests.matching.routing import days

DAYS = 300


def searched(problem: Problem, steps: int) -> Searcher:
    """Search for so many steps."""
    searcher = Searcher(compile_problem(problem), 1, None)
    searcher.cool(0.3, steps)
    return searcher


def test_the_kernel_reckons_costs_and_times_as_the_model_does() -> None:
    """A plan would be chosen for a cost it does not have, or be late at a gate."""
    for seed in range(DAYS):
        problem = replace(days.day(seed), running=None, goal=Goal.MONEY)
        if not problem.requests:
            continue
        draft = searched(problem, 100).draft()
        plan = plan_of(problem, draft)
        missing, _, fen = value(problem, plan)
        if missing == 0:
            assert abs(draft.cost - fen) <= 1e-6 * max(1.0, fen), seed
        for tour in plan.tours:
            for stop in tour.stops:
                if stop.node is not None and draft.begins:
                    assert abs(stop.begin - draft.begins[stop.node]) <= 1e-6, (seed, stop)


def test_going_back_to_a_plan_gives_the_same_plan() -> None:
    """Searches that exchange plans would turn a sound one into another, or lose some of it."""
    for seed in range(60):
        problem = replace(days.day(seed), running=None)
        if not problem.requests:
            continue
        one = searched(problem, 60).draft()
        other = searched(problem, 1)
        other.adopt(one)
        again = other.draft()
        assert again.tours == one.tours
        assert abs(again.cost - one.cost) <= 1e-6 * max(1.0, abs(one.cost))


def test_a_plain_problem_costs_what_its_rich_twin_costs() -> None:
    """The quick way for plain problems and the exact one would drift apart unseen."""
    for seed in range(60):
        day = replace(days.day(seed), running=None)
        requests = tuple(
            replace(
                one,
                amounts=one.amounts[:1],
                max_ride_s=None,
                vehicle=None,
                picked_up_s=None,
                waste="",
                dg_class=None,
                pickup=replace(one.pickup, windows=one.pickup.windows[:1]),
            )
            for one in day.requests
        )
        plain = Problem(
            places=tuple(replace(place, docks=None, windows=()) for place in day.places),
            requests=requests,
            vehicles=tuple(
                replace(car, compartments=(Compartment((9.0,)),), residue=frozenset()) for car in day.vehicles
            ),
            roads=day.roads,
            goal=Goal.DISTANCE,
        )
        twin = replace(plain, places=tuple(replace(place, docks=99) for place in plain.places))
        if not plain.requests:
            continue
        assert compile_problem(plain).rules is None
        assert compile_problem(twin).rules is not None
        quick, exact = searched(plain, 300).draft(), searched(twin, 300).draft()
        assert value(plain, evaluate(plain, quick.tours)) == value(plain, evaluate(plain, exact.tours)), seed
