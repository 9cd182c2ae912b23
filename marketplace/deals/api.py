"""Deals over HTTP: what was agreed, and where it stands."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from compliance.record.who import Role, Who
from marketplace.deals import queries
from marketplace.deals.rules import State
from marketplace.deals.tables import Deal
from marketplace.edge.api.documents import CursorParameter, LimitParameter, versioned, view
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.edge.problems import Standing
from marketplace.web import standings
from marketplace.web.translation import language_of


class DealView(msgspec.Struct, frozen=True, kw_only=True):
    """One agreed load; the price is for its two sides and the operator."""

    id: UUID
    version: int
    lot_id: UUID
    need_id: UUID
    match_id: UUID
    producer_id: UUID
    processor_id: UUID
    carrier_id: UUID
    vehicle_id: UUID
    origin_site_id: UUID
    destination_site_id: UUID
    code: str
    waste_name: str
    mode: str
    kg: int
    price: Decimal | None
    freight_fen: int | None
    terms_hash: str
    state: State
    agreed_at: datetime


def deal_view(row: Deal, who: Who) -> DealView:
    """Return a deal as a person may see it: money is the parties' and the operator's business."""
    full = view(row, DealView)
    sides = {row.producer_id, row.processor_id}
    operator = who.has(Role.OPERATOR)
    return msgspec.structs.replace(
        full,
        price=full.price if operator or who.organisation_id in sides else None,
        freight_fen=full.freight_fen if operator or who.organisation_id in sides | {row.carrier_id} else None,
    )


class Deals(Controller):
    """What was agreed."""

    path = "/api/v1/deals"
    tags = ("deals",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="get_deals")
    def deals(
        self,
        request: Visit,
        door: NamedDependency[Door],
        standing: Annotated[State | None, QueryParameter(name="state")] = None,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[DealView]:
        """List the deals the person may see, newest first."""
        with door.reading(request) as work:
            statement = queries.visible_to(work.who)
            if standing is not None:
                statement = statement.where(Deal.state == standing.value)
            return page_of(
                work.session,
                statement,
                Deal.agreed_at,
                Deal.id,
                lambda row: deal_view(row, work.who),
                cursor=cursor,
                limit=limit,
            )

    @get("/{deal_id:uuid}", sync_to_thread=True, operation_id="get_deal")
    def deal(
        self, request: Visit, door: NamedDependency[Door], deal_id: FromPath[UUID]
    ) -> Response[DealView]:
        """Show one deal."""
        with door.reading(request) as work:
            row = queries.deal(work.session, deal_id, work.who)
            return versioned(deal_view(row, work.who), row.version)

    @get("/{deal_id:uuid}/reasons", sync_to_thread=True, operation_id="explain_deal")
    def reasons(self, request: Visit, door: NamedDependency[Door], deal_id: FromPath[UUID]) -> Standing:
        """Say why a deal does not move on: all that stands against the next act on its manifest."""
        with door.reading(request) as work:
            row = queries.deal(work.session, deal_id, work.who)
            return standings.of_deal(work, row, language_of(request))
