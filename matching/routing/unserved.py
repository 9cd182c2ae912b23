"""Why is a request on no tour? The answer that comes closest to carrying it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from matching.reasons import Reason, ReasonCode
from matching.routing.breaches import tour_faults
from matching.routing.driver import home, ready, serve, set_out
from matching.routing.faults import Fault, figure
from matching.routing.fitness import unfit
from matching.routing.model import Problem, delivery_of, pickup_of
from matching.routing.moments import Docks
from matching.routing.plan import PlannedTour
from matching.solution import Violation

# From far to near: what is further down in the list is nearer to being carried.
NEARNESS = (
    ReasonCode.LOCKED_ELSEWHERE,
    ReasonCode.NO_VEHICLE,
    ReasonCode.VEHICLE_TYPE,
    ReasonCode.LICENCE_MISSING,
    ReasonCode.VEHICLE_NOT_HAZARDOUS,
    ReasonCode.VEHICLE_DG_CLASS,
    ReasonCode.NO_COMPARTMENT,
    ReasonCode.LOAD_TOO_HEAVY,
    ReasonCode.PICKUP_WINDOW_MISSED,
    ReasonCode.DELIVERY_WINDOW_MISSED,
    ReasonCode.RIDE_LIMIT,
    ReasonCode.NOT_CLEAN,
    ReasonCode.HOURS_EXCEEDED,
    ReasonCode.COSTS_MORE,
    ReasonCode.NO_ROOM_IN_ROUTE,
)


def reason_for(problem: Problem, number: int) -> Reason:
    """Say why a request, by number, is left out: what stops it even alone, or that there was no room.

    Each kind of vehicle is asked; the answer of the one that comes closest is given.
    """
    asked = set()
    found: list[Reason] = []
    for tour, (at, shift) in enumerate(problem.shifts):
        kind = (
            replace(problem.vehicles[at], id="", shifts=()),
            shift,
            problem.requests[number].vehicle == at,
        )
        if kind not in asked:
            asked.add(kind)
            found.append(_alone(problem, number, tour))
    if not found:
        return Reason(ReasonCode.NO_VEHICLE, {"vehicles": 0})
    return max(found, key=lambda reason: NEARNESS.index(reason.code))


def _alone(problem: Problem, number: int, tour: int) -> Reason:
    """Drive the request alone on a tour and say what comes of it."""
    request = problem.requests[number]
    at, shift = problem.shifts[tour]
    reason = unfit(problem, request, at)
    if reason is not None:
        return reason
    if request.on_board and shift != problem.vehicles[at].shifts[0]:
        return Reason(ReasonCode.LOCKED_ELSEWHERE, {"vehicle_id": problem.vehicles[at].id})
    planned, faults = drive_alone(problem, number, tour)
    for fault in faults:
        return _told(problem, number, planned, fault)
    if request.penalty_fen is not None:
        cost = alone_fen(problem, planned)
        if cost > request.penalty_fen:
            params = {"cost_fen": figure(cost), "penalty_fen": figure(request.penalty_fen)}
            return Reason(ReasonCode.COSTS_MORE, {"vehicle_id": problem.vehicles[at].id, **params})
    return Reason(ReasonCode.NO_ROOM_IN_ROUTE, {"tours": len(problem.shifts)})


def drive_alone(problem: Problem, number: int, tour: int) -> tuple[PlannedTour, list[Violation]]:
    """Drive one request, and what is on board already, on an otherwise empty tour."""
    request = problem.requests[number]
    nodes = (delivery_of(number),) if request.on_board else (pickup_of(number), delivery_of(number))
    booked: dict[int, float] = {}
    while True:
        driver, docks = ready(problem, tour, nodes), Docks(problem)
        while driver.next_node is not None:
            set_out(problem, driver)
            serve(problem, driver, docks, booked)
        planned = home(driver)
        faults = list(_serious(driver.faults)) + list(tour_faults(problem, planned))
        only_late = faults and all(one.breach is Fault.RIDE_TOO_LONG for one in faults)
        if request.on_board or not only_late or booked:
            return planned, faults
        pickup, delivery = planned.stops[-2:]
        booked = {nodes[0]: delivery.begin - (request.max_ride_s or 0.0) - (pickup.departure - pickup.begin)}


def alone_fen(problem: Problem, tour: PlannedTour) -> float:
    """Give what a tour of its own costs."""
    vehicle = problem.vehicles[tour.vehicle]
    way = vehicle.per_km_fen * tour.metres / 1000 + vehicle.per_hour_fen * tour.paid_s / 3600
    return vehicle.fixed_fen + way


def _serious(faults: list[Violation]) -> Iterator[Violation]:
    """Pass over what only others on board bring about."""
    for fault in faults:
        if fault.breach not in (Fault.MUST_NOT_MEET, Fault.OVERLOADED):
            yield fault


def _told(problem: Problem, number: int, planned: PlannedTour, fault: Violation) -> Reason:
    """Give the reason behind a fault of the tour."""
    request = problem.requests[number]
    who = {"vehicle_id": problem.vehicles[planned.vehicle].id}
    if fault.breach is Fault.WINDOW_MISSED:
        pickup = fault.params["node"] == pickup_of(number)
        code = ReasonCode.PICKUP_WINDOW_MISSED if pickup else ReasonCode.DELIVERY_WINDOW_MISSED
        return Reason(code, {**who, "load_id": request.id, "arrival": fault.params["arrival"]})
    code = {
        Fault.RIDE_TOO_LONG: ReasonCode.RIDE_LIMIT,
        Fault.NOT_CLEANED: ReasonCode.NOT_CLEAN,
        Fault.SHIFT_OVERRUN: ReasonCode.HOURS_EXCEEDED,
        Fault.DRIVEN_TOO_LONG: ReasonCode.HOURS_EXCEEDED,
    }.get(Fault(fault.breach), ReasonCode.NO_ROOM_IN_ROUTE)
    return Reason(code, {**who, **fault.params})
