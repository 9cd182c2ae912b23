"""What must the own organisation show, what has it shown, and who and what belongs to it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.qualification.service import PARTY_ROLES
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import standing
from compliance.registry.rules import OrganisationKind
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.parties import service
from marketplace.parties.rules import TRADES
from marketplace.parties.service import NewPerson, NewSite
from marketplace.web.forms import Form
from marketplace.web.pages.typed import decimal, kilograms
from marketplace.web.party_views import own_house
from tracking.fleet.service import NewVehicle

HOME = "/organisation"
Text = Annotated[str, msgspec.Meta(max_length=200)]


class SiteForm(msgspec.Struct):
    """A place, as typed."""

    name: Text = ""
    address: Text = ""
    division_code: Text = ""
    lat: Text = ""
    lon: Text = ""


class PersonForm(msgspec.Struct):
    """Somebody of the own organisation, as typed."""

    name: Text = ""
    role: Text = ""
    login: Text = ""
    password: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class VehicleForm(msgspec.Struct):
    """A vehicle, as typed."""

    plate: Text = ""
    capacity: Text = ""
    lat: Text = ""
    lon: Text = ""


class TradeForm(msgspec.Struct):
    """For which kind of business to apply."""

    kind: OrganisationKind


class OwnOrganisation(Controller):
    """The own organisation 本单位."""

    path = HOME
    include_in_schema = False
    guards = (requires(*PARTY_ROLES),)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the checklists, the documents, and who and what belongs to the organisation."""
        return _shown(request, door)

    @post("/sites", sync_to_thread=True)
    def site(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[SiteForm]
    ) -> Response[str] | Response[bytes]:
        """Put a site on the map."""

        def act(work: Work) -> None:
            place = _place(data.lat, data.lon)
            service.add_site(work, NewSite(data.name, *place, data.division_code.strip(), data.address))

        return _entered(request, door, "site", data, act, N_("The site is on the map."))

    @post("/people", sync_to_thread=True)
    def person(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[PersonForm]
    ) -> Response[str] | Response[bytes]:
        """Enter somebody, with a login where one is given."""

        def act(work: Work) -> None:
            roles = (Role(data.role),) if data.role in set(Role) else ()
            service.add_person(work, NewPerson(data.name, roles, data.login.strip(), data.password))

        return _entered(request, door, "person", data, act, N_("Entered."))

    @post("/vehicles", sync_to_thread=True)
    def vehicle(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[VehicleForm]
    ) -> Response[str] | Response[bytes]:
        """Enter a vehicle; it may load once its certificate is accepted."""

        def act(work: Work) -> None:
            owner = service.own_organisation(work)
            capacity = kilograms(data.capacity, "capacity")
            new = NewVehicle(owner, data.plate.strip(), capacity, *_place(data.lat, data.lon))
            service.add_vehicle(work, new)

        return _entered(
            request, door, "vehicle", data, act, N_("Entered. Show its transport certificate next.")
        )

    @post("/trades", sync_to_thread=True)
    def trade(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[TradeForm]
    ) -> Response[bytes]:
        """Apply for a further kind of business."""
        if data.kind not in TRADES:
            raise Invalid(N_("Say what the organisation does: producer, carrier, processor."), field="kind")
        with door.work(request) as work:
            standing.apply_for(work, service.own_organisation(work), (data.kind,))
        return go(request, HOME, N_("Applied for. Show what the checklist asks for."))


def _place(lat: str, lon: str) -> tuple[float, float]:
    return float(decimal(lat, "lat")), float(decimal(lon, "lon"))


def _entered(
    request: Visit,
    door: Door,
    part: str,
    data: msgspec.Struct,
    act: Callable[[Work], None],
    said: str,
) -> Response[str] | Response[bytes]:
    """Carry out what a form of the page asks for, or give it back as it was typed with what is wrong."""
    try:
        with door.work(request) as work:
            act(work)
    except DomainError as refusal:
        values = {f"{part}_{name}": str(value) for name, value in msgspec.to_builtins(data).items()}
        values.pop(f"{part}_password", None)
        errors = reasons_by_field(refusal, reader(request))
        form = Form(values, {f"{part}_{name}" if name else "": told for name, told in errors.items()})
        return _shown(request, door, form, refusal.status)
    return go(request, HOME, said)


def _shown(request: Visit, door: Door, form: Form | None = None, status: int = 200) -> Response[str]:
    with door.reading(request) as work:
        house = own_house(work, service.own_organisation(work))
        return page(request, "parties/organisation.html", status, house=house, form=form or Form())


ROUTES: list[ControllerRouterHandler] = [OwnOrganisation]
