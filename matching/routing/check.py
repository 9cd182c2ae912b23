"""Does a plan keep every rule of its problem? Reckoned anew; the door through which every plan leaves.

Nothing but the model and the plan's own form is shared with what made the plan.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from matching.routing.check_tour import TourChecker, differs
from matching.routing.faults import Fault, broken
from matching.routing.model import TOLERANCE, Problem, Request
from matching.routing.plan import Plan, PlannedStop, PlannedTour
from matching.solution import NotSound, Violation


def sound(problem: Problem, plan: Plan) -> Plan:
    """Hand the plan on if it keeps every rule. Raises NotSound with what is broken."""
    violations = check_plan(problem, plan)
    if violations:
        raise NotSound(violations)
    return plan


def check_plan(problem: Problem, plan: Plan) -> list[Violation]:
    """List every rule a plan breaks and every figure it states wrongly; an honest, sound plan gives none.

    Any timing that keeps the rules is accepted, not only the earliest.
    """
    strange = list(_strange(problem, plan))
    if strange:
        return strange
    found: list[Violation] = []
    for tour in plan.tours:
        at, shift = problem.shifts[tour.number]
        found += TourChecker(problem, tour, problem.vehicles[at], shift).walk()
        found += _vehicle(problem, tour)
    found += [*_counts(problem, plan), *_docks(problem, plan), *_rides(problem, plan)]
    return [*found, *_changes(problem, plan), *_sums(problem, plan)]


def _strange(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Name tours, nodes and places that the problem does not have."""
    shifts = problem.shifts
    if [tour.number for tour in plan.tours] != list(range(len(shifts))):
        yield broken(Fault.UNKNOWN_NODE, tours=len(plan.tours), shifts=len(shifts))
        return
    for tour in plan.tours:
        if tour.vehicle != shifts[tour.number][0]:
            yield broken(Fault.UNKNOWN_NODE, tour=tour.number, vehicle=tour.vehicle)
        for stop in tour.stops:
            known = stop.node is None or 0 <= stop.node < problem.nodes
            if not known or not 0 <= stop.place < len(problem.places):
                yield broken(Fault.UNKNOWN_NODE, tour=tour.number, place=stop.place)
    for one in plan.left_out:
        if not 0 <= one.request < len(problem.requests):
            yield broken(Fault.UNKNOWN_NODE, request=one.request)


