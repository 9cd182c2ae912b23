"""What is different between two plans, and what would be different if a request went elsewhere?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from matching.reasons import Reason
from matching.routing.edits import Insertion, best_insertion, tour_value, without
from matching.routing.evaluate import evaluate
from matching.routing.fitness import unfit
from matching.routing.model import Problem, request_of
from matching.routing.moves import moved_between
from matching.routing.plan import Costs, Plan


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second plan does otherwise than the first.

    `moved_stops` as re-planning counts them; `moved_requests`, `newly_served` and `newly_left_out` by number:
    on another vehicle than before, on one at last, and on none any more. `costs` and `metres` are the second
    plan's less the first's.
    """

    moved_stops: int
    moved_requests: tuple[int, ...]
    newly_served: tuple[int, ...]
    newly_left_out: tuple[int, ...]
    costs: Costs
    metres: float
    vehicles: int


def compare(before: Plan, after: Plan) -> Difference:
    """Compare two plans of one problem, or of one before and after a change that keeps the numbers."""
    old, new = _vehicles(before), _vehicles(after)
    parts = {
        part.name: getattr(after.costs, part.name) - getattr(before.costs, part.name)
        for part in fields(Costs)
    }
    return Difference(
        moved_stops=moved_between(before.nodes, after.nodes),
        moved_requests=tuple(sorted(n for n in old.keys() & new.keys() if old[n] != new[n])),
        newly_served=tuple(sorted(new.keys() - old.keys())),
        newly_left_out=tuple(sorted(old.keys() - new.keys())),
        costs=Costs(**parts),
        metres=after.metres - before.metres,
        vehicles=len(after.driven) - len(before.driven),
    )


def _vehicles(plan: Plan) -> dict[int, int]:
    return {request_of(node): tour.vehicle for tour in plan.tours for node in tour.nodes}


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another tour for a request: where on it and for how much, or why not."""

    tour: int
    insertion: Insertion | None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a request is where it is: what it costs there, and what it would elsewhere, best first.

    `saves` is what the goal (fen or metres) gains if it is left out, its penalty not counted; None: it is on
    no tour. An alternative's `extra` is to be held against it.
    """

    request: int
    tour: int | None
    saves: float | None
    alternatives: tuple[Alternative, ...]


def explain(problem: Problem, plan: Plan, number: int) -> Explained:
    """Explain where a request, by number, is: every other tour is tried at every position."""
    here = next((tour.number for tour in plan.tours if number in map(request_of, tour.nodes)), None)
    rest = evaluate(problem, without(plan.nodes, number))
    saves = None
    if here is not None:
        saves = tour_value(problem, plan.tours[here]) - tour_value(problem, rest.tours[here])
    found = [_alternative(problem, rest, number, tour) for tour in _worth_trying(problem, rest, here)]
    return Explained(number, here, saves, tuple(sorted(found, key=_rank)))


def _worth_trying(problem: Problem, plan: Plan, here: int | None) -> Sequence[int]:
    """List the other tours, of vehicles that are alike and empty only the first."""
    seen = set()
    found = []
    for tour in plan.tours:
        vehicle, shift = problem.vehicles[tour.vehicle], problem.shifts[tour.number][1]
        kind = (vehicle.type, vehicle.compartments, vehicle.licences, vehicle.fixed_fen, shift)
        if tour.number == here or (not tour.stops and kind in seen):
            continue
        if not tour.stops:
            seen.add(kind)
        found.append(tour.number)
    return found


def _alternative(problem: Problem, plan: Plan, number: int, tour: int) -> Alternative:
    reason = unfit(problem, problem.requests[number], plan.tours[tour].vehicle)
    if reason is not None:
        return Alternative(tour, None, reason)
    return Alternative(tour, best_insertion(problem, plan, number, tour))


def _rank(one: Alternative) -> tuple[int, float, int]:
    if one.insertion is None:
        return 2, 0.0, one.tour
    return int(not one.insertion.feasible), one.insertion.extra, one.tour
