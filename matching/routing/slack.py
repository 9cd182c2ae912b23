"""By how much may each stop of a tour be late, and all that follows still hold?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from matching.routing.model import TOLERANCE, Problem, Span, is_pickup, pickup_of, request_of
from matching.routing.moments import leg_closures, place_closures
from matching.routing.plan import PlannedStop, PlannedTour


def with_slack(problem: Problem, tour: PlannedTour) -> PlannedTour:
    """Fill in the slack of every stop: a safe figure, which counts on no other window, dock slot or break.

    A delay shrinks by each wait it meets, but not by a wait that is needed as a break.
    """
    room = _home_room(problem, tour)
    rides = _ride_rooms(problem, tour)
    stops: list[PlannedStop] = []
    for n in range(len(tour.stops) - 1, -1, -1):
        stop = tour.stops[n]
        room = min(room, _own_room(problem, tour, stop), _ride_room(rides, n))
        stops.append(replace(stop, slack_s=max(0.0, room)))
        before = tour.stops[n - 1].since_break_s if n else 0.0
        room = min(room + _spare(problem, stop, before), _road_room(problem, tour, n))
    return replace(tour, stops=tuple(reversed(stops)))


def _spare(problem: Problem, stop: PlannedStop, since_break_s: float) -> float:
    """Give how much of the wait, and of being held, can be lost."""
    hours = problem.hours
    if hours is None or stop.wait_s < hours.break_s - TOLERANCE or not since_break_s + stop.drive_s:
        return stop.wait_s + stop.held_s
    return max(0.0, stop.wait_s - hours.break_s) + stop.held_s


def _own_room(problem: Problem, tour: PlannedTour, stop: PlannedStop) -> float:
    """Give how much later this stop alone could begin."""
    if stop.node is None:
        return math.inf
    node = problem.stop(stop.node)
    place = problem.places[stop.place]
    if place.docks is not None and node.service_s > 0:
        return 0.0
    room = min(_window_room(node.windows, stop.begin), _window_room(place.windows, stop.begin))
    kind = problem.vehicles[tour.vehicle].type
    for span in place_closures(problem.closures, kind, stop.place):
        if span.end > stop.begin + TOLERANCE:
            room = min(room, span.start - stop.departure)
    return room


def _window_room(windows: Sequence[Span], begin: float) -> float:
    if not windows:
        return math.inf
    inside = [one for one in windows if one.start - TOLERANCE <= begin <= one.end + TOLERANCE]
    return max((one.end - begin for one in inside), default=0.0)


def _road_room(problem: Problem, tour: PlannedTour, n: int) -> float:
    """Give how much later the vehicle could leave for stop n, for the road's closed hours alone."""
    shift = problem.shifts[tour.number][1]
    stop = tour.stops[n]
    here = tour.stops[n - 1].place if n else shift.start_place
    return _leg_room(problem, tour, (here, stop.place), stop.leaves_s, stop.arrival) + stop.held_s


def _home_room(problem: Problem, tour: PlannedTour) -> float:
    shift = problem.shifts[tour.number][1]
    room = shift.ends - tour.ends
    if shift.end_place is None or not tour.stops:
        return room
    sets_out = tour.ends - tour.home.drive_s - tour.home.break_s
    leg = (tour.stops[-1].place, shift.end_place)
    road = _leg_room(problem, tour, leg, sets_out, tour.ends)
    return min(room, road) + tour.home.held_s


def _leg_room(
    problem: Problem, tour: PlannedTour, leg: tuple[int, int], leaves: float, arrives: float
) -> float:
    kind = problem.vehicles[tour.vehicle].type
    spans = leg_closures(problem.closures, kind, leg)
    return min((one.start - arrives for one in spans if one.end > leaves + TOLERANCE), default=math.inf)


def _ride_rooms(problem: Problem, tour: PlannedTour) -> dict[int, tuple[int, float]]:
    """Give for the place of each limited delivery the place of its pick-up (-1: before) and the room."""
    at = {stop.node: n for n, stop in enumerate(tour.stops) if stop.node is not None}
    rooms = {}
    for node, n in at.items():
        request = problem.requests[request_of(node)]
        if is_pickup(node) or request.max_ride_s is None:
            continue
        pickup = at.get(pickup_of(request_of(node)), -1)
        left = request.picked_up_s if pickup < 0 else tour.stops[pickup].departure
        if left is not None:
            rooms[n] = (pickup, request.max_ride_s - (tour.stops[n].begin - left))
    return rooms


def _ride_room(rides: dict[int, tuple[int, float]], n: int) -> float:
    """Give how late stop n may be for the rides of what is on board when it is reached."""
    return min((room for last, (first, room) in rides.items() if first < n <= last), default=math.inf)
