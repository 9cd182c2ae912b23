"""Which of the rich rules does a problem have, as arrays?"""

from __future__ import annotations

import math

import numpy as np

from matching.problem import BadProblem, Defect
from matching.routing.driver import ready
from matching.routing.hold import must_not_meet, needs_cleaning
from matching.routing.model import Goal, Problem, Request
from matching.routing.moments import leg_closures
from matching.routing.search.arrays import I4, I8, F
from matching.routing.search.hours import Window, open_spans
from matching.routing.search.rules import AFTER, METERS, OFFERS, PAST, TAILS, TAKES, Rules

MOST_CLASSES = 62


def is_rich(problem: Problem) -> bool:
    """Tell whether a problem has more than capacity, one window a stop, and vehicles that differ."""
    running = problem.running
    types = {vehicle.type for vehicle in problem.vehicles}
    return any(
        (
            problem.hours is not None,
            problem.closures,
            running is not None,
            len(problem.dimensions) != 1,
            problem.segregation.apart or problem.segregation.dg_apart or problem.segregation.not_after,
            any(place.docks is not None for place in problem.places),
            any(len(vehicle.compartments) != 1 for vehicle in problem.vehicles),
            problem.goal is Goal.MONEY and any(vehicle.per_hour_fen for vehicle in problem.vehicles),
            any(one.on_board or one.max_ride_s is not None for one in problem.requests),
            any(
                len(open_spans(problem, node, kind)) != 1
                for node in range(problem.nodes)
                for kind in sorted(types)
            ),
        )
    )


def make_rules(problem: Problem, tours: tuple[int, ...], places: I8, cleanings: int) -> Rules:
    """Write the rules as arrays: `tours` of the rows, `places` of the nodes, the first of the `cleanings`."""
    types = sorted({vehicle.type for vehicle in problem.vehicles})
    spans, span_at, leg_of, leg_at = _open_hours(problem, types, places)
    classes, (docks, dock_count, most) = _Classes(problem), _docks(problem, len(places))
    start, longest = _Start(problem, tours, classes), problem.nodes + 2
    return Rules(
        spans=spans,
        span_at=span_at,
        leg_of=leg_of,
        leg_at=leg_at,
        goods=_goods(problem),
        class_of=np.array([classes.number(one) for one in problem.requests] or [0], np.int64),
        rooms=start.rooms,
        start_load=start.load,
        start_soiled=start.soiled,
        aboard=start.aboard,
        tours=_tour_rows(problem, tours, types, classes),
        cards=_cards(problem, tours),
        classes=classes.masks(),
        hours=_hours(problem),
        wash_nodes=cleanings + np.arange(len(problem.segregation.cleanings)),
        wash=_washes(problem),
        docks=docks,
        dock_count=dock_count,
        slots=np.zeros((len(dock_count), most + 1, 2)),
        owners=np.zeros((len(dock_count), most + 2), np.int64),
        old=_old(problem, tours, len(places)),
        limits=_limits(problem),
        common=np.zeros(len(tours), np.int64),
        begins=np.full(len(places), -np.inf),
        trial=np.zeros((TAILS + 1, longest + 2), np.int64),
        times=np.zeros((AFTER + 1, longest + 2)),
        held=np.zeros(start.load.shape[1:]),
        soiled=np.zeros(start.load.shape[1], np.int64),
        meter=np.zeros(8),
        offers=np.zeros((OFFERS, 3)),
        past=np.empty((2, len(tours), longest, PAST + METERS)),
        links=np.zeros(3, np.int64),
        traces=np.empty((2, len(tours), longest, 1 + start.load.shape[1]), np.int64),
    )


def _open_hours(problem: Problem, types: list[str], places: I8) -> tuple[F, I8, I4, I8]:
    """Write when each node and leg is open to each type: the spans, where they begin, and the legs'."""
    spans: list[Window] = []
    span_at = _stop_spans(problem, types, len(places), spans)
    leg_of, leg_at = _legs(problem, types, places, spans)
    return np.array(spans or [(0.0, 0.0)], np.float64).reshape(-1, 2), span_at, leg_of, leg_at


