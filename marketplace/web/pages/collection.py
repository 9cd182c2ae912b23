"""How are collection points kept, hand-ins taken in, and a receipt followed?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.collection import queries, service
from compliance.collection.rules import Giver, HandInDraft, PointKind, plain
from compliance.collection.tables import CollectionPoint, HandIn
from compliance.record.database import reading
from compliance.record.errors import N_, DomainError, Invalid, NotFound
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from marketplace import collected
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, go_back, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.web.forms import Form
from marketplace.web.pages.typed import decimal, moment
from marketplace.web.qr import inline_svg

T = TypeVar("T")
HOME = "/collection"
RECEIPT = "/collected"
SHOWN = 100
READS = requires(Role.PRODUCER, Role.INSPECTOR, Role.OPERATOR)
COLLECTS = requires(Role.PRODUCER)
Text = Annotated[str, msgspec.Meta(max_length=200)]
Answer = Response[str] | Response[bytes]


class PointForm(msgspec.Struct):
    """A new collection point as typed."""

    name: Text = ""
    kind: Text = "station"
    site: Text = ""
    address: Text = ""


class HandInForm(msgspec.Struct):
    """A hand-in as typed: kilograms with up to three places, yuan with up to two."""

    point: Text = ""
    code: Text = ""
    kg: Text = ""
    taken_at: Text = ""
    giver: Text = "from_household"
    giver_name: Text = ""
    paid: Text = ""
    note: Text = ""


class VoidForm(msgspec.Struct):
    """Why a hand-in is void."""

    reason: Text = ""


class Collection(Controller):
    """Collection 回收."""

    path = HOME
    include_in_schema = False
    guards = (READS,)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show what waits, the points, the last hand-ins, and the forms of both for who collects."""
        with door.reading(request) as work:
            return _home(request, work, Form(), Form())

    @post("/points", guards=[COLLECTS], sync_to_thread=True)
    def open(self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[PointForm]) -> Answer:
        """Open a collection point; a refusal comes back with what was typed."""

        def act(work: Work) -> str:
            site = _chosen(UUID, data.site, "site")
            kind = _chosen(PointKind, data.kind, "kind")
            return service.open_point(work, data.name, kind, site, data.address).name

        try:
            with door.work(request) as work:
                name = act(work)
        except DomainError as refusal:
            return _refused(request, door, refusal, point=data)
        return go(request, HOME, N_("Point {name} is open."), name=name)

    @post("/points/{point_id:uuid}/close", guards=[COLLECTS], sync_to_thread=True)
    def close(self, request: Visit, door: NamedDependency[Door], point_id: FromPath[UUID]) -> Response[bytes]:
        """Close a point."""
        with door.work(request) as work:
            name = service.close_point(work, point_id).name
        return go(request, HOME, N_("Point {name} is closed."), name=name)

    @post("/hand-ins", guards=[COLLECTS], sync_to_thread=True)
    def take(self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[HandInForm]) -> Answer:
        """Take in what somebody hands in, and show its receipt."""
        try:
            with door.work(request) as work:
                receipt = service.take_in(work, _draft(work, data)).receipt
        except DomainError as refusal:
            return _refused(request, door, refusal, hand_in=data)
        return go(request, f"{RECEIPT}/{receipt}", N_("Taken in. Show or print the receipt."))

    @post("/hand-ins/{hand_in_id:uuid}/void", guards=[COLLECTS], sync_to_thread=True)
    def void(
        self,
        request: Visit,
        door: NamedDependency[Door],
        hand_in_id: FromPath[UUID],
        data: URLEncodedBody[VoidForm],
    ) -> Response[bytes]:
        """Void a hand-in that was entered wrongly."""
        done = N_("Void. It stays on record with the reason.")
        return _acted(request, door, HOME, done, lambda work: service.void(work, hand_in_id, data.reason))


class LotCollected(Controller):
    """What a lot is made up of."""

    path = "/lots/{lot_id:uuid}/collected"
    include_in_schema = False
    guards = (COLLECTS,)

    @post("/", sync_to_thread=True)
    def fill(self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID]) -> Response[bytes]:
        """Let the lot hold what waits, the oldest first."""
        done = N_("The lot is made up of what waited, the oldest first.")
        return _acted(request, door, f"/lots/{lot_id}", done, lambda work: collected.make_up(work, lot_id))

    @post("/release", sync_to_thread=True)
    def release(self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID]) -> Response[bytes]:
        """Take the hand-ins out of the lot again."""
        done = N_("The hand-ins wait for another lot.")
        return _acted(request, door, f"/lots/{lot_id}", done, lambda work: collected.take_apart(work, lot_id))


