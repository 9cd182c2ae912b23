"""Lots over HTTP: list, look, change, withdraw."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType

from compliance.record.errors import NotFound
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.api.documents import (
    CursorParameter,
    LimitParameter,
    StatedKilograms,
    told,
    versioned,
    view,
)
from marketplace.edge.door import Door
from marketplace.edge.etags import require_match
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.edge.problems import Standing
from marketplace.lots import queries, service
from marketplace.lots.rules import HOME, Division, Figure, LotDraft, State
from marketplace.lots.tables import Lot
from marketplace.web import standings
from marketplace.web.translation import language_of

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Packaging = Annotated[str, msgspec.Meta(max_length=60)]
Note = Annotated[str, msgspec.Meta(max_length=400)]
Price = Annotated[Decimal, msgspec.Meta(description="CNY per tonne that the taker pays the holder (P1)")]

Country = Annotated[
    str, msgspec.Meta(pattern="^[A-Z]{2}$", description="Country in which the waste arose, ISO 3166 (X8)")
]
Composition = Annotated[
    dict[Figure, Decimal], msgspec.Meta(description="What is known of the waste; the unit is in the name")
]


class NewLot(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a producer lists."""

    site_id: UUID
    code: str
    kg: StatedKilograms
    ready_from: Moment
    ready_to: Moment
    price: Price | None = None
    division: Division = Division.SPLIT
    packaging: Packaging = ""
    note: Note = ""
    composition: Composition = {}
    origin_country: Country = HOME


class LotChange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to change; what is left out stays."""

    site_id: UUID | UnsetType = UNSET
    code: str | UnsetType = UNSET
    kg: StatedKilograms | UnsetType = UNSET
    ready_from: Moment | UnsetType = UNSET
    ready_to: Moment | UnsetType = UNSET
    price: Price | UnsetType | None = UNSET
    division: Division | UnsetType = UNSET
    packaging: Packaging | UnsetType = UNSET
    note: Note | UnsetType = UNSET
    composition: Composition | UnsetType = UNSET


class LotView(msgspec.Struct, frozen=True, kw_only=True):
    """A lot as its readers see it; `left_kg` is what no deal has taken."""

    id: UUID
    version: int
    organisation_id: UUID
    site_id: UUID
    code: str
    edition: str
    waste_name: str
    hazardous: bool
    kg: int
    left_kg: int
    division: Division
    ready_from: datetime
    ready_to: datetime
    price: Decimal | None
    packaging: str
    note: str
    composition: dict[Figure, Decimal]
    state: State
    created_at: datetime
    changed_at: datetime


class Lots(Controller):
    """Waste that producers want taken away."""

    path = "/api/v1/lots"
    tags = ("lots",)
    guards = (signed_in,)

    @post(
        "/",
        guards=[requires(Role.PRODUCER), keyed],
        sync_to_thread=True,
        operation_id="list_lot",
        responses=told(LotView),
    )
    def list_lot(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewLot]
    ) -> Response[bytes]:
        """List a lot on one of the own sites."""
        draft = LotDraft(**msgspec.structs.asdict(data))
        return door.once(request, lambda work: _seen(work, service.list_lot(work, draft)))

    @get("/", sync_to_thread=True, operation_id="get_lots")
    def lots(
        self,
        request: Visit,
        door: NamedDependency[Door],
        standing: Annotated[State | None, QueryParameter(name="state")] = None,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[LotView]:
        """List the lots the person may see, newest first."""
        with door.reading(request) as work:
            statement = queries.visible_to(work.who)
            if standing is not None:
                statement = statement.where(Lot.state == standing.value)
            return page_of(
                work.session,
                statement,
                Lot.created_at,
                Lot.id,
                lambda row: view(row, LotView),
                cursor=cursor,
                limit=limit,
            )

    @get("/{lot_id:uuid}", sync_to_thread=True, operation_id="get_lot")
    def lot(self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID]) -> Response[LotView]:
        """Show one lot, with the ETag that an edit needs."""
        with door.reading(request) as work:
            row = queries.lot(work.session, lot_id, work.who)
            return versioned(view(row, LotView), row.version)

    @get(
        "/{lot_id:uuid}/reasons",
        guards=[requires(Role.PRODUCER, Role.INSPECTOR, Role.OPERATOR)],
        sync_to_thread=True,
        operation_id="explain_lot",
    )
    def reasons(self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID]) -> Standing:
        """Say why a lot cannot be offered today, or why nobody can take it, and what to know beforehand."""
        with door.reading(request) as work:
            row = queries.lot(work.session, lot_id, work.who)
            if not standings.holds_lot(work.who, row):
                raise NotFound("lot", lot_id)
            return standings.of_lot(work, row, language_of(request))

    @patch("/{lot_id:uuid}", guards=[requires(Role.PRODUCER)], sync_to_thread=True, operation_id="change_lot")
    def change(
        self,
        request: Visit,
        door: NamedDependency[Door],
        lot_id: FromPath[UUID],
        data: JSONBody[LotChange],
    ) -> Response[LotView]:
        """Change a lot that nobody has taken any of; needs `If-Match`."""
        with door.work(request) as work:
            row = queries.own_lot(work.session, lot_id, work.who)
            require_match(request, row.version)
            answer = _seen(work, service.change_lot(work, lot_id, _merged(row, data)))
        return versioned(answer, answer.version)

    @post(
        "/{lot_id:uuid}/withdraw",
        guards=[requires(Role.PRODUCER), keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="withdraw_lot",
        responses=told(LotView, 200),
    )
    def withdraw(
        self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Take what is left of a lot off the market."""
        return door.once(request, lambda work: _seen(work, service.withdraw_lot(work, lot_id)), status=200)


def _seen(work: Work, row: Lot) -> LotView:
    work.session.flush()
    return view(row, LotView)


def _merged(row: Lot, change: LotChange) -> LotDraft:
    """Return the lot as it would be after a change."""
    now = view(row, NewLot)
    said = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET}
    return LotDraft(**(msgspec.structs.asdict(now) | said))
