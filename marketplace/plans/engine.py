"""How does a carrier's day look to the routing engine, and what do the engine's answers mean?

A plan of the carrier is, by vehicle, the loads it carries one after the other; ids are those of the record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np

from marketplace.solves import stored as storing
from marketplace.solves.rules import Limits, Progress
from matching.routing import model
from matching.routing.edits import best_insertion, drive_one
from matching.routing.evaluate import evaluate
from matching.routing.plan import Plan, value

Sequences = dict[str, list[str]]
"""By vehicle, the loads in the order in which it carries them."""

ROADS = "roads"


def tiny() -> dict[str, Any]:
    """Return a day of one vehicle and two loads, as it is stored."""
    table = np.asarray([[0.0, 600.0], [600.0, 0.0]])
    day = model.Span(0.0, 36_000.0)
    request = model.Request(
        "1", model.Stop(0, (day,), 60.0), model.Stop(1, (), 60.0), (1.0, 1.0), "w", "6", True
    )
    vehicle = model.Vehicle(
        id="v",
        shifts=(model.Shift(0, 0, 0.0, 36_000.0),),
        compartments=(model.Compartment((9.0, 1.0)),),
        hazardous_ok=True,
        dg_classes=frozenset({"6"}),
        per_km_fen=1.0,
    )
    problem = model.Problem(
        places=(model.Place("a"), model.Place("b")),
        requests=(request, replace(request, id="2")),
        vehicles=(vehicle,),
        roads=(model.Roads(table, table, "tiny", "1"),),
        dimensions=("kg", "loads"),
        hours=model.HoursRule(),
    )
    return stored(with_running(problem, {"v": ["1", "2"]}, {}, 1.0))


def stored(problem: model.Problem) -> dict[str, Any]:
    """Return a problem JSON-ready; of the roads whole metres and seconds."""
    told = storing.told(problem, ROADS)
    roads = [
        {
            "metres": np.rint(one.metres).astype(int).tolist(),
            "seconds": np.rint(one.seconds).astype(int).tolist(),
            "source": one.source,
            "version": one.version,
        }
        for one in problem.roads
    ]
    return told | {ROADS: roads}


def problem_of(told: Mapping[str, Any]) -> model.Problem:
    """Return the problem that `stored` wrote down."""
    roads = tuple(
        model.Roads(
            np.asarray(one["metres"], dtype=np.float64),
            np.asarray(one["seconds"], dtype=np.float64),
            one["source"],
            one["version"],
        )
        for one in told[ROADS]
    )
    rest = {name: value for name, value in told.items() if name != ROADS}
    return storing.read(model.Problem, rest, roads=roads)


def tours_of(problem: model.Problem, sequences: Mapping[str, Iterable[str]]) -> model.Tours:
    """Return the engine's tours: each load picked up and delivered before the next; unknown ids left out."""
    numbers = {request.id: number for number, request in enumerate(problem.requests)}
    return tuple(
        tuple(
            node
            for load_id in sequences.get(vehicle.id, ())
            if load_id in numbers
            for node in _nodes(problem, numbers[load_id])
        )
        for vehicle in problem.vehicles
    )


def _nodes(problem: model.Problem, number: int) -> tuple[int, ...]:
    delivery = model.delivery_of(number)
    return (delivery,) if problem.requests[number].on_board else (model.pickup_of(number), delivery)


def sequences_of(problem: model.Problem, tours: model.Tours) -> Sequences:
    """Return tours as the loads of each vehicle, in the order of their deliveries."""
    return {
        vehicle.id: [
            problem.requests[model.request_of(node)].id for node in tour if not model.is_pickup(node)
        ]
        for vehicle, tour in zip(problem.vehicles, tours, strict=True)
    }


def with_running(
    problem: model.Problem, present: Sequences, fixed: Mapping[str, Iterable[str]], change_fen: float
) -> model.Problem:
    """Return the problem with the day as it runs: what it plans, which heads of it stay, what a change costs.

    What cannot be kept as it runs is no part of the running plan: planning it anew is no change.
    """
    heads = tours_of(problem, fixed)
    bare = replace(problem, running=model.Running(tours_of(problem, {}), 0.0, None, heads))
    kept = kept_of(bare, present, fixed)
    running = model.Running(tours_of(problem, kept), float(change_fen), None, heads)
    return replace(problem, running=running)


