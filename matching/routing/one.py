"""In which order does one vehicle pick up and deliver these loads, and which can it not take?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from matching.compatibility import vehicle_reason
from matching.distances import Distances, Estimate, Legs
from matching.problem import BadProblem, Defect, Vehicle, Window
from matching.reasons import Reason, ReasonCode
from matching.routing.check_one import check_route
from matching.routing.exact import best_order
from matching.routing.loads import Load, seconds_after
from matching.routing.schedule import Task, places, schedule
from matching.solution import NotSound, Route, Unserved
from matching.stopping import Limits

if TYPE_CHECKING:
    from ortools.constraint_solver.pywrapcp import RoutingIndexManager, RoutingModel

LEFT_OUT = 100_000_000  # in metres: a load is left out only where it cannot be served
EXACT_LOADS = 5
LAST_RESORT_S = 600.0  # the solver wants a clock; the count of checks ends the search long before


def route_one(
    vehicle: Vehicle,
    loads: Sequence[Load],
    start: datetime,
    distances: Distances | None = None,
    limits: Limits | None = None,
) -> Route:
    """Route one vehicle from where it stands at `start` through pick-ups and deliveries.

    Serves as many loads as it can on as few metres as it can: the very best up to `EXACT_LOADS` loads, by
    OR-Tools' guided local search above. The route ends at its last stop. Loads that cannot be
    carried come back with a numbered reason. The answer is checked before it is handed out.
    """
    if start.utcoffset() is None:
        raise BadProblem(Defect.NAIVE_TIME, vehicle.id, "start", start)
    measure = distances or Estimate()
    task = Task(vehicle, tuple(loads), start, measure.matrix(places(vehicle, loads)))
    hopeless = {n: reason for n in range(len(loads)) if (reason := _alone(task, n)) is not None}
    able = [n for n in range(len(loads)) if n not in hopeless]
    order = _order(_only(task, able), limits or Limits())
    names = [0] + [task.pickup(n) for n in able] + [task.delivery(n) for n in able]
    route = _route(task, [names[place] for place in order], hopeless)
    violations = check_route(route, vehicle, loads, measure)
    if violations:
        raise NotSound(violations)
    return route


def _route(task: Task, order: Sequence[int], hopeless: Mapping[int, Reason]) -> Route:
    """Time the places of `order` and give each load that is not among them its reason."""
    stops = schedule(task, order)
    assert not isinstance(stops, Reason), stops
    served = {stop.load_id for stop in stops}
    no_room = Reason(ReasonCode.NO_ROOM_IN_ROUTE, {"served": len(served)})
    left_out = [n for n, load in enumerate(task.loads) if load.id not in served]
    return Route(
        vehicle_id=task.vehicle.id,
        start=task.start,
        stops=tuple(stops),
        unserved=tuple(Unserved(task.loads[n].id, hopeless.get(n, no_room)) for n in left_out),
        metres=sum(stop.leg_m for stop in stops),
        distance_source=task.roads.source,
        distance_version=task.roads.version,
    )


def _alone(task: Task, n: int) -> Reason | None:
    """Say why load n could not be carried even if it were the only one; None: it could."""
    load = task.loads[n]
    if load.kg > task.vehicle.capacity_kg:
        params = {"kg": load.kg, "capacity_kg": task.vehicle.capacity_kg}
        return Reason(ReasonCode.LOAD_TOO_HEAVY, params)
    unfit = vehicle_reason(load, task.vehicle)
    if unfit is not None:
        return unfit
    tried = schedule(task, [task.pickup(n), task.delivery(n)])
    return tried if isinstance(tried, Reason) else None


def _only(task: Task, able: Sequence[int]) -> Task:
    """Keep the loads that can be carried at all."""
    kept = [0] + [task.pickup(n) for n in able] + [task.delivery(n) for n in able]
    roads = task.roads
    legs = Legs(roads.metres[kept][:, kept], roads.seconds[kept][:, kept], roads.source, roads.version)
    return Task(task.vehicle, tuple(task.loads[n] for n in able), task.start, legs)


def _order(task: Task, limits: Limits) -> list[int]:
    """Order the places of a task whose loads can all be carried one at a time."""
    return best_order(task) if len(task.loads) <= EXACT_LOADS else _search(task, limits)


def _search(task: Task, limits: Limits) -> list[int]:
    """Find the order of places by OR-Tools' routing solver; place numbers of the task, without 0."""
    from ortools.constraint_solver import pywrapcp

    n = len(task.loads)
    end = 2 * n + 1  # an end that costs nothing to reach: the route is open
    manager = pywrapcp.RoutingIndexManager(end + 1, 1, [0], [end])
    model = pywrapcp.RoutingModel(manager)
    metres = _with_open_end(task.roads.metres.tolist())
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(metres))
    _add_mass(model, task)
    _add_time(model, manager, task)
    for load in range(n):
        pickup, delivery = manager.NodeToIndex(task.pickup(load)), manager.NodeToIndex(task.delivery(load))
        model.AddDisjunction([pickup], LEFT_OUT)
        model.AddDisjunction([delivery], LEFT_OUT)
        model.AddPickupAndDelivery(pickup, delivery)
        model.solver().Add(model.VehicleVar(pickup) == model.VehicleVar(delivery))
        clock = model.GetDimensionOrDie("time")
        model.solver().Add(clock.CumulVar(pickup) <= clock.CumulVar(delivery))
    return _best_order(model, manager, limits)


