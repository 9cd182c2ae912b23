"""Is a plan driven second by second as the rules say? By hand, by brute force, and by another's checker."""

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
from matching.routing.model import (
    Cleaning,
    Closure,
    Compartment,
    Goal,
    HoursRule,
    Place,
    Problem,
    Roads,
    Running,
    Segregation,
    Shift,
    Tours,
)
from matching.routing.plan import Act, Plan, value
from tests.matching.routing import days
from tests.matching.routing.small import LENGTH, day, load, lorry, span

DATA = Path(__file__).parents[3] / "benchmarks" / "data" / "pdptw"
NAMES = sorted(path.stem for path in DATA.glob("*.txt"))


def faults(plan: Plan) -> set[str]:
    """List which rules are broken."""
    return {str(one.breach) for one in plan.violations}


def begins(plan: Plan) -> list[float]:
    """List when the services of the first tour begin."""
    return [stop.begin for stop in plan.tours[0].stops]


def test_times_roads_and_costs_add_up() -> None:
    """A dispatcher would promise an hour, and a bill, that nobody can keep."""
    truck = lorry(fixed_fen=500.0, per_hour_fen=3600.0)
    plan = evaluate(day([load("A", 2, 5, service_s=30.0, ready=span(300, 900))], [truck]), ((0, 1),))
    assert plan.feasible
    assert begins(plan) == [300.0, 630.0]
    tour = plan.tours[0]
    assert (tour.stops[0].arrival, tour.stops[0].wait_s, tour.ends) == (200.0, 100.0, 1160.0)
    assert (plan.metres, tour.driving_s, tour.paid_s) == (10_000.0, 1000.0, 1060.0)
    assert (plan.costs.fixed_fen, plan.costs.distance_fen, plan.costs.hours_fen) == (500.0, 10_000.0, 1060.0)
    assert tour.stops[0].load == (1.0,)
    assert tour.stops[1].load == (0.0,)


def test_slack_is_how_late_one_may_be() -> None:
    """A driver would be told to hurry, or to take her time, for nothing."""
    plan = evaluate(day([load("A", 2, 5, ready=span(0, 450), due=span(0, 600))]), ((0, 1),))
    assert [stop.slack_s for stop in plan.tours[0].stops] == [100.0, 100.0]
    assert evaluate(day([load("A", 2, 5)], [lorry(ends=1000.0)]), ((0, 1),)).tours[0].stops[0].slack_s == 0.0


def test_a_missed_window_is_named_and_driven_all_the_same() -> None:
    """One late stop would hide what becomes of all the others."""
    plan = evaluate(day([load("A", 2, 5, ready=span(0, 100))]), ((0, 1),))
    assert faults(plan) == {"window_missed"}
    assert begins(plan) == [200.0, 500.0]


def test_the_next_window_is_waited_for() -> None:
    """A site that closes at noon would be unreachable for the rest of the day."""
    noon = (*span(0, 100), *span(400, 500))
    assert begins(evaluate(day([load("A", 2, 5, ready=noon)]), ((0, 1),))) == [400.0, 700.0]


def test_a_place_has_opening_hours_of_its_own() -> None:
    """A load that is ready at night would be fetched at a locked gate."""
    places = tuple(Place(f"p{n}", windows=span(250, 300) if n == 2 else ()) for n in range(LENGTH))
    assert begins(evaluate(day([load("A", 2, 5)], places=places), ((0, 1),)))[0] == 250.0


def test_one_dock_makes_a_queue_in_the_order_of_arrival() -> None:
    """Two lorries would be sent to one unloading bay at one time."""
    places = tuple(Place(f"p{n}", docks=1 if n == 3 else None) for n in range(LENGTH))
    loads = [load("A", 1, 3, service_s=100.0), load("B", 2, 3, service_s=100.0)]
    plan = evaluate(day(loads, [lorry("V"), lorry("W")], places=places), ((0, 1), (2, 3)))
    assert plan.feasible
    assert [tour.stops[1].begin for tour in plan.tours] == [400.0, 500.0]
    two = tuple(replace(place, docks=2 if place.docks else None) for place in places)
    free = evaluate(day(loads, [lorry("V"), lorry("W")], places=two), ((0, 1), (2, 3)))
    assert [tour.stops[1].begin for tour in free.tours] == [400.0, 400.0]


