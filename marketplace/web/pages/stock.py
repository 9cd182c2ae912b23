"""Which pages show what lies in a works, and let its keeper name the batches of a load?"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.ledgers import loads
from compliance.ledgers.rules import Table
from compliance.manifests import queries as manifests
from compliance.record.errors import N_, DomainError, Several
from compliance.registry import queries as registry
from compliance.storage import service as storage
from compliance.storage.service import NewLimit
from marketplace.edge.door import Door
from marketplace.edge.identity import Visit
from marketplace.edge.pages import Tone, go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.web import ledger_views, stock_views, storage_views
from marketplace.web.forms import Form
from marketplace.web.pages.ledgers import HOME, KEEPS, READS
from marketplace.web.pages.typed import kilograms
from marketplace.web.translation import translate


class LimitForm(msgspec.Struct):
    """What may lie at a site, as typed: tonnes, and which paper says so."""

    site: UUID
    tonnes: Annotated[str, msgspec.Meta(max_length=20)] = ""
    source: Annotated[str, msgspec.Meta(max_length=200)] = ""
    code: Annotated[str, msgspec.Meta(max_length=20)] = ""
    facility: Annotated[str, msgspec.Meta(max_length=60)] = ""

    def meant(self) -> NewLimit:
        """Return the limit as the service takes it; 0 t takes it back."""
        none = self.tonnes.strip() in {"0", "0.0"}
        kg = 0 if none else kilograms(self.tonnes, "tonnes")
        return NewLimit(kg, self.source, self.code, self.facility)

    def typed(self) -> dict[str, str]:
        """Return what was typed, for the form to show again."""
        return {name: str(value) for name, value in msgspec.to_builtins(self).items()}


class BatchesForm(msgspec.Struct):
    """Which batches a load takes first, one a line."""

    batches: Annotated[str, msgspec.Meta(max_length=20_000)] = ""


class Stock(Controller):
    """What lies in a works by its ledgers."""

    path = f"{HOME}/stock"
    include_in_schema = False
    guards = (READS,)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show balances, batches, and the loads that no batch accounts for."""
        return _page(request, door, Form())

    @post("/limits", sync_to_thread=True)
    def limit(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[LimitForm]
    ) -> Response[str] | Response[bytes]:
        """Note what may lie at a site."""
        try:
            with door.work(request) as work:
                storage.set_limit(work, data.site, data.meant())
                unit = registry.site(work.session, data.site).organisation_id
        except DomainError as refusal:
            form = Form(data.typed(), reasons_by_field(refusal, reader(request)))
            return _page(request, door, form, refusal.status)
        of = f"?of={unit}" if request.query_params.get("of") else ""
        return go(request, f"{HOME}/stock{of}", N_("The storage limit is noted."))

    @post("/manifests/{manifest_id:uuid}", guards=[KEEPS], sync_to_thread=True)
    def name(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: URLEncodedBody[BatchesForm],
    ) -> Response[bytes]:
        """Name the batches of a load; what does not fit is said on its page."""
        back = f"/manifests/{manifest_id}"
        try:
            with door.work(request) as work:
                row = manifests.manifest(work.session, manifest_id, work.who)
                count = len(loads.name(work, row, data.batches.split()))
        except DomainError as refusal:
            several = refusal.errors if isinstance(refusal, Several) else (refusal,)
            words = " ".join(translate(reader(request), one.message, **one.values) for one in several)
            return go(request, back, N_("Not told: {why}"), Tone.WARNING, why=words)
        return go(request, back, N_("{count} batches go first."), count=count)


def _page(request: Visit, door: Door, form: Form, status: int = 200) -> Response[str]:
    with door.reading(request) as work:
        unit = ledger_views.unit_of(work, request.query_params.get("of"))
        language = reader(request)
        return page(
            request,
            "ledgers/stock.html",
            status,
            view=stock_views.stock_of(work, unit, language),
            stores=storage_views.stores(work, unit),
            store_width=storage_views.WIDTH,
            sites=registry.sites_of(work.session, unit),
            form=form,
            titles={part.value: ledger_views.title(part, language) for part in Table},
            of=f"&of={unit}" if work.who.oversees else "",
        )


ROUTES: list[ControllerRouterHandler] = [Stock]
