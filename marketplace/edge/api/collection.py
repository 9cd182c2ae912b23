"""Collection over HTTP: points, what is handed in there, and lots made up of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from compliance.collection import queries, service
from compliance.collection.rules import Giver, HandInDraft, PointKind
from compliance.collection.tables import CollectionPoint, HandIn
from compliance.record.database import reading
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace import collected
from marketplace.edge.api.documents import MOST_FEN, CursorParameter, Grams, LimitParameter, told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.pages import reader
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.lots import queries as lots
from marketplace.lots.tables import Lot
from marketplace.web.profile_views import MadeUp, made_up

READS = requires(Role.PRODUCER, Role.INSPECTOR, Role.OPERATOR)
COLLECTS = requires(Role.PRODUCER)
Short = Annotated[str, msgspec.Meta(max_length=60)]
Text = Annotated[str, msgspec.Meta(max_length=200)]
PointParameter = Annotated[UUID | None, QueryParameter(name="point", description="one collection point")]
LotParameter = Annotated[UUID | None, QueryParameter(name="lot", description="one lot that holds them")]


class NewPoint(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A collection point, and the own site to which its goods are brought."""

    name: Short
    kind: PointKind
    site_id: UUID
    address: Text = ""


class PointView(msgspec.Struct, frozen=True, kw_only=True):
    """A collection point as it stands."""

    id: UUID
    organisation_id: UUID
    site_id: UUID
    name: str
    kind: PointKind
    address: str
    created_at: datetime
    closed_at: datetime | None


class NewHandIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is handed in; a household is not named, a shop or office is."""

    point_id: UUID
    code: Annotated[str, msgspec.Meta(max_length=20)]
    grams: Grams
    taken_at: datetime
    giver: Giver = Giver.HOUSEHOLD
    giver_name: Short = ""
    paid_fen: Annotated[int, msgspec.Meta(ge=0, le=MOST_FEN, description="what was paid for it, fen")] = 0
    note: Text = ""


class HandInView(msgspec.Struct, frozen=True, kw_only=True):
    """A hand-in as it stands; `receipt` is the code by which whoever gave it can follow it."""

    id: UUID
    receipt: str
    organisation_id: UUID
    point_id: UUID
    site_id: UUID
    code: str
    waste_name: str
    grams: int
    giver: Giver
    giver_name: str
    paid_fen: int
    note: str
    taken_at: datetime
    created_at: datetime
    voided_at: datetime | None
    void_reason: str
    lot_id: UUID | None


class Voiding(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why a hand-in is void."""

    reason: Text


class StockView(msgspec.Struct, frozen=True, kw_only=True):
    """What waits at one site of one code, grams."""

    organisation_id: UUID
    site_id: UUID
    code: str
    waste_name: str
    count: int
    grams: int
    oldest: datetime


class WayView(msgspec.Struct, frozen=True, kw_only=True):
    """One load of the lot that holds a hand-in; of the receiver only its district is told."""

    state: str
    mode: str
    place: str
    since: datetime


