"""What do other solvers find in the same time? `python -m benchmarks.routing.peers NAME FILE SECONDS SEED
GOAL`

Each is one process with one thread that says every better answer as a line of JSON. SECONDS are of the
processor and count from the start of the search: reading the file and building the model are free. Distances
and times are whole numbers to these solvers: they are rounded up to the `SCALE`th, so that what they call
feasible is. All minimise the distance; for the goal `vehicles` each vehicle has a fixed cost besides.
"""

from __future__ import annotations

import json
import math
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np

from matching.routing.instances import Instance, read_instance
from matching.routing.model import Stop

SCALE = 100
FOR_EVER_S = 100_000
A_VEHICLE = 10_000_000
BEGUN = [time.perf_counter()]
Routes = list[list[int]]


def say(routes: Routes) -> None:
    told = {"cpu": time.process_time(), "wall": time.perf_counter() - BEGUN[-1], "routes": routes}
    print(json.dumps(told), flush=True)


def started() -> float:
    """Say when the search begins: reading the file and building the model are not counted."""
    now = time.process_time()
    BEGUN.append(time.perf_counter())
    print(json.dumps({"started": now}), flush=True)
    return now


def table(instance: Instance) -> list[list[int]]:
    """Round roads up, so that no answer is late by a hair."""
    rows: list[list[int]] = np.ceil(instance.problem.roads[0].metres * SCALE - 1e-6).astype(np.int64).tolist()
    return rows


def window(stop: Stop) -> tuple[int, int]:
    """Give when service may begin, inside the true window."""
    span = stop.windows[0]
    return math.ceil(span.start * SCALE), math.floor(span.end * SCALE)


def _stops(instance: Instance) -> list[Stop]:
    return [instance.problem.stop(node) for node in range(instance.problem.nodes)]


def ortools(instance: Instance, seconds: float, _seed: int, goal: str, *, ils: bool = False) -> None:
    """OR-Tools' routing solver as its guide sets it up, or with iterated local search.

    It knows only a clock on the wall: the system ends the process when its CPU seconds are used up.
    """
    from ortools.constraint_solver import pywrapcp
    from ortools.constraint_solver.routing_enums_pb2 import FirstSolutionStrategy, LocalSearchMetaheuristic

    problem, roads = instance.problem, table(instance)
    manager = pywrapcp.RoutingIndexManager(len(roads), len(problem.vehicles), 0)
    model = pywrapcp.RoutingModel(manager)
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(roads))
    if goal == "vehicles":
        model.SetFixedCostOfAllVehicles(A_VEHICLE)
    _rules(model, manager, instance, roads)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.time_limit.seconds = FOR_EVER_S
    model.AddAtSolutionCallback(_teller(model, manager, instance))
    started()
    signal.setitimer(signal.ITIMER_PROF, seconds)
    if ils:
        how = parameters.iterated_local_search_parameters
        how.ruin_recreate_parameters.ruin_strategies.add().random_walk.num_removed_visits = 10
        how.reference_solution_acceptance_strategy.simulated_annealing.automatic_temperatures = True
        model.SolveWithIteratedLocalSearch(parameters)
    else:
        parameters.local_search_metaheuristic = LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        model.SolveWithParameters(parameters)


