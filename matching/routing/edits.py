"""What does it change to take a request off a tour, or to put it on one, all else staying as it is?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from matching.routing.breaches import tour_faults
from matching.routing.driver import home, ready, serve, set_out
from matching.routing.faults import Fault
from matching.routing.model import (
    Goal,
    Problem,
    Tours,
    delivery_of,
    pickup_of,
    request_of,
)
from matching.routing.moments import Docks
from matching.routing.plan import Plan, PlannedTour
from matching.routing.rides import put_off
from matching.solution import Violation

ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Driven:
    """One tour driven by itself and what is wrong with it."""

    tour: PlannedTour
    faults: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Insertion:
    """The best place for a request on a tour: the tour's nodes then, and what it adds to the goal.

    `extra` is fen or metres, as the goal counts. With `faults` it cannot be done, and these are the fewest.
    """

    tour: int
    nodes: tuple[int, ...]
    extra: float
    faults: tuple[Violation, ...] = ()

    @property
    def feasible(self) -> bool:
        """Tell whether it breaks no rule."""
        return not self.faults


def drive_one(problem: Problem, number: int, nodes: tuple[int, ...], others: Plan | None = None) -> Driven:
    """Drive one tour by itself; the docks that the other tours of a plan have taken stay taken."""
    booked: dict[int, float] = {}
    driven = _drive(problem, number, nodes, others, booked)
    for _ in range(ROUNDS):
        late = put_off(problem, [driven.tour])
        if not late:
            return driven
        booked |= late
        again = _drive(problem, number, nodes, others, booked)
        if any(fault.breach is not Fault.RIDE_TOO_LONG for fault in again.faults):
            return driven
        driven = again
    return driven


def _drive(
    problem: Problem, number: int, nodes: tuple[int, ...], others: Plan | None, booked: Mapping[int, float]
) -> Driven:
    driver, docks = ready(problem, number, nodes), _taken(problem, number, others)
    while driver.next_node is not None:
        set_out(problem, driver)
        serve(problem, driver, docks, booked)
    tour = home(driver)
    return Driven(tour, (*driver.faults, *tour_faults(problem, tour)))


def _taken(problem: Problem, number: int, others: Plan | None) -> Docks:
    docks = Docks(problem)
    for tour in others.tours if others is not None else ():
        for stop in tour.stops if tour.number != number else ():
            if stop.node is not None:
                docks.book(stop.place, stop.begin, stop.departure - stop.begin)
    return docks


def without(tours: Tours, number: int) -> Tours:
    """Take a request off the tours."""
    return tuple(tuple(node for node in tour if request_of(node) != number) for tour in tours)


def orders(
    problem: Problem, nodes: tuple[int, ...], number: int, fixed: int = 0
) -> Iterator[tuple[int, ...]]:
    """List a tour's nodes with the request at every pair of positions after the fixed ones."""
    pickup, delivery = pickup_of(number), delivery_of(number)
    for a in range(fixed, len(nodes) + 1):
        if problem.requests[number].on_board:
            yield (*nodes[:a], delivery, *nodes[a:])
        else:
            for b in range(a, len(nodes) + 1):
                yield (*nodes[:a], pickup, *nodes[a:b], delivery, *nodes[b:])


def best_insertion(problem: Problem, plan: Plan, number: int, tour: int) -> Insertion:
    """Find the best pair of positions for a request on a tour of a plan it is not on."""
    nodes = plan.nodes[tour]
    running = problem.running
    fixed = len(running.fixed[tour]) if running is not None and running.fixed else 0
    before = tour_value(problem, drive_one(problem, tour, nodes, plan).tour)
    best: tuple[int, float, Driven] | None = None
    for order in orders(problem, nodes, number, min(fixed, len(nodes))):
        driven = drive_one(problem, tour, order, plan)
        rank = (len(driven.faults), tour_value(problem, driven.tour) - before)
        if best is None or rank < best[:2]:
            best = (*rank, driven)
    assert best is not None
    return Insertion(tour, best[2].tour.nodes, best[1], best[2].faults)


def tour_value(problem: Problem, tour: PlannedTour) -> float:
    """Give what a tour costs as the goal counts: fen, or metres (a tour of its own counts for VEHICLES)."""
    if not tour.stops:
        return 0.0
    if problem.goal is not Goal.MONEY:
        return tour.metres
    vehicle = problem.vehicles[tour.vehicle]
    way = vehicle.per_km_fen * tour.metres / 1000 + vehicle.per_hour_fen * tour.paid_s / 3600
    cleanings = {one.place: one.cost_fen for one in reversed(problem.segregation.cleanings)}
    washed = sum((cleanings[stop.place] for stop in tour.stops if stop.node is None), 0.0)
    return vehicle.fixed_fen + way + washed
