"""Trips over HTTP: the driver's day, one step after the other."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.orm import Session

from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.api.documents import (
    CursorParameter,
    Latitude,
    LimitParameter,
    Longitude,
    told,
    versioned,
    view,
)
from marketplace.edge.api.weighings import WeighingView
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from tracking.trips import queries, runs, service
from tracking.trips.rules import OVER, Act, State, next_step
from tracking.trips.tables import Trip
from tracking.weighings import queries as weighings


class Step(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One of the driver's steps (`arrived`, `loaded`, `departed`, `delivered`), and where it was done."""

    step: Act
    lat: Latitude | None = None
    lon: Longitude | None = None
    label: Annotated[
        str, msgspec.Meta(max_length=60, description="Digital code read off a container, with `loaded` (M6)")
    ] = ""


class Together(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """With which trip of the same vehicle a load goes together (M3)."""

    with_trip_id: UUID


class TripView(msgspec.Struct, frozen=True, kw_only=True):
    """One vehicle's way with one load; the masses are the nets of the two scales.

    Trips of one `run_id` are on the vehicle together; `shared`: the net is this load's share of what several
    weighed together.
    """

    id: UUID
    version: int
    run_id: UUID
    manifest_id: UUID
    deal_id: UUID
    vehicle_id: UUID
    driver_id: UUID | None
    carrier_id: UUID
    mover_id: UUID
    receiver_id: UUID
    origin_site_id: UUID
    destination_site_id: UUID
    planned_kg: int
    sender_kg: int | None
    receiver_kg: int | None
    sender_shared: bool
    receiver_shared: bool
    state: State
    planned_at: datetime
    at_origin_at: datetime | None
    loaded_at: datetime | None
    departed_at: datetime | None
    started_at: datetime | None
    arrived_at: datetime | None
    done_at: datetime | None
    distance_m: float
    next_step: Act | None = None


class TripWhole(msgspec.Struct, frozen=True, kw_only=True):
    """A trip with its tickets."""

    trip: TripView
    weighings: list[WeighingView]


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """One corner of the line a trip has drawn; degrees WGS-84."""

    at: datetime
    lat: float
    lon: float


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """The line a trip has drawn so far."""

    items: list[Fix]


def trip_view(row: Trip) -> TripView:
    """Return a trip with the step that comes next."""
    return msgspec.structs.replace(view(row, TripView), next_step=next_step(State(row.state)))


def tickets_of(session: Session, row: Trip) -> list[WeighingView]:
    """Return the tickets that weigh a trip's load, those of a run's other loads too, as its own."""
    return [
        msgspec.structs.replace(view(one, WeighingView), trip_id=row.id, manifest_id=row.manifest_id)
        for one in weighings.of_trip(session, row.id)
    ]


class Trips(Controller):
    """Ways of vehicles with loads."""

    path = "/api/v1/trips"
    tags = ("trips",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="get_trips")
    def trips(
        self,
        request: Visit,
        door: NamedDependency[Door],
        open_only: Annotated[bool, QueryParameter(name="open", description="leave out what is over")] = False,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[TripView]:
        """List the trips the person may see, newest first; a driver's are the own ones."""
        with door.reading(request) as work:
            statement = queries.visible_to(work.who)
            if open_only:
                statement = statement.where(Trip.state.not_in([state.value for state in OVER]))
            return page_of(
                work.session,
                statement,
                Trip.planned_at,
                Trip.id,
                trip_view,
                cursor=cursor,
                limit=limit,
            )

    @get("/{trip_id:uuid}", sync_to_thread=True, operation_id="get_trip")
    def trip(
        self, request: Visit, door: NamedDependency[Door], trip_id: FromPath[UUID]
    ) -> Response[TripWhole]:
        """Show one trip with its tickets."""
        with door.reading(request) as work:
            row = queries.trip(work.session, trip_id, work.who)
            tickets = tickets_of(work.session, row)
            return versioned(TripWhole(trip=trip_view(row), weighings=tickets), row.version)

    @get("/{trip_id:uuid}/track", sync_to_thread=True, operation_id="get_track")
    def track(self, request: Visit, door: NamedDependency[Door], trip_id: FromPath[UUID]) -> Track:
        """Show the line a trip has drawn so far."""
        with door.reading(request) as work:
            row = queries.trip(work.session, trip_id, work.who)
            return Track(items=[view(fix, Fix) for fix in queries.track(work.session, row)])

    @post(
        "/{trip_id:uuid}/steps",
        guards=[keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="advance_trip",
        responses=told(TripView, 200),
    )
    def advance(
        self,
        request: Visit,
        door: NamedDependency[Door],
        trip_id: FromPath[UUID],
        data: JSONBody[Step],
    ) -> Response[bytes]:
        """Do the next step: the crew, or who has leave; `loaded`, `departed`, `delivered` sign."""

        def act(work: Work) -> TripView:
            row = queries.trip(work.session, trip_id, work.who)
            return trip_view(service.advance(work, row, data.step, data.lat, data.lon, data.label))

        return door.once(request, act, status=200)

    @post(
        "/{trip_id:uuid}/run",
        guards=[requires(Role.DRIVER, Role.DISPATCHER), keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="join_run",
        responses=told(TripView, 200),
    )
    def join(
        self,
        request: Visit,
        door: NamedDependency[Door],
        trip_id: FromPath[UUID],
        data: JSONBody[Together],
    ) -> Response[bytes]:
        """Put a load that is not loaded yet on the run of another trip of its vehicle (M3)."""

        def act(work: Work) -> TripView:
            row = queries.trip(work.session, trip_id, work.who)
            return trip_view(runs.join(work, row, queries.trip(work.session, data.with_trip_id, work.who)))

        return door.once(request, act, status=200)

    @post(
        "/{trip_id:uuid}/run/leave",
        guards=[requires(Role.DRIVER, Role.DISPATCHER), keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="leave_run",
        responses=told(TripView, 200),
    )
    def leave(self, request: Visit, door: NamedDependency[Door], trip_id: FromPath[UUID]) -> Response[bytes]:
        """Let a load that is not loaded yet go by itself again."""

        def act(work: Work) -> TripView:
            return trip_view(runs.leave(work, queries.trip(work.session, trip_id, work.who)))

        return door.once(request, act, status=200)
