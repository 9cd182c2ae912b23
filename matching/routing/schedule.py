"""When is a vehicle where, if it makes these stops in this order as early as it can?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from matching.distances import Legs, Point
from matching.problem import Vehicle
from matching.reasons import Reason, ReasonCode
from matching.routing.loads import Load, later, opening
from matching.solution import RouteStop, StopKind


@dataclass(frozen=True, slots=True)
class Task:
    """One vehicle, its loads and the roads among their places.

    Place 0 is where the vehicle starts, 1 + n the pick-up of load n and 1 + loads + n its delivery.
    """

    vehicle: Vehicle
    loads: tuple[Load, ...]
    start: datetime
    roads: Legs

    def pickup(self, n: int) -> int:
        """Give the place where load n is picked up."""
        return 1 + n

    def delivery(self, n: int) -> int:
        """Give the place where load n is delivered."""
        return 1 + len(self.loads) + n


def places(vehicle: Vehicle, loads: Sequence[Load]) -> list[Point]:
    """List the places of a task in the order of their numbers."""
    return [vehicle.point, *(load.pickup for load in loads), *(load.delivery for load in loads)]


def schedule(task: Task, order: Sequence[int]) -> list[RouteStop] | Reason:
    """Time the places of `order` one after the other; the first missed window instead, if there is one."""
    n = len(task.loads)
    stops: list[RouteStop] = []
    here, clock, on_board = 0, task.start, 0
    for place in order:
        load = task.loads[(place - 1) % n]
        kind = StopKind.PICKUP if place <= n else StopKind.DELIVERY
        arrival = later(clock, int(task.roads.seconds[here, place]))
        begin = opening((load.ready,) if kind is StopKind.PICKUP else load.receiving, arrival)
        if begin is None:
            return Reason(_MISSED[kind], {"load_id": load.id, "arrival": arrival.isoformat()})
        clock = later(begin, load.pickup_s if kind is StopKind.PICKUP else load.delivery_s)
        on_board += load.kg if kind is StopKind.PICKUP else -load.kg
        stops.append(
            RouteStop(
                kind=kind,
                load_id=load.id,
                point=load.pickup if kind is StopKind.PICKUP else load.delivery,
                arrival=arrival,
                wait_s=int((begin - arrival).total_seconds()),
                departure=clock,
                load_kg=on_board,
                leg_m=int(task.roads.metres[here, place]),
            )
        )
        here = place
    return stops


_MISSED = {
    StopKind.PICKUP: ReasonCode.PICKUP_WINDOW_MISSED,
    StopKind.DELIVERY: ReasonCode.DELIVERY_WINDOW_MISSED,
}