def test_a_booked_slot_is_not_used_before_its_time() -> None:
    """The lorry would stand at the gate before the slot the processor gave it."""
    assert begins(evaluate(day([load("A", 2, 5)]), ((0, 1),), {1: 900.0})) == [200.0, 900.0]


def test_a_short_ride_is_kept_by_picking_up_later() -> None:
    """Warm sludge would wait on the lorry for a gate that opens later, while it could have waited at home."""
    late = load("A", 2, 5, max_ride_s=400.0, due=span(1000, 2000))
    plan = evaluate(day([late]), ((0, 1),))
    assert plan.feasible
    assert begins(plan) == [600.0, 1000.0]
    assert faults(evaluate(day([replace(late, max_ride_s=299.0)]), ((0, 1),))) == {"ride_too_long"}


def test_breaks_are_taken_when_they_are_due() -> None:
    """A driver would be sent on the road for longer than the law lets her."""
    hours = HoursRule(drive_s=250.0, break_s=60.0, day_s=1000.0)
    plan = evaluate(day([load("A", 2, 5)], hours=hours), ((0, 1),))
    first, second = plan.tours[0].stops
    assert (first.break_s, first.since_break_s, second.break_s, second.since_break_s) == (
        0.0,
        200.0,
        60.0,
        250.0,
    )
    assert (plan.tours[0].home.break_s, plan.tours[0].ends) == (120.0, 1180.0)
    assert faults(evaluate(day([load("A", 2, 6)], hours=hours), ((0, 1),))) == {"driven_too_long"}


def test_a_long_wait_is_a_break() -> None:
    """A driver who waited an hour at a gate would be made to rest again behind it."""
    hours = HoursRule(drive_s=250.0, break_s=60.0, day_s=9000.0)
    plan = evaluate(day([load("A", 2, 4, ready=span(260, 900))], hours=hours), ((0, 1),))
    assert [stop.break_s for stop in plan.tours[0].stops] == [0.0, 0.0]
    assert [stop.since_break_s for stop in plan.tours[0].stops] == [0.0, 200.0]


def test_a_running_driver_has_hours_behind_her() -> None:
    """Re-planning at noon would give every driver a fresh morning."""
    tired = lorry(driven_s=900.0, since_break_s=200.0)
    hours = HoursRule(drive_s=250.0, break_s=60.0, day_s=1000.0)
    plan = evaluate(day([load("A", 1, 2)], [tired], hours=hours), ((0, 1),))
    assert plan.tours[0].stops[0].break_s == 60.0
    assert faults(plan) == {"driven_too_long"}


def test_a_closed_road_is_waited_for_and_a_closed_place_too() -> None:
    """Lorries would be sent through the town in the hours in which it is closed to them."""
    shut = Closure(span(150, 400), frozenset({"van"}), legs=frozenset({(1, 2)}))
    plan = evaluate(day([load("A", 1, 2)], [lorry(type="van")], closures=(shut,)), ((0, 1),))
    assert (plan.tours[0].stops[1].held_s, begins(plan)) == (300.0, [100.0, 500.0])
    assert begins(evaluate(day([load("A", 1, 2)], [lorry(type="tank")], closures=(shut,)), ((0, 1),))) == [
        100,
        200,
    ]
    gate = Closure(span(250, 400), places=frozenset({2}))
    slow = evaluate(day([load("A", 1, 2, service_s=60.0)], closures=(gate,)), ((0, 1),))
    assert begins(slow) == [100.0, 400.0]


