"""What does a year of manifests say to an inspector?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.oversight import service
from compliance.oversight.links import Tie
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from compliance.registry import queries as registry
from compliance.storage import service as storage
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.instance import ACCOUNTS, secret
from marketplace.web import analysis_views, ring_views, storage_views
from marketplace.web.forms import Form
from marketplace.web.pages.stock import LimitForm

HOME = "/analyses"


class FactForm(msgspec.Struct):
    """What was seen of a company, and where."""

    uscc: Annotated[str, msgspec.Meta(max_length=40)] = ""
    kind: Annotated[str, msgspec.Meta(max_length=20)] = ""
    value: Annotated[str, msgspec.Meta(max_length=100)] = ""
    where: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Analyses(Controller):
    """Balances and signs."""

    path = HOME
    include_in_schema = False
    guards = (requires(Role.INSPECTOR, Role.OPERATOR),)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the balance of every receiving site and the signs of a year."""
        return self._page(request, door)

    @post("/storage-limits", sync_to_thread=True)
    def limit(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[LimitForm]
    ) -> Response[str] | Response[bytes]:
        """Note what a site may store."""
        try:
            with door.work(request) as work:
                storage.set_limit(work, data.site, data.meant())
        except DomainError as refusal:
            return self._page(request, door, refusal, data.typed())
        return go(request, HOME, N_("The storage limit is noted."))

    @post("/companies", sync_to_thread=True)
    def note(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[FactForm]
    ) -> Response[str] | Response[bytes]:
        """Note of a company what may tie it to another."""
        key = secret(door.settings, ACCOUNTS)
        try:
            with door.work(request) as work:
                owner = registry.by_uscc(work.session, data.uscc.strip().upper())
                if owner is None or data.kind not in set(service.NOTED):
                    raise Invalid(N_("No organisation of this credit code is on the register."), field="uscc")
                service.note_fact(work, owner.id, Tie(data.kind), data.value, data.where, key)
        except DomainError as refusal:
            return self._page(request, door, refusal, msgspec.to_builtins(data))
        return go(request, f"{HOME}#linked", N_("It is noted."))

    def _page(
        self,
        request: Visit,
        door: Door,
        refusal: DomainError | None = None,
        said: Mapping[str, str] = MappingProxyType({}),
    ) -> Response[str]:
        errors = reasons_by_field(refusal, reader(request)) if refusal else {}
        with door.reading(request) as work:
            this_year = work.today.year
            asked = request.query_params.get("year", "")
            year = int(asked) if asked.isdecimal() and 2000 <= int(asked) <= this_year else this_year
            found = service.analyse(work, year, bounds=analysis_views.bounds_of(door.settings))
            return page(
                request,
                "analyses/analyses.html",
                refusal.status if refusal else 200,
                analysis=found,
                rings=analysis_views.rings(work.session, found),
                noted=sorted(service.NOTED),
                ring_size=(ring_views.WIDTH, ring_views.HEIGHT),
                bars=analysis_views.bars(work.session, found),
                groups=analysis_views.groups(work.session, found),
                years=range(this_year, this_year - 5, -1),
                sites=registry.sites_visible_to(work.session, work.who),
                form=Form(dict(said), errors),
                stores=storage_views.stores(work),
                store_width=storage_views.WIDTH,
                width=analysis_views.WIDTH,
                words=analysis_views.FIGURES,
                evidence=analysis_views.EVIDENCE,
                settings=door.settings,
                today=work.today,
            )


ROUTES: list[ControllerRouterHandler] = [Analyses]
