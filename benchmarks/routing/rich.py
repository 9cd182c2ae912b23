"""What becomes of a published instance when every rule of the model has a say in it?"""

from __future__ import annotations

from dataclasses import replace

from matching.routing.model import (
    Cleaning,
    Closure,
    Compartment,
    Goal,
    HoursRule,
    Place,
    Problem,
    Request,
    Segregation,
    Span,
    Vehicle,
)

WASTES = ("oil", "acid", "sludge", "lamps", "filters")


def rich(problem: Problem) -> Problem:
    """Put every rule on a pure problem: loose enough that its good plans stay good, none of them switched
    off.

    Two dimensions, two compartments, five wastes of which two must not meet and two not follow without
    cleaning, two classes, licences and types, hours with breaks, closed places and legs, rides, docks at
    every tenth place, optional requests, and money in place of metres.
    """
    end = problem.vehicles[0].shifts[0].ends
    size = len(problem.places)
    closed = Span(end * 0.99, end)
    return replace(
        problem,
        places=tuple(_place(n, place) for n, place in enumerate(problem.places)),
        requests=tuple(_request(n, one, end) for n, one in enumerate(problem.requests)),
        vehicles=tuple(_vehicle(n, one) for n, one in enumerate(problem.vehicles)),
        dimensions=("kg", "pallets"),
        goal=Goal.MONEY,
        hours=HoursRule(drive_s=end / 2, break_s=end / 200, day_s=end),
        segregation=Segregation(
            apart=frozenset({frozenset({"lamps", "acid"})}),
            dg_apart=frozenset({frozenset({"3", "8"})}),
            not_after=frozenset({("acid", "lamps")}),
            cleanings=(Cleaning(0, end / 200, 5000.0), Cleaning(size // 2, end / 200, 5000.0)),
        ),
        closures=(
            Closure((closed,), frozenset({"tank"}), places=frozenset(range(5, size, 25))),
            Closure((closed,), None, legs=frozenset((n, n + 1) for n in range(1, size - 1, 20))),
        ),
    )


def _place(n: int, place: Place) -> Place:
    return replace(place, docks=2) if n % 10 == 3 else place


def _request(n: int, one: Request, end: float) -> Request:
    waste = WASTES[n % len(WASTES)] if n % 8 == 0 else "filters"
    return replace(
        one,
        amounts=(one.amounts[0], 1.0),
        waste=waste,
        dg_class={"acid": "8", "oil": "3"}.get(waste),
        hazardous=waste == "acid",
        max_ride_s=end * 0.8 if n % 3 == 0 else None,
        licences=frozenset({"permit"}) if n % 4 == 0 else frozenset(),
        vehicle_types=frozenset({"tank", "van"}) if n % 5 == 0 else None,
        penalty_fen=1e7 if n % 6 == 0 else None,
    )


def _vehicle(n: int, one: Vehicle) -> Vehicle:
    room = one.compartments[0].capacities[0]
    return replace(
        one,
        type="tank" if n % 2 else "van",
        compartments=(Compartment((room, 60.0)), Compartment((room, 60.0))),
        licences=frozenset({"permit"}),
        hazardous_ok=True,
        dg_classes=frozenset({"3", "8"}),
        fixed_fen=1000.0,
        per_km_fen=1000.0,
        per_hour_fen=10.0,
    )
