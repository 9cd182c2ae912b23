"""The register over HTTP: who takes part, and the own places."""

from __future__ import annotations

from datetime import time
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.qualification.service import PARTY_ROLES
from compliance.record.who import Role
from compliance.registry import queries, service
from compliance.registry.rules import OrganisationKind
from compliance.registry.service import MOST_DOCKS, Receiving
from compliance.registry.tables import Site
from marketplace.edge.api.documents import Latitude, Longitude, told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.parties import service as parties


class OrganisationView(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation as the public business register shows it; no contacts."""

    id: UUID
    uscc: str
    name: str
    name_en: str
    division_code: str
    kinds: list[OrganisationKind]
    simulated: bool


class SiteView(msgspec.Struct, frozen=True, kw_only=True):
    """A place; degrees WGS-84. Vehicles are let in from `opens` to `closes`, local; null: any hour."""

    id: UUID
    organisation_id: UUID
    name: str
    address: str
    division_code: str
    lat: float
    lon: float
    opens: time | None
    closes: time | None
    docks: int | None


class NewReceiving(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """When vehicles are let in and how many are unloaded at once; both hours null: at any hour."""

    opens: time | None = None
    closes: time | None = None
    docks: Annotated[int, msgspec.Meta(ge=1, le=MOST_DOCKS)] | None = None


class SiteWanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A place where waste is loaded, weighed or received."""

    name: Annotated[str, msgspec.Meta(max_length=120)]
    lat: Latitude
    lon: Longitude
    division_code: Annotated[str, msgspec.Meta(pattern=r"^\d{6}$", description="of the prefecture or county")]
    address: Annotated[str, msgspec.Meta(max_length=200)] = ""


class SitesView(msgspec.Struct, frozen=True, kw_only=True):
    """Places by name."""

    items: list[SiteView]


def site_view(row: Site) -> SiteView:
    """Return a site with its point as named degrees."""
    return SiteView(
        id=row.id,
        organisation_id=row.organisation_id,
        name=row.name,
        address=row.address,
        division_code=row.division_code,
        lat=row.location.y,
        lon=row.location.x,
        opens=row.opens,
        closes=row.closes,
        docks=row.docks,
    )


class Organisations(Controller):
    """Who takes part."""

    path = "/api/v1/organisations"
    tags = ("registry",)

    @get("/{organisation_id:uuid}", guards=[signed_in], sync_to_thread=True, operation_id="get_organisation")
    def organisation(
        self, request: Visit, door: NamedDependency[Door], organisation_id: FromPath[UUID]
    ) -> OrganisationView:
        """Show who stands behind an id."""
        with door.reading(request) as work:
            return view(queries.organisation(work.session, organisation_id), OrganisationView)


class Sites(Controller):
    """Places of loading and receiving."""

    path = "/api/v1/sites"
    tags = ("registry",)

    @get("/", guards=[signed_in], sync_to_thread=True, operation_id="get_sites")
    def mine(self, request: Visit, door: NamedDependency[Door]) -> SitesView:
        """List the sites the person may see: the own organisation's, or all."""
        with door.reading(request) as work:
            rows = queries.sites_visible_to(work.session, work.who)
            return SitesView(items=[site_view(row) for row in rows])

    @post(
        "/{site_id:uuid}/receiving",
        guards=[requires(Role.PROCESSOR), keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="set_receiving",
        responses=told(SiteView, 200),
    )
    def receiving(
        self,
        request: Visit,
        door: NamedDependency[Door],
        site_id: FromPath[UUID],
        data: JSONBody[NewReceiving],
    ) -> Response[bytes]:
        """State the receiving hours and docks of one of the own sites; carriers plan by them."""
        wanted = Receiving(data.opens, data.closes, data.docks)
        return door.once(
            request, lambda work: site_view(service.set_receiving(work, site_id, wanted)), status=200
        )

    @post(
        "/",
        guards=[requires(*PARTY_ROLES), keyed],
        sync_to_thread=True,
        operation_id="add_site",
        responses=told(SiteView),
    )
    def add(self, request: Visit, door: NamedDependency[Door], data: JSONBody[SiteWanted]) -> Response[bytes]:
        """Put a site of the own organisation on the map."""
        new = parties.NewSite(data.name, data.lat, data.lon, data.division_code, data.address)
        return door.once(request, lambda work: site_view(parties.add_site(work, new)))
