"""What is the least that would have to give way for a request to be carried after all?

Every way out is tried: the problem is changed, the request put in anew, and the plan checked. What is not
shown to help is not offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from matching.reasons import Params
from matching.routing.check import check_plan
from matching.routing.edits import best_insertion
from matching.routing.evaluate import evaluate
from matching.routing.faults import figure
from matching.routing.fitness import unfit
from matching.routing.model import (
    Compartment,
    Place,
    Problem,
    Request,
    Running,
    Shift,
    Span,
    Stop,
    Tours,
    Vehicle,
)
from matching.routing.plan import Plan

Solver = Callable[[Problem, Tours], Plan]
"""Plan a problem anew, beginning with these tours."""

ITERATIONS = 2000
MINUTES = (15, 30, 60, 120, 240, 480)


class Step(StrEnum):
    """What gives way, in the order in which it is tried: time first, then money, vehicles and paper.

    PLAN_AGAIN: nothing has to, the request fits as it is. SECOND_DRIVER: two share a day's driving.
    LARGER_VEHICLE: one more of a kind, with a compartment that holds the request.
    """

    PLAN_AGAIN = "plan_again"
    WIDEN_PICKUP = "widen_pickup"
    WIDEN_DELIVERY = "widen_delivery"
    DROP_RIDE_LIMIT = "drop_ride_limit"
    LONGER_SHIFT = "longer_shift"
    UNLOCK = "unlock"
    RAISE_PENALTY = "raise_penalty"
    CLEAN_VEHICLE = "clean_vehicle"
    SECOND_DRIVER = "second_driver"
    ONE_MORE_VEHICLE = "one_more_vehicle"
    ALLOW_TYPE = "allow_type"
    VEHICLE_PERMIT = "vehicle_permit"
    LARGER_VEHICLE = "larger_vehicle"


@dataclass(frozen=True, slots=True)
class WayOut:
    """One change that lets the request be carried, its figures, and the checked plan that shows it."""

    step: Step
    params: Params
    problem: Problem
    plan: Plan


def cheapest_way_out(
    problem: Problem, plan: Plan, number: int, solver: Solver | None = None
) -> WayOut | None:
    """Find the first change, by order of effort, with which a request that is left out is carried.

    With each change the request is put into the plan where it is best; where it fits nowhere and there is a
    `solver`, the whole day is planned anew. Others must stay served. None: no single change helps.
    """
    for step, params, changed in _changes(problem, number):
        found = _carried(changed, plan, number, solver)
        if found is not None:
            return WayOut(step, params, changed, found)
    return None


def by_search(iterations: int = ITERATIONS, seed: int = 1) -> Solver:
    """Make a solver that searches from the given tours, the same way each time."""

    def solver(problem: Problem, tours: Tours) -> Plan:
        from matching.routing.search.limits import Limits
        from matching.routing.search.solve import solve

        limits = Limits(iterations=iterations, seed=seed)
        return solve(problem, limits, start=evaluate(problem, tours))

    return solver


def _carried(problem: Problem, plan: Plan, number: int, solver: Solver | None) -> Plan | None:
    """Plan the changed problem; None: the request is still left out, or another one now."""
    spare = ((),) * (len(problem.shifts) - len(plan.tours))
    tours: Tours = (*plan.nodes, *spare)
    base = evaluate(problem, tours)
    tried = [_put_in(problem, base, number, tour) for tour in range(len(tours))]
    able = [one for one in tried if one is not None]
    if able:
        return min(able, key=lambda one: one.costs.total_fen - one.costs.penalties_fen)
    if solver is None:
        return None
    solved = solver(problem, tours)
    out = {one.request for one in solved.left_out}
    before = {one.request for one in plan.left_out}
    good = number not in out and out <= before and not check_plan(problem, solved)
    return solved if good else None


def _put_in(problem: Problem, base: Plan, number: int, tour: int) -> Plan | None:
    if unfit(problem, problem.requests[number], base.tours[tour].vehicle) is not None:
        return None
    best = best_insertion(problem, base, number, tour)
    if not best.feasible:
        return None
    nodes = (*base.nodes[:tour], best.nodes, *base.nodes[tour + 1 :])
    plan = evaluate(problem, nodes)
    return plan if plan.feasible and not check_plan(problem, plan) else None


def _changes(problem: Problem, number: int) -> Iterator[tuple[Step, Params, Problem]]:
    """List the changed problems, from the least effort to the most."""
    request = problem.requests[number]
    yield Step.PLAN_AGAIN, {}, problem
    yield from _times(problem, number, request)
    if request.max_ride_s is not None:
        free = _with_request(problem, number, replace(request, max_ride_s=None))
        yield Step.DROP_RIDE_LIMIT, {"max_ride_s": figure(request.max_ride_s)}, free
    for minutes in MINUTES:
        yield Step.LONGER_SHIFT, {"minutes": minutes}, _longer(problem, 60.0 * minutes)
    if request.vehicle is not None and not request.on_board:
        unlocked = _with_request(problem, number, replace(request, vehicle=None))
        yield Step.UNLOCK, {"vehicle_id": problem.vehicles[request.vehicle].id}, unlocked
    if request.penalty_fen is not None:
        wanted = _with_request(problem, number, replace(request, penalty_fen=None))
        yield Step.RAISE_PENALTY, {"penalty_fen": figure(request.penalty_fen)}, wanted
    yield from _fleet(problem, number, request)


def _times(problem: Problem, number: int, request: Request) -> Iterator[tuple[Step, Params, Problem]]:
    for minutes in MINUTES:
        for step, stop in ((Step.WIDEN_PICKUP, request.pickup), (Step.WIDEN_DELIVERY, request.delivery)):
            if stop.windows or problem.places[stop.place].windows:
                wide = _wider(problem, number, 60.0 * minutes, pickup=step is Step.WIDEN_PICKUP)
                yield step, {"minutes": minutes}, wide


def _fleet(problem: Problem, number: int, request: Request) -> Iterator[tuple[Step, Params, Problem]]:
    """Change the vehicles: clean, with two drivers, one more, of another type, with a permit more, larger."""
    if any(vehicle.residue for vehicle in problem.vehicles):
        clean = tuple(replace(vehicle, residue=frozenset()) for vehicle in problem.vehicles)
        yield Step.CLEAN_VEHICLE, {"waste_code": request.waste}, replace(problem, vehicles=clean)
    if problem.hours is not None:
        shared = replace(problem.hours, day_s=2 * problem.hours.day_s)
        yield Step.SECOND_DRIVER, {"day_s": figure(problem.hours.day_s)}, replace(problem, hours=shared)
    for vehicle in _kinds(problem):
        yield Step.ONE_MORE_VEHICLE, {"like": vehicle.id, "type": vehicle.type}, _one_more(problem, vehicle)
    if request.vehicle_types is not None:
        free = _with_request(problem, number, replace(request, vehicle_types=None))
        yield Step.ALLOW_TYPE, {"wanted": ",".join(sorted(request.vehicle_types))}, free
    for at, vehicle in enumerate(problem.vehicles):
        able = _permitted(vehicle, request)
        if able != vehicle:
            vehicles = (*problem.vehicles[:at], able, *problem.vehicles[at + 1 :])
            yield Step.VEHICLE_PERMIT, {"vehicle_id": vehicle.id}, replace(problem, vehicles=vehicles)
    needs = ", ".join(
        f"{amount:g} {name}" for name, amount in zip(problem.dimensions, request.amounts, strict=True)
    )
    for vehicle in _kinds(problem):
        large = replace(vehicle, compartments=(Compartment(request.amounts),))
        yield Step.LARGER_VEHICLE, {"like": vehicle.id, "needs": needs}, _one_more(problem, large)


def _permitted(vehicle: Vehicle, request: Request) -> Vehicle:
    """Give the vehicle every paper the request asks for."""
    classes = frozenset() if request.dg_class is None else frozenset({request.dg_class})
    return replace(
        vehicle,
        licences=vehicle.licences | request.licences,
        hazardous_ok=vehicle.hazardous_ok or request.hazardous,
        dg_classes=vehicle.dg_classes | classes,
    )


def _kinds(problem: Problem) -> Iterator[Vehicle]:
    """Give the first vehicle of each kind."""
    seen = set()
    for vehicle in problem.vehicles:
        kind = replace(vehicle, id="", shifts=(), residue=frozenset(), driven_s=0.0, since_break_s=0.0)
        if kind not in seen:
            seen.add(kind)
            yield vehicle


def _one_more(problem: Problem, like: Vehicle) -> Problem:
    """Add a vehicle of this kind, rested and clean, at the end of the list."""
    names = {vehicle.id for vehicle in problem.vehicles}
    name = next(f"{like.id}+{n}" for n in range(1, len(names) + 2) if f"{like.id}+{n}" not in names)
    more = replace(like, id=name, residue=frozenset(), driven_s=0.0, since_break_s=0.0)
    running = problem.running
    if running is not None:
        spare: Tours = ((),) * len(more.shifts)
        fixed = (*running.fixed, *spare) if running.fixed else ()
        running = Running((*running.tours, *spare), running.change_fen, running.most_moved, fixed)
    return replace(problem, vehicles=(*problem.vehicles, more), running=running)


def _longer(problem: Problem, seconds: float) -> Problem:
    """Let every last shift end so much later."""
    return replace(problem, vehicles=tuple(_works_longer(vehicle, seconds) for vehicle in problem.vehicles))


def _works_longer(vehicle: Vehicle, seconds: float) -> Vehicle:
    *first, last = vehicle.shifts
    longer = Shift(last.start_place, last.end_place, last.starts, last.ends + seconds)
    return replace(vehicle, shifts=(*first, longer))


def _with_request(problem: Problem, number: int, request: Request) -> Problem:
    requests = (*problem.requests[:number], request, *problem.requests[number + 1 :])
    return replace(problem, requests=requests)


def _wider(problem: Problem, number: int, seconds: float, *, pickup: bool) -> Problem:
    """Open a stop, and its place, so much earlier and close both so much later."""
    request = problem.requests[number]
    stop = request.pickup if pickup else request.delivery
    wide = Stop(stop.place, widened(stop.windows, seconds), stop.service_s)
    changed = replace(request, pickup=wide) if pickup else replace(request, delivery=wide)
    place = problem.places[stop.place]
    open_longer = Place(place.id, place.point, widened(place.windows, seconds), place.docks)
    places = (*problem.places[: stop.place], open_longer, *problem.places[stop.place + 1 :])
    return replace(_with_request(problem, number, changed), places=places)


def widened(spans: tuple[Span, ...], seconds: float) -> tuple[Span, ...]:
    """Open windows so much earlier and close them so much later; those that meet become one."""
    found: list[Span] = []
    for span in spans:
        wide = Span(span.start - seconds, span.end + seconds)
        if found and wide.start <= found[-1].end:
            wide = Span(found.pop().start, wide.end)
        found.append(wide)
    return tuple(found)
