"""What has a carrier to move now, with which vehicles, and how does the routing engine see that?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from compliance.manifests import pinning
from compliance.manifests.rules import State as ManifestState
from compliance.manifests.tables import Manifest
from compliance.record.errors import N_, Forbidden
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from compliance.registry.rules import Licence, judge_carrier
from compliance.registry.tables import Organisation, Person, Site
from marketplace.lots.tables import Lot
from marketplace.plans import engine, queries
from marketplace.plans.cleaning_rules import Cleaning, CleaningPlace
from marketplace.plans.opening import receiving
from marketplace.plans.rules import (
    FRESH_S,
    HORIZON_S,
    PRIORITY,
    Costs,
    LockKind,
    Standing,
    Urgency,
    standing_of,
)
from matching.distances import HAZMAT_LORRY, LORRY, Distances, Estimate, Point, Profile
from matching.routing import model
from tracking.fleet.tables import Vehicle
from tracking.positions import queries as positions
from tracking.trips.queries import nearness
from tracking.trips.rules import State as TripState
from tracking.trips.tables import Trip

DIMENSIONS = ("kg", "loads")
"""One load at a time is on board: a trip carries one manifest and is weighed empty and full at both ends."""

PROFILES = (LORRY, HAZMAT_LORRY)
"""A vehicle that may carry dangerous goods keeps to the roads that are open to them, loaded or not."""


@dataclass(frozen=True, slots=True)
class Load:
    """One manifest that has to be moved, with its window and how far it has come.

    `weekdays` (ISO) are those on which its receiver takes such waste; none: all.
    """

    manifest: Manifest
    trip: Trip
    lot: Lot
    standing: Standing
    dg_class: str | None
    locked: bool
    weekdays: frozenset[int] = frozenset()
    urgency: Urgency = Urgency.ORDINARY

    @property
    def id(self) -> UUID:
        """Return the manifest."""
        return self.manifest.id

    @property
    def movable(self) -> bool:
        """Tell whether it may go to another vehicle, as far as the law and its papers say."""
        return self.standing is Standing.PLANNED


@dataclass(frozen=True, slots=True)
class Unit:
    """One vehicle with its driver, where it stands (`live`: by its own word) and what is locked to it.

    `residue`: what it has carried since it was last cleaned, where the carrier has rules about that.
    """

    vehicle: Vehicle
    driver: Person | None
    here: Point
    live: bool
    classes: frozenset[str]
    driven_s: float
    locked: bool
    residue: frozenset[str] = frozenset()

    @property
    def id(self) -> UUID:
        """Return the vehicle."""
        return self.vehicle.id

    @property
    def home(self) -> Point:
        """Return where it is at home."""
        return Point(self.vehicle.home_lat, self.vehicle.home_lon)


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that a carrier's plan depends on, at one moment; `later` is ready after the horizon."""

    at: datetime
    loads: tuple[Load, ...]
    later: tuple[Load, ...]
    units: tuple[Unit, ...]
    sites: Mapping[UUID, Site]
    parties: Mapping[UUID, Organisation]
    distances: Distances
    costs: Costs = field(default_factory=Costs)
    cleaning: Cleaning = field(default_factory=Cleaning)

    def load(self, load_id: UUID) -> Load | None:
        """Find a planned load."""
        return next((one for one in self.loads if one.id == load_id), None)

    def unit(self, vehicle_id: UUID) -> Unit | None:
        """Find a vehicle."""
        return next((one for one in self.units if one.id == vehicle_id), None)

    @property
    def present(self) -> engine.Sequences:
        """Return, by vehicle, the loads it carries one after the other as the record now has it."""
        found: dict[str, list[str]] = {str(unit.id): [] for unit in self.units}
        for load in sorted(self.loads, key=lambda one: nearness(one.trip)):
            found.setdefault(str(load.trip.vehicle_id), []).append(str(load.id))
        return found

    @property
    def cleaned_at(self) -> dict[Point, CleaningPlace]:
        """Return the points at which the vehicles are cleaned."""
        return self.cleaning.spots(unit.home for unit in self.units)

    @property
    def mark(self) -> str:
        """Return a short name of what a plan was made for: it changes with loads, marks and cleanings."""
        present = self.present
        told = [
            (str(load.id), str(load.trip.vehicle_id), load.standing.value, load.locked, load.urgency.value)
            for load in self.loads
        ]
        units = [
            (str(unit.id), unit.locked, sorted(unit.residue), present[str(unit.id)]) for unit in self.units
        ]
        return hashlib.sha256(repr((told, units, self.cleaning)).encode()).hexdigest()[:16]


