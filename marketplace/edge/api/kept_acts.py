"""Acts signed without signal over HTTP: hand them in, see both versions, decide."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from compliance.record.work import Work
from compliance.signing_keys.tables import SigningKey
from marketplace.edge import problems
from marketplace.edge.api.documents import Reason, told
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.terminals import hand_in
from marketplace.web.translation import Language, language_of, translate
from tracking.kept_acts import decisions, queries, service
from tracking.kept_acts.rules import Outcome, State
from tracking.kept_acts.service import Item
from tracking.kept_acts.tables import KeptAct

Value = str | int | None


class Decision(StrEnum):
    """What a person decides between the two versions."""

    KEEP_MINE = Outcome.KEEP_MINE.value
    KEEP_THEIRS = Outcome.KEEP_THEIRS.value
    AS_CORRECTION = Outcome.AS_CORRECTION.value


class SignedItem(msgspec.Struct, forbid_unknown_fields=True):
    """One statement to the letter as the terminal signed it, and the signature in hexadecimal."""

    statement: Annotated[str, msgspec.Meta(min_length=2, max_length=4000)]
    signature: Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{128}$")]


class HandedIn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a terminal signed since it was last heard, in the order of its chain."""

    key_id: UUID
    items: Annotated[list[SignedItem], msgspec.Meta(min_length=1, max_length=50)]


class NewDecision(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which version is kept, and why."""

    decision: Decision
    reason: Annotated[Reason, msgspec.Meta(min_length=1)]


class DifferenceView(msgspec.Struct, frozen=True):
    """One field that was no longer what the terminal showed."""

    field: str
    seen: Value
    found: Value


class KeptActView(msgspec.Struct, frozen=True, kw_only=True):
    """One act as it was signed, the manifest as it met it, and what became of it."""

    id: UUID
    key_id: UUID
    seq: int
    hash: str
    statement: str
    signature: str
    person_id: UUID
    person_name: str
    organisation_id: UUID
    act: str
    manifest_id: UUID
    trip_id: UUID | None
    number: str
    signed_at: datetime
    acted_at: datetime
    received_at: datetime
    state: State
    seen: dict[str, Value]
    found: dict[str, Value]
    differences: list[DifferenceView]
    reasons: list[problems.Reason]
    decided_by: str
    decided_at: datetime | None
    decision: str
    reason: str


class ChainHead(msgspec.Struct, frozen=True):
    """Where a key's chain stands."""

    seq: int
    hash: str


class TakenIn(msgspec.Struct, frozen=True):
    """What became of each act that was handed in, and where the chain stands now."""

    head: ChainHead
    items: list[KeptActView]


def kept_view(row: KeptAct, language: Language) -> KeptActView:
    """Return a kept act with its reasons in the reader's language."""
    names = [name for name in KeptActView.__struct_fields__ if name not in {"differences", "reasons"}]
    found = {name: getattr(row, name) for name in names}
    differing = [DifferenceView(one.field, one.seen, one.found) for one in service.changed(row)]
    reasons = [reason_view(one, language) for one in row.reasons]
    return msgspec.convert({**found, "differences": differing, "reasons": reasons}, KeptActView)


def reason_view(stored: dict[str, str], language: Language) -> problems.Reason:
    """Return one stored reason in a language."""
    values = json.loads(stored["values"])
    text, article, way_out = stored["text"], stored["article"], stored["way_out"]
    return problems.Reason(
        detail=translate(language, text, **values),
        code=stored["code"],
        rule=stored["rule"],
        article=translate(language, article) if article else "",
        way_out=translate(language, way_out, **values) if way_out else "",
    )


def taken_in(key: SigningKey, rows: Sequence[KeptAct], language: Language) -> TakenIn:
    """Return the answer to a terminal."""
    return TakenIn(ChainHead(key.last_seq, key.last_hash), [kept_view(row, language) for row in rows])


class KeptActs(Controller):
    """What was signed without signal."""

    path = "/api/v1/kept-acts"
    tags = ("kept acts",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="list_kept_acts")
    def listed(
        self,
        request: Visit,
        door: NamedDependency[Door],
        open_only: Annotated[bool, QueryParameter(name="open", description="only what is undecided")] = False,
    ) -> list[KeptActView]:
        """List the newest kept acts that concern the person."""
        with door.reading(request) as work:
            rows = queries.kept_acts(work.session, work.who, open_only=open_only)
            return [kept_view(row, language_of(request)) for row in rows]

    @get("/{kept_id:uuid}", sync_to_thread=True, operation_id="get_kept_act")
    def one(self, request: Visit, door: NamedDependency[Door], kept_id: FromPath[UUID]) -> KeptActView:
        """Show one kept act: what was signed, what it met, and the difference."""
        with door.reading(request) as work:
            return kept_view(queries.kept_act(work.session, kept_id, work.who), language_of(request))

    @post(
        "/",
        guards=[keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="hand_in_kept_acts",
        responses=told(TakenIn, 200),
    )
    def hand_in(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[HandedIn]
    ) -> Response[bytes]:
        """Hand in what a terminal signed: verified, in order, each as of its own time and once."""

        def act(work: Work) -> TakenIn:
            items = [Item(one.statement, one.signature) for one in data.items]
            key, rows = hand_in(door, work, data.key_id, items)
            work.session.flush()
            return taken_in(key, rows, language_of(request))

        return door.once(request, act, status=200)

    @post(
        "/{kept_id:uuid}/decision",
        guards=[keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="decide_kept_act",
        responses=told(KeptActView, 200),
    )
    def decide(
        self,
        request: Visit,
        door: NamedDependency[Door],
        kept_id: FromPath[UUID],
        data: JSONBody[NewDecision],
    ) -> Response[bytes]:
        """Decide between the two versions; the signer's office or the operator does, with a reason."""

        def act(work: Work) -> KeptActView:
            row = queries.kept_act(work.session, kept_id, work.who, locked=True)
            decisions.decide(work, row, Outcome(data.decision.value), data.reason)
            work.session.flush()
            return kept_view(row, language_of(request))

        return door.once(request, act, status=200)
