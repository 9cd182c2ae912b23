"""What becomes of a plan when it is driven: the meaning of `routing.model`'s rules, second by second?

Plain Python, and meant to be read: the search is held to it, and `check` shares nothing with it but the
model.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import replace

from matching.routing.breaches import plan_faults, tour_faults
from matching.routing.driver import Driver, home, ready, serve, set_out
from matching.routing.faults import Fault, broken
from matching.routing.model import Problem, Tours
from matching.routing.moments import Docks
from matching.routing.moves import moved_stops
from matching.routing.plan import Costs, LeftOut, Plan, PlannedTour, served
from matching.routing.rides import put_off
from matching.routing.slack import with_slack
from matching.routing.unserved import reasons_for
from matching.solution import Violation

ROUNDS = 100


def evaluate(problem: Problem, tours: Tours, booked: Mapping[int, float] | None = None) -> Plan:
    """Drive the tours as early as the rules allow and say what comes of it: times, loads, costs, faults.

    `booked` maps a node to the moment before which its service does not begin. Faults are listed in the
    plan's `violations`, never raised: a late stop is served when the vehicle gets there, a load too many is
    carried.
    """
    faults, sound = _sorted_out(problem, tours)
    plan = _driven(problem, sound, dict(booked or {}))
    plan = _rides_kept(problem, sound, dict(booked or {}), plan)
    on_tour = served(problem, sound)
    out = [n for n in range(len(problem.requests)) if n not in on_tour]
    return replace(
        plan,
        tours=tuple(with_slack(problem, tour) for tour in plan.tours),
        left_out=tuple(map(LeftOut, out, reasons_for(problem, out))),
        violations=(*faults, *plan.violations, *plan_faults(problem, plan)),
    )


def _sorted_out(problem: Problem, tours: Tours) -> tuple[list[Violation], Tours]:
    """Leave out what cannot be driven at all, and name it: unknown nodes, nodes twice, tours too many."""
    faults: list[Violation] = []
    seen: set[int] = set()
    kept: list[tuple[int, ...]] = []
    shifts = len(problem.shifts)
    for number, tour in enumerate(tours):
        nodes = []
        for node in tour:
            if not 0 <= node < problem.nodes or number >= shifts:
                faults.append(broken(Fault.UNKNOWN_NODE, tour=number, node=node))
            elif node in seen:
                faults.append(broken(Fault.NODE_COUNT, tour=number, node=node))
            else:
                nodes.append(node)
                seen.add(node)
        kept.append(tuple(nodes))
    return faults, (*kept[:shifts], *([()] * (shifts - len(kept))))


def _rides_kept(problem: Problem, tours: Tours, booked: dict[int, float], plan: Plan) -> Plan:
    """Put pick-ups off until every ride is short enough (rule 3), or leave the plan as it was."""
    before = len(plan.violations)
    tried = plan
    for _ in range(ROUNDS):
        late = put_off(problem, tried.tours)
        if not late:
            return tried
        booked |= late
        tried = _driven(problem, tours, booked)
        others = [one for one in tried.violations if one.breach is not Fault.RIDE_TOO_LONG]
        if len(others) > before or len(tried.violations) > before:
            return plan
    return plan


def _driven(problem: Problem, tours: Tours, booked: Mapping[int, float]) -> Plan:
    """Drive all tours together: whoever arrives first is served first."""
    docks = Docks(problem)
    drivers = [ready(problem, number, nodes) for number, nodes in enumerate(tours)]
    arriving = [(set_out(problem, driver), driver.number) for driver in drivers if driver.nodes]
    heapq.heapify(arriving)
    while arriving:
        _, number = heapq.heappop(arriving)
        driver = drivers[number]
        serve(problem, driver, docks, booked)
        if driver.next_node is not None:
            heapq.heappush(arriving, (set_out(problem, driver), number))
    return _plan(problem, tours, drivers)


def _plan(problem: Problem, tours: Tours, drivers: list[Driver]) -> Plan:
    planned = tuple(home(driver) for driver in drivers)
    faults = [fault for driver in drivers for fault in driver.faults]
    faults += [fault for tour in planned for fault in tour_faults(problem, tour)]
    on_tour = served(problem, tours)
    out = [n for n in range(len(problem.requests)) if n not in on_tour]
    moved = moved_stops(problem, tours)
    cleanings = sum((driver.cleanings_fen for driver in drivers), 0.0)
    return Plan(
        tours=planned,
        left_out=(),
        costs=replace(_costs(problem, planned, out, moved), cleaning_fen=cleanings),
        metres=sum((tour.metres for tour in planned), 0.0),
        moved=moved,
        distance_source=problem.roads[0].source,
        distance_version=problem.roads[0].version,
        violations=tuple(faults),
    )


def _costs(problem: Problem, tours: tuple[PlannedTour, ...], out: list[int], moved: int) -> Costs:
    driven = [(problem.vehicles[tour.vehicle], tour) for tour in tours if tour.stops]
    change_fen = problem.running.change_fen if problem.running is not None else 0.0
    return Costs(
        fixed_fen=sum((vehicle.fixed_fen for vehicle, _ in driven), 0.0),
        distance_fen=sum((vehicle.per_km_fen * tour.metres / 1000 for vehicle, tour in driven), 0.0),
        hours_fen=sum((vehicle.per_hour_fen * tour.paid_s / 3600 for vehicle, tour in driven), 0.0),
        penalties_fen=sum((problem.requests[n].penalty_fen or 0.0 for n in out), 0.0),
        changes_fen=change_fen * moved,
    )
