"""Does a route keep every rule of the loads it claims to carry?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from matching.compatibility import vehicle_reason
from matching.distances import Distances, Point
from matching.problem import Vehicle
from matching.routing.loads import Load
from matching.solution import Breach, Route, RouteStop, StopKind, Violation


def check_route(
    route: Route, vehicle: Vehicle, loads: Sequence[Load], distances: Distances
) -> list[Violation]:
    """List every broken rule of a route, reckoning times, distances and mass anew."""
    by_id = {load.id: load for load in loads}
    strange = [stop for stop in route.stops if stop.load_id not in by_id]
    if strange:
        return [Violation(Breach.UNKNOWN_LOT, {"load_id": stop.load_id}) for stop in strange]
    return [
        *_counts(route, by_id),
        *_order(route),
        *_mass(route, vehicle, by_id),
        *_times(route, vehicle, by_id, distances),
    ]


def _counts(route: Route, loads: dict[str, Load]) -> Iterator[Violation]:
    times = Counter((stop.load_id, stop.kind) for stop in route.stops)
    left_out = Counter(one.load_id for one in route.unserved)
    for load_id in loads:
        seen = [times[load_id, StopKind.PICKUP], times[load_id, StopKind.DELIVERY], left_out[load_id]]
        if seen not in ([1, 1, 0], [0, 0, 1]):
            pickups, deliveries, unserved = seen
            params = {"pickups": pickups, "deliveries": deliveries, "unserved": unserved}
            yield Violation(Breach.LOAD_COUNT, {"load_id": load_id, **params})


def _order(route: Route) -> Iterator[Violation]:
    picked: set[str] = set()
    for stop in route.stops:
        if stop.kind is StopKind.PICKUP:
            picked.add(stop.load_id)
        elif stop.load_id not in picked:
            yield Violation(Breach.STOP_ORDER, {"load_id": stop.load_id})


def _mass(route: Route, vehicle: Vehicle, loads: dict[str, Load]) -> Iterator[Violation]:
    on_board = 0
    for stop in route.stops:
        load = loads[stop.load_id]
        reason = vehicle_reason(load, vehicle)
        if reason is not None:
            yield Violation(Breach.VEHICLE_FORBIDDEN, {"load_id": load.id, "number": reason.number})
        on_board += load.kg if stop.kind is StopKind.PICKUP else -load.kg
        if on_board > vehicle.capacity_kg or on_board != stop.load_kg:
            params = {"kg": on_board, "said_kg": stop.load_kg, "capacity_kg": vehicle.capacity_kg}
            yield Violation(Breach.OVERLOADED, {"load_id": load.id, **params})


def _times(
    route: Route, vehicle: Vehicle, loads: dict[str, Load], distances: Distances
) -> Iterator[Violation]:
    points = [vehicle.point] + [_point(stop, loads) for stop in route.stops]
    legs = distances.legs(points[:-1], points[1:])
    roads = zip(legs.metres.tolist(), legs.seconds.tolist(), strict=True)
    left = route.start
    for stop, (metres, seconds) in zip(route.stops, roads, strict=True):
        load = loads[stop.load_id]
        begin = stop.arrival + timedelta(seconds=stop.wait_s)
        pickup = stop.kind is StopKind.PICKUP
        service = timedelta(seconds=load.pickup_s if pickup else load.delivery_s)
        early = stop.arrival < left + timedelta(seconds=seconds) or stop.departure < begin + service
        if early or stop.wait_s < 0:
            yield Violation(Breach.TOO_EARLY, {"load_id": load.id, "leg_s": seconds})
        if stop.leg_m != metres or stop.point != _point(stop, loads):
            yield Violation(Breach.ROAD_WRONG, {"load_id": load.id, "leg_m": metres})
        windows = (load.ready,) if pickup else load.receiving
        if windows and not any(window.start <= begin < window.end for window in windows):
            yield Violation(Breach.WINDOW_MISSED, {"load_id": load.id, "begin": begin.isoformat()})
        left = stop.departure
    if route.metres != sum(legs.metres.tolist()):
        yield Violation(Breach.ROAD_WRONG, {"metres": route.metres, "sum": int(legs.metres.sum())})


def _point(stop: RouteStop, loads: dict[str, Load]) -> Point:
    load = loads[stop.load_id]
    return load.pickup if stop.kind is StopKind.PICKUP else load.delivery
