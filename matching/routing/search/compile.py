"""Which arrays does the search need for a problem?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matching.routing.fitness import unfit
from matching.routing.model import Goal, Problem, Request, Tours, Vehicle, request_of
from matching.routing.search.arrays import (
    END,
    FROZEN,
    HELD,
    I8,
    MANDATORY,
    ORDER,
    PENALTY,
    TOP,
    TOP_LENGTH,
    Data,
    F,
    State,
    new_state,
)
from matching.routing.search.hours import hull, open_spans
from matching.routing.search.rich import is_rich, make_rules
from matching.routing.search.rules import EXCESS_COST, Rules
from matching.routing.search.ways import Layers

NEAR = 200
Kinds = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A problem as arrays. `tours[k]` is the number of the tour that row `k` stands for.

    `warmth` is the mean cost of the way to the five nearest stops: the measure of temperatures.
    """

    problem: Problem
    data: Data
    rules: Rules | None
    tours: tuple[int, ...]
    warmth: float


def compile_problem(problem: Problem) -> Compiled:
    """Turn a problem into the arrays of the kernel."""
    kinds = _kinds(problem)
    tours = tuple(tour for kind in kinds for tour in kind)
    layers = Layers(problem, kinds)
    dearest = _dearest(problem, layers.ways)
    per_tour = 100.0 * dearest if problem.goal is Goal.VEHICLES else 0.0
    mandatory = 1000.0 * (dearest + per_tour)
    nodes = _nodes(problem, kinds, len(layers.places))
    near = layers.near(NEAR)
    data = Data(
        nodes=nodes,
        ways=layers.ways,
        near=near,
        fleet=layers.fleet(),
        terms=_terms(problem, tours, per_tour),
        kinds=_ranges(kinds),
        allowed=_allowed(problem, kinds),
        wants=_wants(problem, nodes, layers, mandatory),
    )
    rules = None
    if is_rich(problem):
        rules = make_rules(problem, tours, layers.places, layers.cleanings)
        rules.limits[EXCESS_COST] = 1000.0 * mandatory
    return Compiled(problem, data, rules, tours, layers.warmth())


def start_state(compiled: Compiled, seed: int, tours: Tours | None) -> State:
    """Make a state whose best plan is the tours given, with what may not change about them; none: empty."""
    problem = compiled.problem
    state = new_state(compiled.data, seed)
    rows = {tour: k for k, tour in enumerate(compiled.tours)}
    fixed = problem.running.fixed if problem.running is not None else ()
    for number, request in enumerate(problem.requests):
        state.lists[HELD, number] = request.on_board
    for number, nodes in enumerate(fixed):
        state.row[rows[number], FROZEN] = len(nodes)
        for node in nodes:
            state.lists[HELD, request_of(node)] += 1
    for number, nodes in enumerate(tours if tours is not None else fixed):
        write_best(compiled, state, rows[number], nodes)
    return state


def write_best(compiled: Compiled, state: State, k: int, nodes: tuple[int, ...]) -> None:
    """Write a row of the best plan, from its start node to its end node."""
    state.seq[TOP, k, 1 : len(nodes) + 1] = nodes
    state.seq[TOP, k, len(nodes) + 1] = compiled.data.fleet[k, END]
    state.row[k, TOP_LENGTH] = len(nodes) + 2


def _kinds(problem: Problem) -> Kinds:
    """Group the tours that are alike; in a running plan and where a load is locked each is its own kind."""
    locked = {request.vehicle for request in problem.requests}
    groups: dict[object, list[int]] = {}
    for tour, (at, shift) in enumerate(problem.shifts):
        vehicle = problem.vehicles[at]
        own = problem.running is not None or at in locked
        alike = (replace(vehicle, id="", shifts=()), shift, shift == vehicle.shifts[0])
        groups.setdefault(tour if own else alike, []).append(tour)
    return tuple(tuple(group) for group in groups.values())


def _dearest(problem: Problem, ways: F) -> float:
    """Give what no stop, and no tour, can cost more than, by a wide margin: money, penalties, hours."""
    dearest = 1.0 + 10.0 * float(ways.max(initial=0.0))
    dearest += max((request.penalty_fen or 0.0 for request in problem.requests), default=0.0)
    if problem.goal is Goal.MONEY:
        for at, shift in problem.shifts:
            vehicle = problem.vehicles[at]
            hours = (shift.ends - shift.starts) / 3600
            dearest = max(dearest, vehicle.fixed_fen + vehicle.per_hour_fen * hours)
        dearest += sum(one.cost_fen for one in problem.segregation.cleanings)
        dearest += problem.running.change_fen * 10 if problem.running is not None else 0.0
    return dearest


