"""Does one planned tour keep the rules, reckoned anew from its own times? Shares no code with `evaluate`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from matching.routing.faults import Fault, broken
from matching.routing.model import TOLERANCE, Closure, Problem, Request, Shift, Span, Vehicle
from matching.routing.plan import Act, PlannedStop, PlannedTour
from matching.solution import Violation

Where = dict[str, int]


def differs(said: float, reckoned: float) -> bool:
    """Tell whether two figures are more apart than rounding explains."""
    return not abs(said - reckoned) <= TOLERANCE * max(1.0, abs(reckoned))


@dataclass(slots=True)
class TourChecker:
    """Walk along one tour with a clock, an odometer, a driver's card and a list of what is on board."""

    problem: Problem
    tour: PlannedTour
    vehicle: Vehicle
    shift: Shift
    here: int = 0
    clock: float = 0.0
    driven: float = 0.0
    card: float = 0.0
    metres: float = 0.0
    on_board: dict[int, int] = field(default_factory=dict)
    traces: list[set[str]] = field(default_factory=list)

    def walk(self) -> Iterator[Violation]:
        """List everything that is wrong with the tour."""
        self._start()
        for at, stop in enumerate(self.tour.stops):
            where = {"tour": self.tour.number, "stop": at}
            yield from self._way(stop.place, stop.leg_m, stop.held_s, stop.drive_s, stop.break_s, where)
            if differs(stop.arrival, self.clock):
                yield broken(Fault.TIMES_WRONG, **where, arrival=stop.arrival, reckoned=self.clock)
            yield from self._service(stop, where)
            yield from self._cargo(stop, where)
            yield from self._card(stop, where)
            self.clock, self.here = stop.departure, stop.place
        yield from self._end()

    def _start(self) -> None:
        first = self.shift == self.vehicle.shifts[0]
        self.here, self.clock = self.shift.start_place, self.shift.starts
        self.driven = self.vehicle.driven_s if first else 0.0
        self.card = self.vehicle.since_break_s if first else 0.0
        residue = set(self.vehicle.residue) if first else set()
        self.traces = [set(residue) for _ in self.vehicle.compartments]
        said = {stop.node: stop.compartment for stop in self.tour.stops}
        for number, request in enumerate(self.problem.requests):
            if first and request.on_board and request.vehicle == self.tour.vehicle:
                compartment = said.get(2 * number + 1)
                self._stow(number, self._guess(request) if compartment is None else compartment)

    def _stow(self, number: int, compartment: int) -> None:
        """Put a load where it is said to be; a compartment that does not exist holds nothing."""
        if 0 <= compartment < len(self.traces):
            self.on_board[number] = compartment
            self.traces[compartment].add(self.problem.requests[number].waste)

    def _guess(self, request: Request) -> int:
        """Find room for a load that stays on board and of which nobody says where it is."""
        for n, room in enumerate(self.vehicle.compartments):
            held = self._held(n)
            sums = [a + b for a, b in zip(held, request.amounts, strict=True)]
            fits = all(s <= c + TOLERANCE for s, c in zip(sums, room.capacities, strict=True))
            if fits and (room.wastes is None or request.waste in room.wastes):
                return n
        return 0

    def _held(self, compartment: int | None = None) -> list[float]:
        """Add up what is on board, of one compartment or of all."""
        held = [0.0] * len(self.problem.dimensions)
        for number, at in self.on_board.items():
            if compartment is None or at == compartment:
                for d, amount in enumerate(self.problem.requests[number].amounts):
                    held[d] += amount
        return held

    def _way(
        self, there: int, leg_m: float, held_s: float, drive_s: float, break_s: float, where: Where
    ) -> Iterator[Violation]:
        """Drive one leg as it is said to be driven: its road, closed hours and breaks."""
        roads = self.problem.roads[self.vehicle.profile]
        metres, seconds = float(roads.metres[self.here, there]), float(roads.seconds[self.here, there])
        if differs(leg_m, metres) or differs(drive_s, seconds):
            yield broken(Fault.ROAD_WRONG, **where, said_m=leg_m, road_m=metres)
        if min(held_s, break_s) < -TOLERANCE:
            yield broken(Fault.TIMES_WRONG, **where, held_s=held_s, break_s=break_s)
        sets_out = self.clock + held_s
        arrives = sets_out + seconds + break_s
        closures = [one for one in self.problem.closures if (self.here, there) in one.legs]
        yield from self._open(closures_of(closures, self.vehicle.type), sets_out, arrives, where)
        yield from self._rested(seconds, break_s, where)
        self.clock = arrives
        self.driven += seconds
        self.metres += metres

    def _rested(self, seconds: float, break_s: float, where: Where) -> Iterator[Violation]:
        """Note the leg on the driver's card: n breaks part n + 1 spells of driving."""
        hours = self.problem.hours
        if hours is None:
            self.card += seconds
            if abs(break_s) > TOLERANCE:
                yield broken(Fault.TIMES_WRONG, **where, break_s=break_s)
            return
        breaks = int((break_s + TOLERANCE) // hours.break_s)
        driven = self.card + seconds
        if driven > (breaks + 1) * hours.drive_s + TOLERANCE:
            yield broken(Fault.BREAK_MISSED, **where, since_break_s=driven, breaks=breaks)
        self.card = max(0.0, driven - breaks * hours.drive_s)

    def _open(self, spans: Iterable[Span], begin: float, end: float, where: Where) -> Iterator[Violation]:
        for span in spans:
            if begin < span.end - TOLERANCE and end > span.start + TOLERANCE:
                yield broken(Fault.CLOSED, **where, begin=begin, closed_until=span.end)

    def _service(self, stop: PlannedStop, where: Where) -> Iterator[Violation]:
        """Hold the service to windows, closed hours and its length."""
        if stop.begin < stop.arrival - TOLERANCE:
            yield broken(Fault.TIMES_WRONG, **where, arrival=stop.arrival, begin=stop.begin)
        lasts = stop.departure - stop.begin
        if stop.node is None:
            here = [one for one in self.problem.segregation.cleanings if one.place == stop.place]
            if stop.act is not Act.CLEANING or not any(not differs(lasts, one.service_s) for one in here):
                yield broken(Fault.TIMES_WRONG, **where, lasts_s=lasts)
            return
        asked = self.problem.stop(stop.node)
        place = self.problem.places[asked.place]
        if stop.place != asked.place:
            yield broken(Fault.ROAD_WRONG, **where, place=stop.place, asked=asked.place)
        if differs(stop.departure, stop.begin + asked.service_s):
            yield broken(Fault.TIMES_WRONG, **where, lasts_s=lasts, service_s=asked.service_s)
        for windows in (asked.windows, place.windows):
            near = (w.start - TOLERANCE <= stop.begin <= w.end + TOLERANCE for w in windows)
            if windows and not any(near):
                yield broken(Fault.WINDOW_MISSED, **where, node=stop.node, begin=stop.begin)
        closures = [one for one in self.problem.closures if asked.place in one.places]
        yield from self._open(
            closures_of(closures, self.vehicle.type), stop.begin, stop.begin + asked.service_s, where
        )

    def _cargo(self, stop: PlannedStop, where: Where) -> Iterator[Violation]:
        """Move what is loaded, unloaded or washed out, and hold it to room, order and neighbours."""
        if stop.node is None:
            if self.on_board:
                yield broken(Fault.NOT_CLEANED, **where, on_board=len(self.on_board))
            for trace in self.traces:
                trace.clear()
        elif stop.node % 2 == 0:
            yield from self._loaded(stop, where)
        elif self.on_board.pop(stop.node // 2, -1) != stop.compartment:
            yield broken(Fault.NODE_ORDER, **where, node=stop.node)
        if stop.node is not None and (stop.act is Act.PICKUP) != (stop.node % 2 == 0):
            yield broken(Fault.NODE_ORDER, **where, node=stop.node)
        held = self._held()
        if len(stop.load) != len(held) or any(map(differs, stop.load, held)):
            yield broken(Fault.LOAD_WRONG, **where)

    def _loaded(self, stop: PlannedStop, where: Where) -> Iterator[Violation]:
        assert stop.node is not None
        number = stop.node // 2
        request = self.problem.requests[number]
        rules = self.problem.segregation
        if stop.compartment is None or not 0 <= stop.compartment < len(self.vehicle.compartments):
            yield broken(Fault.LOAD_WRONG, **where, node=stop.node)
            return
        for other in [self.problem.requests[n] for n in self.on_board]:
            dangerous = request.dg_class is not None and other.dg_class is not None
            classes = {str(request.dg_class), str(other.dg_class)}
            if {request.waste, other.waste} in rules.apart or (dangerous and classes in rules.dg_apart):
                yield broken(Fault.MUST_NOT_MEET, **where, request=request.id, other=other.id)
        before = self.traces[stop.compartment]
        if any(first in before and then == request.waste for first, then in rules.not_after):
            yield broken(Fault.NOT_CLEANED, **where, request=request.id)
        self._stow(number, stop.compartment)
        room = self.vehicle.compartments[stop.compartment]
        if room.wastes is not None and request.waste not in room.wastes:
            yield broken(Fault.WASTE_FORBIDDEN, **where, request=request.id)
        held = self._held(stop.compartment)
        if any(h > c + TOLERANCE for h, c in zip(held, room.capacities, strict=True)):
            yield broken(Fault.OVERLOADED, **where, request=request.id)

    def _card(self, stop: PlannedStop, where: Where) -> Iterator[Violation]:
        """Count a long wait as a break, and compare what the plan says of its driver."""
        hours = self.problem.hours
        waits = stop.begin - stop.arrival
        if hours is not None and stop.node is not None and waits >= hours.break_s - TOLERANCE:
            self.card = 0.0
        if differs(stop.driven_s, self.driven) or differs(stop.since_break_s, self.card):
            yield broken(Fault.TIMES_WRONG, **where, driven_s=self.driven, since_break_s=self.card)

    def _end(self) -> Iterator[Violation]:
        """Drive home and hold the whole tour to the shift and to the driver's day."""
        tour, where = self.tour, {"tour": self.tour.number, "stop": len(self.tour.stops)}
        home = tour.home
        if tour.stops and self.shift.end_place is not None:
            end = self.shift.end_place
            yield from self._way(end, home.leg_m, home.held_s, home.drive_s, home.break_s, where)
        elif home.leg_m or home.drive_s or home.break_s or home.held_s:
            yield broken(Fault.ROAD_WRONG, **where, said_m=home.leg_m, road_m=0.0)
        if differs(tour.ends, self.clock) or differs(tour.driving_s, self.driven):
            yield broken(Fault.TIMES_WRONG, **where, ends=tour.ends, reckoned=self.clock)
        if differs(tour.metres, self.metres):
            yield broken(Fault.ROAD_WRONG, **where, said_m=tour.metres, road_m=self.metres)
        if not tour.stops:
            return
        served = [stop for stop in tour.stops if stop.node is not None]
        idle = tour.stops[0].held_s + (served[0].begin - served[0].arrival if served else 0.0)
        if differs(tour.paid_s, self.clock - self.shift.starts - idle):
            yield broken(Fault.COSTS_WRONG, **where, paid_s=tour.paid_s)
        if self.clock > self.shift.ends + TOLERANCE:
            yield broken(Fault.SHIFT_OVERRUN, **where, ends=self.clock, shift_ends=self.shift.ends)
        if self.problem.hours is not None and self.driven > self.problem.hours.day_s + TOLERANCE:
            yield broken(Fault.DRIVEN_TOO_LONG, **where, driving_s=self.driven)


def closures_of(closures: Iterable[Closure], kind: str) -> Iterator[Span]:
    """Give the spans that mean vehicles of this type."""
    for one in closures:
        if one.vehicle_types is None or kind in one.vehicle_types:
            yield from one.spans
