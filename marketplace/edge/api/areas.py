"""Restricted areas over HTTP: who is signed in reads them, the operator and inspectors draw them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.api.documents import told, versioned, view
from marketplace.edge.door import Door
from marketplace.edge.etags import require_match
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from tracking.geofences import queries, service
from tracking.geofences.tables import AreaVersion

DRAWERS = requires(Role.INSPECTOR, Role.OPERATOR)
Minute = Annotated[int, msgspec.Meta(ge=0, le=1440, description="minute of the day in China")]
Weekday = Annotated[int, msgspec.Meta(ge=0, le=6, description="0 is Monday")]


class AreaInput(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A restricted area: `boundary` is GeoJSON (WGS-84) with polygons; days and hours when it counts."""

    name: Annotated[str, msgspec.Meta(max_length=80)]
    boundary: dict[str, object]
    basis: Annotated[str, msgspec.Meta(max_length=200)] = ""
    valid_from: date | None = None
    valid_to: date | None = None
    minute_from: Minute = 0
    minute_to: Minute = 1440
    weekdays: list[Weekday] = msgspec.field(default_factory=lambda: list(range(7)))


class AreaView(msgspec.Struct, frozen=True, kw_only=True):
    """A restricted area as it now stands, and since when."""

    id: UUID
    version: int
    name: str
    basis: str
    boundary: dict[str, object]
    valid_from: date | None
    valid_to: date | None
    minute_from: int
    minute_to: int
    weekdays: list[int]
    since: datetime
    until: datetime | None


class AreasView(msgspec.Struct, frozen=True, kw_only=True):
    """Restricted areas by name."""

    items: list[AreaView]


class ApprovalInput(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The police's approval for one vehicle, with the number of its paper."""

    plate: Annotated[str, msgspec.Meta(max_length=16)]
    number: Annotated[str, msgspec.Meta(max_length=60)]
    valid_from: date
    valid_to: date


class ApprovalView(msgspec.Struct, frozen=True, kw_only=True):
    """An approval on record."""

    id: UUID
    area_id: UUID
    plate: str
    number: str
    valid_from: date
    valid_to: date
    added_at: datetime
    withdrawn_at: datetime | None


class ApprovalsView(msgspec.Struct, frozen=True, kw_only=True):
    """Approvals for one area that stand, the newest first."""

    items: list[ApprovalView]


def area_view(row: AreaVersion) -> AreaView:
    """Return an area with its boundary as GeoJSON."""
    fields = {name: getattr(row, name) for name in AreaView.__struct_fields__ if name != "boundary"}
    return AreaView(boundary=dict(row.boundary.__geo_interface__), **fields)


def new_area(data: AreaInput) -> service.NewArea:
    """Return what was said of an area as the service takes it."""
    said = {name: getattr(data, name) for name in AreaInput.__struct_fields__ if name != "weekdays"}
    return service.NewArea(weekdays=tuple(data.weekdays), **said)


class Areas(Controller):
    """Where vehicles with dangerous goods may not be without approval (M8)."""

    path = "/api/v1/areas"
    tags = ("areas",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="get_areas")
    def areas(self, request: Visit, door: NamedDependency[Door]) -> AreasView:
        """List the restricted areas that count now or on later days."""
        with door.reading(request) as work:
            return AreasView(items=[area_view(row) for row in queries.areas(work.session)])

    @get("/{area_id:uuid}", sync_to_thread=True, operation_id="get_area")
    def area(
        self, request: Visit, door: NamedDependency[Door], area_id: FromPath[UUID]
    ) -> Response[AreaView]:
        """Show one restricted area."""
        with door.reading(request) as work:
            row = queries.area(work.session, area_id)
            return versioned(area_view(row), row.version)

    @post(
        "/", guards=[DRAWERS, keyed], sync_to_thread=True, operation_id="add_area", responses=told(AreaView)
    )
    def add(self, request: Visit, door: NamedDependency[Door], data: JSONBody[AreaInput]) -> Response[bytes]:
        """Draw a restricted area; it counts from now on."""
        return door.once(request, lambda work: area_view(service.add_area(work, new_area(data))))

    @patch("/{area_id:uuid}", guards=[DRAWERS], sync_to_thread=True, operation_id="change_area")
    def change(
        self,
        request: Visit,
        door: NamedDependency[Door],
        area_id: FromPath[UUID],
        data: JSONBody[AreaInput],
    ) -> Response[AreaView]:
        """Give an area another form from now on; what was judged stays judged by the one that stood."""
        with door.work(request) as work:
            require_match(request, queries.area(work.session, area_id, lock=True).version)
            row = service.change_area(work, area_id, new_area(data))
            return versioned(area_view(row), row.version)

    @post(
        "/{area_id:uuid}/end",
        guards=[DRAWERS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="end_area",
        responses=told(AreaView, 200),
    )
    def end(self, request: Visit, door: NamedDependency[Door], area_id: FromPath[UUID]) -> Response[bytes]:
        """Take an area off the map from now on."""
        return door.once(request, lambda work: area_view(service.end_area(work, area_id)), status=200)

    @get("/{area_id:uuid}/approvals", guards=[DRAWERS], sync_to_thread=True, operation_id="get_approvals")
    def approvals(
        self, request: Visit, door: NamedDependency[Door], area_id: FromPath[UUID]
    ) -> ApprovalsView:
        """List the police's approvals for an area that stand."""
        with door.reading(request) as work:
            row = queries.area(work.session, area_id)
            return ApprovalsView(
                items=[view(one, ApprovalView) for one in queries.approvals(work.session, row.id)]
            )

    @post(
        "/{area_id:uuid}/approvals",
        guards=[DRAWERS, keyed],
        sync_to_thread=True,
        operation_id="approve_area",
        responses=told(ApprovalView),
    )
    def approve(
        self,
        request: Visit,
        door: NamedDependency[Door],
        area_id: FromPath[UUID],
        data: JSONBody[ApprovalInput],
    ) -> Response[bytes]:
        """Note an approval; a stay that it covers and that was reported already is withdrawn."""
        new = service.NewApproval(data.plate, data.number, data.valid_from, data.valid_to)
        return door.once(request, lambda work: view(service.approve(work, area_id, new), ApprovalView))

    @post(
        "/{area_id:uuid}/approvals/{approval_id:uuid}/withdraw",
        guards=[DRAWERS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="withdraw_approval",
        responses=told(ApprovalView, 200),
    )
    def withdraw(
        self,
        request: Visit,
        door: NamedDependency[Door],
        area_id: FromPath[UUID],
        approval_id: FromPath[UUID],
    ) -> Response[bytes]:
        """Take an approval back; stays that it covered are reported after all."""

        def act(work: Work) -> ApprovalView:
            return view(service.withdraw_approval(work, area_id, approval_id), ApprovalView)

        return door.once(request, act, status=200)
