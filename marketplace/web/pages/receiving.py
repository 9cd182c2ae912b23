"""When does a processor's gate let vehicles in, and how many are unloaded at once?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from compliance.registry import queries, service
from compliance.registry.service import Receiving
from compliance.registry.tables import Site
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import Reason, reasons_by_field

HOME = "/needs/receiving"


class ReceivingForm(msgspec.Struct):
    """What the form of one site sends, as typed."""

    opens: str = ""
    closes: str = ""
    docks: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One site with what stands in its form, and the reasons against it by field."""

    site: Site
    values: Mapping[str, str]
    errors: Mapping[str, Sequence[Reason]]


class ReceivingHours(Controller):
    """Receiving hours 收货时间 and docks of the own sites."""

    path = HOME
    include_in_schema = False
    guards = (requires(Role.PROCESSOR),)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show a form for each of the own sites."""
        return _shown(request, door)

    @post("/{site_id:uuid}", sync_to_thread=True)
    def state(
        self,
        request: Visit,
        door: NamedDependency[Door],
        site_id: FromPath[UUID],
        data: URLEncodedBody[ReceivingForm],
    ) -> Response[str] | Response[bytes]:
        """State the hours and docks of a site; what is refused comes back as it was typed."""
        try:
            with door.work(request) as work:
                service.set_receiving(work, site_id, meant(data))
        except DomainError as refusal:
            if not reasons_by_field(refusal, reader(request)).keys() & {"opens", "closes", "docks"}:
                raise
            return _shown(request, door, site_id, msgspec.to_builtins(data), refusal)
        return go(request, HOME, N_("Carriers plan by these hours from now on."))


def meant(form: ReceivingForm) -> Receiving:
    """Return what was typed as hours and a number."""
    docks = form.docks.strip()
    if docks and not (docks.isascii() and docks.isdigit() and len(docks) <= 4):
        raise Invalid(N_("Write a whole number."), field="docks")
    return Receiving(_hour(form.opens, "opens"), _hour(form.closes, "closes"), int(docks) if docks else None)


def _hour(text: str, field: str) -> time | None:
    try:
        return time.fromisoformat(text.strip()).replace(second=0, microsecond=0) if text.strip() else None
    except ValueError:
        raise Invalid(N_("Write an hour such as 08:30."), field=field) from None


def _shown(
    request: Visit,
    door: Door,
    site_id: UUID | None = None,
    typed: Mapping[str, str] | None = None,
    refusal: DomainError | None = None,
) -> Response[str]:
    errors = reasons_by_field(refusal, reader(request)) if refusal else {}
    with door.reading(request) as work:
        sites = queries.sites_visible_to(work.session, work.who)
        forms = [
            Form(site, typed or {}, errors) if site.id == site_id else Form(site, _stated(site), {})
            for site in sites
            if site.organisation_id == work.who.organisation_id
        ]
        return page(request, "processor/receiving.html", refusal.status if refusal else 200, forms=forms)


def _stated(site: Site) -> dict[str, str]:
    hours = {"opens": site.opens, "closes": site.closes}
    told = {name: hour.strftime("%H:%M") if hour else "" for name, hour in hours.items()}
    return told | {"docks": str(site.docks or "")}


ROUTES: list[ControllerRouterHandler] = [ReceivingHours]
