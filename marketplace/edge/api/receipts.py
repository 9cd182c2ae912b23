"""Receipts over HTTP: accept a load with its quantity, or refuse it with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.manifests import queries as manifests
from compliance.receipts import queries, service
from compliance.receipts.rules import Aspect, Looked, State
from compliance.record.errors import NotFound
from compliance.record.work import Work
from marketplace.edge.api.documents import Kilograms, Reason, told, versioned, view
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed

Differs = Annotated[
    dict[Aspect, Reason],
    msgspec.Meta(description="what differs from the manifest, with a note each; the other aspects agree"),
]


class Acceptance(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The accepted mass; where it is not the whole load, a reason and what differs (M10, M12)."""

    accepted_kg: Kilograms
    reason: Reason = ""
    differs: Differs = {}


class Refusal(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why the load is not taken, and what differs; who stands in for a closed receiver names only why."""

    reason: Annotated[Reason, msgspec.Meta(min_length=1)]
    differs: Differs = {}


class ReceiptView(msgspec.Struct, frozen=True, kw_only=True):
    """What arrived, by both ends' scales."""

    id: UUID
    version: int
    manifest_id: UUID
    deal_id: UUID
    receiver_id: UUID
    state: State
    sender_kg: int
    receiver_kg: int
    receiver_typed: bool
    """The receiver's net was typed by leave, not weighed."""
    accepted_kg: int | None
    within_tolerance: bool
    tolerance_kg: int | None
    tolerance_parts: dict[str, object] | None
    reason: str
    weighing_ids: list[UUID]
    created_at: datetime
    signed_at: datetime | None


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a manifest whose load was refused."""

    manifest_id: UUID
    state: str
    reason: str


class Receipts(Controller):
    """What arrived under one manifest."""

    path = "/api/v1/manifests/{manifest_id:uuid}/receipt"
    tags = ("receipts",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="get_receipt")
    def receipt(
        self, request: Visit, door: NamedDependency[Door], manifest_id: FromPath[UUID]
    ) -> Response[ReceiptView]:
        """Show the receipt, once both ends have weighed."""
        with door.reading(request) as work:
            row = queries.of_manifest(
                work.session, manifests.manifest(work.session, manifest_id, work.who).id
            )
            if row is None:
                raise NotFound("receipt", manifest_id)
            return versioned(view(row, ReceiptView), row.version)

    @post(
        "/sign",
        guards=[keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="sign_receipt",
        responses=told(ReceiptView, 200),
    )
    def sign(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[Acceptance],
    ) -> Response[bytes]:
        """Accept the load, whole or in part, and confirm it: the receiver, or who has leave to stand in."""

        def act(work: Work) -> ReceiptView:
            row = manifests.manifest(work.session, manifest_id, work.who)
            receipt = service.sign(work, row, data.accepted_kg, data.reason, Looked(data.differs))
            work.session.flush()
            return view(receipt, ReceiptView)

        return door.once(request, act, status=200)

    @post(
        "/refuse",
        guards=[keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="refuse_load",
        responses=told(Refused, 200),
    )
    def refuse(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[Refusal],
    ) -> Response[bytes]:
        """Refuse the load with a reason: it goes back. The receiver, or who has leave to stand in."""

        def act(work: Work) -> Refused:
            row = manifests.manifest(work.session, manifest_id, work.who)
            service.refuse(work, row, data.reason, Looked(data.differs) if data.differs else None)
            return Refused(manifest_id=row.id, state=row.state, reason=data.reason)

        return door.once(request, act, status=200)