def _vehicle(problem: Problem, tour: PlannedTour) -> Iterator[Violation]:
    """Ask of every request on a tour whether this vehicle may carry it."""
    truck = problem.vehicles[tour.vehicle]
    first = tour.number == 0 or problem.shifts[tour.number - 1][0] != tour.vehicle
    for number in sorted({node // 2 for node in tour.nodes}):
        request = problem.requests[number]
        if request.on_board and first and request.vehicle == tour.vehicle:
            continue
        good = [
            not request.on_board,
            request.vehicle in (None, tour.vehicle),
            request.vehicle_types is None or truck.type in request.vehicle_types,
            request.licences <= truck.licences,
            truck.hazardous_ok or not request.hazardous,
            request.dg_class is None or request.dg_class in truck.dg_classes,
        ]
        if not all(good):
            yield broken(Fault.VEHICLE_FORBIDDEN, request=request.id, vehicle=truck.id)


def _counts(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """See each request served once, entire and by one tour, or left out with a reason."""
    tours: dict[int, list[int]] = defaultdict(list)
    for tour in plan.tours:
        for node in tour.nodes:
            tours[node].append(tour.number)
    out = Counter(one.request for one in plan.left_out)
    for number, request in enumerate(problem.requests):
        pickups, deliveries = tours[2 * number], tours[2 * number + 1]
        if out[number] == 1 and not pickups and not deliveries:
            continue
        whole = pickups == deliveries or (request.on_board and not pickups)
        if out[number] or len(deliveries) != 1 or not whole or (request.on_board and pickups):
            params = {"pickups": len(pickups), "deliveries": len(deliveries), "left_out": out[number]}
            fault = Fault.NODE_COUNT if pickups or deliveries else Fault.UNEXPLAINED
            yield broken(fault, request=request.id, **params)


def _docks(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Count at each place, at each beginning of a service, who is being served."""
    served: dict[int, list[PlannedStop]] = defaultdict(list)
    for tour in plan.tours:
        for stop in tour.stops:
            if stop.node is not None and problem.stop(stop.node).service_s > 0:
                served[stop.place].append(stop)
    for number, stops in sorted(served.items()):
        docks = problem.places[number].docks
        for stop in stops if docks is not None else ():
            at = stop.begin + TOLERANCE
            busy = sum(one.begin <= at < one.departure - TOLERANCE for one in stops)
            if docks is not None and busy > docks:
                yield broken(Fault.DOCKS_FULL, place=problem.places[number].id, busy=busy, docks=docks)


def _rides(problem: Problem, plan: Plan) -> Iterator[Violation]:
    begins = {stop.node: stop.begin for tour in plan.tours for stop in tour.stops}
    for number, request in enumerate(problem.requests):
        begin = begins.get(2 * number + 1)
        if request.max_ride_s is None or begin is None:
            continue
        picked = begins.get(2 * number)
        left = _left(request, picked)
        if left is not None and begin - left > request.max_ride_s + TOLERANCE:
            yield broken(Fault.RIDE_TOO_LONG, request=request.id, ride_s=begin - left)


def _left(request: Request, picked: float | None) -> float | None:
    """Give when a load left its pick-up."""
    return request.picked_up_s if picked is None else picked + request.pickup.service_s


def _changes(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Compare with the running plan."""
    running = problem.running
    moved = 0
    if running is not None:
        tours = [list(tour.nodes) for tour in plan.tours]
        for number, fixed in enumerate(running.fixed):
            if tours[number][: len(fixed)] != list(fixed):
                yield broken(Fault.FIXED_CHANGED, tour=number)
        moved = sum(len(old) - _in_common(list(old), tours[n]) for n, old in enumerate(running.tours))
        if running.most_moved is not None and moved > running.most_moved:
            yield broken(Fault.MOVED_TOO_MANY, moved=moved, most=running.most_moved)
    if plan.moved != moved:
        yield broken(Fault.COSTS_WRONG, moved=plan.moved, reckoned=moved)


def _in_common(old: list[int], new: list[int]) -> int:
    """Measure the longest common subsequence by the textbook's table."""
    row = [0] * (len(new) + 1)
    for a in old:
        above = row
        row = [0]
        for n, b in enumerate(new):
            row.append(above[n] + 1 if a == b else max(above[n + 1], row[n]))
    return row[-1]


def _sums(problem: Problem, plan: Plan) -> Iterator[Violation]:
    """Add metres and money up again."""
    metres = sum(tour.metres for tour in plan.tours)
    if differs(plan.metres, metres):
        yield broken(Fault.ROAD_WRONG, said_m=plan.metres, road_m=metres)
    roads = problem.roads[0]
    if (plan.distance_source, plan.distance_version) != (roads.source, roads.version):
        yield broken(Fault.ROAD_WRONG, source=plan.distance_source)
    fixed = distance = hours = cleaning = 0.0
    for tour in plan.tours:
        truck = problem.vehicles[tour.vehicle]
        if tour.stops:
            fixed += truck.fixed_fen
            distance += tour.metres * truck.per_km_fen / 1000
            hours += tour.paid_s * truck.per_hour_fen / 3600
            cleaning += sum(_cleaning_fen(problem, stop) for stop in tour.stops if stop.node is None)
    out = sum(problem.requests[one.request].penalty_fen or 0.0 for one in plan.left_out)
    changes = plan.moved * problem.running.change_fen if problem.running is not None else 0.0
    said = plan.costs
    pairs = {
        "fixed": (said.fixed_fen, fixed),
        "distance": (said.distance_fen, distance),
        "hours": (said.hours_fen, hours),
        "cleaning": (said.cleaning_fen, cleaning),
        "penalties": (said.penalties_fen, out),
        "changes": (said.changes_fen, changes),
    }
    for part, (told, reckoned) in pairs.items():
        if differs(told, reckoned):
            yield broken(Fault.COSTS_WRONG, part=part, said_fen=told, reckoned_fen=reckoned)


def _cleaning_fen(problem: Problem, stop: PlannedStop) -> float:
    here = [one for one in problem.segregation.cleanings if one.place == stop.place]
    lasts = stop.departure - stop.begin
    return next((one.cost_fen for one in here if not differs(lasts, one.service_s)), 0.0)
