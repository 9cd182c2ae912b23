"""Vehicles over HTTP."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency

from marketplace.edge.api.documents import view
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from tracking.fleet import queries


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