def of(work: Work, distances: Distances | None = None) -> Day:
    """Gather the day of the person's own carrier; `distances` measures its roads, else they are estimated."""
    session, own = work.session, work.who.organisation_id
    if own is None:
        raise Forbidden(N_("Your role does not allow this."), code="role")
    locked, urgent = queries.locks(session, own), queries.urgencies(session, own)
    vehicles = queries.vehicles_of(session, own)
    locked_vehicles = {key for key, row in locked.items() if row.kind == LockKind.VEHICLE.value}
    loads: list[Load] = []
    later: list[Load] = []
    for manifest, trip, lot, weekdays in queries.open_loads(session, own):
        there = trip.at_origin_at is not None
        standing = standing_of(TripState(trip.state), ManifestState(manifest.state), there)
        if standing is None:
            continue
        dg_class = gates.dangerous_class(pinning.waste_of(session, manifest))
        kept = manifest.id in locked or trip.vehicle_id in locked_vehicles
        urgency = urgent.get(manifest.id, Urgency.ORDINARY)
        load = Load(manifest, trip, lot, standing, dg_class, kept, weekdays, urgency)
        ahead = standing is Standing.PLANNED and lot.ready_from > work.now + timedelta(seconds=HORIZON_S)
        (later if ahead else loads).append(load)
    everything = [*loads, *later]
    cleaning = queries.cleaning(session, own)
    sites = registry.sites(
        session,
        {one for load in everything for one in (load.trip.origin_site_id, load.trip.destination_site_id)},
    )
    return Day(
        at=work.now,
        loads=tuple(loads),
        later=tuple(later),
        units=_units(work, own, vehicles, locked_vehicles, cleaning),
        sites=sites,
        parties=registry.organisations(session, {site.organisation_id for site in sites.values()} | {own}),
        distances=distances or Estimate(),
        costs=queries.costs(session, own),
        cleaning=cleaning,
    )


def _units(
    work: Work, carrier_id: UUID, vehicles: Sequence[Vehicle], locked: set[UUID], cleaning: Cleaning
) -> tuple[Unit, ...]:
    session = work.session
    last = positions.last_positions(session, [row.id for row in vehicles])
    drivers = {row.id: row for row in registry.drivers_of(session, carrier_id)}
    licences = registry.licences(session, [carrier_id], work.today.year).get(carrier_id, [])
    driven = queries.driven_lately(session, carrier_id, work.now)
    carried: Mapping[UUID, frozenset[str]] = {}
    if cleaning.rules:
        carried = queries.carried_since(session, carrier_id, queries.last_cleanings(session, carrier_id))
    found = []
    for row in vehicles:
        fix = last.get(row.id)
        fresh = fix is not None and (work.now - fix.at).total_seconds() <= FRESH_S
        here = Point(fix.lat, fix.lon) if fix is not None and fresh else Point(row.home_lat, row.home_lon)
        driver = drivers.get(row.driver_id) if row.driver_id is not None else None
        found.append(
            Unit(
                vehicle=row,
                driver=driver,
                here=here,
                live=fresh,
                classes=_classes(work, row, driver, licences),
                driven_s=driven.get(row.driver_id, 0.0) if row.driver_id is not None else 0.0,
                locked=row.id in locked,
                residue=carried.get(row.id, frozenset()),
            )
        )
    return tuple(found)


def _classes(work: Work, row: Vehicle, driver: Person | None, licences: list[Licence]) -> frozenset[str]:
    """Return the dangerous-goods classes that vehicle, driver and carrier all may move today (L9)."""
    on = work.today
    papers = (row.permit_to, driver.permit_to if driver is not None else None)
    if any(day is None or day < on for day in papers):
        return frozenset()
    return frozenset(one for one in row.dg_classes if judge_carrier(licences, dg_class=one, on=on).allowed)


def snapshot(day: Day, change_fen: int) -> dict[str, Any]:
    """Return a day as a solve's problem, JSON-ready; `change_fen` is what moving one stop counts as."""
    return engine.stored(problem_of(day, change_fen))


def problem_of(day: Day, change_fen: int = 0) -> model.Problem:
    """Return a day as the routing engine sees it.

    Request ids are manifests, vehicle ids vehicles. A vehicle's `type` is its own id, so that a load can be
    kept to some vehicles and a locked vehicle takes nothing new.
    """
    places = _Places()
    later = {load.manifest.code for load in day.loads}
    pairs = day.cleaning.pairs(later.union(*(unit.residue for unit in day.units)), later)
    vehicles = tuple(_vehicle(unit, places, day.costs, pairs) for unit in day.units)
    requests = tuple(_request(day, load, places) for load in day.loads)
    segregation = _segregation(day, places, pairs)
    problem = model.Problem(
        places=tuple(places.rows),
        requests=requests,
        vehicles=vehicles,
        roads=tuple(_roads(places.rows, day.distances, profile) for profile in PROFILES),
        dimensions=DIMENSIONS,
        hours=model.HoursRule(),
        segregation=segregation,
    )
    return engine.with_running(problem, day.present, fixed_of(day), change_fen)


