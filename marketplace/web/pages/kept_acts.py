"""What was signed without signal and met something else, and which version is kept?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.manifests import queries as manifests
from compliance.manifests.seals import MASSES
from compliance.manifests.tables import Manifest
from compliance.record.errors import N_, DomainError, Invalid, NotFound
from compliance.record.work import Work
from compliance.registry import queries as registry
from marketplace.edge.api.kept_acts import HandedIn, TakenIn, reason_view, taken_in
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import Reason, reasons_by_field
from marketplace.edge.terminals import hand_in
from tracking.kept_acts import decisions, queries, service
from tracking.kept_acts.rules import SHOWN, Outcome, State, correctable
from tracking.kept_acts.service import Item
from tracking.kept_acts.tables import Fields, KeptAct

CLOCKS_AGREE = timedelta(minutes=2)
"""A terminal's clock may be so far off before the page says so."""
_MASSES = frozenset(field.value for field in MASSES)
_PLACES = frozenset({"carrier", "receiver", "destination"})
_WORDS = frozenset({"mode", "state"})


class DecisionForm(msgspec.Struct):
    """What the form beside the two versions sends."""

    decision: str = ""
    reason: Annotated[str, msgspec.Meta(max_length=400)] = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One field of both versions, as a person reads it; `kind` is mass, word or text."""

    field: str
    seen: str | int | None
    found: str | int | None
    kind: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Versions:
    """A kept act with both versions, what stood against it, and what this person may decide."""

    row: KeptAct
    manifest: Manifest
    lines: tuple[Line, ...]
    reasons: tuple[Reason, ...]
    may_decide: bool
    may_correct: bool
    clock_off: bool


class KeptActs(Controller):
    """Acts that were signed without signal."""

    path = "/kept-acts"
    include_in_schema = False
    guards = (signed_in,)

    @get("/", sync_to_thread=True)
    def listed(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """List what was signed without signal, the undecided first."""
        with door.reading(request) as work:
            rows = queries.kept_acts(work.session, work.who)
            waiting = [row for row in rows if row.state in {State.CONFLICT, State.WAITING}]
            others = [row for row in rows if row not in waiting]
            return page(request, "kept_acts/list.html", rows=[*waiting, *others])

    @post("/", sync_to_thread=True, status_code=200)
    def take(self, request: Visit, door: NamedDependency[Door], data: JSONBody[HandedIn]) -> TakenIn:
        """Take in what a terminal signed without signal; the same act again changes nothing."""
        with door.work(request) as work:
            items = [Item(one.statement, one.signature) for one in data.items]
            key, rows = hand_in(door, work, data.key_id, items)
            work.session.flush()
            return taken_in(key, rows, reader(request))

    @get("/{kept_id:uuid}", sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], kept_id: FromPath[UUID]) -> Response[str]:
        """Show both versions side by side."""
        return self._shown(request, door, kept_id)

    @post("/{kept_id:uuid}/decision", sync_to_thread=True)
    def decide(
        self,
        request: Visit,
        door: NamedDependency[Door],
        kept_id: FromPath[UUID],
        data: URLEncodedBody[DecisionForm],
    ) -> Response[str] | Response[bytes]:
        """Keep the one or the other; what is refused even so comes back on the page."""
        try:
            with door.work(request) as work:
                row = queries.kept_act(work.session, kept_id, work.who, locked=True)
                decisions.decide(work, row, _decision(data.decision), data.reason)
        except NotFound:
            raise
        except DomainError as refusal:
            return self._shown(request, door, kept_id, refusal, data.reason)
        return go(request, f"/kept-acts/{kept_id}", N_("Your decision is on record."))

    def _shown(
        self,
        request: Visit,
        door: Door,
        kept_id: UUID,
        refusal: DomainError | None = None,
        reason: str = "",
    ) -> Response[str]:
        refused = reasons_by_field(refusal, reader(request)) if refusal else {}
        with door.reading(request) as work:
            row = queries.kept_act(work.session, kept_id, work.who)
            return page(
                request,
                "kept_acts/one.html",
                refusal.status if refusal else 200,
                both=versions(work, row, request),
                refused=[one for several in refused.values() for one in several],
                reason=reason,
            )


def _decision(text: str) -> Outcome:
    try:
        return Outcome(text)
    except ValueError:
        raise Invalid(N_("Choose what is to be kept."), field="decision") from None


def versions(work: Work, row: KeptAct, request: Visit) -> Versions:
    """Gather what the page of a kept act shows."""
    differing = service.changed(row)
    undecided = row.state == State.CONFLICT
    return Versions(
        row=row,
        manifest=manifests.manifest(work.session, row.manifest_id, work.who),
        lines=_lines(work, row),
        reasons=tuple(reason_view(one, reader(request)) for one in row.reasons),
        may_decide=undecided and decisions.may_decide(work.who, row),
        may_correct=bool(correctable(differing)),
        clock_off=abs(row.signed_at - row.acted_at) > CLOCKS_AGREE,
    )


def _lines(work: Work, row: KeptAct) -> tuple[Line, ...]:
    differing = {one.field for one in service.changed(row)}
    names = _names(work, row.seen, row.found)

    def shown(fields: Fields, name: str) -> str | int | None:
        value = fields.get(name)
        if name == "stated" and value:
            return f"{str(value)[:12]}…"
        return names.get(str(value), value) if name in _PLACES else value

    return tuple(
        Line(name, shown(row.seen, name), shown(row.found, name), _kind(name), name in differing)
        for name in ("state", *SHOWN)
    )


def _kind(name: str) -> str:
    return "mass" if name in _MASSES else "word" if name in _WORDS else "text"


def _names(work: Work, *versions: Fields) -> dict[str, str]:
    ids = {UUID(str(fields[name])) for fields in versions for name in _PLACES if fields.get(name)}
    houses = {str(key): one.name for key, one in registry.organisations(work.session, ids).items()}
    return houses | {str(key): one.name for key, one in registry.sites(work.session, ids).items()}


ROUTES: list[ControllerRouterHandler] = [KeptActs]
