"""Which pick-ups have to be put off so that no load rides for longer than it may?"""

from __future__ import annotations

from collections.abc import Iterable

from matching.routing.model import TOLERANCE, Problem, delivery_of, is_pickup, request_of
from matching.routing.plan import PlannedTour


def put_off(problem: Problem, tours: Iterable[PlannedTour]) -> dict[int, float]:
    """Say for the pick-up node of each ride that is too long when its service should begin instead."""
    found = {}
    stops = {stop.node: stop for tour in tours for stop in tour.stops if stop.node is not None}
    for node, pickup in stops.items():
        limit = problem.requests[request_of(node)].max_ride_s
        delivery = stops.get(delivery_of(request_of(node)))
        if is_pickup(node) and limit is not None and delivery is not None:
            over = delivery.begin - pickup.departure - limit
            if over > TOLERANCE:
                found[node] = pickup.begin + over
    return found
