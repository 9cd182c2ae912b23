"""What do new fixes of a vehicle mean for its trips?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import shapely

from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Site
from tracking.geofences.rules import Fence, fence_of
from tracking.positions import queries as positions
from tracking.positions.rules import Fix
from tracking.trips import queries
from tracking.trips.rules import OVER, Act, Marks, State, follow, next_state
from tracking.trips.tables import Trip

TELEMETRY = "telemetry"


def take_up(work: Work, fixes: Mapping[UUID, Sequence[Fix]]) -> dict[UUID, datetime]:
    """Bring the trips of vehicles up to date with new believed fixes, which are stored already.

    Returns by vehicle the earliest moment from which a trip's times are others than they were.
    """
    if not fixes:
        return {}
    oldest = min(fix.at for several in fixes.values() for fix in several)
    rows = queries.touched(work.session, fixes, oldest)
    sites = registry.sites(work.session, {s for t in rows for s in (t.origin_site_id, t.destination_site_id)})
    by_vehicle: dict[UUID, list[Trip]] = {}
    for row in rows:
        by_vehicle.setdefault(row.vehicle_id, []).append(row)
    changed: dict[UUID, datetime] = {}
    for vehicle_id, own in by_vehicle.items():
        for trip in _concerned(own):
            new = [fix for fix in fixes[vehicle_id] if _is_of(trip, fix)]
            if new:
                before = times(trip)
                _move_on(work, trip, sorted(new, key=lambda fix: fix.key), sites)
                if (moment := first_change(before, times(trip))) is not None:
                    changed[vehicle_id] = min(moment, changed.get(vehicle_id, moment))
    return changed


Times = tuple[datetime | None, ...]


def times(trip: Trip) -> Times:
    """Return the times of a trip by which its vehicle's way is judged."""
    return trip.at_origin_at, trip.loaded_at, trip.started_at, trip.arrived_at, trip.done_at


def first_change(before: Times, after: Times) -> datetime | None:
    """Return the earliest moment that is in one of two sets of times and not in the other."""
    moments = [
        moment
        for old, new in zip(before, after, strict=True)
        if old != new
        for moment in (old, new)
        if moment is not None
    ]
    return min(moments, default=None)


def reconsider(work: Work, trip: Trip) -> None:
    """Work a trip's times out again from all its fixes, after a person has signed something."""
    ids = {trip.origin_site_id, trip.destination_site_id}
    _refold(work, trip, registry.sites(work.session, ids))


def _concerned(rows: Sequence[Trip]) -> list[Trip]:
    """Return the trips of the run under way, and those that are over: late fixes may be theirs."""
    over = [row for row in rows if State(row.state) in OVER]
    going = sorted((row for row in rows if State(row.state) not in OVER), key=queries.nearness)
    return over + [row for row in going if row.run_id == going[0].run_id]


def _is_of(trip: Trip, fix: Fix) -> bool:
    return trip.watch_from <= fix.at and (trip.done_at is None or fix.at <= trip.done_at)


def _move_on(work: Work, trip: Trip, new: Sequence[Fix], sites: Mapping[UUID, Site]) -> None:
    marks = _marks(trip)
    if marks.last is None or new[0].key <= marks.last.key:
        _refold(work, trip, sites)
    else:
        _note(work, trip, follow(marks, new, *_fences(trip, sites)))


def _refold(work: Work, trip: Trip, sites: Mapping[UUID, Site]) -> None:
    """Work a trip's times out from all its fixes; what was driven in weeks that are archived still counts."""
    given = Marks(trip.at_origin_at, trip.loaded_at, trip.departed_at, trip.started_at, trip.arrived_at)
    fixes = queries.fixes_of(work.session, trip)
    marks = follow(given, fixes, *_fences(trip, sites))
    kept_from = positions.kept_from(work.session)
    if kept_from is not None and trip.watch_from < kept_from:
        marks = replace(marks, distance_m=max(marks.distance_m, trip.distance_m))
    _note(work, trip, marks)


def _marks(trip: Trip) -> Marks:
    last = None
    if trip.track_at is not None:
        assert trip.track_seq is not None
        assert trip.track_lat is not None
        assert trip.track_lon is not None
        last = Fix(trip.track_at, trip.track_seq, trip.track_lat, trip.track_lon)
    return Marks(
        trip.at_origin_at,
        trip.loaded_at,
        trip.departed_at,
        trip.started_at,
        trip.arrived_at,
        trip.distance_m,
        last,
    )


def _fences(trip: Trip, sites: Mapping[UUID, Site]) -> tuple[Fence, Fence]:
    origin, destination = sites[trip.origin_site_id], sites[trip.destination_site_id]
    return fence_of(shapely.to_wkb(origin.boundary)), fence_of(shapely.to_wkb(destination.boundary))


def _note(work: Work, trip: Trip, marks: Marks) -> None:
    """Write a trip's times down, and append what has happened for the first time."""
    started, arrived = trip.started_at is None, trip.arrived_at is None
    trip.at_origin_at, trip.started_at, trip.arrived_at = (
        marks.at_origin_at,
        marks.started_at,
        marks.arrived_at,
    )
    trip.distance_m = marks.distance_m
    if marks.last is not None:
        last = marks.last
        trip.track_at, trip.track_seq, trip.track_lat, trip.track_lon = last.at, last.seq, last.lat, last.lon
    if started and marks.started_at is not None:
        announce(work, trip, "TripStarted", marks.started_at, TELEMETRY)
    if arrived and marks.arrived_at is not None:
        announce(work, trip, "TripArrived", marks.arrived_at, TELEMETRY)
    _step(trip, Act.ARRIVE, marks.at_origin_at, State.PLANNED)
    _step(trip, Act.REACH, marks.arrived_at, State.UNDER_WAY)


def _step(trip: Trip, act: Act, at: datetime | None, only_from: State) -> None:
    target = next_state(State(trip.state), act)
    if at is not None and target is not None and State(trip.state) is only_from:
        trip.state = target.value


def announce(work: Work, trip: Trip, kind: str, at: datetime, by: str) -> None:
    """Append that a trip started or arrived: when, and by whose word (`telemetry` or `driver`)."""
    work.append(
        kind,
        trip.id,
        manifest=str(trip.manifest_id),
        deal=str(trip.deal_id),
        vehicle=str(trip.vehicle_id),
        at=at.isoformat(),
        by=by,
    )
