"""How do a carrier's day and a proposed change of it look over HTTP, in the pages and in their drawings?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from uuid import UUID

import msgspec

from compliance.record.errors import NotFound
from marketplace.plans.day import Day, Load, Unit
from marketplace.plans.proposal import Outcome, Proposal, first_of, late_start_s, request_of
from marketplace.plans.rules import HORIZON_S, Standing, Urgency
from matching.reasons import Reason
from matching.routing import model
from matching.routing.plan import Plan, PlannedStop, PlannedTour
from matching.routing.relax import WayOut, cheapest_way_out


class PlaceView(msgspec.Struct, frozen=True, kw_only=True):
    """A site: whose, and where; degrees WGS-84; when vehicles are let in and how many are served at once.

    Hours are local and null where the gate is open day and night, docks where they are not counted.
    """

    name: str
    lat: float
    lon: float
    opens: time | None = None
    closes: time | None = None
    docks: int | None = None


class LoadView(msgspec.Struct, frozen=True, kw_only=True):
    """One load to carry: what, from where to where, ready when, how far it is, and with which vehicle."""

    id: UUID
    number: str
    code: str
    waste_name: str
    hazardous: bool
    dg_class: str | None
    kg: int
    origin: PlaceView
    destination: PlaceView
    ready_from: datetime
    ready_to: datetime
    state: str
    standing: Standing
    movable: bool
    locked: bool
    urgency: Urgency
    vehicle_id: UUID


class VehicleView(msgspec.Struct, frozen=True, kw_only=True):
    """One vehicle; `live`: it says itself that it is there, else the place is its home.

    `residue`: the wastes carried since its last cleaning on record, where the carrier has rules about that.
    """

    id: UUID
    plate: str
    driver: str
    capacity_kg: int
    dg_classes: list[str]
    lat: float
    lon: float
    live: bool
    driven_s: int
    locked: bool
    residue: list[str]
    simulated: bool


class StopView(msgspec.Struct, frozen=True, kw_only=True):
    """One stop: when the vehicle comes, waits and leaves, what it has on board then, how much it may be late.

    `driven_s` is the driver's day so far, `since_break_s` the driving since the last break; metres and
    seconds of the way there come first. A cleaning (`act`) is told with the load before which it is needed;
    `fee_fen` is what it costs.
    """

    load_id: UUID
    act: str
    place: PlaceView
    leg_m: int
    drive_s: int
    break_s: int
    arrival: datetime
    begin: datetime
    departure: datetime
    wait_s: int
    slack_s: int
    kg: int
    driven_s: int
    since_break_s: int
    fee_fen: int = 0


class TourView(msgspec.Struct, frozen=True, kw_only=True):
    """One vehicle's day by a plan; without stops it stays where it is.

    `kept` is false where what is fixed already breaks a rule: a load comes late, a driver drives too long.
    """

    vehicle_id: UUID
    kept: bool
    stops: list[StopView]
    leaves: datetime
    ends: datetime
    metres: int
    driving_s: int
    paid_s: int


class UnservedView(msgspec.Struct, frozen=True, kw_only=True):
    """A load that a plan leaves out, and the numbered reason."""

    load_id: UUID
    number: int
    code: str
    text: str


class WayOutView(msgspec.Struct, frozen=True, kw_only=True):
    """The least that would have to give way for a load that is left out; empty: no single thing helps."""

    load_id: UUID
    step: str
    text: str


class PlanView(msgspec.Struct, frozen=True, kw_only=True):
    """A plan: cost by part in fen, metres, vehicles that drive, every vehicle's day, what is left out."""

    fen: dict[str, int]
    metres: int
    vehicles: int
    distance_source: str
    distance_version: str
    tours: list[TourView]
    unserved: list[UnservedView]


class BoardView(msgspec.Struct, frozen=True, kw_only=True):
    """A carrier's day: loads to carry, vehicles, the plan as the record has it. `later`: ready after `until`.

    `mark` names what a plan was made for: it goes back with the plan that is accepted.
    """

    at: datetime
    until: datetime
    mark: str
    vehicles: list[VehicleView]
    loads: list[LoadView]
    later: list[LoadView]
    plan: PlanView


class ChangeView(msgspec.Struct, frozen=True, kw_only=True):
    """A load that would go with another vehicle, or be fetched at another time."""

    load_id: UUID
    from_vehicle: UUID
    to_vehicle: UUID
    before: datetime | None
    after: datetime | None


