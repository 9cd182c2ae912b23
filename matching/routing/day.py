"""What day of routing does a cleared market make?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import numpy as np

from matching import problem as market
from matching.compatibility import vehicle_reason
from matching.problem import BadProblem, Defect, Window
from matching.routing.model import (
    Compartment,
    Goal,
    HoursRule,
    Place,
    Problem,
    Request,
    Roads,
    Segregation,
    Shift,
    Span,
    Stop,
    Vehicle,
)
from matching.solution import Assignment

SERVICE_S = 1800.0
SHIFT_S = 12 * 3600.0


def day_of(
    cleared: market.Problem,
    assignments: Iterable[Assignment],
    start: datetime,
    segregation: Segregation | None = None,
    hours: HoursRule | None = None,
) -> Problem:
    """Make the routing problem that carries these assignments with the market's vehicles, from `start` on.

    An assignment too heavy for every vehicle that may carry it becomes several requests. A vehicle starts
    where it stands and ends at its last stop within `SHIFT_S`; an hour's work costs nothing, a kilometre
    what its full load would earn. Each stop is served in `SERVICE_S`. Roads are the market's. Raises
    BadProblem for a naive `start`.
    """
    if start.utcoffset() is None:
        raise BadProblem(Defect.NAIVE_TIME, "day", "start", start)
    requests: list[Request] = []
    points = [vehicle.point for vehicle in cleared.vehicles]
    for one in assignments:
        lot, taker = cleared.lot(one.lot_id), cleared.taker(one.taker_id)
        stops = (
            Stop(len(points), spans((lot.ready,), start), SERVICE_S),
            Stop(len(points) + 1, spans(taker.windows, start), SERVICE_S),
        )
        points += [lot.point, taker.point]
        requests += _loads(cleared, lot, taker, one.kg, stops)
    legs = cleared.distances.matrix(points)
    roads = Roads(legs.metres.astype(np.float64), legs.seconds.astype(np.float64), legs.source, legs.version)
    return Problem(
        places=tuple(Place(f"p{n}", point) for n, point in enumerate(points)),
        requests=tuple(requests),
        vehicles=tuple(_vehicle(n, one) for n, one in enumerate(cleared.vehicles)),
        roads=(roads,),
        goal=Goal.MONEY,
        hours=hours,
        segregation=segregation or Segregation(),
    )


def spans(windows: Iterable[Window], start: datetime) -> tuple[Span, ...]:
    """Count windows of the calendar in seconds from `start`; those that meet become one."""
    found: list[Span] = []
    for window in sorted(windows, key=lambda one: one.start):
        first, last = (_seconds(start, at) for at in (window.start, window.end))
        if found and first <= found[-1].end:
            first, last = found[-1].start, max(last, found.pop().end)
        found.append(Span(first, last))
    return tuple(found)


def _seconds(start: datetime, at: datetime) -> float:
    return (at - start).total_seconds()


def _loads(
    cleared: market.Problem, lot: market.Lot, taker: market.Taker, kg: int, stops: tuple[Stop, Stop]
) -> Iterator[Request]:
    """Part the mass into as few loads as the largest vehicle that may carry it makes of it."""
    able = [one.capacity_kg for one in cleared.vehicles if vehicle_reason(lot, one) is None]
    largest = max(able, default=kg)
    trips = -(-kg // largest)
    for trip in range(trips):
        yield Request(
            id=f"{lot.id}:{taker.id}" + (f":{trip + 1}" if trips > 1 else ""),
            pickup=stops[0],
            delivery=stops[1],
            amounts=(float(kg // trips + (trip < kg % trips)),),
            waste=lot.code,
            dg_class=lot.dg_class,
            hazardous=lot.hazardous,
        )


def _vehicle(place: int, one: market.Vehicle) -> Vehicle:
    """Stand a vehicle where it is; CNY per tonne-km of a full load are its fen per km."""
    return Vehicle(
        id=one.id,
        shifts=(Shift(place, None, 0.0, SHIFT_S),),
        compartments=(Compartment((float(one.capacity_kg),)),),
        hazardous_ok=one.hazardous_ok,
        dg_classes=one.dg_classes,
        fixed_fen=float(one.fixed * 100),
        per_km_fen=float(one.freight * one.capacity_kg / 10),
    )
