"""Stock over HTTP: what lies in a works by its ledgers, and out of which batches a load comes."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.ledgers import loads
from compliance.manifests import queries as manifests
from compliance.manifests.tables import Manifest
from compliance.record.errors import NotFound
from compliance.record.work import Work
from marketplace.edge.api.documents import told
from marketplace.edge.api.ledgers import KEEPS, READS, OfParameter
from marketplace.edge.door import Door
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.pages import reader
from marketplace.web import ledger_views, stock_views
from marketplace.web.stock_views import LoadLedgerView, StockView
from marketplace.web.translation import Language


class NamedBatches(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Batch codes, or digital codes of containers, in the order in which the load takes them."""

    batches: Annotated[list[Annotated[str, msgspec.Meta(max_length=37)]], msgspec.Meta(max_length=200)]


class Stock(Controller):
    """What lies in a works."""

    path = "/api/v1/ledgers/stock"
    tags = ("ledgers",)
    guards = (READS,)

    @get("/", sync_to_thread=True, operation_id="get_ledger_stock")
    def shown(self, request: Visit, door: NamedDependency[Door], of: OfParameter = None) -> StockView:
        """Show what came, went and lies there of each waste, and what no batch accounts for."""
        with door.reading(request) as work:
            unit = ledger_views.unit_of(work, str(of) if of else None)
            return stock_views.stock_of(work, unit, reader(request))


class LoadBatches(Controller):
    """A load in the own ledgers."""

    path = "/api/v1/manifests/{manifest_id:uuid}/batches"
    tags = ("ledgers",)
    guards = (KEEPS,)

    @get("/", sync_to_thread=True, operation_id="get_load_batches")
    def shown(
        self, request: Visit, door: NamedDependency[Door], manifest_id: FromPath[UUID]
    ) -> LoadLedgerView:
        """Show what the own ledgers say of a load: its lines, and how much it took of which batch."""
        with door.reading(request) as work:
            row = manifests.manifest(work.session, manifest_id, work.who)
            return _shown(work, row, reader(request))

    @post(
        "/",
        guards=[keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="name_load_batches",
        responses=told(LoadLedgerView, 200),
    )
    def name(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[NamedBatches],
    ) -> Response[bytes]:
        """Name the batches that a load takes before others; none: the oldest in store go first."""
        language = reader(request)

        def act(work: Work) -> LoadLedgerView:
            row = manifests.manifest(work.session, manifest_id, work.who)
            loads.name(work, row, data.batches)
            return _shown(work, row, language)

        return door.once(request, act, status=200)


def _shown(work: Work, row: Manifest, language: Language) -> LoadLedgerView:
    found = stock_views.of_load(work, row, language)
    if found is None:
        raise NotFound("manifest", row.id)
    return found
