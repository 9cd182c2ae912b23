"""Construction waste over HTTP: treatment plans with what is left, disposal sites, closed vehicles."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from compliance.construction import queries, service
from compliance.construction.rules import Act, State
from compliance.construction.service import NewPlan
from compliance.construction.tables import TreatmentPlan
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.api.documents import Kilograms, Reason, told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from tracking.fleet import queries as fleet

READS = requires(Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER, Role.INSPECTOR, Role.OPERATOR)
OVERSEES = requires(Role.INSPECTOR, Role.OPERATOR)
Number = Annotated[str, msgspec.Meta(max_length=40)]


class PlanEntry(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A treatment plan of an own building site; without `sites` its waste may go to any permitted site."""

    site_id: UUID
    project: Annotated[str, msgspec.Meta(max_length=120)]
    codes: list[Annotated[str, msgspec.Meta(max_length=20)]]
    kg: Kilograms
    reused_kg: Kilograms = 0
    sites: list[UUID] = []
    permit_number: Number = ""
    valid_from: date
    valid_to: date


class PlanView(msgspec.Struct, frozen=True, kw_only=True):
    """A treatment plan as it stands; `left_kg` is what no load has drawn."""

    id: UUID
    organisation_id: UUID
    site_id: UUID
    project: str
    codes: list[str]
    kg: int
    left_kg: int
    reused_kg: int
    sites: list[UUID]
    permit_number: str
    number: str
    state: State
    valid_from: date
    valid_to: date
    reason: str
    changed_at: datetime


class PlanStep(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What the authority decided, entered by who oversees; or that the builder ends the own plan."""

    act: Act
    number: Number = ""
    reason: Reason = ""


class LoadView(msgspec.Struct, frozen=True, kw_only=True):
    """What one load drew from a plan."""

    manifest_id: UUID
    site_id: UUID
    kg: int
    at: datetime


class SitePermit(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a site may take in all, and by which permit."""

    capacity_kg: Kilograms
    number: Number
    valid_to: date


class DisposalSiteView(msgspec.Struct, frozen=True, kw_only=True):
    """A disposal site with the room that is left."""

    site_id: UUID
    name: str
    capacity_kg: int
    left_kg: int
    valid_to: date


class VehiclePermit(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """By which permit a vehicle moves construction waste closed."""

    number: Number
    valid_to: date


class ClosedVehicleView(msgspec.Struct, frozen=True, kw_only=True):
    """A vehicle that is permitted as a closed one."""

    vehicle_id: UUID
    carrier_id: UUID
    plate: str
    number: str
    valid_to: date


def plan_view(session: Session, row: TreatmentPlan) -> PlanView:
    """Return a plan with what is left of it."""
    left = max(0, row.kg - queries.drawn(session, [row.id]).get(row.id, 0))
    names = [name for name in PlanView.__struct_fields__ if name != "left_kg"]
    return msgspec.convert({name: getattr(row, name) for name in names} | {"left_kg": left}, PlanView)


class Construction(Controller):
    """Construction waste from plan to disposal site."""

    path = "/api/v1/construction"
    tags = ("construction",)
    guards = (READS,)

    @get("/plans", sync_to_thread=True, operation_id="list_treatment_plans")
    def plans(self, request: Visit, door: NamedDependency[Door]) -> list[PlanView]:
        """List the treatment plans of the own house, or all for who oversees; at most 200."""
        with door.reading(request) as work:
            return [plan_view(work.session, row) for row in queries.listed(work.session, work.who)]

    @post(
        "/plans",
        guards=[requires(Role.PRODUCER), keyed],
        sync_to_thread=True,
        operation_id="submit_treatment_plan",
        responses=told(PlanView),
    )
    def submit(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[PlanEntry]
    ) -> Response[bytes]:
        """Submit the treatment plan of a project; its waste may leave once the authority has filed it."""
        new = NewPlan(**msgspec.structs.asdict(data))
        return door.once(request, lambda work: plan_view(work.session, service.submit(work, new)))

    @get("/plans/{plan_id:uuid}/loads", sync_to_thread=True, operation_id="list_plan_loads")
    def loads(self, request: Visit, door: NamedDependency[Door], plan_id: FromPath[UUID]) -> list[LoadView]:
        """List the loads that left under a plan, the newest first."""
        with door.reading(request) as work:
            row = queries.plan(work.session, plan_id, work.who)
            return [view(one, LoadView) for one in queries.loads(work.session, row.id)]

    @post(
        "/plans/{plan_id:uuid}/steps",
        guards=[keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="decide_treatment_plan",
        responses=told(PlanView, 200),
    )
    def decide(
        self,
        request: Visit,
        door: NamedDependency[Door],
        plan_id: FromPath[UUID],
        data: JSONBody[PlanStep],
    ) -> Response[bytes]:
        """Enter what the authority decided on a plan, or end the own one."""

        def act(work: Work) -> PlanView:
            row = queries.plan(work.session, plan_id, work.who, locked=True)
            return plan_view(work.session, service.decide(work, row, data.act, data.number, data.reason))

        return door.once(request, act, status=200)

    @get("/sites", sync_to_thread=True, operation_id="list_disposal_sites")
    def sites(self, request: Visit, door: NamedDependency[Door]) -> list[DisposalSiteView]:
        """List the permitted disposal sites with the room that is left."""
        with door.reading(request) as work:
            return [
                DisposalSiteView(
                    site_id=key,
                    name=one.name,
                    capacity_kg=one.capacity_kg,
                    left_kg=one.left_kg,
                    valid_to=one.valid_to,
                )
                for key, one in queries.places(work.session).items()
            ]

    @post(
        "/sites/{site_id:uuid}",
        guards=[OVERSEES, keyed],
        sync_to_thread=True,
        operation_id="permit_disposal_site",
        responses=told(SitePermit),
    )
    def permit_site(
        self,
        request: Visit,
        door: NamedDependency[Door],
        site_id: FromPath[UUID],
        data: JSONBody[SitePermit],
    ) -> Response[bytes]:
        """Note what a site may take of construction waste."""

        def act(work: Work) -> SitePermit:
            row = service.permit_site(work, site_id, data.capacity_kg, data.number, data.valid_to)
            return view(row, SitePermit)

        return door.once(request, act)

    @get("/vehicles", sync_to_thread=True, operation_id="list_closed_vehicles")
    def vehicles(self, request: Visit, door: NamedDependency[Door]) -> list[ClosedVehicleView]:
        """List the closed vehicles of the own carrier, or all for who oversees."""
        with door.reading(request) as work:
            return [view(one, ClosedVehicleView) for one in queries.vehicles(work.session, work.who)]

    @post(
        "/vehicles/{vehicle_id:uuid}",
        guards=[requires(Role.DISPATCHER, Role.INSPECTOR, Role.OPERATOR), keyed],
        sync_to_thread=True,
        operation_id="permit_closed_vehicle",
        responses=told(ClosedVehicleView),
    )
    def permit_vehicle(
        self,
        request: Visit,
        door: NamedDependency[Door],
        vehicle_id: FromPath[UUID],
        data: JSONBody[VehiclePermit],
    ) -> Response[bytes]:
        """State that an own vehicle closes, by which permit."""

        def act(work: Work) -> ClosedVehicleView:
            row = fleet.vehicle(work.session, vehicle_id, work.who)
            named = (row.id, row.carrier_id, row.plate)
            permitted = service.permit_vehicle(work, named, data.number, data.valid_to)
            return view(permitted, ClosedVehicleView)

        return door.once(request, act)