def without_stuck(problem: model.Problem) -> tuple[model.Problem, Sequences]:
    """Part the vehicles whose fixed heads break a rule from the day: the day without them, and their heads.

    A driver who is late or over her hours with a load on board makes no plan of all vehicles sound; the
    others are to be planned all the same. What is tied to a parted vehicle goes with it.
    """
    running = problem.running
    fixed = running.fixed if running is not None else ()
    numbers = sorted(_stuck(problem, fixed))
    if running is None or not numbers:
        return problem, {}
    heads, present = sequences_of(problem, running.fixed), sequences_of(problem, running.tours)
    stuck = {problem.vehicles[n].id: heads[problem.vehicles[n].id] for n in numbers}
    gone = {load_id for loads in stuck.values() for load_id in loads}
    left = [n for n in range(len(problem.vehicles)) if n not in numbers]
    renamed: dict[int | None, int | None] = {None: None} | {n: at for at, n in enumerate(left)}
    requests = tuple(
        replace(one, vehicle=renamed[one.vehicle])
        for one in problem.requests
        if one.id not in gone and one.vehicle in renamed
    )
    vehicles = tuple(problem.vehicles[n] for n in left)
    rest = replace(problem, requests=requests, vehicles=vehicles, running=None)
    return with_running(rest, present, heads, running.change_fen), stuck


def _stuck(problem: model.Problem, fixed: model.Tours) -> set[int]:
    """Number the tours whose fixed heads break a rule, alone or because they meet at a dock."""
    alone = {n for n, nodes in enumerate(fixed) if drive_one(problem, n, nodes).faults}
    if not _has_docks(problem):
        return alone
    return alone | set(_breaking(evaluate(replace(problem, running=None), fixed)))


def _has_docks(problem: model.Problem) -> bool:
    return any(place.docks is not None for place in problem.places)


def _breaking(plan: Plan) -> dict[int, int | None]:
    """Return the tours that break a rule, with the first node at which they do (None: at the end)."""
    found: dict[int, int | None] = {}
    for one in plan.violations:
        tour, node = one.params.get("tour"), one.params.get("node")
        if isinstance(tour, int):
            found.setdefault(tour, node if isinstance(node, int) else None)
    return found


def kept_of(problem: model.Problem, wanted: Sequences, fixed: Mapping[str, Iterable[str]]) -> Sequences:
    """Return as much of a wanted plan as can be driven: loads that come too late or do not fit are left out.

    Of those that cannot all be carried the more urgent go first, then those that stand first. Each tour is
    judged alone; where docks are counted, all of them together besides. What is fixed is never left out.
    """
    found: Sequences = {}
    priority = priorities(problem)
    for number, vehicle in enumerate(problem.vehicles):
        firm = set(fixed.get(vehicle.id, ()))
        loads = [one for one in wanted.get(vehicle.id, ()) if one in priority]
        kept: list[str] = []
        for load_id in sorted(loads, key=lambda one: (one not in firm, -priority[one])):
            tried = [one for one in loads if one in kept or one == load_id]
            if load_id in firm or not _breaks(problem, number, tried):
                kept = tried
        found[vehicle.id] = kept
    return _together(problem, found, fixed) if _has_docks(problem) else found


def priorities(problem: model.Problem) -> dict[str, int]:
    """Return by load what leaving it out counts."""
    return {request.id: request.priority for request in problem.requests}


def _breaks(problem: model.Problem, number: int, loads: Iterable[str]) -> bool:
    """Tell whether a vehicle, by number, breaks a rule that carries these loads one after the other."""
    nodes = tours_of(problem, {problem.vehicles[number].id: loads})[number]
    return bool(drive_one(problem, number, nodes).faults)


def _together(problem: model.Problem, kept: Sequences, fixed: Mapping[str, Iterable[str]]) -> Sequences:
    """Leave out what waits for a dock until it comes too late, one load after the other."""
    bare = replace(problem, running=None)
    while True:
        breaking = _breaking(evaluate(bare, tours_of(bare, kept)))
        gives_way = next(
            (one for tour, node in breaking.items() if (one := _loosest(bare, kept, fixed, tour, node))), None
        )
        if gives_way is None:
            return kept
        kept = {key: [one for one in loads if one != gives_way] for key, loads in kept.items()}