def test_loads_go_into_the_first_compartment_that_takes_them() -> None:
    """Acid would be pumped on top of oil because a tank had room."""
    rooms = (Compartment((1.5,), frozenset({"acid"})), Compartment((2.0,)))
    loads = [load("A", 1, 5, waste="oil"), load("B", 2, 5, waste="acid"), load("C", 3, 5, waste="acid")]
    plan = evaluate(day(loads, [lorry(compartments=rooms)]), ((0, 2, 4, 1, 3, 5),))
    assert plan.feasible
    assert [stop.compartment for stop in plan.tours[0].stops] == [1, 0, 1, 1, 0, 1]
    full = evaluate(day([*loads, load("D", 4, 5)], [lorry(compartments=rooms)]), ((0, 2, 4, 6, 1, 3, 5, 7),))
    assert faults(full) == {"overloaded"}


def test_every_dimension_has_its_limit() -> None:
    """Light foam would fill the lorry twice over."""
    bulky = replace(load("A", 1, 2), amounts=(1.0, 30.0))
    truck = lorry(compartments=(Compartment((10.0, 20.0)),))
    assert faults(evaluate(day([bulky], [truck], dimensions=("kg", "m3")), ((0, 1),))) >= {"overloaded"}


APART = Segregation(apart=frozenset({frozenset({"acid", "lye"})}))


def test_what_must_not_meet_is_not_on_board_together() -> None:
    """Acid and cyanide would share a lorry."""
    loads = [load("A", 1, 3, waste="acid"), load("B", 2, 4, waste="lye")]
    assert faults(evaluate(day(loads, segregation=APART), ((0, 2, 1, 3),))) == {"must_not_meet"}
    assert evaluate(day(loads, segregation=APART), ((0, 1, 2, 3),)).feasible
    classes = Segregation(dg_apart=frozenset({frozenset({"3", "8"})}))
    dangerous = [replace(one, dg_class=dg) for one, dg in zip(loads, "38", strict=True)]
    able = [lorry(dg_classes=frozenset("38"))]
    assert faults(evaluate(day(dangerous, able, segregation=classes), ((0, 2, 1, 3),))) == {"must_not_meet"}


def test_a_tank_is_cleaned_on_the_way_where_the_next_waste_needs_it() -> None:
    """Solvent would be pumped into a tank that still drips of acid."""
    wash = Cleaning(5, 200.0, 70.0)
    rules = Segregation(not_after=frozenset({("acid", "oil")}), cleanings=(Cleaning(9, 1.0), wash))
    loads = [load("A", 1, 3, waste="acid"), load("B", 4, 2, waste="oil")]
    plan = evaluate(day(loads, segregation=rules), ((0, 1, 2, 3),))
    assert plan.feasible
    cleaning = plan.tours[0].stops[2]
    assert (cleaning.act, cleaning.place, cleaning.arrival, cleaning.departure) == (
        Act.CLEANING,
        5,
        500.0,
        700.0,
    )
    assert (plan.tours[0].stops[3].begin, plan.costs.cleaning_fen) == (800.0, 70.0)
    assert faults(evaluate(day(loads, segregation=rules), ((0, 2, 1, 3),))) == {"not_cleaned"}
    nowhere = replace(rules, cleanings=())
    assert faults(evaluate(day(loads, segregation=nowhere), ((0, 1, 2, 3),))) == {"not_cleaned"}
    dirty = lorry(residue=frozenset({"acid"}))
    assert (
        evaluate(day(loads[1:], [dirty], segregation=rules), ((0, 1),)).tours[0].stops[0].act is Act.CLEANING
    )


def test_two_shifts_are_two_tours_that_start_rested() -> None:
    """The second driver of a lorry would be charged with the hours of the first."""
    shifts = (Shift(0, 0, 0.0, 1000.0), Shift(0, 0, 1000.0, 2000.0))
    hours = HoursRule(drive_s=500.0, break_s=60.0, day_s=600.0)
    problem = day([load("A", 1, 2), load("B", 1, 3)], [lorry(shifts=shifts, driven_s=100.0)], hours=hours)
    plan = evaluate(problem, ((0, 1), (2, 3)))
    assert plan.feasible
    assert [tour.driving_s for tour in plan.tours] == [500.0, 600.0]
    assert plan.tours[1].stops[0].begin == 1100.0


