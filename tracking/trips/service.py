"""How does a trip come about, and how do the driver's steps move it and the manifest on?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from compliance.manifests import exceptions, pinning, statements
from compliance.manifests import service as manifests
from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.rules import Purpose
from compliance.manifests.rules import State as ManifestState
from compliance.manifests.service import Signing
from compliance.manifests.tables import Manifest
from compliance.record.errors import N_, Conflict, Forbidden, RuleBroken, raise_all
from compliance.record.work import Work
from compliance.registry import gates
from compliance.registry import queries as registry
from tracking.fleet.tables import Vehicle
from tracking.judgement.notes import FOREVER, note
from tracking.positions import service as positions
from tracking.trips import progress, queries, routes, runs
from tracking.trips.rules import ABOARD, OVER, SIGNS, STEPS, Act, State, next_state
from tracking.trips.tables import Trip

DRIVER = "driver"


def plan(work: Work, manifest: Manifest, due_at: datetime | None = None) -> Trip:
    """Plan the trip of a manifest; a second call for the same manifest returns the first one's."""
    existing = queries.by_manifest(work.session, manifest.id)
    if existing is not None:
        return existing
    trip_id = work.new_id()
    row = Trip(
        id=trip_id,
        run_id=trip_id,
        manifest_id=manifest.id,
        deal_id=manifest.deal_id,
        vehicle_id=manifest.vehicle_id,
        driver_id=manifest.driver_id,
        carrier_id=manifest.carrier_id,
        mover_id=manifest.mover_id,
        receiver_id=manifest.receiver_id,
        origin_site_id=manifest.origin_site_id,
        destination_site_id=manifest.destination_site_id,
        planned_kg=manifest.planned_kg,
        state=State.PLANNED.value,
        planned_at=work.now,
        due_at=due_at,
        watch_from=work.now,
        distance_m=0.0,
    )
    work.session.add(row)
    routes.draw(work.session, row)
    work.session.flush()
    work.append(
        "TripPlanned",
        row.id,
        manifest=str(row.manifest_id),
        deal=str(row.deal_id),
        vehicle=str(row.vehicle_id),
        planned_kg=row.planned_kg,
    )
    return row


def advance(
    work: Work,
    trip: Trip,
    act: Act,
    lat: float | None = None,
    lon: float | None = None,
    label: str = "",
) -> Trip:
    """Do one of the driver's steps; `loaded`, `departed` and `delivered` sign the manifest.

    `label` is the digital code read off a container before it is loaded (M6). Raises whatever the manifest's
    gates refuse, with rule ids; then nothing has happened.
    """
    queries.locked(work.session, trip)
    if not queries.is_crew(work.who, trip) and not stands_in(work, trip, act):
        queries.require_crew(work.who, trip)
    target = next_state(State(trip.state), act)
    if target is None or act not in STEPS:
        raise Conflict(
            N_("A trip that is {state} cannot be moved by: {act}."),
            code="trip_state",
            values={"state": trip.state, "act": act.value},
        )
    before = progress.times(trip)
    if act in SIGNS:
        _sign(work, trip, act, Signing(lat=lat, lon=lon, label=label))
    trip.state = target.value
    _mark(work, trip, act)
    work.session.flush()
    changed = progress.first_change(before, progress.times(trip))
    if changed is not None:
        note(work.session, {trip.vehicle_id: (changed, FOREVER)})
    positions.touch(work.session, [trip.vehicle_id])
    return trip


def stands_in(work: Work, trip: Trip, act: Act) -> bool:
    """Tell whether somebody may do a step by leave: what it signs, or the arrival before the loading."""
    row = work.session.get_one(Manifest, trip.manifest_id)
    what = SIGNS.get(act, ManifestAct.LOAD)
    leaves = exceptions.granted(work.session, row, what)
    return exceptions.stands_in(work.who, exceptions.holders(row), Purpose(row.purpose), what, leaves)


def reassign(work: Work, trip: Trip, vehicle: Vehicle, due_at: datetime | None) -> Trip:
    """Give a trip another hour, and another vehicle with its usual driver while nobody is at the origin.

    The manifest follows. Raises what the law says against the vehicle or the driver (L9), `Conflict` for a
    trip that has begun or a load the vehicle cannot carry.
    """
    queries.locked(work.session, trip)
    trip.due_at = due_at
    if vehicle.id == trip.vehicle_id:
        work.session.flush()
        return trip
    manifest = work.session.get_one(Manifest, trip.manifest_id, with_for_update=True)
    _require_free_to_move(trip, vehicle)
    driver = (
        registry.people(work.session, [vehicle.driver_id]).get(vehicle.driver_id)
        if vehicle.driver_id
        else None
    )
    runs.alone(work, trip)
    before, trip.vehicle_id, trip.driver_id = trip.vehicle_id, vehicle.id, vehicle.driver_id
    waste = pinning.waste_of(work.session, manifest)
    faults = [
        *vehicle_faults(work, trip.vehicle_id, manifest),
        *gates.driver_faults(driver, waste, work.today),
    ]
    raise_all(faults)
    trip.watch_from = max(trip.watch_from, work.now)
    manifests.carry_by(work, manifest, vehicle.id, vehicle.plate, vehicle.driver_id)
    work.session.flush()
    positions.touch(work.session, [before, vehicle.id])
    return trip