class ProposalView(msgspec.Struct, frozen=True, kw_only=True):
    """A changed plan beside the present one; one with `broken` loads cannot be accepted."""

    mark: str
    plan: PlanView
    saved_fen: int
    metres_more: int
    vehicles_more: int
    stops_moved: int
    changes: list[ChangeView]
    broken: list[UnservedView]


class Words(msgspec.Struct, frozen=True):
    """How a reason and a way out are said to this reader."""

    tell: Callable[[Reason], str]
    way_out: Callable[[WayOut], str]


def board_view(day: Day, outcome: Outcome, problem: model.Problem, words: Words) -> BoardView:
    """Return a carrier's day with the plan that runs."""
    return BoardView(
        at=day.at,
        until=day.at + timedelta(seconds=HORIZON_S),
        mark=day.mark,
        vehicles=[_vehicle(unit) for unit in day.units],
        loads=[_load(day, load) for load in day.loads],
        later=[_load(day, load) for load in day.later],
        plan=plan_view(day, outcome, problem, words),
    )


def proposal_view(proposed: Proposal, words: Words) -> ProposalView:
    """Return a changed plan and what is different in it."""
    day, before, after = proposed.day, proposed.before, proposed.after
    plan = plan_view(day, after, proposed.problem, words)
    broken = set(proposed.broken)
    return ProposalView(
        mark=day.mark,
        plan=plan,
        saved_fen=before.fen["total"] - after.fen["total"],
        metres_more=round(after.plan.metres - before.plan.metres),
        vehicles_more=after.vehicles - before.vehicles,
        stops_moved=proposed.stops_moved,
        changes=[
            ChangeView(
                load_id=one.load_id,
                from_vehicle=one.from_vehicle,
                to_vehicle=one.to_vehicle,
                before=_at(day, one.before_s),
                after=_at(day, one.after_s),
            )
            for one in proposed.changes
        ],
        broken=[one for one in plan.unserved if one.load_id in broken],
    )


def plan_view(day: Day, outcome: Outcome, problem: model.Problem, words: Words) -> PlanView:
    """Return a plan with every stop of every vehicle."""
    plan = outcome.plan
    troubled = set(_troubled(problem, plan))
    return PlanView(
        fen=outcome.fen,
        metres=round(plan.metres),
        vehicles=outcome.vehicles,
        distance_source=plan.distance_source,
        distance_version=plan.distance_version,
        tours=[_tour(day, problem, tour, tour.number not in troubled) for tour in plan.tours],
        unserved=list(_unserved(outcome, words)),
    )


def _troubled(problem: model.Problem, plan: Plan) -> Iterable[int]:
    """Name the tours that break a rule; a violation names its tour or its request."""
    for one in plan.violations:
        for tour in plan.tours:
            ids = {request_of(problem, stop) for stop in tour.stops if stop.node is not None}
            if one.params.get("tour") == tour.number or one.params.get("request") in ids:
                yield tour.number


def _unserved(outcome: Outcome, words: Words) -> Iterable[UnservedView]:
    for load_id, reason in outcome.unserved.items():
        yield UnservedView(
            load_id=load_id, number=reason.number, code=reason.code.value, text=words.tell(reason)
        )


def way_out_view(outcome: Outcome, problem: model.Problem, load_id: UUID, words: Words) -> WayOutView:
    """Return the cheapest way out for a load that a plan leaves out; it is shown to work before it is told.

    Every single change is tried, so this takes seconds on a large day. Raises `NotFound` for a load that is
    not left out.
    """
    if load_id not in outcome.unserved:
        raise NotFound("manifest", load_id)
    number = next(n for n, request in enumerate(problem.requests) if request.id == str(load_id))
    found = cheapest_way_out(problem, outcome.plan, number)
    if found is None:
        return WayOutView(load_id=load_id, step="", text="")
    return WayOutView(load_id=load_id, step=found.step.value, text=words.way_out(found))