def _nodes(problem: Problem, kinds: Kinds, size: int) -> F:
    """Write when each node is open, how long its service is and what it loads (in the first dimension)."""
    shifts = problem.shifts
    horizon = (
        min((shift.starts for _, shift in shifts), default=0.0),
        max((shift.ends for _, shift in shifts), default=0.0),
    )
    types = sorted({vehicle.type for vehicle in problem.vehicles})
    nodes = np.zeros((size, 4))
    nodes[:, 0], nodes[:, 1] = horizon
    for node in range(problem.nodes):
        spans = [span for kind in types for span in open_spans(problem, node, kind)]
        amount = problem.requests[request_of(node)].amounts[:1] or (0.0,)
        nodes[node] = *hull(spans, horizon), problem.stop(node).service_s, amount[0] * (1 - 2 * (node % 2))
    for n, kind in enumerate(kinds):
        at, shift = shifts[kind[0]]
        start = problem.nodes + 2 * n
        first = shift == problem.vehicles[at].shifts[0]
        aboard = [one for one in problem.requests if one.on_board and one.vehicle == at and first]
        nodes[start] = shift.starts, horizon[1], 0.0, sum(one.amounts[0] for one in aboard if one.amounts)
        nodes[start + 1] = horizon[0], shift.ends, 0.0, 0.0
    return nodes


def _terms(problem: Problem, tours: tuple[int, ...], per_tour: float) -> F:
    """Write each row's room (in the first dimension, all compartments together) and what using it costs."""
    rows = []
    for tour in tours:
        vehicle = problem.vehicles[problem.shifts[tour][0]]
        room = sum(one.capacities[0] for one in vehicle.compartments if one.capacities)
        rows.append((room, vehicle.fixed_fen if problem.goal is Goal.MONEY else per_tour))
    return np.array(rows, np.float64).reshape(-1, 2)


def _ranges(kinds: Kinds) -> I8:
    ends = np.cumsum([0, *map(len, kinds)])
    return np.stack([ends[:-1], ends[1:], ends[:-1]], axis=1).astype(np.int64)


def _allowed(problem: Problem, kinds: Kinds) -> I8:
    """Say of each request which kinds may carry it."""
    bound = _bound(problem)
    known: dict[object, bool] = {}
    allowed = np.zeros((len(problem.requests), len(kinds)), np.int64)
    for n, kind in enumerate(kinds):
        at, shift = problem.shifts[kind[0]]
        vehicle = problem.vehicles[at]
        look = _looks(vehicle)
        for r, request in enumerate(problem.requests):
            if request.vehicle not in (None, at) or bound.get(r, kind[0]) != kind[0]:
                continue
            if request.on_board:
                allowed[r, n] = shift == vehicle.shifts[0]
                continue
            key = (look, _wishes(request))
            if key not in known:
                known[key] = unfit(problem, replace(request, vehicle=None), at) is None
            allowed[r, n] = known[key]
    return allowed


def _bound(problem: Problem) -> dict[int, int]:
    """Say of each request with a fixed stop which tour that is on."""
    fixed = problem.running.fixed if problem.running is not None else ()
    return {request_of(node): tour for tour, nodes in enumerate(fixed) for node in nodes}


def _looks(vehicle: Vehicle) -> object:
    return (
        vehicle.type,
        vehicle.compartments,
        vehicle.licences,
        vehicle.hazardous_ok,
        vehicle.dg_classes,
    )


def _wishes(request: Request) -> object:
    return (
        request.vehicle_types,
        request.licences,
        request.hazardous,
        request.dg_class,
        request.waste,
        request.amounts,
    )


def _wants(problem: Problem, nodes: F, layers: Layers, mandatory: float) -> F:
    """Write what leaving each request out costs, and six orders in which they may be put back."""
    bound = _bound(problem)
    wants = np.zeros((len(problem.requests), ORDER + 6))
    for r, request in enumerate(problem.requests):
        half = 1000.0 if r in bound else 1.0
        forced = request.penalty_fen is None or r in bound
        wants[r, MANDATORY] = forced
        wants[r, PENALTY] = half * mandatory * request.priority if forced else request.penalty_fen
    p, d = nodes[: problem.nodes : 2], nodes[1 : problem.nodes : 2]
    far = layers.far()
    wants[:, ORDER] = -p[:, 3]
    wants[:, ORDER + 1] = -far
    wants[:, ORDER + 2] = far
    wants[:, ORDER + 3] = p[:, 1] - p[:, 0] + d[:, 1] - d[:, 0]
    wants[:, ORDER + 4] = p[:, 0]
    wants[:, ORDER + 5] = -d[:, 1]
    return wants
