"""Vehicles over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from compliance.record.numbers import LARGEST_KG
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.api.documents import Latitude, Longitude, told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.parties import service as parties
from tracking.fleet import queries
from tracking.fleet.service import NewVehicle


class VehicleView(msgspec.Struct, frozen=True, kw_only=True):
    """A vehicle of a carrier."""

    id: UUID
    carrier_id: UUID
    plate: str
    driver_id: UUID | None
    capacity_kg: int
    dg_classes: list[str]
    permit_to: date | None
    simulated: bool


class VehicleWanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A vehicle of the own carrier; where it stands when it has nothing to do."""

    plate: Annotated[str, msgspec.Meta(max_length=16)]
    capacity_kg: Annotated[int, msgspec.Meta(gt=0, le=LARGEST_KG)]
    lat: Latitude
    lon: Longitude
    driver_id: UUID | None = None
    home_site_id: UUID | None = None


class VehiclesView(msgspec.Struct, frozen=True, kw_only=True):
    """Vehicles by plate."""

    items: list[VehicleView]


class Vehicles(Controller):
    """What moves the loads."""

    path = "/api/v1/vehicles"
    tags = ("fleet",)

    @get("/", guards=[signed_in], sync_to_thread=True, operation_id="get_vehicles")
    def vehicles(self, request: Visit, door: NamedDependency[Door]) -> VehiclesView:
        """List the vehicles the person may see."""
        with door.reading(request) as work:
            rows = queries.vehicles(work.session, work.who)
            return VehiclesView(items=[view(row, VehicleView) for row in rows])

    @post(
        "/",
        guards=[requires(Role.DISPATCHER), keyed],
        sync_to_thread=True,
        operation_id="add_vehicle",
        responses=told(VehicleView),
    )
    def add(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[VehicleWanted]
    ) -> Response[bytes]:
        """Enter a vehicle of the own carrier; it may load once its certificate is accepted."""

        def act(work: Work) -> VehicleView:
            new = NewVehicle(
                carrier_id=parties.own_organisation(work),
                plate=data.plate.strip(),
                capacity_kg=data.capacity_kg,
                home_lat=data.lat,
                home_lon=data.lon,
                home_site_id=data.home_site_id,
                driver_id=data.driver_id,
            )
            return view(parties.add_vehicle(work, new), VehicleView)

        return door.once(request, act)