def _require_free_to_move(trip: Trip, vehicle: Vehicle) -> None:
    if State(trip.state) is not State.PLANNED or trip.at_origin_at is not None:
        raise Conflict(
            N_("The vehicle of this trip is at the origin or beyond: it can no longer be changed."),
            code="trip_begun",
        )
    if vehicle.carrier_id != trip.carrier_id:
        raise Forbidden(N_("This vehicle belongs to another carrier."))
    if vehicle.capacity_kg < trip.planned_kg:
        raise Conflict(
            N_("{plate} carries {capacity_kg} kg; the load has {kg} kg."),
            code="vehicle_small",
            values={"plate": vehicle.plate, "capacity_kg": vehicle.capacity_kg, "kg": trip.planned_kg},
        )


def hand_over(work: Work, manifest: Manifest) -> None:
    """Let another carrier's vehicle go on with a load that it has taken over on the way (M9)."""
    trip = queries.by_manifest(work.session, manifest.id)
    if trip is None:
        return
    queries.locked(work.session, trip)
    before = trip.vehicle_id
    trip.carrier_id, trip.driver_id = manifest.carrier_id, manifest.driver_id
    if manifest.vehicle_id != before:
        runs.alone(work, trip)
        trip.vehicle_id, trip.watch_from = manifest.vehicle_id, work.now
        trip.track_at = trip.track_seq = trip.track_lat = trip.track_lon = None
    work.session.flush()
    positions.touch(work.session, [before, manifest.vehicle_id])


def deliver_on_paper(work: Work, manifest_id: UUID, loaded_at: datetime, ended_at: datetime) -> None:
    """End a trip whose steps were signed on paper, with the times that stand there (M15)."""
    trip = queries.by_manifest(work.session, manifest_id)
    if trip is None or State(queries.locked(work.session, trip).state) in OVER:
        return
    trip.state = State.DELIVERED.value
    trip.loaded_at = trip.loaded_at or loaded_at
    trip.done_at = ended_at
    trip.arrived_at = trip.arrived_at or ended_at
    work.session.flush()
    note(work.session, {trip.vehicle_id: (loaded_at, FOREVER)})
    positions.touch(work.session, [trip.vehicle_id])


def end(work: Work, manifest_id: UUID) -> Trip | None:
    """Call off the trip of a manifest that was called off or whose load was refused; None without one.

    A trip that carries a load, or is over, stays as it is.
    """
    trip = queries.by_manifest(work.session, manifest_id)
    if trip is None:
        return None
    target = next_state(State(queries.locked(work.session, trip).state), Act.CANCEL)
    if target is None:
        return trip
    runs.alone(work, trip)
    trip.state = target.value
    trip.done_at = work.now
    work.session.flush()
    work.append("TripCancelled", trip.id, manifest=str(manifest_id), deal=str(trip.deal_id))
    positions.touch(work.session, [trip.vehicle_id])
    return trip


def _sign(work: Work, trip: Trip, act: Act, signing: Signing) -> None:
    """Sign the manifest; a load weighed before the manifest was issued is noted on it first (M4)."""
    if act is Act.LOAD and trip.sender_kg is not None:
        manifests.note_loaded(work, trip.manifest_id, trip.sender_kg)
    manifest = work.session.get_one(Manifest, trip.manifest_id, with_for_update=True)
    if ManifestState(manifest.state) is ManifestState.PAPER_BACKFILL:
        return  # the paper bears the signatures; the trip is followed all the same
    kg = {Act.LOAD: trip.sender_kg, Act.DELIVER: trip.receiver_kg}.get(act)
    faults = loading_faults(work, trip, manifest) if act is Act.LOAD else ()
    manifests.act(work, manifest, SIGNS[act], replace(signing, kg=kg, faults=faults))


def loading_faults(work: Work, trip: Trip, manifest: Manifest) -> tuple[RuleBroken, ...]:
    """Return why a load may not go onto its vehicle: the vehicle's papers, and what is aboard already."""
    aboard = [one for one in queries.mates(work.session, trip) if State(one.state) in ABOARD]
    return (*vehicle_faults(work, trip.vehicle_id, manifest), *runs.apart(work, trip, aboard))


def vehicle_faults(work: Work, vehicle_id: UUID, manifest: Manifest) -> tuple[RuleBroken, ...]:
    """Return why the vehicle may not be loaded: a live certificate of the waste's class (M6, L9)."""
    waste = pinning.waste_of(work.session, manifest)
    vehicle = work.session.get_one(Vehicle, vehicle_id)
    certified = gates.Certified(vehicle.plate, vehicle.permit_to, vehicle.dg_classes)
    dg_class = statements.dg_class(work, manifest)
    return tuple(gates.vehicle_faults(certified, waste, work.today, dg_class))


def _mark(work: Work, trip: Trip, act: Act) -> None:
    """Note the time of a step; what the satellites said earlier stays."""
    now = work.now
    if act in {Act.ARRIVE, Act.LOAD}:
        trip.at_origin_at = min(trip.at_origin_at or now, now)
    if act is Act.LOAD:
        trip.loaded_at = now
    if act is Act.DEPART:
        trip.departed_at = now
        first = trip.started_at is None
        trip.started_at = min(trip.started_at or now, now)
        if first:
            progress.announce(work, trip, "TripStarted", trip.started_at, DRIVER)
    if act is Act.DELIVER:
        trip.done_at = now
        first = trip.arrived_at is None
        trip.arrived_at = min(trip.arrived_at or now, now)
        if first:
            progress.announce(work, trip, "TripArrived", trip.arrived_at, DRIVER)
        _free_vehicle(work, trip)
    progress.reconsider(work, trip)


def _free_vehicle(work: Work, done: Trip) -> None:
    """Let the vehicle's next trips begin where this one ended."""
    for other in queries.open_trips(work.session, done.vehicle_id):
        if other.run_id != done.run_id:
            other.watch_from = max(other.watch_from, work.now)
