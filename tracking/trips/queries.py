"""Which trips are there, who may see them, and where did a vehicle go on one?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from compliance.manifests.queries import stood_in
from compliance.record.errors import N_, Forbidden, NotFound
from compliance.record.who import Role, Who
from tracking.positions import queries as positions
from tracking.positions.rules import Fix, simplified
from tracking.trips.rules import ACTIVE, OVER, RANK, State
from tracking.trips.tables import Trip


def visible_to(who: Who) -> Select[Trip]:
    """Return the statement for the trips that concern a person; a driver sees the own ones only."""
    statement = select(Trip)
    if who.oversees:
        return statement
    own = who.organisation_id
    if who.has(Role.DRIVER) and not who.has(Role.DISPATCHER):
        mine = or_(Trip.driver_id == who.person_id, stood_in(Trip.manifest_id))
        return statement.where(Trip.carrier_id == own, mine)
    return statement.where(or_(Trip.mover_id == own, Trip.carrier_id == own, Trip.receiver_id == own))


def trip(session: Session, trip_id: UUID, who: Who) -> Trip:
    """Return one trip that the person may see, or raise `NotFound`."""
    found = session.scalar(visible_to(who).where(Trip.id == trip_id))
    if found is None:
        raise NotFound("trip", trip_id)
    return found


def trips(session: Session, who: Who, *, open_only: bool = False, limit: int = 200) -> Sequence[Trip]:
    """Return the newest trips that a person may see."""
    statement = visible_to(who)
    if open_only:
        statement = statement.where(Trip.state.not_in([state.value for state in OVER]))
    return session.scalars(statement.order_by(Trip.planned_at.desc(), Trip.id).limit(limit)).all()


def is_crew(who: Who, trip: Trip) -> bool:
    """Tell whether a person is the trip's driver or a dispatcher of its carrier."""
    if who.person_id is None:
        return True
    own = who.organisation_id == trip.carrier_id
    return own and (who.has(Role.DISPATCHER) or (who.has(Role.DRIVER) and who.person_id == trip.driver_id))


def require_crew(who: Who, trip: Trip) -> None:
    """Raise `Forbidden` for anybody but the trip's driver and the carrier's dispatchers."""
    if not is_crew(who, trip):
        raise Forbidden(N_("Only the trip's driver or the carrier's dispatcher may do this."))


def by_manifest(session: Session, manifest_id: UUID) -> Trip | None:
    """Return the trip of a manifest; the caller has made sure that the manifest may be seen."""
    return session.scalar(select(Trip).where(Trip.manifest_id == manifest_id))


def locked(session: Session, trip: Trip) -> Trip:
    """Return the trip as it now stands, locked until the transaction ends."""
    session.refresh(trip, with_for_update=True)
    return trip


def touched(session: Session, vehicle_ids: Iterable[UUID], since: datetime) -> Sequence[Trip]:
    """Return, locked, the trips of these vehicles that fixes from `since` on may concern."""
    return session.scalars(
        select(Trip)
        .where(
            Trip.vehicle_id.in_(set(vehicle_ids)),
            Trip.state != State.CANCELLED.value,
            or_(Trip.done_at.is_(None), Trip.done_at >= since),
        )
        .order_by(Trip.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def open_trips(session: Session, vehicle_id: UUID) -> Sequence[Trip]:
    """Return a vehicle's trips that are not over, the one it is on first."""
    rows = session.scalars(
        select(Trip).where(Trip.vehicle_id == vehicle_id, Trip.state.not_in([state.value for state in OVER]))
    )
    return sorted(rows, key=nearness)


def nearness(trip: Trip) -> tuple[int, datetime, UUID]:
    """Return the order in which a vehicle does its trips: the most advanced first, then the first due."""
    return -RANK[State(trip.state)], trip.due_at or trip.planned_at, trip.id


def mates(session: Session, trip: Trip) -> list[Trip]:
    """Return the other trips of a run that were not called off, in the order in which they are loaded."""
    together = (Trip.run_id == trip.run_id, Trip.id != trip.id, Trip.state != State.CANCELLED.value)
    return sorted(session.scalars(select(Trip).where(*together)), key=loading)


def loading(trip: Trip) -> tuple[datetime, datetime, UUID]:
    """Return the order in which a run is loaded: as it was, then as it is due."""
    due = trip.due_at or trip.planned_at
    return trip.loaded_at or due, due, trip.id


def stops(session: Session, trip: Trip) -> list[UUID]:
    """Return the sites at which the vehicle stops on a trip: a run loads all of its loads, then unloads."""
    run = sorted([trip, *mates(session, trip)], key=loading)
    place = run.index(trip)
    after = [one.origin_site_id for one in run[place:]] + [
        one.destination_site_id for one in run[: place + 1]
    ]
    return [site for site, _ in groupby(after)]


def active_trips(session: Session, who: Who, vehicle_ids: Iterable[UUID] | None = None) -> dict[UUID, Trip]:
    """Return by vehicle the trip that is going on, among those that a person may see."""
    statement = visible_to(who).where(Trip.state.in_([state.value for state in ACTIVE]))
    if vehicle_ids is not None:
        statement = statement.where(Trip.vehicle_id.in_(set(vehicle_ids)))
    found: dict[UUID, Trip] = {}
    for row in sorted(session.scalars(statement), key=nearness):
        found.setdefault(row.vehicle_id, row)
    return found


def fixes_of(session: Session, trip: Trip) -> list[Fix]:
    """Return every believed fix of the vehicle while it was on this trip."""
    return positions.fixes(session, trip.vehicle_id, trip.watch_from, trip.done_at)


def track(session: Session, trip: Trip, *, tolerance_deg: float = 0.0002) -> list[Fix]:
    """Return the line a trip has drawn so far, from the origin on, with no more corners than a map needs.

    The caller has made sure that the trip may be seen. Empty until the vehicle is at the origin.
    """
    since = trip.at_origin_at or trip.started_at
    if since is None:
        return []
    found = positions.fixes(session, trip.vehicle_id, since, trip.done_at)
    return simplified(found, tolerance_deg)
