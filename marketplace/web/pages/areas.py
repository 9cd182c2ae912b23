"""Where may no vehicle with dangerous goods be, and who may all the same?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from tracking.geofences import queries, service
from tracking.geofences.tables import AreaVersion

GEOJSON = "application/geo+json"
DAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
Short = Annotated[str, msgspec.Meta(max_length=200)]


class AreaForm(msgspec.Struct):
    """What the form of a restricted area sends."""

    name: Annotated[str, msgspec.Meta(max_length=80)] = ""
    boundary: Annotated[str, msgspec.Meta(max_length=500_000)] = ""
    basis: Short = ""
    valid_from: str = ""
    valid_to: str = ""
    hour_from: str = "00:00"
    hour_to: str = "24:00"
    weekdays: list[int] | int = msgspec.field(default_factory=list)


class ApprovalForm(msgspec.Struct):
    """What the form of an approval sends."""

    plate: Annotated[str, msgspec.Meta(max_length=16)] = ""
    number: Annotated[str, msgspec.Meta(max_length=60)] = ""
    valid_from: str = ""
    valid_to: str = ""


class Areas(Controller):
    """Restricted areas 禁行区 and the police's approvals (M8)."""

    path = "/areas"
    include_in_schema = False
    guards = (requires(Role.INSPECTOR, Role.OPERATOR),)

    @get("/", sync_to_thread=True)
    def all(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """List the restricted areas, with a form to draw one."""
        return self._shown(request, door, None)

    @get("/areas.json", sync_to_thread=True)
    def shapes(self, request: Visit, door: NamedDependency[Door]) -> Response[dict[str, object]]:
        """Return the restricted areas as GeoJSON (WGS-84)."""
        with door.reading(request) as work:
            features = [
                {
                    "type": "Feature",
                    "properties": {"id": str(row.id), "name": row.name},
                    "geometry": row.boundary.__geo_interface__,
                }
                for row in queries.areas(work.session)
            ]
        return Response({"type": "FeatureCollection", "features": features}, media_type=GEOJSON)

    @get("/{area_id:uuid}", sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], area_id: FromPath[UUID]) -> Response[str]:
        """Show one restricted area with its approvals, and the form to change it."""
        return self._shown(request, door, area_id)

    @post("/", sync_to_thread=True)
    def add(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[AreaForm]
    ) -> Response[str] | Response[bytes]:
        """Draw a restricted area."""
        try:
            with door.work(request) as work:
                service.add_area(work, area_of(data))
        except DomainError as refusal:
            return self._shown(request, door, None, refusal, data)
        return go(request, "/areas", N_("The area counts from now on."))

    @post("/{area_id:uuid}", sync_to_thread=True)
    def change(
        self,
        request: Visit,
        door: NamedDependency[Door],
        area_id: FromPath[UUID],
        data: URLEncodedBody[AreaForm],
    ) -> Response[str] | Response[bytes]:
        """Give an area another form from now on."""
        try:
            with door.work(request) as work:
                service.change_area(work, area_id, area_of(data))
        except DomainError as refusal:
            return self._shown(request, door, area_id, refusal, data)
        return go(request, f"/areas/{area_id}", N_("The area counts in its new form from now on."))

    @post("/{area_id:uuid}/end", sync_to_thread=True)
    def end(self, request: Visit, door: NamedDependency[Door], area_id: FromPath[UUID]) -> Response[bytes]:
        """Take an area off the map."""
        with door.work(request) as work:
            service.end_area(work, area_id)
        return go(request, "/areas", N_("The area no longer counts."))

    @post("/{area_id:uuid}/approvals", sync_to_thread=True)
    def approve(
        self,
        request: Visit,
        door: NamedDependency[Door],
        area_id: FromPath[UUID],
        data: URLEncodedBody[ApprovalForm],
    ) -> Response[str] | Response[bytes]:
        """Note an approval of the police."""
        try:
            with door.work(request) as work:
                days = _day(data.valid_from, "valid_from"), _day(data.valid_to, "valid_to")
                if days[0] is None or days[1] is None:
                    raise Invalid(N_("From which day to which is the approval?"), field="valid_from")
                new = service.NewApproval(data.plate, data.number, days[0], days[1])
                service.approve(work, area_id, new)
        except DomainError as refusal:
            return self._shown(request, door, area_id, refusal)
        return go(
            request, f"/areas/{area_id}", N_("The approval is noted; reports that it covers are withdrawn.")
        )

    @post("/{area_id:uuid}/approvals/{approval_id:uuid}/withdraw", sync_to_thread=True)
    def withdraw(
        self,
        request: Visit,
        door: NamedDependency[Door],
        area_id: FromPath[UUID],
        approval_id: FromPath[UUID],
    ) -> Response[bytes]:
        """Take an approval back."""
        with door.work(request) as work:
            service.withdraw_approval(work, area_id, approval_id)
        return go(request, f"/areas/{area_id}", N_("The approval is taken back."))

    def _shown(
        self,
        request: Visit,
        door: Door,
        area_id: UUID | None,
        refusal: DomainError | None = None,
        typed: AreaForm | None = None,
    ) -> Response[str]:
        refused = reasons_by_field(refusal, reader(request)) if refusal else {}
        with door.reading(request) as work:
            row = queries.area(work.session, area_id) if area_id else None
            return page(
                request,
                "areas/areas.html",
                refusal.status if refusal else 200,
                areas=queries.areas(work.session),
                area=row,
                approvals=queries.approvals(work.session, row.id) if row else (),
                form=typed_values(typed) if typed else values_of(row),
                refused=[one for several in refused.values() for one in several],
                days=DAYS,
            )