def _washes(problem: Problem) -> F:
    """Write how long each cleaning takes and what it costs."""
    washes = problem.segregation.cleanings
    return np.array([(one.service_s, _money(problem, one.cost_fen)) for one in washes]).reshape(-1, 2)


def _money(problem: Problem, fen: float) -> float:
    return fen if problem.goal is Goal.MONEY else 0.0


def _stop_spans(problem: Problem, types: list[str], nodes: int, spans: list[Window]) -> I8:
    """Append when service may begin at each stop for each type; return where that is written."""
    at = np.zeros((nodes, len(types), 2), np.int64)
    for node in range(problem.nodes):
        for n, kind in enumerate(types):
            at[node, n, 0] = len(spans)
            spans += open_spans(problem, node, kind)
            at[node, n, 1] = len(spans)
    return at


def _legs(problem: Problem, types: list[str], places: I8, spans: list[Window]) -> tuple[I4, I8]:
    """Number the legs that are closed at some hour; `leg_of` is one zero where there are none."""
    legs = sorted({leg for closure in problem.closures for leg in closure.legs})
    if not legs:
        return np.zeros((1, 1), np.int32), np.zeros((1, len(types), 2), np.int64)
    at = np.zeros((len(legs) + 1, len(types), 2), np.int64)
    of = np.zeros((len(places), len(places)), np.int32)
    for n, (here, there) in enumerate(legs, 1):
        of[np.ix_(np.flatnonzero(places == here), np.flatnonzero(places == there))] = n
        for t, kind in enumerate(types):
            at[n, t, 0] = len(spans)
            closed = sorted(leg_closures(problem.closures, kind, (here, there)), key=lambda one: one.start)
            spans += [(one.start, one.end) for one in closed]
            at[n, t, 1] = len(spans)
    return of, at


def _goods(problem: Problem) -> F:
    """Write each request's amounts and, last, for how long it may ride."""
    rows = [
        (*one.amounts, math.inf if one.max_ride_s is None else one.max_ride_s) for one in problem.requests
    ]
    return np.array(rows, np.float64).reshape(-1, len(problem.dimensions) + 1)


class _Classes:
    """Loads of the same waste and DG class are alike in what they may meet and follow."""

    def __init__(self, problem: Problem) -> None:
        self.segregation = problem.segregation
        self.examples: dict[tuple[str, str | None], Request] = {}
        for request in problem.requests:
            self.examples.setdefault((request.waste, request.dg_class), request)
        self.residues = sorted({waste for vehicle in problem.vehicles for waste in vehicle.residue})
        size = len(self.examples) + len(self.residues)
        if size > MOST_CLASSES:
            raise BadProblem(Defect.SIZE, "requests", "waste", size)
        self.order = list(self.examples)

    def number(self, request: Request) -> int:
        """Give the class of a load."""
        return self.order.index((request.waste, request.dg_class))

    def mask(self, wastes: frozenset[str] | set[str] | None) -> int:
        """Give the classes of some wastes (None: of all), residues included."""
        names = [waste for waste, _ in self.order] + self.residues
        return sum(1 << n for n, waste in enumerate(names) if wastes is None or waste in wastes)

    def masks(self) -> I8:
        """Give for each class whom it may not meet and after whom it needs a cleaning."""
        rows = np.zeros((max(1, len(self.order)), 2), np.int64)
        names = [waste for waste, _ in self.order] + self.residues
        for n, one in enumerate(self.examples.values()):
            for m, other in enumerate(self.examples.values()):
                rows[n, 0] |= must_not_meet(self.segregation, one, other) << m
            for m, waste in enumerate(names):
                rows[n, 1] |= needs_cleaning(self.segregation, {waste}, one) << m
        return rows