class Receipts(Controller):
    """A hand-in's receipt, for whoever holds its code: nobody needs to sign in."""

    path = RECEIPT
    include_in_schema = False

    @get("/", sync_to_thread=True)
    def ask(self, request: Visit) -> Answer:
        """Ask for the code of a receipt, or go to it."""
        code = plain(request.query_params.get("code", ""))
        if code.isalnum() and code.isascii():
            return go(request, f"{RECEIPT}/{code}")
        return page(request, "collection/ask.html", form=Form())

    @get("/{code:str}", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door], code: FromPath[str]) -> Response[str]:
        """Show what became of a hand-in, with a QR code that leads back here."""
        try:
            with reading(door.engine) as session:
                found = collected.trace(session, code)
        except NotFound as refusal:
            form = Form({"code": code[:20]}, {"code": reasons_by_field(refusal, reader(request))[""]})
            return page(request, "collection/ask.html", refusal.status, form=form)
        address = f"{str(request.base_url).rstrip('/')}{RECEIPT}/{found.row.receipt}"
        return page(request, "collection/receipt.html", found=found, picture=inline_svg(address))


def _draft(work: Work, data: HandInForm) -> HandInDraft:
    grams = decimal(data.kg, "kg") * 1000
    fen = decimal(data.paid or "0", "paid") * 100
    if grams != int(grams):
        raise Invalid(N_("A hand-in is weighed to the gram: three places after the point."), field="kg")
    if fen != int(fen):
        raise Invalid(N_("What was paid has at most two places after the point."), field="paid")
    return HandInDraft(
        point_id=_chosen(UUID, data.point, "point"),
        code=data.code,
        grams=int(grams),
        taken_at=moment(data.taken_at, "taken_at") if data.taken_at.strip() else work.now,
        giver=_chosen(Giver, data.giver, "giver"),
        giver_name=data.giver_name,
        paid_fen=int(fen),
        note=data.note,
    )


def _chosen(kind: Callable[[str], T], text: str, field: str) -> T:
    try:
        return kind(text)
    except ValueError:
        raise Invalid(N_("Choose one of those shown."), field=field) from None


def _acted(
    request: Visit, door: Door, back: str, done: str, act: Callable[[Work], object]
) -> Response[bytes]:
    try:
        with door.work(request) as work:
            act(work)
    except DomainError as refusal:
        return go_back(request, back, refusal)
    return go(request, back, done)


def _refused(
    request: Visit,
    door: Door,
    refusal: DomainError,
    point: PointForm | None = None,
    hand_in: HandInForm | None = None,
) -> Response[str]:
    errors = reasons_by_field(refusal, reader(request))
    typed = [Form() if one is None else Form(msgspec.to_builtins(one), errors) for one in (point, hand_in)]
    with door.reading(request) as work:
        return _home(request, work, typed[0], typed[1], refusal.status)


def _home(
    request: Visit, work: Work, point_form: Form, hand_in_form: Form, status: int = 200
) -> Response[str]:
    session, who = work.session, work.who
    made = queries.points(who).order_by(CollectionPoint.closed_at.is_not(None), CollectionPoint.name)
    points = session.scalars(made.limit(SHOWN)).all()
    last = queries.hand_ins(who).order_by(HandIn.created_at.desc(), HandIn.id.desc())
    rows, stock = session.scalars(last.limit(SHOWN)).all(), queries.stock(session, who)
    sites = {one.site_id for one in points} | {one.site_id for one in stock}
    owners = {one.organisation_id for one in points} | {one.organisation_id for one in stock}
    return page(
        request,
        "collection/home.html",
        status,
        points=points,
        open_points=[one for one in points if one.closed_at is None],
        rows=rows,
        stock=stock,
        sites=registry.sites(session, sites),
        own_sites=registry.sites_visible_to(session, who) if who.has(Role.PRODUCER) else [],
        owners=registry.organisations(session, owners),
        names=queries.names(session, {row.point_id for row in rows}),
        kinds=list(PointKind),
        givers=list(Giver),
        point_form=point_form,
        hand_in_form=hand_in_form,
        may_collect=who.has(Role.PRODUCER),
        oversees=who.oversees,
    )


ROUTES: list[ControllerRouterHandler] = [Collection, LotCollected, Receipts]
