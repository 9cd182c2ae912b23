"""Is this fact of a routing problem one that an honest problem can contain?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from matching.problem import BadProblem, Defect

if TYPE_CHECKING:
    from matching.routing.model import Problem, Tours


def refuse(wrong: bool, defect: Defect, where: str, name: str, value: object) -> None:
    """Raise BadProblem when something is wrong."""
    if wrong:
        raise BadProblem(defect, where, name, value)


def finite(where: str, name: str, value: float) -> None:
    """Refuse NaN and infinities."""
    refuse(not math.isfinite(value), Defect.NOT_FINITE, where, name, value)


def not_negative(where: str, name: str, value: float) -> None:
    """Refuse what is below zero or not finite."""
    finite(where, name, value)
    refuse(value < 0, Defect.NEGATIVE, where, name, value)


def positive(where: str, name: str, value: float) -> None:
    """Refuse what is not above zero."""
    finite(where, name, value)
    refuse(value <= 0, Defect.NOT_POSITIVE, where, name, value)


def unique(where: str, ids: Iterable[str]) -> None:
    """Refuse an id that comes twice."""
    seen: set[str] = set()
    for one in ids:
        refuse(one in seen, Defect.DUPLICATE_ID, where, "id", one)
        seen.add(one)


def check_problem(problem: Problem) -> None:
    """Refuse a problem whose parts do not fit together. Raises BadProblem naming the part."""
    unique("places", (one.id for one in problem.places))
    unique("requests", (one.id for one in problem.requests))
    unique("vehicles", (one.id for one in problem.vehicles))
    size = len(problem.places)
    refuse(not problem.roads, Defect.SIZE, "problem", "roads", 0)
    for roads in problem.roads:
        refuse(roads.metres.shape != (size, size), Defect.SIZE, "roads", "metres", roads.metres.shape)
    for where, name, place in _places_named(problem):
        refuse(not 0 <= place < size, Defect.UNKNOWN_ID, where, name, place)
    _amounts(problem)
    for request in problem.requests:
        unknown = request.vehicle is not None and not 0 <= request.vehicle < len(problem.vehicles)
        refuse(unknown, Defect.UNKNOWN_ID, request.id, "vehicle", request.vehicle)
    if problem.running is not None:
        _tours(problem, "running.tours", problem.running.tours)
        if problem.running.fixed:
            _tours(problem, "running.fixed", problem.running.fixed)


def _amounts(problem: Problem) -> None:
    width = len(problem.dimensions)
    for request in problem.requests:
        refuse(len(request.amounts) != width, Defect.SIZE, request.id, "amounts", request.amounts)
    for vehicle in problem.vehicles:
        known = 0 <= vehicle.profile < len(problem.roads)
        refuse(not known, Defect.UNKNOWN_ID, vehicle.id, "profile", vehicle.profile)
        for room in vehicle.compartments:
            refuse(len(room.capacities) != width, Defect.SIZE, vehicle.id, "capacities", room.capacities)


def _places_named(problem: Problem) -> Iterator[tuple[str, str, int]]:
    for request in problem.requests:
        yield request.id, "pickup.place", request.pickup.place
        yield request.id, "delivery.place", request.delivery.place
    for vehicle in problem.vehicles:
        for shift in vehicle.shifts:
            yield vehicle.id, "start_place", shift.start_place
            if shift.end_place is not None:
                yield vehicle.id, "end_place", shift.end_place
    for cleaning in problem.segregation.cleanings:
        yield "cleaning", "place", cleaning.place
    for closure in problem.closures:
        yield from (("closure", "places", place) for place in sorted(closure.places))
        yield from (("closure", "legs", place) for leg in sorted(closure.legs) for place in leg)


def _tours(problem: Problem, where: str, tours: Tours) -> None:
    refuse(len(tours) != len(problem.shifts), Defect.SIZE, "problem", where, len(tours))
    seen: set[int] = set()
    for node in (node for tour in tours for node in tour):
        refuse(not 0 <= node < problem.nodes, Defect.UNKNOWN_ID, "problem", where, node)
        refuse(node in seen, Defect.DUPLICATE_ID, "problem", where, node)
        seen.add(node)
