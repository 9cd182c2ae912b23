"""Anchors and proofs over HTTP: what was published, and an event's way to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from compliance.anchors import queries
from compliance.anchors.tables import Anchor, AnchorStamp
from compliance.record.database import reading
from compliance.record.who import Role
from marketplace import anchoring, record_proofs
from marketplace.edge.api.documents import CursorParameter, LimitParameter
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.record_proofs import Proved, Standing


class StampView(msgspec.Struct, frozen=True, kw_only=True):
    """A time stamp (RFC 3161): the authority, whether it is a simulator, the moment, the answer in Base64."""

    authority: str
    simulated: bool
    at: datetime
    token: bytes


class AnchorView(msgspec.Struct, frozen=True, kw_only=True):
    """The head of the chain on a day, and the Merkle root (RFC 6962) of the events since the last one."""

    day: date
    first_seq: int
    last_seq: int
    head: str
    root: str
    previous: str
    digest: str
    at: datetime
    stamps: list[StampView]


class ProofView(msgspec.Struct, frozen=True, kw_only=True):
    """One event: whether it holds, what does not, and its way to the anchor to check it by oneself."""

    seq: int
    id: UUID
    kind: str
    at: datetime
    subject: UUID
    standing: Standing
    faults: list[str]
    proof: dict[str, Any] | None


class Anchors(Controller):
    """What is published of the record: hashes alone, for everybody."""

    path = "/api/v1/anchors"
    tags = ("record",)

    @get("/", sync_to_thread=True, operation_id="get_anchors")
    def anchors(
        self,
        door: NamedDependency[Door],
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[AnchorView]:
        """List the daily anchors, the newest first; keep a copy elsewhere to hold the record against."""
        with reading(door.engine) as session:
            part = page_of(
                session, queries.anchors(), Anchor.at, Anchor.id, lambda row: row, cursor=cursor, limit=limit
            )
            stamps = queries.stamps(session, [row.id for row in part.items])
            return Page([anchor_view(row, stamps.get(row.id, [])) for row in part.items], part.next)


class Proofs(Controller):
    """The proof of single records."""

    path = "/api/v1/proofs"
    tags = ("record",)
    guards = (requires(Role.INSPECTOR, Role.OPERATOR),)

    @get("/", sync_to_thread=True, operation_id="get_proofs")
    def proofs(
        self,
        request: Visit,
        door: NamedDependency[Door],
        record: Annotated[
            str,
            QueryParameter(
                max_length=60,
                description="an event's or a thing's id, a place on the chain, a manifest's number",
            ),
        ],
    ) -> list[ProofView]:
        """Prove every event that is named back to its anchor."""
        authority = anchoring.checker_of(door.settings)
        with door.reading(request) as work:
            found = record_proofs.look_up(work.session, record)
            return [proof_view(record_proofs.proved(work.session, one, authority)) for one in found]


def anchor_view(row: Anchor, stamps: list[AnchorStamp]) -> AnchorView:
    """Return an anchor as programs read it."""
    return AnchorView(
        day=row.day,
        first_seq=row.first_seq,
        last_seq=row.last_seq,
        head=row.head,
        root=row.root,
        previous=row.previous,
        digest=row.digest,
        at=row.at,
        stamps=[
            StampView(authority=one.authority, simulated=one.simulated, at=one.at, token=one.token)
            for one in stamps
        ],
    )


def proof_view(one: Proved) -> ProofView:
    """Return a proved event as programs read it."""
    event = one.recorded.event
    return ProofView(
        seq=one.recorded.seq,
        id=event.id,
        kind=event.kind,
        at=event.at,
        subject=event.subject,
        standing=one.standing,
        faults=list(one.faults),
        proof=one.proof,
    )
