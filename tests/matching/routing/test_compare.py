"""Does a plan say what a request costs where it is, what elsewhere, and what differs from another plan?"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from random import Random

import pytest

from matching.reasons import ReasonCode
from matching.routing.compare import compare, explain
from matching.routing.edits import best_insertion, orders
from matching.routing.evaluate import evaluate
from matching.routing.model import Place, Running, request_of
from matching.routing.plan import value
from tests.matching.routing import days
from tests.matching.routing.small import LENGTH, day, load, lorry, span


def test_two_plans_are_compared_part_by_part() -> None:
    """A dispatcher would drag a lot to another lorry without seeing what that costs."""
    problem = day(
        [load("A", 1, 3), load("B", 2, 5, penalty_fen=40.0)], [lorry("V"), lorry("W", fixed_fen=9.0)]
    )
    before, after = evaluate(problem, ((0, 1), ())), evaluate(problem, ((), (0, 2, 1, 3)))
    found = compare(before, after)
    assert (found.moved_stops, found.moved_requests, found.newly_served) == (2, (0,), (1,))
    assert (found.costs.fixed_fen, found.costs.distance_fen, found.costs.penalties_fen) == (
        9.0,
        4000.0,
        -40.0,
    )
    assert (found.metres, found.vehicles) == (4000.0, 0)
    assert compare(after, before).newly_left_out == (1,)
    assert compare(before, before).costs.total_fen == 0.0


def test_a_request_knows_what_it_costs_here_and_elsewhere() -> None:
    """Nobody could say why a lot is on this lorry and not on that one."""
    trucks = [lorry("V"), lorry("W", start=4, end=4), lorry("X", type="van")]
    plain = day([load("A", 1, 3), load("B", 4, 5, vehicle_types=frozenset({""}))], trucks)
    plan = evaluate(plain, ((0, 1, 2, 3), (), ()))
    told = explain(plain, plan, 1)
    assert (told.tour, told.saves) == (0, 4000.0)
    best, worst = told.alternatives
    assert best.insertion is not None
    assert (best.tour, best.insertion.extra, best.insertion.nodes) == (1, 2000.0, (2, 3))
    assert (worst.tour, worst.insertion) == (2, None)
    assert worst.reason is not None
    assert worst.reason.code is ReasonCode.VEHICLE_TYPE


def test_an_alternative_that_breaks_a_rule_says_which() -> None:
    """A lot could be dragged onto a lorry that will be late for it."""
    problem = day([load("A", 1, 3), load("B", 9, 8, ready=span(0, 950))], [lorry("V"), lorry("W")])
    plan = evaluate(problem, ((0, 1), ()))
    told = explain(problem, plan, 1)
    assert (told.tour, told.saves) == (None, None)
    assert all(one.insertion is not None and one.insertion.feasible for one in told.alternatives)
    late = replace(problem.requests[1], pickup=replace(problem.requests[1].pickup, windows=span(0, 100)))
    hopeless = explain(replace(problem, requests=(problem.requests[0], late)), plan, 1)
    assert {str(f.breach) for one in hopeless.alternatives for f in one.insertion.faults} == {"window_missed"}  # type: ignore[union-attr]


def test_the_best_insertion_is_the_best_there_is() -> None:
    """A lot added at noon would be put where it costs more than it must."""
    tried = 0
    for seed in range(150):
        problem = replace(days.day(seed), running=None, places=days.day(seed).places)
        problem = replace(problem, places=tuple(replace(place, docks=None) for place in problem.places))
        plan = evaluate(problem, days.tours(Random(seed), problem, 0.5))
        out = [one.request for one in plan.left_out]
        if not out or not plan.feasible:
            continue
        for tour in range(len(plan.tours)):
            found = best_insertion(problem, plan, out[0], tour)
            sets = list(orders(problem, plan.nodes[tour], out[0]))
            plans = [evaluate(problem, (*plan.nodes[:tour], s, *plan.nodes[tour + 1 :])) for s in sets]
            fewest = min(len(one.violations) for one in plans)
            best = min(value(problem, one) for one in plans if len(one.violations) == fewest)
            mine = evaluate(problem, (*plan.nodes[:tour], found.nodes, *plan.nodes[tour + 1 :]))
            assert len(mine.violations) == len(found.faults) == fewest
            assert value(problem, mine) == pytest.approx(best), (seed, tour)
            tried += 1
    assert tried > 40


def test_docks_of_others_stay_taken_and_fixed_parts_fixed() -> None:
    """A lot would be promised a bay that another lorry stands in."""
    places = tuple(Place(f"p{n}", docks=1 if n == 3 else None) for n in range(LENGTH))
    loads = [load("A", 1, 3, service_s=300.0), load("B", 1, 3, service_s=100.0)]
    problem = day(loads, [lorry("V"), lorry("W")], places=places)
    plan = evaluate(problem, ((0, 1), ()))
    assert best_insertion(problem, plan, 1, 1).feasible
    tight = replace(
        problem,
        requests=(loads[0], replace(loads[1], delivery=replace(loads[1].delivery, windows=span(550, 700)))),
    )
    found = best_insertion(tight, evaluate(tight, ((0, 1), ())), 1, 1)
    assert {str(one.breach) for one in found.faults} == {"window_missed"}
    fixed = replace(problem, running=Running(((0, 1), ()), fixed=((0, 1), ())))
    nodes = best_insertion(fixed, evaluate(fixed, ((0, 1), ())), 1, 0).nodes
    assert nodes[:2] == (0, 1)


def test_every_pair_of_positions_is_tried() -> None:
    """The best place for a lot could be the one that was left out."""
    problem = day([load("A"), load("B"), load("C")])
    found = set(orders(problem, (0, 1, 2, 3), 2))
    assert len(found) == sum(1 for a, b in product(range(5), repeat=2) if a <= b)
    assert all(
        one.index(4) < one.index(5) and [n for n in one if request_of(n) != 2] == [0, 1, 2, 3]
        for one in found
    )