def _rules(model, manager, instance: Instance, roads: list[list[int]]) -> None:  # type: ignore[no-untyped-def]
    """Add windows, service, capacity and pairs."""
    problem, stops = instance.problem, _stops(instance)
    service = [0] * len(roads)
    demand = [0] * len(roads)
    for node, stop in enumerate(stops):
        service[stop.place] = math.ceil(stop.service_s * SCALE)
        amount = int(problem.requests[node // 2].amounts[0])
        demand[stop.place] = amount if node % 2 == 0 else -amount
    passing = [[s + t for t in row] for s, row in zip(service, roads, strict=True)]
    horizon = int(problem.vehicles[0].shifts[0].ends * SCALE)
    model.AddDimension(model.RegisterTransitMatrix(passing), horizon, horizon, False, "time")
    room = int(problem.vehicles[0].compartments[0].capacities[0])
    model.AddDimension(model.RegisterUnaryTransitVector(demand), 0, room, True, "load")
    clock = model.GetDimensionOrDie("time")
    for stop in stops:
        first, last = window(stop)
        clock.CumulVar(manager.NodeToIndex(stop.place)).SetRange(first, min(last, horizon))
    for request in problem.requests:
        pickup, delivery = (manager.NodeToIndex(s.place) for s in (request.pickup, request.delivery))
        model.AddPickupAndDelivery(pickup, delivery)
        model.solver().Add(model.VehicleVar(pickup) == model.VehicleVar(delivery))
        model.solver().Add(clock.CumulVar(pickup) <= clock.CumulVar(delivery))


def _teller(model, manager, instance: Instance) -> Callable[[], None]:  # type: ignore[no-untyped-def]
    """Say every better solution when it is found, for the process is ended from outside."""
    best = [math.inf]
    names = _names(instance)

    def tell() -> None:
        cost = model.CostVar().Max()
        if cost >= best[0]:
            return
        best[0] = cost
        routes: Routes = []
        for vehicle in range(model.vehicles()):
            route, index = [], model.NextVar(model.Start(vehicle)).Value()
            while not model.IsEnd(index):
                route.append(names[manager.IndexToNode(index)])
                index = model.NextVar(index).Value()
            if route:
                routes.append(route)
        say(routes)

    return tell


def _names(instance: Instance) -> dict[int, int]:
    """Give the file's number of each place."""
    return {stop.place: instance.ids[node] for node, stop in enumerate(_stops(instance))}


def vroom(instance: Instance, seconds: float, _seed: int, goal: str) -> None:
    """VROOM at its highest exploration level; it stops by a clock on the wall, or when it is done."""
    import vroom as v

    problem, roads = instance.problem, np.array(table(instance), dtype=np.uint32)
    shift = problem.vehicles[0].shifts[0]
    asked = v.Input()
    asked.set_durations_matrix("car", roads)
    asked.set_distances_matrix("car", roads)
    costs = v.VehicleCosts(fixed=A_VEHICLE // 10 if goal == "vehicles" else 0)
    work = v.TimeWindow(int(shift.starts * SCALE), int(shift.ends * SCALE))
    capacity = [int(problem.vehicles[0].compartments[0].capacities[0])]
    for n, _ in enumerate(problem.vehicles):
        asked.add_vehicle(v.Vehicle(n, 0, 0, capacity=capacity, time_window=work, costs=costs))
    for number, request in enumerate(problem.requests):
        ends = [
            v.ShipmentStep(
                2 * number + k,
                stop.place,
                default_service=math.ceil(stop.service_s * SCALE),
                time_windows=[v.TimeWindow(*window(stop))],
            )
            for k, stop in enumerate((request.pickup, request.delivery))
        ]
        asked.add_shipment(ends[0], ends[1], amount=v.Amount([int(request.amounts[0])]))
    started()
    found = asked.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds))
    steps = found.routes[found.routes["type"].isin(["pickup", "delivery"])]
    names = _names(instance)
    routes = [[names[place] for place in route["location_index"]] for _, route in steps.groupby("vehicle_id")]
    say(routes)


def pyvrp(instance: Instance, seconds: float, seed: int, goal: str) -> None:
    """PyVRP with shipments, its own way of pick-up and delivery."""
    from pyvrp import Model, solve

    problem = instance.problem
    shift = problem.vehicles[0].shifts[0]
    model = Model()
    spots = [model.add_location(x, y) for x, y in instance.coordinates]
    depot = model.add_depot(spots[0])
    model.add_vehicle_type(
        num_available=len(problem.vehicles),
        capacity=int(problem.vehicles[0].compartments[0].capacities[0]),
        start_depot=depot,
        end_depot=depot,
        tw_early=int(shift.starts * SCALE),
        tw_late=int(shift.ends * SCALE),
        fixed_cost=A_VEHICLE if goal == "vehicles" else 0,
    )
    for request in problem.requests:
        early, late = window(request.pickup), window(request.delivery)
        model.add_shipment(
            spots[request.pickup.place],
            spots[request.delivery.place],
            amount=int(request.amounts[0]),
            pickup_service_duration=math.ceil(request.pickup.service_s * SCALE),
            delivery_service_duration=math.ceil(request.delivery.service_s * SCALE),
            pickup_tw_early=early[0],
            pickup_tw_late=early[1],
            delivery_tw_early=late[0],
            delivery_tw_late=late[1],
        )
    roads = np.array(table(instance), dtype=np.int64)
    data = model.data().replace(distance_matrices=[roads], duration_matrices=[roads])
    start = started()
    done = solve(data, lambda _: time.process_time() - start > seconds, seed, False, display=False)
    if done.best.is_complete() and done.best.is_feasible():
        say([_visits(route, instance) for route in done.best.routes()])


def _visits(route, instance: Instance) -> list[int]:  # type: ignore[no-untyped-def]
    """Give the nodes of a route in the file's numbers."""
    ends = [one for one in route.schedule() if one.is_pickup() or one.is_delivery()]
    return [instance.ids[2 * one.idx + int(one.is_delivery())] for one in ends]


SOLVERS = {
    "ortools": ortools,
    "ortools-ils": lambda *asked: ortools(*asked, ils=True),
    "vroom": vroom,
    "pyvrp": pyvrp,
}


def main() -> None:
    name, file, seconds, seed, goal = sys.argv[1:]
    SOLVERS[name](read_instance(Path(file)), float(seconds), int(seed), goal)


if __name__ == "__main__":
    main()