class _Start:
    """What each vehicle has on board when its tour begins, and the room it has."""

    def __init__(self, problem: Problem, tours: tuple[int, ...], classes: _Classes) -> None:
        most = max((len(vehicle.compartments) for vehicle in problem.vehicles), default=1)
        shape = (len(tours), most, len(problem.dimensions))
        self.rooms = np.full(shape, -1.0)
        self.load = np.zeros(shape)
        self.soiled = np.zeros(shape[:2], np.int64)
        drivers = [ready(problem, tour, ()) for tour in tours]
        lists = [[(r, c) for c, held in enumerate(one.hold.loads) for r in held] for one in drivers]
        self.aboard = np.zeros((len(tours), 1 + 2 * max(map(len, lists), default=0)), np.int64)
        for k, driver in enumerate(drivers):
            for c, room in enumerate(driver.wheels.vehicle.compartments):
                self.rooms[k, c] = room.capacities
                self.soiled[k, c] = classes.mask(driver.hold.residue[c])
            self.aboard[k, 0] = len(lists[k])
            for n, (r, c) in enumerate(lists[k]):
                self.aboard[k, 1 + 2 * n : 3 + 2 * n] = r, c
                self.load[k, c] += problem.requests[r].amounts


def _tour_rows(problem: Problem, tours: tuple[int, ...], types: list[str], classes: _Classes) -> I8:
    most = max((len(vehicle.compartments) for vehicle in problem.vehicles), default=1)
    rows = np.zeros((len(tours), TAKES + most), np.int64)
    shifts = problem.shifts
    for k, tour in enumerate(tours):
        vehicle, shift = problem.vehicles[shifts[tour][0]], shifts[tour][1]
        rows[k, :TAKES] = types.index(vehicle.type), shift.end_place is None, len(vehicle.compartments), 0, 0
        rows[k, TAKES : TAKES + len(vehicle.compartments)] = [
            classes.mask(room.wastes) for room in vehicle.compartments
        ]
    return rows


def _cards(problem: Problem, tours: tuple[int, ...]) -> F:
    rows = []
    for tour in tours:
        at, shift = problem.shifts[tour]
        vehicle = problem.vehicles[at]
        first = shift == vehicle.shifts[0]
        behind = (vehicle.driven_s, vehicle.since_break_s) if first else (0.0, 0.0)
        rows.append((*behind, _money(problem, vehicle.per_hour_fen / 3600)))
    return np.array(rows, np.float64).reshape(-1, 3)


def _hours(problem: Problem) -> F:
    hours = problem.hours
    if hours is None:
        return np.full(3, np.inf)
    return np.array([hours.drive_s, hours.break_s, hours.day_s])


def _docks(problem: Problem, nodes: int) -> tuple[I8, I8, int]:
    """Number the places whose docks are counted; return that per node, the docks, the most stops at one."""
    numbers = {n: i for i, n in enumerate(n for n, one in enumerate(problem.places) if one.docks is not None)}
    at = np.full(nodes, -1, np.int64)
    for node in range(problem.nodes):
        at[node] = numbers.get(problem.stop(node).place, -1)
    count = np.array([problem.places[n].docks or 0 for n in numbers], np.int64)
    most = max((int((at == i).sum()) for i in numbers.values()), default=0)
    return at, count, most


def _old(problem: Problem, tours: tuple[int, ...], nodes: int) -> I8:
    """Write of each node the row of its tour in the running plan and its rank there; -1: it has none."""
    old = np.full((nodes, 2), -1, np.int64)
    if problem.running is not None:
        for k, tour in enumerate(tours):
            for rank, node in enumerate(problem.running.tours[tour]):
                old[node] = k, rank
    return old


def _limits(problem: Problem) -> F:
    running = problem.running
    rides = float(any(one.max_ride_s is not None for one in problem.requests))
    if running is None:
        return np.array([0.0, np.inf, 0.0, 0.0, rides, 0.0, 0.0])
    stops = float(sum(map(len, running.tours)))
    most = math.inf if running.most_moved is None else float(running.most_moved)
    return np.array([_money(problem, running.change_fen), most, stops, 0.0, rides, 0.0, 0.0])