def _best_order(model: RoutingModel, manager: RoutingIndexManager, limits: Limits) -> list[int]:
    """Search within the limits and read the places in their order; none: nothing found in time."""
    from ortools.constraint_solver import pywrapcp
    from ortools.constraint_solver.routing_enums_pb2 import FirstSolutionStrategy, LocalSearchMetaheuristic

    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int((limits.seconds or LAST_RESORT_S) * 1000))
    model.AddSearchMonitor(model.solver().CustomLimit(_counter(limits.checks)))
    found = model.SolveWithParameters(parameters)
    if found is None:
        return []
    order: list[int] = []
    index = found.Value(model.NextVar(model.Start(0)))
    while not model.IsEnd(index):
        order.append(manager.IndexToNode(index))
        index = found.Value(model.NextVar(index))
    return order


def _counter(most: int) -> Callable[[], bool]:
    """Make a limit that says stop after so many questions: the same on every machine."""
    asked = 0

    def enough() -> bool:
        nonlocal asked
        asked += 1
        return asked > most

    return enough


def _add_mass(model: RoutingModel, task: Task) -> None:
    kg = [load.kg for load in task.loads]
    change = model.RegisterUnaryTransitVector([0, *kg, *(-one for one in kg), 0])
    model.AddDimension(change, 0, task.vehicle.capacity_kg, True, "mass")


def _add_time(model: RoutingModel, manager: RoutingIndexManager, task: Task) -> None:
    """Count seconds from the start; service must begin inside a window of its place."""
    service = [0, *(load.pickup_s for load in task.loads), *(load.delivery_s for load in task.loads)]
    drive = task.roads.seconds.tolist()
    passing = [[s + t for t in row] for s, row in zip(service, drive, strict=True)]
    horizon = _last_opening(task) + sum(max(row) for row in passing)
    model.AddDimension(model.RegisterTransitMatrix(_with_open_end(passing)), horizon, horizon, True, "time")
    clock = model.GetDimensionOrDie("time")
    for n, load in enumerate(task.loads):
        for place, windows in ((task.pickup(n), (load.ready,)), (task.delivery(n), load.receiving)):
            begin = clock.CumulVar(manager.NodeToIndex(place))
            for first, last in _closed(windows, task.start, horizon):
                begin.RemoveInterval(first, last)


def _last_opening(task: Task) -> int:
    """Give the second after which nobody waits for a window any more."""
    windows = [window for load in task.loads for window in (load.ready, *load.receiving)]
    return max(0, *(seconds_after(task.start, window.start) for window in windows))


def _closed(windows: Sequence[Window], start: datetime, horizon: int) -> list[tuple[int, int]]:
    """List the spans, in seconds from the start and both ends included, that no window covers."""
    if not windows:
        return []
    spans: list[tuple[int, int]] = []
    free_from = 0
    for window in sorted(windows, key=lambda one: one.start):
        opens, shuts = seconds_after(start, window.start), seconds_after(start, window.end)
        if opens > free_from:
            spans.append((free_from, opens - 1))
        free_from = max(free_from, shuts)
    return [*spans, (free_from, horizon)] if free_from <= horizon else spans


def _with_open_end(rows: list[list[int]]) -> list[list[int]]:
    """Add a last place that is reached from everywhere at no cost."""
    return [[*row, 0] for row in rows] + [[0] * (len(rows) + 1)]
