"""Which vehicle carries what: how does a dispatcher see, change, re-plan, accept and take back the day?"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.serialization import encode_json
from litestar.types import ControllerRouterHandler

from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import Tone, go, go_back, page, reader
from marketplace.edge.problems import reasons_of
from marketplace.plans import asked, day, proposal, service
from marketplace.plans.board import way_out_view
from marketplace.plans.rules import LockKind, Urgency
from marketplace.roads.choice import distances_of
from marketplace.solves import asking
from marketplace.solves import queries as solve_queries
from marketplace.solves import service as solve_service
from marketplace.solves.rules import OVER, Kind, Limits, State
from marketplace.web.dispatch_views import Asked, desk_of
from marketplace.web.formats import format_fen
from marketplace.web.plan_words import words_for
from marketplace.web.translation import Language, translate

HOME = "/dispatch"
NO_WAY_OUT = N_("No single change would help.")
Text = Annotated[str, msgspec.Meta(max_length=20_000)]
Answer = Response[str] | Response[bytes]


class SolveForm(msgspec.Struct):
    """How long to search, and what moving one stop counts as."""

    seconds: Annotated[float, msgspec.Meta(gt=0, le=600)] = 20.0
    change_fen: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)] = 0


class AcceptForm(msgspec.Struct):
    """Which change is accepted, and on which day it was looked at; moves stand side by side, with commas."""

    mark: Annotated[str, msgspec.Meta(max_length=32)]
    moves: Text = ""
    solve: Text = ""


class LockForm(msgspec.Struct):
    """What is locked or unlocked; `next` is the query of the page to come back to."""

    kind: LockKind
    id: UUID
    locked: bool = False
    next: Text = ""


class UrgencyForm(msgspec.Struct):
    """How urgent a load is; `next` is the query of the page to come back to."""

    id: UUID
    level: Urgency
    next: Text = ""


class UndoForm(msgspec.Struct):
    """Which plan is taken back."""

    plan: UUID


class Dispatch(Controller):
    """The carrier's desk."""

    path = HOME
    include_in_schema = False
    guards = (requires(Role.DISPATCHER),)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the day, and beside it the change that the address names; to htmx the part alone."""
        wanted = asked_by(request)
        with door.reading(request) as work:
            desk = desk_of(work, wanted, reader(request), distances_of(door.settings))
            part = "hx-request" in request.headers and "hx-boosted" not in request.headers
            template = "dispatch/_board.html" if part else "dispatch/board.html"
            return page(request, template, desk=desk, refused=reasons_of(desk.refusal, reader(request)))

    @get("/cost", sync_to_thread=True)
    def cost(self, request: Visit, door: NamedDependency[Door]) -> Response[bytes]:
        """Say in a few words what the change would cost that the address names, before anything stays."""
        wanted, language = asked_by(request), reader(request)
        with door.reading(request) as work:
            desk = desk_of(work, wanted, language, distances_of(door.settings))
        if desk.refusal is not None:
            raise desk.refusal
        found = desk.proposal
        if found is None:
            raise Invalid(N_("A move is written load:vehicle, by their ids."), field="move")
        words = cost_words(found.saved_fen, found.metres_more, language, desk.cleaning_more)
        broken = " ".join(one.text for one in found.broken)
        told = {"words": broken or words, "fits": not found.broken, "fen": -found.saved_fen}
        return Response(encode_json(told), media_type="application/json")

    @get("/way-out", sync_to_thread=True)
    def way_out(self, request: Visit, door: NamedDependency[Door]) -> Answer:
        """Say what would have to give way for a load; without scripts the desk says it."""
        wanted, load = asked_by(request), _key(request.query_params.get("load", ""))
        if load is None:
            raise Invalid(N_("This move names no load or vehicle of the day."), field="load")
        with door.reading(request) as work:
            found = day.of(work, distances_of(door.settings))
            plan = asked.wanted(work, found, wanted.moves, wanted.solve)
            proposed = proposal.propose(found, plan.sequences, plan.left_out)
            words = words_for(found, reader(request))
            told = way_out_view(proposed.after, proposed.problem, load, words)
        if "hx-request" not in request.headers:
            query = wanted.query()
            return go(request, f"{HOME}?{query}" if query else HOME, told.text or NO_WAY_OUT, Tone.NOTE)
        return page(request, "dispatch/_way_out.html", way_out=told.text or NO_WAY_OUT)

    @get("/solve", sync_to_thread=True)
    def progress(self, request: Visit, door: NamedDependency[Door]) -> Answer:
        """Show how far the last solve is; once it has ended the page goes on to its answer."""
        with door.reading(request) as work:
            row = solve_queries.newest(work.session, work.who, Kind.PLAN_DAY)
            if row is None or State(row.state) in OVER:
                found = f"{HOME}?solve={row.id}" if row is not None and row.result else HOME
                return Response(b"", status_code=200, headers={"HX-Redirect": found})
            return page(request, "dispatch/_solve.html", solve=row)

    @post("/solves", sync_to_thread=True)
    def ask(self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[SolveForm]) -> Answer:
        """Ask for a new plan of the day."""
        roads = asked.measured(door, request)
        try:
            with door.work(request) as work:
                asking.ask(
                    work, Kind.PLAN_DAY, Limits(data.seconds), change_fen=data.change_fen, distances=roads
                )
        except DomainError as refusal:
            return _back(request, refusal)
        return go(request, HOME)

    @post("/solves/{solve_id:uuid}/cancel", sync_to_thread=True)
    def cancel(self, request: Visit, door: NamedDependency[Door], solve_id: FromPath[UUID]) -> Answer:
        """Stop the search."""
        try:
            with door.work(request) as work:
                solve_service.cancel(work, solve_id)
        except DomainError as refusal:
            return _back(request, refusal)
        return go(request, HOME, N_("The search was stopped. What it had found by then is offered here."))

    @post("/accept", sync_to_thread=True)
    def accept(self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[AcceptForm]) -> Answer:
        """Make the change so."""
        moves = tuple(filter(None, data.moves.split(",")))
        solve = _key(data.solve)
        roads = asked.measured(door, request)
        try:
            with door.work(request) as work:
                wanted = asked.wanted(work, day.of(work, roads), moves, solve, data.mark)
                service.accept(work, wanted, roads)
        except DomainError as refusal:
            return _back(request, refusal, Asked(moves, solve))
        return go(request, HOME, N_("Accepted: drivers see their new trips. You can take it back."))

    @post("/undo", sync_to_thread=True)
    def undo(self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[UndoForm]) -> Answer:
        """Take the last accepted plan back."""
        try:
            with door.work(request) as work:
                service.undo(work, data.plan)
        except DomainError as refusal:
            return _back(request, refusal)
        return go(
            request, HOME, N_("The former plan is back, except for loads that have set out or are locked.")
        )

    @post("/locks", sync_to_thread=True)
    def lock(self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[LockForm]) -> Answer:
        """Lock or unlock a load or a vehicle."""
        try:
            with door.work(request) as work:
                service.lock(work, data.kind, data.id, data.locked)
        except DomainError as refusal:
            return _back(request, refusal)
        return go(request, _again(data.next))

    @post("/urgency", sync_to_thread=True)
    def urgency(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[UrgencyForm]
    ) -> Answer:
        """Mark a load as urgent, or take the mark back."""
        try:
            with door.work(request) as work:
                service.mark_urgency(work, data.id, data.level)
        except DomainError as refusal:
            return _back(request, refusal)
        return go(request, _again(data.next))


def asked_by(request: Visit) -> Asked:
    """Return what a page's address asks to be shown; `load` and `to` are one more move, from a form."""
    query = request.query_params
    moves = [move for move in query.getall("move", []) if move]
    if query.get("load") and query.get("to"):
        moves.append(f"{query['load']}:{query['to']}")
    return Asked(tuple(moves), _key(query.get("solve", "")))


