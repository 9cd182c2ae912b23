"""Weighings over HTTP: the signed tickets of the scales."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency

from marketplace.edge.api.documents import CursorParameter, LimitParameter, view
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from tracking.weighings import queries
from tracking.weighings.tables import Weighing


class WeighingView(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket: what was weighed, when, where, and the proof; `unbound` says why it fits no trip."""

    id: UUID
    device_id: str
    site_id: UUID | None
    ticket_number: int
    plate: str
    kg: int
    at: datetime
    received_at: datetime
    trip_id: UUID | None
    manifest_id: UUID | None
    place: str | None
    role: str | None
    unbound: str | None
    previous_hash: str
    ticket_hash: str
    signature: str


class Weighings(Controller):
    """Tickets of the scales."""

    path = "/api/v1/weighings"
    tags = ("weighings",)

    @get("/", guards=[signed_in], sync_to_thread=True, operation_id="get_weighings")
    def weighings(
        self,
        request: Visit,
        door: NamedDependency[Door],
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[WeighingView]:
        """List the tickets the person may see, newest first."""
        with door.reading(request) as work:
            return page_of(
                work.session,
                queries.visible_to(work.who),
                Weighing.at,
                Weighing.id,
                lambda row: view(row, WeighingView),
                cursor=cursor,
                limit=limit,
            )
