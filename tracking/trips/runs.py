"""Which loads does a vehicle carry together, and may they be on it at one time (M3)?

A run (同车) is one drive of one vehicle. Every load on it keeps its own manifest, one for each mover and each
kind of waste, and its own trip; the trips of a run share the vehicle, the way and what was weighed together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from compliance.manifests import pinning
from compliance.manifests.tables import Manifest
from compliance.record.errors import N_, Conflict, RuleBroken, raise_all
from compliance.record.work import Work
from tracking.fleet.tables import Vehicle
from tracking.judgement.notes import FOREVER, note
from tracking.positions import service as positions
from tracking.trips import queries, routes
from tracking.trips.rules import MOST_TOGETHER, OVER, State, meeting_fault
from tracking.trips.tables import Trip
from tracking.weighings.tables import Weighing, WeighingShare

BEFORE_LOADING = frozenset({State.PLANNED, State.AT_ORIGIN})


def open_to(session: Session, trip: Trip) -> list[Trip]:
    """Return the trips of the same vehicle that a trip could go together with."""
    if State(trip.state) not in BEFORE_LOADING:
        return []
    rows = queries.open_trips(session, trip.vehicle_id)
    return [row for row in rows if row.run_id != trip.run_id and State(row.state) is not State.AT_DESTINATION]


def join(work: Work, trip: Trip, other: Trip) -> Trip:
    """Put a load that is not loaded yet on the run of another trip of the same vehicle.

    Raises `Conflict` for another vehicle, a trip that is loaded or a run that is full, and `RuleBroken` (M3)
    for wastes that must not meet. Appends `RunChanged` for every trip of the run.
    """
    for one in (trip, other):
        queries.require_crew(work.who, queries.locked(work.session, one))
    for one in sorted(queries.mates(work.session, other), key=lambda mate: mate.id):
        queries.locked(work.session, one)
    if trip.id == other.id or other.vehicle_id != trip.vehicle_id:
        raise Conflict(N_("Only loads on one vehicle can go together."), code="other_vehicle")
    _require_not_loaded(trip)
    aboard = [other, *queries.mates(work.session, other)]
    if any(State(one.state) in OVER for one in aboard):
        raise Conflict(N_("This run has unloaded already; start another one."), code="run_over")
    if trip in aboard:
        return trip
    _require_room(work.session, trip, aboard)
    raise_all(apart(work, trip, aboard))
    trip.run_id = other.run_id
    _told(work, [trip, *aboard])
    return trip


def leave(work: Work, trip: Trip) -> Trip:
    """Let a load that is not loaded yet go by itself again."""
    queries.require_crew(work.who, queries.locked(work.session, trip))
    _require_not_loaded(trip)
    if _is_weighed_with_others(work.session, trip):
        raise Conflict(
            N_("A ticket weighs this load together with others: weigh it by itself first."),
            code="weighed_together",
        )
    alone(work, trip)
    return trip


def _is_weighed_with_others(session: Session, trip: Trip) -> bool:
    own = select(Weighing.id).where(Weighing.trip_id == trip.id)
    shared = or_(WeighingShare.trip_id == trip.id, WeighingShare.weighing_id.in_(own))
    return bool(session.scalar(select(exists().where(shared))))


def alone(work: Work, trip: Trip) -> None:
    """Take a trip out of its run; where the run has its name, the others take another."""
    rest = queries.mates(work.session, trip)
    if not rest:
        return
    if trip.run_id == trip.id:
        for one in rest:
            one.run_id = rest[0].id
    trip.run_id = trip.id
    _told(work, rest)
    _told(work, [trip])


def apart(work: Work, trip: Trip, others: Iterable[Trip]) -> tuple[RuleBroken, ...]:
    """Return why a load may not be on the vehicle with others."""
    rows = [work.session.get_one(Manifest, one.manifest_id) for one in (trip, *others)]
    own, *rest = [pinning.waste_of(work.session, row) for row in rows]
    return tuple(found for other in rest if (found := meeting_fault(own, other, work.today)) is not None)


def _require_not_loaded(trip: Trip) -> None:
    if State(trip.state) not in BEFORE_LOADING:
        raise Conflict(
            N_("This load is on the vehicle or delivered: its run can no longer be changed."),
            code="trip_loaded",
        )


def _require_room(session: Session, trip: Trip, aboard: Sequence[Trip]) -> None:
    if len(aboard) >= MOST_TOGETHER:
        raise Conflict(
            N_("A run takes {most} loads at most."), code="run_full", values={"most": MOST_TOGETHER}
        )
    vehicle = session.get_one(Vehicle, trip.vehicle_id)
    kg = sum(one.sender_kg or one.planned_kg for one in [trip, *aboard])
    if kg > vehicle.capacity_kg:
        raise Conflict(
            N_("{plate} carries {capacity_kg} kg; the load has {kg} kg."),
            code="vehicle_small",
            values={"plate": vehicle.plate, "capacity_kg": vehicle.capacity_kg, "kg": kg},
        )


def _told(work: Work, run: Sequence[Trip]) -> None:
    """Put a changed run on record, draw its ways through its stops and judge what was driven anew."""
    work.session.flush()
    for trip in run:
        trip.together = len(run) - 1
        routes.draw(work.session, trip)
        work.append(
            "RunChanged",
            trip.id,
            run=str(trip.run_id),
            manifest=str(trip.manifest_id),
            vehicle=str(trip.vehicle_id),
            together=len(run) - 1,
        )
    begun = [one.loaded_at for one in run if one.loaded_at is not None]
    if begun:
        note(work.session, {run[0].vehicle_id: (min(begun), FOREVER)})
    positions.touch(work.session, [run[0].vehicle_id])
