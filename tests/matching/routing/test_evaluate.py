"""Is a plan driven second by second as the rules say? Each rule by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matching.routing.evaluate import evaluate
from matching.routing.model import (
    Cleaning,
    Closure,
    Compartment,
    Goal,
    HoursRule,
    Place,
    Running,
    Segregation,
    Shift,
    Tours,
)
from matching.routing.plan import Act, Plan, value
from tests.matching.routing.small import LENGTH, day, load, lorry, span


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
