"""Settlements over HTTP: what is owed for a load, and paying it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from compliance.record.who import Role, Who
from compliance.record.work import Work
from marketplace.edge.api.documents import CursorParameter, LimitParameter, told, versioned, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.settlements import journal, queries, service
from marketplace.settlements.rules import AccountKind, LineKind, State
from marketplace.settlements.tables import Settlement


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """One sum in fen that one party owes another; `payee_id` None is the platform."""

    ordinal: int
    kind: LineKind
    payer_id: UUID
    payee_id: UUID | None
    fen: int
    paid_at: datetime | None


class SettlementView(msgspec.Struct, frozen=True, kw_only=True):
    """What a received load makes the reader owe or be owed."""

    id: UUID
    version: int
    deal_id: UUID
    manifest_id: UUID
    kg: int
    disputed_kg: int
    state: State
    due_at: datetime
    paid_at: datetime | None
    lines: list[LineView]


class BalanceView(msgspec.Struct, frozen=True, kw_only=True):
    """What the reader's organisation has on the platform's sub-ledger, in fen."""

    organisation_id: UUID
    available_fen: int
    receivable_fen: int
    payable_fen: int


def settlement_view(row: Settlement, who: Who) -> SettlementView:
    """Return a settlement with the lines that concern a person."""
    seen = [view(line, LineView) for line in queries.lines_seen(row, who)]
    return msgspec.structs.replace(view(row, SettlementView), lines=seen)


class Settlements(Controller):
    """Money owed for loads."""

    path = "/api/v1/settlements"
    tags = ("settlements",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="get_settlements")
    def settlements(
        self,
        request: Visit,
        door: NamedDependency[Door],
        standing: Annotated[State | None, QueryParameter(name="state")] = None,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[SettlementView]:
        """List the settlements in which the person's organisation pays or is paid, newest first."""
        with door.reading(request) as work:
            statement = queries.visible_to(work.who)
            if standing is not None:
                statement = statement.where(Settlement.state == standing.value)
            return page_of(
                work.session,
                statement,
                Settlement.due_at,
                Settlement.id,
                lambda row: settlement_view(row, work.who),
                cursor=cursor,
                limit=limit,
            )

    @get("/{settlement_id:uuid}", sync_to_thread=True, operation_id="get_settlement")
    def settlement(
        self, request: Visit, door: NamedDependency[Door], settlement_id: FromPath[UUID]
    ) -> Response[SettlementView]:
        """Show one settlement."""
        with door.reading(request) as work:
            row = queries.settlement(work.session, settlement_id, work.who)
            return versioned(settlement_view(row, work.who), row.version)

    @post(
        "/{settlement_id:uuid}/pay",
        guards=[requires(Role.PRODUCER, Role.PROCESSOR), keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="pay_settlement",
        responses=told(SettlementView, 200),
    )
    def pay(
        self, request: Visit, door: NamedDependency[Door], settlement_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Pay every line that the own organisation owes."""

        def act(work: Work) -> SettlementView:
            row = service.pay(work, settlement_id)
            work.session.flush()
            return settlement_view(row, work.who)

        return door.once(request, act, status=200)


class Balances(Controller):
    """The own accounts."""

    path = "/api/v1/balance"
    tags = ("settlements",)

    @get("/", guards=[signed_in], sync_to_thread=True, operation_id="get_balance")
    def mine(self, request: Visit, door: NamedDependency[Door]) -> BalanceView:
        """Show what the own organisation has, is owed and owes."""
        with door.reading(request) as work:
            own = work.who.organisation_id
            assert own is not None
            return BalanceView(
                organisation_id=own,
                available_fen=journal.balance(work.session, own, AccountKind.AVAILABLE),
                receivable_fen=journal.balance(work.session, own, AccountKind.RECEIVABLE),
                payable_fen=journal.balance(work.session, own, AccountKind.PAYABLE),
            )
