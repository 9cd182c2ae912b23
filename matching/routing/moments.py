"""When is the first moment at which a vehicle may set out, or be served?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from matching.routing.model import TOLERANCE, Closure, HoursRule, Problem, Roads, Shift, Span, Stop, Vehicle


def opening(windows: Sequence[Span], moment: float) -> float | None:
    """Give the first moment from this one on that lies in a window; None: they are all over."""
    if not windows:
        return moment
    for window in windows:
        if moment <= window.end + TOLERANCE:
            return max(moment, window.start)
    return None


def clear_of(spans: Sequence[Span], moment: float, lasting: float) -> float:
    """Give the first moment from which something can last so long without any part of it in a span."""
    for span in sorted(spans, key=lambda one: one.start):
        if moment < span.end - TOLERANCE and moment + lasting > span.start + TOLERANCE:
            moment = span.end
    return moment


def place_closures(closures: Iterable[Closure], kind: str, place: int) -> list[Span]:
    """List when the place is closed to vehicles of this type."""
    return [span for one in closures if place in one.places and _meant(one, kind) for span in one.spans]


def leg_closures(closures: Iterable[Closure], kind: str, leg: tuple[int, int]) -> list[Span]:
    """List when the leg is closed to vehicles of this type."""
    return [span for one in closures if leg in one.legs and _meant(one, kind) for span in one.spans]


def _meant(closure: Closure, kind: str) -> bool:
    return closure.vehicle_types is None or kind in closure.vehicle_types


@dataclass(slots=True)
class Docks:
    """Who is served when at the places whose docks are counted."""

    problem: Problem
    booked: dict[int, list[Span]] = field(default_factory=dict)

    def free(self, place: int, moment: float, service_s: float) -> float:
        """Give the first moment from this one on at which a dock is free for all of the service."""
        docks, spans = self.problem.places[place].docks, self.booked.get(place, [])
        if docks is None or service_s <= 0:
            return moment
        ends = sorted(span.end for span in spans if span.end > moment)
        return next(one for one in (moment, *ends) if self._busiest(spans, one, one + service_s) < docks)

    def book(self, place: int, begin: float, service_s: float) -> None:
        """Take a dock."""
        if self.problem.places[place].docks is not None and service_s > 0:
            self.booked.setdefault(place, []).append(Span(begin, begin + service_s))

    def _busiest(self, spans: Sequence[Span], begin: float, end: float) -> int:
        inside = [one for one in spans if one.start < end - TOLERANCE and one.end > begin + TOLERANCE]
        turns = [begin, *(one.start for one in inside if one.start > begin)]
        return max(sum(one.start <= turn < one.end - TOLERANCE for one in inside) for turn in turns)


def service_begins(
    problem: Problem, docks: Docks, kind: str, stop: Stop, earliest: float
) -> tuple[float, bool]:
    """Give when service begins and whether that is allowed; with no moment left it begins at once."""
    place = problem.places[stop.place]
    closed = place_closures(problem.closures, kind, stop.place)
    moment = earliest
    while True:
        before = moment
        for windows in (stop.windows, place.windows):
            opens = opening(windows, moment)
            if opens is None:
                return earliest, False
            moment = opens
        moment = clear_of(closed, moment, stop.service_s)
        moment = docks.free(stop.place, moment, stop.service_s)
        if moment == before:
            return moment, True


@dataclass(frozen=True, slots=True)
class Drive:
    """One leg: held until the road opens, then driving and breaks."""

    metres: float
    held_s: float
    drive_s: float
    break_s: float
    arrival: float
    since_break_s: float


@dataclass(frozen=True, slots=True)
class Wheels:
    """A vehicle on the road in one of its shifts."""

    problem: Problem
    vehicle: Vehicle
    shift: Shift

    @property
    def roads(self) -> Roads:
        """Give the matrix of its profile."""
        return self.problem.roads[self.vehicle.profile]

    def drive(self, here: int, there: int, leaves: float, since_break_s: float) -> Drive:
        """Drive from place to place, leaving at the earliest at `leaves`."""
        drive_s = float(self.roads.seconds[here, there])
        breaks = breaks_needed(self.problem.hours, since_break_s, drive_s)
        hours = self.problem.hours
        break_s = breaks * hours.break_s if hours is not None else 0.0
        closed = leg_closures(self.problem.closures, self.vehicle.type, (here, there))
        sets_out = clear_of(closed, leaves, drive_s + break_s)
        since = since_break_s + drive_s - (breaks * hours.drive_s if hours is not None else 0.0)
        arrival = sets_out + drive_s + break_s
        metres = float(self.roads.metres[here, there])
        return Drive(metres, sets_out - leaves, drive_s, break_s, arrival, since)


def breaks_needed(hours: HoursRule | None, since_break_s: float, drive_s: float) -> int:
    """Count the breaks that fall on so many seconds of driving."""
    if hours is None or drive_s <= 0:
        return 0
    return max(0, math.ceil((since_break_s + drive_s - TOLERANCE) / hours.drive_s) - 1)