def cost_words(saved_fen: int, metres_more: int, language: Language, cleaning_fen: int = 0) -> str:
    """Say what a change costs or saves, in money and kilometres, and how much of that are cleanings."""
    km = f"{metres_more / 1000:+,.1f} km"
    amount = format_fen(abs(saved_fen), language)
    text = N_("saves {amount}, {km}") if saved_fen > 0 else N_("costs {amount} more, {km}")
    told = translate(language, text, amount=amount, km=km)
    if not cleaning_fen:
        return told
    more = (
        N_("fees for cleaning {amount} more") if cleaning_fen > 0 else N_("fees for cleaning {amount} less")
    )
    return f"{told}; {translate(language, more, amount=format_fen(abs(cleaning_fen), language))}"


def _key(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _again(query: str) -> str:
    """Return the desk's address with the query it was asked from."""
    return f"{HOME}?{query}" if _is_query(query) else HOME


def _is_query(text: str) -> bool:
    return bool(text) and text.isascii() and all(sign.isalnum() or sign in "=&:-" for sign in text)


def _back(request: Visit, refusal: DomainError, wanted: Asked | None = None) -> Response[bytes]:
    """Go back to the desk with the reason of a refusal."""
    query = wanted.query() if wanted is not None else ""
    return go_back(request, f"{HOME}?{query}" if query else HOME, refusal)


ROUTES: list[ControllerRouterHandler] = [Dispatch]