def _tour(day: Day, problem: model.Problem, tour: PlannedTour, kept: bool) -> TourView:
    later = late_start_s(problem, tour)
    sets_out = tour.stops[0].leaves_s + later if tour.stops else 0.0
    first = first_of(tour)
    until = first.arrival if first is not None else 0.0
    return TourView(
        vehicle_id=UUID(problem.vehicles[tour.vehicle].id),
        kept=kept,
        stops=[
            _stop(day, problem, tour, n, later if stop.arrival <= until else 0.0)
            for n, stop in enumerate(tour.stops)
        ],
        leaves=_moment(day, sets_out),
        ends=_moment(day, tour.ends),
        metres=round(tour.metres),
        driving_s=round(tour.driving_s),
        paid_s=round(tour.paid_s),
    )


def _stop(day: Day, problem: model.Problem, tour: PlannedTour, number: int, later: float) -> StopView:
    """Return a stop; `later`: its vehicle comes so much later than the engine has it, and waits less."""
    stop = tour.stops[number]
    load_id = next(request_of(problem, one) for one in tour.stops[number:] if one.node is not None)
    load = day.load(UUID(load_id))
    assert load is not None
    cleaned = later if stop.node is None else 0.0
    return StopView(
        load_id=load.id,
        act=stop.act.value,
        place=_place_of(day, problem, stop, load),
        leg_m=round(stop.leg_m),
        drive_s=round(stop.drive_s),
        break_s=round(stop.break_s),
        arrival=_moment(day, stop.arrival + later),
        begin=_moment(day, stop.begin + cleaned),
        departure=_moment(day, stop.departure + cleaned),
        wait_s=round(stop.wait_s - later + cleaned),
        slack_s=round(stop.slack_s - cleaned),
        kg=round(stop.load[0]),
        driven_s=round(stop.driven_s),
        since_break_s=round(stop.since_break_s),
        fee_fen=_fee(problem, stop),
    )


def _fee(problem: model.Problem, stop: PlannedStop) -> int:
    """Return what a cleaning costs; no other stop has a fee."""
    cleanings = problem.segregation.cleanings if stop.node is None else ()
    return round(next((one.cost_fen for one in cleanings if one.place == stop.place), 0.0))


def _place_of(day: Day, problem: model.Problem, stop: PlannedStop, load: Load) -> PlaceView:
    """Return where a stop is: a load's origin or destination, or where the vehicle is cleaned."""
    if stop.node is not None:
        pickup = model.is_pickup(stop.node)
        return _place(day, load.trip.origin_site_id if pickup else load.trip.destination_site_id)
    point = problem.places[stop.place].point
    assert point is not None
    return PlaceView(name=day.cleaned_at[point].name, lat=point.lat, lon=point.lon)


def _place(day: Day, site_id: UUID) -> PlaceView:
    site = day.sites[site_id]
    return PlaceView(
        name=day.parties[site.organisation_id].name,
        lat=site.location.y,
        lon=site.location.x,
        opens=site.opens,
        closes=site.closes,
        docks=site.docks,
    )


def _load(day: Day, load: Load) -> LoadView:
    manifest = load.manifest
    return LoadView(
        id=load.id,
        number=manifest.number or "",
        code=manifest.code,
        waste_name=manifest.waste_name,
        hazardous=manifest.hazardous,
        dg_class=load.dg_class,
        kg=manifest.planned_kg,
        origin=_place(day, load.trip.origin_site_id),
        destination=_place(day, load.trip.destination_site_id),
        ready_from=load.lot.ready_from,
        ready_to=load.lot.ready_to,
        state=manifest.state,
        standing=load.standing,
        movable=load.movable,
        locked=load.locked,
        urgency=load.urgency,
        vehicle_id=load.trip.vehicle_id,
    )


def _vehicle(unit: Unit) -> VehicleView:
    return VehicleView(
        id=unit.id,
        plate=unit.vehicle.plate,
        driver=unit.driver.name if unit.driver is not None else "",
        capacity_kg=unit.vehicle.capacity_kg,
        dg_classes=sorted(unit.classes),
        lat=unit.here.lat,
        lon=unit.here.lon,
        live=unit.live,
        driven_s=round(unit.driven_s),
        locked=unit.locked,
        residue=sorted(unit.residue),
        simulated=unit.vehicle.simulated,
    )


def _moment(day: Day, seconds: float) -> datetime:
    return (day.at + timedelta(seconds=seconds)).replace(microsecond=0)


def _at(day: Day, seconds: float | None) -> datetime | None:
    return None if seconds is None else _moment(day, seconds)