class _Places:
    """The places of a problem, each point once; docks count this carrier's vehicles alone."""

    def __init__(self) -> None:
        self.rows: list[model.Place] = []
        self.numbers: dict[Point, int] = {}

    def number(self, point: Point) -> int:
        """Return the row of a point, adding it at its first mention."""
        if point not in self.numbers:
            self.numbers[point] = len(self.rows)
            self.rows.append(model.Place(str(len(self.rows)), point))
        return self.numbers[point]

    def of_site(self, site: Site) -> int:
        """Return the row of a site, with its docks."""
        number = self.number(Point(site.location.y, site.location.x))
        if site.docks is not None:
            self.rows[number] = replace(self.rows[number], docks=site.docks)
        return number


def _roads(places: Sequence[model.Place], distances: Distances, profile: Profile) -> model.Roads:
    points = [place.point for place in places if place.point is not None]
    legs = distances.matrix(points, profile)
    metres, seconds = (np.asarray(table, dtype=np.float64) for table in (legs.metres, legs.seconds))
    return model.Roads(metres, seconds, legs.source, legs.version)


def _segregation(day: Day, places: _Places, pairs: frozenset[tuple[str, str]]) -> model.Segregation:
    """Return what may follow what only after a cleaning; where nothing of this day does, no place for it."""
    if not pairs:
        return model.Segregation()
    cleanings = tuple(
        model.Cleaning(places.number(point), one.minutes * 60.0, float(one.fee_fen))
        for point, one in day.cleaned_at.items()
    )
    return model.Segregation(not_after=pairs, cleanings=cleanings)


def _vehicle(unit: Unit, places: _Places, costs: Costs, pairs: frozenset[tuple[str, str]]) -> model.Vehicle:
    home = places.number(unit.home)
    hours = model.HoursRule()
    driven = min(unit.driven_s, hours.day_s)
    return model.Vehicle(
        id=str(unit.id),
        shifts=(model.Shift(places.number(unit.here), home, 0.0, float(HORIZON_S)),),
        compartments=(model.Compartment((float(unit.vehicle.capacity_kg), 1.0)),),
        type=str(unit.id),
        profile=PROFILES.index(HAZMAT_LORRY if unit.classes else LORRY),
        hazardous_ok=bool(unit.classes),
        dg_classes=unit.classes,
        fixed_fen=costs.fixed_fen,
        per_km_fen=costs.per_km_fen,
        per_hour_fen=costs.per_hour_fen,
        driven_s=driven,
        residue=unit.residue & {earlier for earlier, _ in pairs},
    )


def _request(day: Day, load: Load, places: _Places) -> model.Request:
    numbers = {unit.id: number for number, unit in enumerate(day.units)}
    own = numbers.get(load.trip.vehicle_id)
    pinned = load.locked or not load.movable
    loaded = load.trip.loaded_at if load.standing is Standing.ON_BOARD else None
    ready = (
        (model.Span(_seconds(day, load.lot.ready_from), _seconds(day, load.lot.ready_to)),)
        if load.standing is Standing.PLANNED
        else ()
    )
    service_s = day.costs.stop_minutes * 60.0
    origin, destination = day.sites[load.trip.origin_site_id], day.sites[load.trip.destination_site_id]
    return model.Request(
        id=str(load.id),
        pickup=model.Stop(places.of_site(origin), ready, service_s),
        delivery=model.Stop(
            places.of_site(destination), receiving(destination, load.weekdays, day.at), service_s
        ),
        amounts=(float(load.manifest.planned_kg), 1.0),
        waste=load.manifest.code,
        dg_class=load.dg_class,
        hazardous=load.manifest.hazardous,
        priority=PRIORITY[load.urgency],
        vehicle_types=frozenset(
            str(unit.id) for unit in day.units if not unit.locked or unit.id == load.trip.vehicle_id
        ),
        vehicle=own if pinned else None,
        picked_up_s=_seconds(day, loaded or day.at) if load.standing is Standing.ON_BOARD else None,
    )


def fixed_of(day: Day) -> dict[str, list[str]]:
    """Return, by vehicle, the loads at the head of its day that stay as they are."""
    found: dict[str, list[str]] = {}
    present, movable = day.present, {str(load.id): load.movable for load in day.loads}
    for unit in day.units:
        key = str(unit.id)
        for load_id in present[key]:
            if not unit.locked and movable[load_id]:
                break
            found.setdefault(key, []).append(load_id)
    return found


def _seconds(day: Day, moment: datetime) -> float:
    return (moment - day.at).total_seconds()
