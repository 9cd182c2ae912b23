"""May this vehicle carry this request at all, and if not, for which numbered reason?"""

from __future__ import annotations

from collections.abc import Iterator

from matching.reasons import Params, Reason, ReasonCode
from matching.routing.faults import figure
from matching.routing.model import TOLERANCE, Problem, Request


def unfit(problem: Problem, request: Request, vehicle: int) -> Reason | None:
    """Name the first rule that keeps a request off a vehicle, by number, whenever it were; None: it fits."""
    return next(_reasons(problem, request, vehicle), None)


def _reasons(problem: Problem, request: Request, vehicle: int) -> Iterator[Reason]:
    truck = problem.vehicles[vehicle]
    who: Params = {"vehicle_id": truck.id}
    if request.vehicle is not None and request.vehicle != vehicle:
        yield Reason(ReasonCode.LOCKED_ELSEWHERE, {**who, "locked_to": problem.vehicles[request.vehicle].id})
    if request.on_board:
        return  # it is there, whatever the rules say
    if request.vehicle_types is not None and truck.type not in request.vehicle_types:
        yield Reason(ReasonCode.VEHICLE_TYPE, {**who, "wanted": ",".join(sorted(request.vehicle_types))})
    if missing := request.licences - truck.licences:
        yield Reason(ReasonCode.LICENCE_MISSING, {**who, "licence": ",".join(sorted(missing))})
    if request.hazardous and not truck.hazardous_ok:
        yield Reason(ReasonCode.VEHICLE_NOT_HAZARDOUS, who)
    if request.dg_class is not None and request.dg_class not in truck.dg_classes:
        yield Reason(ReasonCode.VEHICLE_DG_CLASS, {**who, "dg_class": request.dg_class})
    rooms = [room for room in truck.compartments if room.wastes is None or request.waste in room.wastes]
    if not rooms:
        yield Reason(ReasonCode.NO_COMPARTMENT, {**who, "waste_code": request.waste})
    else:
        heavy = _too_heavy(problem, request, vehicle, [room.capacities for room in rooms])
        yield from [] if heavy is None else [heavy]


def _too_heavy(
    problem: Problem, request: Request, vehicle: int, rooms: list[tuple[float, ...]]
) -> Reason | None:
    """Ask whether one of the rooms is large enough in every dimension."""
    lacking = [
        [d for d, amount in enumerate(request.amounts) if amount > room[d] + TOLERANCE] for room in rooms
    ]
    best = min(range(len(rooms)), key=lambda n: len(lacking[n]))
    if not lacking[best]:
        return None
    d = lacking[best][0]
    facts: Params = {"dimension": problem.dimensions[d], "amount": figure(request.amounts[d])}
    who: Params = {"vehicle_id": problem.vehicles[vehicle].id, "capacity": figure(rooms[best][d])}
    return Reason(ReasonCode.LOAD_TOO_HEAVY, {**facts, **who})
