"""Which rules does a plan break that has been driven, beyond those its drivers met on the way?"""

from __future__ import annotations

from collections.abc import Iterator

from matching.routing.faults import Fault, broken
from matching.routing.fitness import unfit
from matching.routing.model import TOLERANCE, Problem, delivery_of, pickup_of, request_of
from matching.routing.plan import Plan, PlannedTour
from matching.solution import Violation


def tour_faults(problem: Problem, tour: PlannedTour) -> Iterator[Violation]:
    """Name what is wrong with a tour: who may not carry what, rides, the shift's end, driver hours."""
    at, shift = problem.shifts[tour.number]
    vehicle = problem.vehicles[at]
    first = shift == vehicle.shifts[0]
    begins = {stop.node: stop for stop in tour.stops if stop.node is not None}
    for number in sorted({request_of(node) for node in begins}):
        request = problem.requests[number]
        reason = unfit(problem, request, at)
        if reason is not None or (request.on_board and not first):
            code = reason.number if reason is not None else 0
            yield broken(Fault.VEHICLE_FORBIDDEN, request=request.id, vehicle=vehicle.id, number=code)
        pickup, delivery = begins.get(pickup_of(number)), begins.get(delivery_of(number))
        left = request.picked_up_s if pickup is None else pickup.departure
        if request.max_ride_s is not None and delivery is not None and left is not None:
            ride = delivery.begin - left
            if ride > request.max_ride_s + TOLERANCE:
                yield broken(Fault.RIDE_TOO_LONG, request=request.id, ride_s=ride, most_s=request.max_ride_s)
    if tour.stops and tour.ends > shift.ends + TOLERANCE:
        yield broken(Fault.SHIFT_OVERRUN, tour=tour.number, ends=tour.ends, shift_ends=shift.ends)
    if tour.stops and problem.hours is not None and tour.driving_s > problem.hours.day_s + TOLERANCE:
        yield broken(Fault.DRIVEN_TOO_LONG, tour=tour.number, driving_s=tour.driving_s)


def plan_faults(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Name what is wrong with a plan as a whole: half-served requests, fixed parts, moves."""
    nodes = {node for tour in plan.nodes for node in tour}
    for number, request in enumerate(problem.requests):
        ends = [pickup_of(number) in nodes, delivery_of(number) in nodes]
        if ends not in ([False, False], [not request.on_board, True]):
            yield broken(Fault.NODE_COUNT, request=request.id, pickups=ends[0], deliveries=ends[1])
    running = problem.running
    if running is None:
        return
    for tour, (fixed, now) in enumerate(zip(running.fixed, plan.nodes, strict=False)):
        if now[: len(fixed)] != fixed:
            yield broken(Fault.FIXED_CHANGED, tour=tour)
    if running.most_moved is not None and plan.moved > running.most_moved:
        yield broken(Fault.MOVED_TOO_MANY, moved=plan.moved, most=running.most_moved)
