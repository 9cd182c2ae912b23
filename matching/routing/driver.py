"""What does one vehicle do on its tour, and when, as early as the rules allow?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from matching.routing.faults import Fault, broken
from matching.routing.hold import Berth, Hold
from matching.routing.model import TOLERANCE, Problem, is_pickup, request_of
from matching.routing.moments import Docks, Wheels, service_begins
from matching.routing.plan import Act, HomeLeg, PlannedStop, PlannedTour
from matching.solution import Violation


@dataclass(slots=True)
class Driver:
    """A tour under way: where it is, what is behind it and what is still to come."""

    number: int
    vehicle_number: int
    wheels: Wheels
    hold: Hold
    nodes: tuple[int, ...]
    here: int
    clock: float
    since_break_s: float
    driven_s: float
    stops: list[PlannedStop] = field(default_factory=list)
    faults: list[Violation] = field(default_factory=list)
    berth: Berth | None = None
    cleanings_fen: float = 0.0

    @property
    def next_node(self) -> int | None:
        """Give the node it drives to next."""
        done = sum(stop.node is not None for stop in self.stops)
        return self.nodes[done] if done < len(self.nodes) else None


def ready(problem: Problem, number: int, nodes: tuple[int, ...]) -> Driver:
    """Put the driver of a tour where the shift starts, with what is on board already."""
    at, shift = problem.shifts[number]
    vehicle = problem.vehicles[at]
    first = shift == vehicle.shifts[0]
    fresh = vehicle if first else replace(vehicle, driven_s=0.0, since_break_s=0.0, residue=frozenset())
    driver = Driver(
        number=number,
        vehicle_number=at,
        wheels=Wheels(problem, vehicle, shift),
        hold=Hold(problem, fresh),
        nodes=nodes,
        here=shift.start_place,
        clock=shift.starts,
        since_break_s=fresh.since_break_s,
        driven_s=fresh.driven_s,
    )
    for request_number, request in enumerate(problem.requests):
        if request.on_board and request.vehicle == at and first:
            berth = driver.hold.berth(request)
            driver.hold.put(berth.compartment, request_number)  # it is there, whatever the rules say
    return driver


def set_out(problem: Problem, driver: Driver) -> float:
    """Choose the compartment for the next load, be cleaned where that needs it, and give the arrival."""
    node = driver.next_node
    assert node is not None
    there = problem.stop(node).place
    driver.berth = driver.hold.berth(problem.requests[request_of(node)]) if is_pickup(node) else None
    if driver.berth is not None and driver.berth.cleaning:
        _clean(problem, driver, there)
    return driver.wheels.drive(driver.here, there, driver.clock, driver.since_break_s).arrival


def _clean(problem: Problem, driver: Driver, there: int) -> None:
    """Drive by the cleaning place with the least seconds of detour."""
    seconds = driver.wheels.roads.seconds
    places = problem.segregation.cleanings
    best = min(places, key=lambda one: float(seconds[driver.here, one.place] + seconds[one.place, there]))
    way = driver.wheels.drive(driver.here, best.place, driver.clock, driver.since_break_s)
    driver.driven_s += way.drive_s
    driver.since_break_s = way.since_break_s
    driver.here, driver.clock = best.place, way.arrival + best.service_s
    driver.hold.clean()
    driver.cleanings_fen += best.cost_fen
    driver.stops.append(
        PlannedStop(
            act=Act.CLEANING,
            node=None,
            place=best.place,
            leg_m=way.metres,
            held_s=way.held_s,
            drive_s=way.drive_s,
            break_s=way.break_s,
            arrival=way.arrival,
            begin=way.arrival,
            departure=driver.clock,
            compartment=None,
            load=driver.hold.total,
            driven_s=driver.driven_s,
            since_break_s=driver.since_break_s,
        )
    )


def serve(problem: Problem, driver: Driver, docks: Docks, booked: Mapping[int, float]) -> None:
    """Drive to the next node, wait until it can be served, and load or unload."""
    node = driver.next_node
    assert node is not None
    stop, kind = problem.stop(node), driver.wheels.vehicle.type
    way = driver.wheels.drive(driver.here, stop.place, driver.clock, driver.since_break_s)
    earliest = max(way.arrival, booked.get(node, way.arrival))
    begin, allowed = service_begins(problem, docks, kind, stop, earliest)
    if not allowed:
        driver.faults.append(
            broken(Fault.WINDOW_MISSED, tour=driver.number, node=node, arrival=way.arrival, begin=begin)
        )
    docks.book(stop.place, begin, stop.service_s)
    rested = problem.hours is not None and begin - way.arrival >= problem.hours.break_s - TOLERANCE
    driver.since_break_s = 0.0 if rested else way.since_break_s
    driver.driven_s += way.drive_s
    compartment = _handle(driver, node)
    driver.here, driver.clock = stop.place, begin + stop.service_s
    driver.stops.append(
        PlannedStop(
            act=Act.PICKUP if is_pickup(node) else Act.DELIVERY,
            node=node,
            place=stop.place,
            leg_m=way.metres,
            held_s=way.held_s,
            drive_s=way.drive_s,
            break_s=way.break_s,
            arrival=way.arrival,
            begin=begin,
            departure=driver.clock,
            compartment=compartment,
            load=driver.hold.total,
            driven_s=driver.driven_s,
            since_break_s=driver.since_break_s,
        )
    )


def _handle(driver: Driver, node: int) -> int | None:
    """Load or unload, and say in which compartment."""
    if driver.berth is not None:
        driver.faults += driver.berth.faults
        driver.hold.put(driver.berth.compartment, request_of(node))
        return driver.berth.compartment
    found = driver.hold.take(request_of(node))
    if found is None:
        driver.faults.append(broken(Fault.NODE_ORDER, tour=driver.number, node=node))
    return found


def home(driver: Driver) -> PlannedTour:
    """Drive to the end place, if there is one, and close the tour."""
    shift = driver.wheels.shift
    home, ends, driving = HomeLeg(), driver.clock, driver.driven_s
    if driver.stops and shift.end_place is not None:
        way = driver.wheels.drive(driver.here, shift.end_place, driver.clock, driver.since_break_s)
        home = HomeLeg(way.metres, way.held_s, way.drive_s, way.break_s)
        ends, driving = way.arrival, driving + way.drive_s
    first = next((stop for stop in driver.stops if stop.node is not None), None)
    idle = 0.0 if first is None else first.wait_s + driver.stops[0].held_s
    return PlannedTour(
        number=driver.number,
        vehicle=driver.vehicle_number,
        stops=tuple(driver.stops),
        home=home,
        ends=ends,
        metres=sum((stop.leg_m for stop in driver.stops), 0.0) + home.leg_m,
        driving_s=driving,
        paid_s=ends - shift.starts - idle,
    )
