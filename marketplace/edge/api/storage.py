"""Storage limits over HTTP: what may lie where, and an estimate of what does."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.storage import service
from compliance.storage.service import NewLimit
from marketplace.edge.api.documents import Kilograms, told
from marketplace.edge.api.ledgers import READS, OfParameter, Short
from marketplace.edge.door import Door
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.web import ledger_views, storage_views
from marketplace.web.storage_views import UnitStore


class NewStorageLimit(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What may lie at a site, and which paper says so; 0 kg takes a limit back.

    `code` is a waste code, a category such as HW08, or empty for all waste; `facility` one of the ledgers'
    storage facilities, or empty for the whole site.
    """

    kg: Kilograms
    source: Annotated[str, msgspec.Meta(max_length=200)]
    code: Annotated[str, msgspec.Meta(max_length=20)] = ""
    facility: Short = ""


class StoreList(msgspec.Struct, frozen=True, kw_only=True):
    """Units with their storage limits and what lies at their sites."""

    items: list[UnitStore]


class Storage(Controller):
    """What may lie where."""

    path = "/api/v1/storage"
    tags = ("ledgers",)
    guards = (READS,)

    @get("/", sync_to_thread=True, operation_id="list_storage")
    def shown(self, request: Visit, door: NamedDependency[Door], of: OfParameter = None) -> StoreList:
        """List units with their storage limits: for who oversees all of which one is known, or `of`."""
        with door.reading(request) as work:
            if work.who.oversees and of is None:
                return StoreList(items=storage_views.stores(work))
            unit = ledger_views.unit_of(work, str(of) if of else None)
            return StoreList(items=storage_views.stores(work, unit))

    @post(
        "/limits/{site_id:uuid}",
        guards=[keyed],
        sync_to_thread=True,
        operation_id="set_storage_limit",
        responses=told(UnitStore),
    )
    def limit(
        self,
        request: Visit,
        door: NamedDependency[Door],
        site_id: FromPath[UUID],
        data: JSONBody[NewStorageLimit],
    ) -> Response[bytes]:
        """Note what may lie at a site; a party of its own sites, who oversees of any."""

        def act(work: Work) -> UnitStore:
            service.set_limit(work, site_id, NewLimit(data.kg, data.source, data.code, data.facility))
            unit = registry.site(work.session, site_id).organisation_id
            return storage_views.stores(work, unit)[0]

        return door.once(request, act)
