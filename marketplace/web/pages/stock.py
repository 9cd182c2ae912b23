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
from marketplace.edge.door import Door
from marketplace.edge.identity import Visit
from marketplace.edge.pages import Tone, go, page, reader
from marketplace.web import ledger_views, stock_views
from marketplace.web.pages.ledgers import HOME, KEEPS, READS
from marketplace.web.translation import translate


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
        with door.reading(request) as work:
            unit = ledger_views.unit_of(work, request.query_params.get("of"))
            language = reader(request)
            return page(
                request,
                "ledgers/stock.html",
                view=stock_views.stock_of(work, unit, language),
                titles={part.value: ledger_views.title(part, language) for part in Table},
                of=f"&of={unit}" if work.who.oversees else "",
            )

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


ROUTES: list[ControllerRouterHandler] = [Stock]