def values_of(row: AreaVersion | None) -> Mapping[str, object]:
    """Return what the form shows: an area as it stands, or an empty one for every day and hour."""
    if row is None:
        empty = dict.fromkeys(("name", "basis", "boundary", "valid_from", "valid_to"), "")
        return {**empty, "hour_from": "00:00", "hour_to": "24:00", "weekdays": list(range(7))}
    return {
        "name": row.name,
        "basis": row.basis,
        "boundary": json.dumps(row.boundary.__geo_interface__),
        "valid_from": row.valid_from.isoformat() if row.valid_from else "",
        "valid_to": row.valid_to.isoformat() if row.valid_to else "",
        "hour_from": clock_of(row.minute_from),
        "hour_to": clock_of(row.minute_to),
        "weekdays": row.weekdays,
    }


def typed_values(form: AreaForm) -> Mapping[str, object]:
    """Return what somebody typed, so that a refusal costs no drawing."""
    return msgspec.structs.asdict(form) | {"weekdays": _weekdays(form)}


def area_of(form: AreaForm) -> service.NewArea:
    """Read the form of an area; `Invalid` names the field that cannot be read."""
    try:
        boundary = json.loads(form.boundary)
    except ValueError:
        boundary = None
    if not isinstance(boundary, dict):
        raise Invalid(
            N_("There is no boundary yet."),
            field="boundary",
            way_out=N_("Draw the area on the map, or import a Polygon or MultiPolygon in WGS-84."),
        )
    return service.NewArea(
        form.name,
        boundary,
        form.basis,
        _day(form.valid_from, "valid_from"),
        _day(form.valid_to, "valid_to"),
        _minute(form.hour_from),
        _minute(form.hour_to),
        tuple(_weekdays(form)),
    )


def clock_of(minute: int) -> str:
    """Write a minute of the day as hours and minutes."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _weekdays(form: AreaForm) -> list[int]:
    return [form.weekdays] if isinstance(form.weekdays, int) else form.weekdays


def _minute(text: str) -> int:
    hours, _, minutes = text.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and int(minutes) < 60):
        raise Invalid(N_("Write a time of day as 07:30."), field="hours")
    return int(hours) * 60 + int(minutes)


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(N_("Write a day as 2026-11-29."), field=field) from None


ROUTES: list[ControllerRouterHandler] = [Areas]