class Traced(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a hand-in."""

    receipt: str
    code: str
    waste_name: str
    grams: int
    taken_at: datetime
    point: str
    void: bool
    held_by_a_lot: bool
    ways: list[WayView]


class CollectionPoints(Controller):
    """Where things are handed in."""

    path = "/api/v1/collection-points"
    tags = ("collection",)
    guards = (READS,)

    @get("/", sync_to_thread=True, operation_id="get_collection_points")
    def points(
        self,
        request: Visit,
        door: NamedDependency[Door],
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[PointView]:
        """List the own house's points, or all for who oversees, newest first."""
        with door.reading(request) as work:
            columns = CollectionPoint.created_at, CollectionPoint.id
            made = queries.points(work.who)
            return page_of(work.session, made, *columns, _point, cursor=cursor, limit=limit)

    @post(
        "/",
        guards=[COLLECTS, keyed],
        sync_to_thread=True,
        operation_id="open_collection_point",
        responses=told(PointView),
    )
    def open(self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewPoint]) -> Response[bytes]:
        """Open a collection point."""

        def act(work: Work) -> PointView:
            return _point(service.open_point(work, data.name, data.kind, data.site_id, data.address))

        return door.once(request, act)

    @post(
        "/{point_id:uuid}/close",
        guards=[COLLECTS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="close_collection_point",
        responses=told(PointView, 200),
    )
    def close(self, request: Visit, door: NamedDependency[Door], point_id: FromPath[UUID]) -> Response[bytes]:
        """Close a point; what was handed in there stays on record."""
        return door.once(request, lambda work: _point(service.close_point(work, point_id)), status=200)


class HandIns(Controller):
    """What is handed in."""

    path = "/api/v1/hand-ins"
    tags = ("collection",)
    guards = (READS,)

    @get("/", sync_to_thread=True, operation_id="get_hand_ins")
    def hand_ins(
        self,
        request: Visit,
        door: NamedDependency[Door],
        point: PointParameter = None,
        lot: LotParameter = None,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[HandInView]:
        """List hand-ins, newest first; those of a point or of a lot alone where one is named."""
        with door.reading(request) as work:
            found = queries.hand_ins(work.who)
            found = found if point is None else found.where(HandIn.point_id == point)
            found = found if lot is None else found.where(HandIn.lot_id == lot)
            columns = HandIn.created_at, HandIn.id
            return page_of(work.session, found, *columns, _hand_in, cursor=cursor, limit=limit)

    @get("/stock", sync_to_thread=True, operation_id="get_collected_stock")
    def stock(self, request: Visit, door: NamedDependency[Door]) -> list[StockView]:
        """Add up what waits to become part of a lot, by site and code, the longest waiting first."""
        with door.reading(request) as work:
            return [view(one, StockView) for one in queries.stock(work.session, work.who)]

    @post(
        "/",
        guards=[COLLECTS, keyed],
        sync_to_thread=True,
        operation_id="take_hand_in",
        responses=told(HandInView),
    )
    def take(self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewHandIn]) -> Response[bytes]:
        """Take in what somebody hands in."""
        draft = HandInDraft(**msgspec.structs.asdict(data))
        return door.once(request, lambda work: _hand_in(service.take_in(work, draft)))

    @post(
        "/{hand_in_id:uuid}/void",
        guards=[COLLECTS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="void_hand_in",
        responses=told(HandInView, 200),
    )
    def void(
        self,
        request: Visit,
        door: NamedDependency[Door],
        hand_in_id: FromPath[UUID],
        data: JSONBody[Voiding],
    ) -> Response[bytes]:
        """Void a hand-in that was entered wrongly; it stays on record with the reason."""
        return door.once(
            request, lambda work: _hand_in(service.void(work, hand_in_id, data.reason)), status=200
        )


class LotCollected(Controller):
    """What a lot is made up of."""

    path = "/api/v1/lots/{lot_id:uuid}/collected"
    tags = ("collection",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="get_lot_collected")
    def shown(self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID]) -> MadeUp:
        """Tell what of a lot hand-ins account for."""
        with door.reading(request) as work:
            return made_up(work, lots.lot(work.session, lot_id, work.who), reader(request))

    @post(
        "/",
        guards=[COLLECTS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="make_up_lot",
        responses=told(MadeUp, 200),
    )
    def fill(self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID]) -> Response[bytes]:
        """Let the lot hold what waits at its site of its code, the oldest first, up to its mass."""
        return _changed(request, door, lambda work: collected.make_up(work, lot_id))

    @post(
        "/release",
        guards=[COLLECTS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="take_lot_apart",
        responses=told(MadeUp, 200),
    )
    def release(self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID]) -> Response[bytes]:
        """Take the hand-ins out of the lot again, while nothing of it is under way."""
        return _changed(request, door, lambda work: collected.take_apart(work, lot_id))


class Receipts(Controller):
    """What became of a hand-in, for whoever holds its receipt."""

    path = "/api/v1/collected"
    tags = ("collection",)

    @get("/{code:str}", sync_to_thread=True, operation_id="trace_hand_in")
    def traced(self, door: NamedDependency[Door], code: FromPath[str]) -> Traced:
        """Tell what became of a hand-in; the 12 characters of the receipt are all that is asked."""
        with reading(door.engine) as session:
            found = collected.trace(session, code)
        row = found.row
        return Traced(
            receipt=row.receipt,
            code=row.code,
            waste_name=row.waste_name,
            grams=row.grams,
            taken_at=row.taken_at,
            point=found.point.name,
            void=row.voided_at is not None,
            held_by_a_lot=row.lot_id is not None,
            ways=[view(one, WayView) for one in found.ways],
        )


def _point(row: CollectionPoint) -> PointView:
    return view(row, PointView)


def _hand_in(row: HandIn) -> HandInView:
    return view(row, HandInView)


def _changed(request: Visit, door: Door, change: Callable[[Work], Lot]) -> Response[bytes]:
    """Change what a lot is made up of, once, and tell what hand-ins account for afterwards."""
    language = reader(request)
    return door.once(request, lambda work: made_up(work, change(work), language), status=200)


ROUTES = (CollectionPoints, HandIns, LotCollected, Receipts)
