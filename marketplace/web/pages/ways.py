"""What did a vehicle do on a day, and how did a trip go, fix by fix?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from compliance.record.clock import local_date
from compliance.record.errors import N_
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.pages import page
from tracking.fleet.tables import Vehicle
from tracking.judgement import reports
from tracking.judgement.reports import ALARM_KINDS, Day
from tracking.judgement.rules import Kind
from tracking.trips import queries as trips

KINDS = {
    Kind.DRIVE.value: N_("Drive"),
    Kind.STOP.value: N_("Stop"),
    Kind.VISIT.value: N_("At a site"),
    Kind.JUMP.value: N_("Impossible position, not believed"),
    Kind.ODOMETER.value: N_("Odometer contradicts the satellites"),
    Kind.DEVIATION.value: N_("Off the planned route"),
    Kind.AREA.value: N_("In a restricted area without approval"),
    Kind.OVERSPEED.value: N_("Too fast"),
    Kind.HALT.value: N_("Stop on the way, at no known site"),
    Kind.SILENCE.value: N_("No data"),
    Kind.DOOR.value: N_("Door open"),
    Kind.SEAL.value: N_("Opened on the road"),
    Kind.LOAD.value: N_("Load changed"),
    Kind.DRIVER.value: N_("Driver's card in"),
    Kind.WRONG_DRIVER.value: N_("Another driver than the manifest names"),
}
"""What each kind of episode says to a person."""

FACTS = {
    "metres": N_("{value} m driven"),
    "farthest_m": N_("{value} m beside the route at most"),
    "seconds": N_("{value} s"),
    "most_kmh": N_("{value} km/h at most"),
    "limit_kmh": N_("limit {value} km/h"),
    "name": "{value}",
    "number": "{value}",
    "before": N_("before: {value}"),
    "after": N_("after: {value}"),
    "card": N_("card: {value}"),
    "driver": N_("named: {value}"),
    "odometer_m": N_("odometer {value} m"),
    "satellites_m": N_("satellites {value} m"),
}
"""How a fact of an episode reads."""


@dataclass(frozen=True, slots=True)
class Report:
    """The chosen vehicle's day, and among which vehicles was chosen."""

    vehicles: tuple[Vehicle, ...]
    vehicle: Vehicle | None
    day: date
    found: Day | None


class Ways(Controller):
    """A vehicle's day."""

    path = "/ways"
    include_in_schema = False
    guards = (requires(Role.DISPATCHER, Role.INSPECTOR, Role.OPERATOR),)

    @get("/", sync_to_thread=True)
    def day(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show a vehicle's drives and stops of a day, and what was noticed."""
        with door.reading(request) as work:
            return page(request, "ways/day.html", report=report(work, request), kinds=KINDS, facts=FACTS)


def report(work: Work, request: Visit) -> Report:
    """Gather the day that the page's address asks for."""
    statement = reports.ways_visible_to(work.who).order_by(Vehicle.plate_key)
    vehicles = tuple(work.session.scalars(statement))
    wanted = request.query_params.get("vehicle", "")
    vehicle = next((one for one in vehicles if str(one.id) == wanted), vehicles[0] if vehicles else None)
    day = day_of(request.query_params.get("day", ""), local_date(work.now))
    found = reports.day_of(work.session, vehicle.id, day) if vehicle else None
    return Report(vehicles, vehicle, day, found)


def day_of(text: str, otherwise: date) -> date:
    """Read a day that somebody typed into the address; anything else is today."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise


@get("/trips/{trip_id:uuid}/replay", guards=[signed_in], sync_to_thread=True, include_in_schema=False)
def replay(request: Visit, door: NamedDependency[Door], trip_id: FromPath[UUID]) -> Response[str]:
    """Play a trip on the map, with the same in a table beside it."""
    with door.reading(request) as work:
        trip = trips.trip(work.session, trip_id, work.who)
        found = reports.replay(work.session, trip)
        return page(
            request,
            "ways/replay.html",
            trip=trip,
            vehicle=reports.vehicle_of(work.session, trip),
            replay=found,
            kinds=KINDS,
            facts=FACTS,
            alarms=ALARM_KINDS,
        )


ROUTES: list[ControllerRouterHandler] = [Ways, replay]
