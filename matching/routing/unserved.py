"""Why is a request on no tour? The answer that comes closest to carrying it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from matching.distances import UNREACHABLE
from matching.reasons import Reason, ReasonCode
from matching.routing.edits import drive_one, tour_value
from matching.routing.faults import Fault, figure
from matching.routing.fitness import unfit
from matching.routing.model import Problem, Request, delivery_of, pickup_of
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
    ReasonCode.NO_ROAD,
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
    return reasons_for(problem, [number])[0]


def reasons_for(problem: Problem, numbers: Sequence[int]) -> list[Reason]:
    """Say for each of these requests why it is left out."""
    kinds = _kinds(problem) if numbers else []
    return [_closest(problem, number, kinds) for number in numbers]


def _kinds(problem: Problem) -> list[int]:
    """Give the first tour of each kind of vehicle and shift: the others could say nothing else."""
    first: dict[object, int] = {}
    for tour, (at, shift) in enumerate(problem.shifts):
        first.setdefault((replace(problem.vehicles[at], id="", shifts=()), shift), tour)
    return list(first.values())


def _closest(problem: Problem, number: int, kinds: Sequence[int]) -> Reason:
    """Ask a tour of each kind, or those of the vehicle the request is tied to."""
    tied = problem.requests[number].vehicle
    if tied is not None:
        kinds = [tour for tour, (at, _) in enumerate(problem.shifts) if at == tied]
    found = [_alone(problem, number, tour) for tour in kinds]
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
    if _roadless(problem, request, tour):
        return Reason(ReasonCode.NO_ROAD, {"vehicle_id": problem.vehicles[at].id, "load_id": request.id})
    planned, faults = drive_alone(problem, number, tour)
    for fault in faults:
        return _told(problem, number, planned, fault)
    if request.penalty_fen is not None:
        cost = tour_value(problem, planned)
        if cost > request.penalty_fen:
            params = {"cost_fen": figure(cost), "penalty_fen": figure(request.penalty_fen)}
            return Reason(ReasonCode.COSTS_MORE, {"vehicle_id": problem.vehicles[at].id, **params})
    return Reason(ReasonCode.NO_ROOM_IN_ROUTE, {"tours": len(problem.shifts)})


def _roadless(problem: Problem, request: Request, tour: int) -> bool:
    """Tell whether a leg of the way there and home has no road."""
    at, shift = problem.shifts[tour]
    ends = [request.delivery.place, *([] if shift.end_place is None else [shift.end_place])]
    way = [shift.start_place, *([] if request.on_board else [request.pickup.place]), *ends]
    metres = problem.roads[problem.vehicles[at].profile].metres
    return any(metres[leg] >= UNREACHABLE for leg in pairwise(way))


def drive_alone(problem: Problem, number: int, tour: int) -> tuple[PlannedTour, list[Violation]]:
    """Drive one request, and what is on board already, on an otherwise empty tour."""
    on_board = problem.requests[number].on_board
    nodes = (delivery_of(number),) if on_board else (pickup_of(number), delivery_of(number))
    driven = drive_one(problem, tour, nodes)
    return driven.tour, list(_serious(driven.faults))


def _serious(faults: Iterable[Violation]) -> Iterator[Violation]:
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
