"""Small days of routing in which every rule gets in the way now and then."""

from __future__ import annotations

from random import Random

import numpy as np

from matching.routing.model import (
    Cleaning,
    Closure,
    Compartment,
    Goal,
    HoursRule,
    Place,
    Problem,
    Request,
    Roads,
    Running,
    Segregation,
    Shift,
    Span,
    Stop,
    Tours,
    Vehicle,
)

WASTES = ("W1", "W2", "W3")
CLASSES = (None, None, "3", "8")
TYPES = ("van", "tank")


def roads(rnd: Random, size: int) -> Roads:
    """Draw whole metres and seconds on a plane, so that sums are exact."""
    spots = [(rnd.randint(0, 60), rnd.randint(0, 60)) for _ in range(size)]
    metres = np.array([[10.0 * (abs(a - c) + abs(b - d)) for c, d in spots] for a, b in spots])
    return Roads(metres, metres / 2, "grid", "1")


def spans(rnd: Random, most: int, long: int) -> tuple[Span, ...]:
    """Draw windows that are sorted and apart."""
    found, clock = [], 0.0
    for _ in range(rnd.randint(0, most)):
        start = clock + rnd.randint(0, 400)
        clock = start + rnd.randint(50, long) + 1
        found.append(Span(start, clock - 1))
    return tuple(found)


def request(rnd: Random, name: str, places: int, vehicles: int) -> Request:
    """Draw one request."""
    waste = rnd.choice(WASTES)
    on_board = rnd.random() < 0.08
    return Request(
        id=name,
        pickup=Stop(rnd.randrange(places), spans(rnd, 2, 1500), rnd.choice((0.0, 30.0, 60.0))),
        delivery=Stop(rnd.randrange(places), spans(rnd, 1, 2500), rnd.choice((0.0, 30.0, 60.0))),
        amounts=(float(rnd.randint(1, 6)), float(rnd.randint(0, 4))),
        waste=waste,
        dg_class=rnd.choice(CLASSES),
        hazardous=rnd.random() < 0.2,
        penalty_fen=rnd.choice((None, None, 5000.0)),
        priority=rnd.randint(1, 3),
        max_ride_s=rnd.choice((None, None, float(rnd.randint(100, 900)))),
        licences=frozenset({"permit"} if rnd.random() < 0.15 else ()),
        vehicle_types=rnd.choice((None, None, None, frozenset({"van"}), frozenset(TYPES))),
        vehicle=rnd.randrange(vehicles) if on_board or rnd.random() < 0.1 else None,
        picked_up_s=-float(rnd.randint(0, 200)) if on_board else None,
    )


def vehicle(rnd: Random, name: str, places: int) -> Vehicle:
    """Draw one vehicle, mostly able."""
    end = rnd.choice((None, 0, rnd.randrange(places)))
    first = Shift(rnd.randrange(places), end, 0.0, float(rnd.randint(1500, 6000)))
    later = Shift(0, end, first.ends, first.ends + 3000.0)
    rooms = [
        Compartment((float(rnd.randint(5, 14)), float(rnd.randint(4, 9)))) for _ in range(rnd.randint(1, 2))
    ]
    if rnd.random() < 0.3:
        rooms[0] = Compartment(rooms[0].capacities, frozenset(rnd.sample(WASTES, 2)))
    return Vehicle(
        id=name,
        shifts=(first, later) if rnd.random() < 0.3 else (first,),
        compartments=tuple(rooms),
        type=rnd.choice(TYPES),
        licences=frozenset({"permit"} if rnd.random() < 0.7 else ()),
        hazardous_ok=rnd.random() < 0.8,
        dg_classes=frozenset({"3", "8"} if rnd.random() < 0.8 else ()),
        fixed_fen=float(rnd.randint(0, 3000)),
        per_km_fen=float(rnd.randint(100, 500)),
        per_hour_fen=float(rnd.randint(0, 5000)),
        driven_s=float(rnd.choice((0, 0, 300))),
        since_break_s=float(rnd.choice((0, 0, 200))),
        residue=frozenset(rnd.sample(WASTES, rnd.choice((0, 0, 1)))),
    )


def segregation(rnd: Random, places: int) -> Segregation:
    """Draw what must not meet, and where to be cleaned."""
    return Segregation(
        apart=frozenset({frozenset(rnd.sample(WASTES, 2))} if rnd.random() < 0.5 else ()),
        dg_apart=frozenset({frozenset({"3", "8"})} if rnd.random() < 0.5 else ()),
        not_after=frozenset({(rnd.choice(WASTES), rnd.choice(WASTES))} if rnd.random() < 0.5 else ()),
        cleanings=tuple(
            Cleaning(rnd.randrange(places), float(rnd.randint(10, 90)), float(rnd.randint(0, 500)))
            for _ in range(rnd.randint(0, 2))
        ),
    )


def day(seed: int, most: int = 6) -> Problem:
    """Draw a day: everything is there in some days and nothing in others."""
    rnd = Random(seed)
    size, cars = rnd.randint(2, 8), rnd.randint(1, 3)
    places = tuple(
        Place(
            f"p{n}", None, spans(rnd, 1, 6000) if rnd.random() < 0.2 else (), rnd.choice((None, None, 1, 2))
        )
        for n in range(size)
    )
    legs = frozenset((rnd.randrange(size), rnd.randrange(size)) for _ in range(rnd.randint(0, 4)))
    shut = frozenset(rnd.sample(range(size), rnd.randint(0, 1)))
    closed = Closure(spans(rnd, 2, 300), rnd.choice((None, frozenset({"van"}))), shut, legs)
    vehicles = tuple(vehicle(rnd, f"v{n}", size) for n in range(cars))
    problem = Problem(
        places=places,
        requests=tuple(request(rnd, f"r{n}", size, cars) for n in range(rnd.randint(0, most))),
        vehicles=vehicles,
        roads=(roads(rnd, size),),
        dimensions=("kg", "pallets"),
        goal=rnd.choice(tuple(Goal)),
        hours=HoursRule(float(rnd.randint(300, 900)), 60.0, 2500.0) if rnd.random() < 0.5 else None,
        segregation=segregation(rnd, size),
        closures=(closed,) if rnd.random() < 0.6 else (),
    )
    if rnd.random() < 0.3:
        before = tours(Random(seed + 1), problem)
        fixed = tuple(tour[: rnd.randint(0, 1)] for tour in before) if rnd.random() < 0.5 else ()
        running = Running(before, 100.0, rnd.choice((None, 2)), fixed)
        return Problem(**{name: getattr(problem, name) for name in Problem.__slots__} | {"running": running})
    return problem


def tours(rnd: Random, problem: Problem, share: float = 0.8) -> Tours:
    """Draw tours that serve some of the requests, each pick-up before its delivery."""
    drawn: list[list[int]] = [[] for _ in problem.shifts]
    for n, one in enumerate(problem.requests):
        if rnd.random() > share:
            continue
        first = [t for t, (v, _) in enumerate(problem.shifts) if v == one.vehicle]
        tour = drawn[first[0] if first and rnd.random() < 0.9 else rnd.randrange(len(drawn))]
        at = rnd.randint(0, len(tour))
        if not one.on_board:
            tour.insert(at, 2 * n)
            at = rnd.randint(at + 1, len(tour)) if rnd.random() < 0.7 else at + 1
        tour.insert(at, 2 * n + 1)
    return tuple(tuple(tour) for tour in drawn)