def _loosest(
    problem: model.Problem,
    kept: Sequences,
    fixed: Mapping[str, Iterable[str]],
    tour: int,
    node: int | None,
) -> str | None:
    """Return the load of a tour that gives way: the one that is late, else the last that is not fixed.

    In its stead a less urgent one, where that lets the urgent one be in time.
    """
    vehicle = problem.vehicles[problem.shifts[tour][0]].id
    firm = set(fixed.get(vehicle, ()))
    late = problem.requests[model.request_of(node)].id if node is not None else None
    free = [one for one in kept.get(vehicle, ()) if one not in firm]
    last = late if late in free else free[-1] if free else None
    priority = priorities(problem)
    milder = [one for one in reversed(free) if last is not None and priority[one] < priority[last]]
    for one in sorted(milder, key=priority.__getitem__):
        lean = kept | {vehicle: [other for other in kept[vehicle] if other != one]}
        if tour not in _breaking(evaluate(problem, tours_of(problem, lean))):
            return one
    return last


def displacer(problem: model.Problem, kept: Sequences, load_id: str, vehicle_id: str | None) -> str | None:
    """Return a more urgent load in whose stead a vehicle (None: any) could carry one that is left out."""
    priority = priorities(problem)
    for number, loads, firm in _carried(problem, kept, vehicle_id):
        for other in loads[firm:]:
            rest = [one for one in loads if one != other]
            if priority[other] > priority[load_id] and _has_room(problem, number, rest, load_id, firm):
                return other
    return None


def fits(problem: model.Problem, kept: Sequences, load_id: str, vehicle_id: str | None) -> bool:
    """Tell whether a vehicle (None: any) could carry a load beside what it carries."""
    return any(
        _has_room(problem, number, loads, load_id, firm)
        for number, loads, firm in _carried(problem, kept, vehicle_id)
    )


def _carried(
    problem: model.Problem, kept: Sequences, vehicle_id: str | None
) -> Iterator[tuple[int, list[str], int]]:
    """Name, by vehicle (None: of each), its number, its loads, and how many of them at the head are fixed."""
    heads = sequences_of(problem, problem.running.fixed) if problem.running is not None else {}
    for number, vehicle in enumerate(problem.vehicles):
        if vehicle_id in {None, vehicle.id}:
            yield number, kept.get(vehicle.id, []), len(heads.get(vehicle.id, []))


def _has_room(problem: model.Problem, number: int, loads: list[str], load_id: str, firm: int) -> bool:
    """Tell whether a load has a place among those of a vehicle, by number, after the fixed ones."""
    places = range(firm, len(loads) + 1)
    return not all(_breaks(problem, number, [*loads[:n], load_id, *loads[n:]]) for n in places)


def placed(problem: model.Problem, sequences: Sequences, load_id: str, vehicle_id: str) -> Sequences:
    """Return the plan with one load moved to a vehicle, at the place in its day that costs least.

    Where every place breaks a rule, the one that breaks fewest: the caller says what is broken.
    """
    numbers = {request.id: number for number, request in enumerate(problem.requests)}
    tour = next((n for n, vehicle in enumerate(problem.vehicles) if vehicle.id == vehicle_id), None)
    if tour is None or load_id not in numbers:
        return sequences
    others = {key: [one for one in loads if one != load_id] for key, loads in sequences.items()}
    nodes = best_insertion(problem, driven(problem, others), numbers[load_id], tour).nodes
    tours = tuple(nodes if n == tour else () for n in range(len(problem.vehicles)))
    return others | {vehicle_id: sequences_of(problem, tours)[vehicle_id]}


def driven(problem: model.Problem, sequences: Sequences) -> Plan:
    """Return what becomes of a plan when it is driven, with everything it breaks."""
    return evaluate(problem, tours_of(problem, sequences))


def answer(
    told: Mapping[str, Any],
    limits: Limits,
    tell: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> dict[str, Any]:
    """Plan a stored day anew, starting from the plan that runs; JSON-ready, ids of the record.

    A vehicle whose fixed head breaks a rule keeps that head alone, and the others are planned without it.
    """
    from marketplace.plans.search import search

    problem = problem_of(told)
    rest, stuck = without_stuck(problem)
    plan = search(rest, limits, tell, cancelled)
    sequences = sequences_of(rest, plan.nodes) | stuck
    if stuck:
        plan = driven(problem, sequences)
    return {
        "sequences": sequences,
        "costs": {name: round(fen) for name, fen in msgspec.to_builtins(plan.costs).items()},
        "metres": round(plan.metres),
        "vehicles": len(plan.driven),
        "moved": plan.moved,
        "unserved": [
            {
                "load": problem.requests[one.request].id,
                "number": one.reason.number,
                "code": one.reason.code.value,
                "params": {name: str(figure) for name, figure in one.reason.params.items()},
            }
            for one in plan.left_out
        ],
        "value": list(value(problem, plan)),
    }