def test_an_open_tour_ends_at_its_last_stop() -> None:
    """A hired lorry would be paid for a way home that it does not drive."""
    assert evaluate(day([load("A", 1, 2)], [lorry(end=None)]), ((0, 1),)).metres == 2000.0


def test_a_load_on_board_is_only_delivered() -> None:
    """Re-planning would send the lorry back for what it carries already."""
    aboard = load("A", 1, 4, vehicle=0, picked_up_s=-100.0, max_ride_s=500.0)
    plan = evaluate(day([aboard, load("B", 1, 2)]), ((2, 1, 3),))
    assert plan.feasible
    assert [stop.load for stop in plan.tours[0].stops] == [(2.0,), (1.0,), (0.0,)]
    assert faults(evaluate(day([replace(aboard, max_ride_s=400.0)]), ((1,),))) == {"ride_too_long"}
    assert faults(evaluate(day([aboard]), ((0, 1),))) >= {"node_count"}


@pytest.mark.parametrize(
    ("tours", "fault"),
    [
        (((0,),), "node_count"),
        (((1, 0),), "node_order"),
        (((0, 1, 1),), "node_count"),
        (((0, 1, 7),), "unknown_node"),
        (((0, 1), (0, 1)), "unknown_node"),
    ],
)
def test_nonsense_is_named(tours: Tours, fault: str) -> None:
    """A plan typed by hand would crash the page instead of saying what is wrong with it."""
    assert fault in faults(evaluate(day([load("A", 1, 2)]), tours))


def test_a_running_plan_is_kept_as_far_as_asked() -> None:
    """Drivers would be given a new day each time a lot is added."""
    loads = [load("A", 1, 2), load("B", 3, 4), load("C", 5, 6)]
    running = Running(((0, 1, 2, 3),), change_fen=10.0, most_moved=1, fixed=((0, 1),))
    problem = day(loads, running=running)
    plan = evaluate(problem, ((0, 1, 2, 4, 5, 3),))
    assert (plan.feasible, plan.moved) == (True, 0)
    swapped = evaluate(problem, ((2, 3, 0, 1, 4, 5),))
    assert (swapped.moved, swapped.costs.changes_fen) == (2, 20.0)
    assert faults(swapped) == {"fixed_changed", "moved_too_many"}


def test_the_goal_says_what_is_better() -> None:
    """The search would save metres where money was asked for."""
    problem = day([load("A", 1, 2), load("B", 1, 2, penalty_fen=50.0), load("C", 1, 2, priority=3)])
    plan = evaluate(problem, ((0, 1),))
    assert value(problem, plan) == (3.0, 0.0, 4050.0)
    assert value(replace(problem, goal=Goal.VEHICLES), plan) == (3.0, 1.0, 4050.0)


def pairs(seed: int) -> tuple[Problem, Tours]:
    """Draw a day and some tours."""
    problem = days.day(seed)
    return problem, days.tours(Random(seed), problem)


def test_evaluate_and_check_agree_on_thousands_of_days() -> None:
    """A plan would be called sound by one half of the package and unsound by the other."""
    seen: set[str] = set()
    sound = 0
    for seed in range(3000):
        problem, tours = pairs(seed)
        plan = evaluate(problem, tours)
        said, checked = faults(plan), {str(one.breach) for one in check_plan(problem, plan)}
        allowed = {Fault.CLOSED, Fault.DOCKS_FULL} if Fault.WINDOW_MISSED in said else set()
        assert bool(said) == bool(checked), (seed, said, checked)
        assert checked - said <= allowed, (seed, said, checked)
        seen |= said
        sound += plan.feasible
    assert sound > 500
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
