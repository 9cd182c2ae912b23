"""Needs over HTTP: what processors take, at which gate price."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry.rules import Mode
from marketplace.edge.api.documents import CursorParameter, LimitParameter, StatedKilograms, told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.lots.rules import Figure
from marketplace.needs import queries, service
from marketplace.needs.service import Edge, NeedDraft
from marketplace.needs.tables import Need

Limits = Annotated[
    dict[Figure, dict[Edge, Decimal]], msgspec.Meta(description="What is accepted of each figure of a lot")
]
Weekdays = Annotated[
    frozenset[int], msgspec.Meta(description="ISO weekdays on which the gate is open; none: every day")
]


class NewNeed(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a processor takes."""

    site_id: UUID
    code: str
    mode: Mode
    price: Annotated[Decimal, msgspec.Meta(description="CNY per tonne that the taker pays the holder (P1)")]
    kg: StatedKilograms
    valid_to: date
    limits: Limits = {}
    weekdays: Weekdays = frozenset()


class NeedView(msgspec.Struct, frozen=True, kw_only=True):
    """A standing offer to take a waste."""

    id: UUID
    version: int
    organisation_id: UUID
    site_id: UUID
    code: str
    mode: Mode
    price: Decimal
    left_kg: int
    valid_to: date
    limits: Limits
    weekdays: Weekdays
    open: bool
    created_at: datetime


class Needs(Controller):
    """What processors take."""

    path = "/api/v1/needs"
    tags = ("needs",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="get_needs")
    def needs(
        self,
        request: Visit,
        door: NamedDependency[Door],
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[NeedView]:
        """List the needs the person may see, newest first."""
        with door.reading(request) as work:
            return page_of(
                work.session,
                queries.visible_to(work.who),
                Need.created_at,
                Need.id,
                lambda row: view(row, NeedView),
                cursor=cursor,
                limit=limit,
            )

    @post(
        "/",
        guards=[requires(Role.PROCESSOR), keyed],
        sync_to_thread=True,
        operation_id="open_need",
        responses=told(NeedView),
    )
    def open_need(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewNeed]
    ) -> Response[bytes]:
        """Open a need at one of the own sites."""
        draft = NeedDraft(**msgspec.structs.asdict(data))
        return door.once(request, lambda work: _seen(work, service.open_need(work, draft)))

    @post(
        "/{need_id:uuid}/close",
        guards=[requires(Role.PROCESSOR), keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="close_need",
        responses=told(NeedView, 200),
    )
    def close(self, request: Visit, door: NamedDependency[Door], need_id: FromPath[UUID]) -> Response[bytes]:
        """Close a need; what was agreed stays agreed."""
        return door.once(request, lambda work: _seen(work, service.close_need(work, need_id)), status=200)


def _seen(work: Work, row: Need) -> NeedView:
    work.session.flush()
    return view(row, NeedView)
