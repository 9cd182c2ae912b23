"""Small days of routing with one kind of rule each, drawn so that it is often in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from matching.routing.evaluate import evaluate
from matching.routing.model import (
    Cleaning,
    Closure,
    Compartment,
    Goal,
    HoursRule,
    Place,
    Problem,
    Request,
    Running,
    Segregation,
    Shift,
    Span,
    Stop,
    Tours,
    Vehicle,
)
from tests.matching.routing import days

PLACES = 6
WASTES = ("W1", "W2")
Kind = Callable[[Random, Problem], Problem]


def plain(rnd: Random) -> Problem:
    """Draw two loads and one or two lorries that no rule but time and a large body bounds."""
    requests = tuple(
        Request(
            id=f"r{n}",
            pickup=Stop(rnd.randrange(PLACES), service_s=30.0),
            delivery=Stop(rnd.randrange(PLACES), service_s=30.0),
            amounts=(float(rnd.randint(1, 6)), float(rnd.randint(1, 6)), float(rnd.randint(1, 6))),
            waste=WASTES[n],
            dg_class=("3", "8")[n],
        )
        for n in range(2)
    )
    vehicles = tuple(
        Vehicle(
            id=f"v{n}",
            shifts=(Shift(rnd.randrange(PLACES), 0, 0.0, 9000.0),),
            compartments=(Compartment((20.0, 20.0, 20.0)),),
            type=("van", "tank")[n],
            licences=frozenset({"permit"}),
            hazardous_ok=True,
            dg_classes=frozenset({"3", "8"}),
            fixed_fen=200.0,
            per_km_fen=float(rnd.randint(500, 1500)),
            per_hour_fen=float(rnd.choice((0, 3000))),
        )
        for n in range(rnd.choice((1, 2)))
    )
    return Problem(
        places=tuple(Place(f"p{n}") for n in range(PLACES)),
        requests=requests,
        vehicles=vehicles,
        roads=(days.roads(rnd, PLACES),),
        dimensions=("kg", "m3", "pallets"),
        goal=rnd.choice((Goal.MONEY, Goal.MONEY, Goal.DISTANCE, Goal.VEHICLES)),
    )


def loads(problem: Problem, *changes: dict[str, Any]) -> Problem:
    """Change the loads."""
    return replace(
        problem,
        requests=tuple(replace(one, **c) for one, c in zip(problem.requests, changes, strict=True)),
    )


def lorries(problem: Problem, **changes: Any) -> Problem:
    """Change every lorry alike."""
    return replace(problem, vehicles=tuple(replace(one, **changes) for one in problem.vehicles))


def _room(dimension: int) -> Kind:
    def kind(rnd: Random, problem: Problem) -> Problem:
        """Leave room for one load, or for none."""
        room = [20.0, 20.0, 20.0]
        room[dimension] = float(rnd.randint(4, 8))
        return lorries(problem, compartments=(Compartment(tuple(room)),))

    return kind


def _compartments(rnd: Random, problem: Problem) -> Problem:
    rooms = [Compartment((float(rnd.randint(3, 8)), 20.0, 20.0)) for _ in range(2)]
    rooms[0] = replace(rooms[0], wastes=frozenset({rnd.choice(WASTES)}))
    return lorries(problem, compartments=tuple(rooms))


def _one_way(rnd: Random, problem: Problem) -> Problem:
    ways = frozenset({WASTES if rnd.random() < 0.5 else WASTES[::-1]})
    return replace(problem, segregation=Segregation(not_after=ways))


def _cleaning(rnd: Random, problem: Problem) -> Problem:
    both = frozenset({WASTES, WASTES[::-1]})
    washes = tuple(
        Cleaning(rnd.randrange(PLACES), 60.0, float(rnd.randint(0, 300))) for _ in range(rnd.randint(1, 2))
    )
    return replace(problem, segregation=Segregation(not_after=both, cleanings=washes))


def _windows(rnd: Random, problem: Problem) -> Problem:
    return loads(problem, *({"pickup": replace(r.pickup, windows=_spans(rnd))} for r in problem.requests))


def _spans(rnd: Random) -> tuple[Span, ...]:
    start = float(rnd.randint(0, 1200))
    return (Span(start, start + rnd.randint(0, 200)),)


def _opening(rnd: Random, problem: Problem) -> Problem:
    return replace(problem, places=tuple(replace(p, windows=_spans(rnd)) for p in problem.places))


def _docks(rnd: Random, problem: Problem) -> Problem:
    gate = rnd.randrange(PLACES)
    busy = replace(problem, places=tuple(replace(p, docks=1) for p in problem.places))
    return loads(
        busy,
        *({"delivery": Stop(gate, (Span(0.0, float(rnd.randint(300, 900))),), 400.0)} for _ in range(2)),
    )


def _closure(rnd: Random, problem: Problem) -> Problem:
    types = rnd.choice((None, frozenset({"van"}), frozenset({"tank"})))
    at = frozenset(rnd.sample(range(PLACES), 3))
    return replace(problem, closures=(Closure((Span(0.0, float(rnd.randint(100, 9000))),), types, at),))


def _leg(rnd: Random, problem: Problem) -> Problem:
    types = rnd.choice((None, frozenset({"van"})))
    legs = frozenset((a, b) for a in range(PLACES) for b in range(PLACES) if a != b and rnd.random() < 0.5)
    long = float(rnd.randint(100, 9000))
    return replace(problem, closures=(Closure((Span(0.0, long),), types, legs=legs),))


def _optional(rnd: Random, problem: Problem) -> Problem:
    return loads(problem, *({"penalty_fen": float(rnd.randint(0, 900))} for _ in range(2)))


def _priority(rnd: Random, problem: Problem) -> Problem:
    short = replace(problem, vehicles=problem.vehicles[:1])
    shift = replace(short.vehicles[0].shifts[0], ends=float(rnd.randint(150, 700)))
    return loads(lorries(short, shifts=(shift,)), *({"priority": rnd.randint(1, 3)} for _ in range(2)))


def _live(rnd: Random, problem: Problem) -> Problem:
    shift = Shift(rnd.randrange(PLACES), rnd.choice((None, 0)), 0.0, 9000.0)
    behind = {"driven_s": float(rnd.randint(0, 900)), "since_break_s": float(rnd.randint(0, 300))}
    rule = HoursRule(400.0, 60.0, 1200.0)
    return replace(
        lorries(problem, shifts=(shift,), residue=frozenset({"W1"}), **behind),
        hours=rule,
        segregation=Segregation(not_after=frozenset({WASTES}), cleanings=(Cleaning(0, 60.0),)),
    )


def _on_board(rnd: Random, problem: Problem) -> Problem:
    taken = {"vehicle": 0, "picked_up_s": -float(rnd.randint(0, 100))}
    return loads(problem, taken, {"max_ride_s": float(rnd.randint(50, 900))})


def _multi_trip(rnd: Random, problem: Problem) -> Problem:
    """Two loads that one lorry can only carry one after the other; a second shift or a second lorry too."""
    first = problem.vehicles[0].shifts[0]
    middle = float(rnd.randint(200, 900))
    two = (replace(first, ends=middle), Shift(first.start_place, 0, middle, middle + 900.0))
    full = lorries(problem, compartments=(Compartment((6.0, 6.0, 6.0)),))
    only = replace(full.vehicles[0], shifts=two if rnd.random() < 0.5 else full.vehicles[0].shifts)
    return replace(full, vehicles=(only,))


def driven(rnd: Random, problem: Problem) -> Tours:
    """Draw a plan that keeps every rule."""
    for _ in range(50):
        tours = days.tours(rnd, problem, 0.9)
        if evaluate(problem, tours).feasible:
            return tours
    return ((),) * len(problem.shifts)


def _fixed(rnd: Random, problem: Problem) -> Problem:
    tours = driven(rnd, problem)
    return replace(problem, running=Running(tours, fixed=tuple(tour[: rnd.randint(1, 2)] for tour in tours)))


def _dear_changes(rnd: Random, problem: Problem) -> Problem:
    money = replace(problem, goal=Goal.MONEY)
    return replace(money, running=Running(driven(rnd, money), float(rnd.randint(1, 300))))


def _few_changes(rnd: Random, problem: Problem) -> Problem:
    return replace(problem, running=Running(driven(rnd, problem), most_moved=rnd.randint(0, 2)))


def _hours(rule: Callable[[Random], HoursRule]) -> Kind:
    return lambda rnd, problem: replace(problem, hours=rule(rnd))


def _apart(**pairs: frozenset[frozenset[str]]) -> Kind:
    return lambda rnd, problem: replace(problem, segregation=Segregation(**pairs))


def _lacks(**facts: Any) -> Kind:
    """Let one lorry lack what one load needs."""

    def kind(rnd: Random, problem: Problem) -> Problem:
        at = rnd.randrange(len(problem.vehicles))
        lame = replace(problem.vehicles[at], **facts)
        return replace(problem, vehicles=(*problem.vehicles[:at], lame, *problem.vehicles[at + 1 :]))

    return kind


def _needs(**facts: Any) -> Kind:
    return lambda rnd, problem: loads(problem, facts, {})


KINDS: dict[str, Kind] = {
    "kilograms": _room(0),
    "cubic metres": _room(1),
    "pallets": _room(2),
    "compartments": _compartments,
    "dangerous goods classes": _lacks(dg_classes=frozenset({"3"})),
    "hazardous permit": lambda rnd, p: _lacks(hazardous_ok=False)(rnd, loads(p, {"hazardous": True}, {})),
    "licence": lambda rnd, p: _lacks(licences=frozenset())(
        rnd, loads(p, {"licences": frozenset({"permit"})}, {})
    ),
    "vehicle type": _needs(vehicle_types=frozenset({"tank"})),
    "locked to a vehicle": lambda rnd, p: loads(p, {"vehicle": len(p.vehicles) - 1}, {"vehicle": 0}),
    "wastes apart in a trip": _apart(apart=frozenset({frozenset(WASTES)})),
    "classes apart in a trip": _apart(dg_apart=frozenset({frozenset({"3", "8"})})),
    "wastes in succession": _one_way,
    "cleaning": _cleaning,
    "several trips": _multi_trip,
    "windows": _windows,
    "opening hours": _opening,
    "docks": _docks,
    "breaks": _hours(lambda rnd: HoursRule(float(rnd.randint(60, 400)), 300.0, 90_000.0)),
    "driving in a day": _hours(lambda rnd: HoursRule(9000.0, 60.0, float(rnd.randint(200, 700)))),
    "closed places": _closure,
    "closed roads": _leg,
    "optional loads": _optional,
    "priorities": _priority,
    "ride time": lambda rnd, p: loads(p, {"max_ride_s": float(rnd.randint(20, 300))}, {}),
    "live position": _live,
    "on board": _on_board,
    "fixed part": _fixed,
    "dear changes": _dear_changes,
    "few changes": _few_changes,
}
"""What each adds to a plain day."""
