"""Documents over HTTP: upload a scan, show a paper, decide on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter, RawBody

from compliance.qualification import queries, service
from compliance.qualification.scans import JPEG, MOST_BYTES, PDF, PNG, checked
from compliance.qualification.tables import Document
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.api.documents import told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.parties import service as parties
from marketplace.parties.wire import (
    DocumentList,
    DocumentView,
    DocumentWanted,
    Said,
    ScanView,
    document_view,
    document_views,
)
from marketplace.scans import store_of

OWN = requires(Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER)
READS = requires(Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER, Role.INSPECTOR, Role.OPERATOR)
DECIDES = requires(Role.OPERATOR)
OVERSEES = requires(Role.INSPECTOR, Role.OPERATOR)
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png"}


class Scans(Controller):
    """Scans of papers."""

    path = "/api/v1/scans"
    tags = ("documents",)

    @post(
        "/",
        guards=[signed_in, keyed],
        sync_to_thread=True,
        operation_id="upload_scan",
        request_max_body_size=MOST_BYTES + 100_000,
        responses=told(ScanView),
    )
    def upload(
        self,
        request: Visit,
        door: NamedDependency[Door],
        body: RawBody,
        name: Annotated[str, QueryParameter(max_length=120, description="the file's name")] = "",
    ) -> Response[bytes]:
        """Keep a scan or a photo: the body is the file itself, PDF, JPEG or PNG of at most 10 MB."""
        store = store_of(door.settings)
        return door.once(request, lambda work: view(service.keep_scan(work, store, body, name), ScanView))


class Documents(Controller):
    """Papers of organisations, people and vehicles."""

    path = "/api/v1/documents"
    tags = ("documents",)

    @post(
        "/",
        guards=[OWN, keyed],
        sync_to_thread=True,
        operation_id="submit_document",
        responses=told(DocumentView),
    )
    def submit(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[DocumentWanted]
    ) -> Response[bytes]:
        """Show a paper of the own organisation, one of its people or vehicles; a reviewer decides on it."""

        def act(work: Work) -> DocumentView:
            subject_id = data.subject_id or parties.own_organisation(work)
            about = parties.about(work, data.subject, subject_id)
            return document_view(work, service.submit(work, about, data.meant()))

        return door.once(request, act)

    @get("/", guards=[READS], sync_to_thread=True, operation_id="list_documents")
    def mine(
        self,
        request: Visit,
        door: NamedDependency[Door],
        *,
        waiting: FromQuery[bool] = False,
        organisation: FromQuery[UUID | None] = None,
    ) -> DocumentList:
        """List an organisation's documents, by default the own one's; `waiting`: those to be decided on."""
        with door.reading(request) as work:
            owner = organisation or work.who.organisation_id
            if waiting:
                rows = queries.waiting(work.session, work.who)
            elif owner is None:
                rows = []
            else:
                rows = queries.of_organisation(work.session, owner, work.who)
            return DocumentList(items=document_views(work, rows))

    @get("/{document_id:uuid}", guards=[READS], sync_to_thread=True, operation_id="get_document")
    def one(self, request: Visit, door: NamedDependency[Door], document_id: FromPath[UUID]) -> DocumentView:
        """Show one document with what was decided on it."""
        with door.reading(request) as work:
            return document_view(work, queries.document(work.session, document_id, work.who))

    @get("/{document_id:uuid}/scan", guards=[READS], sync_to_thread=True, operation_id="get_scan")
    def scan(
        self, request: Visit, door: NamedDependency[Door], document_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Give the scan of a document as it was uploaded."""
        return scan_of(door, request, document_id)

    @post(
        "/{document_id:uuid}/accept",
        guards=[DECIDES, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="accept_document",
        responses=told(DocumentView, 200),
    )
    def accept(
        self, request: Visit, door: NamedDependency[Door], document_id: FromPath[UUID], data: JSONBody[Said]
    ) -> Response[bytes]:
        """Accept a document; a hazardous-waste licence counts once two different reviewers have."""
        return _decided(request, door, lambda work: service.accept(work, document_id, data.reason))

    @post(
        "/{document_id:uuid}/return",
        guards=[DECIDES, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="return_document",
        responses=told(DocumentView, 200),
    )
    def send_back(
        self, request: Visit, door: NamedDependency[Door], document_id: FromPath[UUID], data: JSONBody[Said]
    ) -> Response[bytes]:
        """Give a document back to its party, and say what is wrong with it."""
        return _decided(request, door, lambda work: service.send_back(work, document_id, data.reason))

    @post(
        "/{document_id:uuid}/withdraw",
        guards=[OWN, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="withdraw_document",
        responses=told(DocumentView, 200),
    )
    def withdraw(
        self, request: Visit, door: NamedDependency[Door], document_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Take back an own document on which nobody has decided yet."""
        return _decided(request, door, lambda work: service.withdraw(work, document_id))

    @post(
        "/{document_id:uuid}/revoke",
        guards=[OVERSEES, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="revoke_document",
        responses=told(DocumentView, 200),
    )
    def revoke(
        self, request: Visit, door: NamedDependency[Door], document_id: FromPath[UUID], data: JSONBody[Said]
    ) -> Response[bytes]:
        """Let an accepted document no longer count from today on, and say why."""
        return _decided(request, door, lambda work: service.revoke(work, document_id, data.reason))


def _decided(request: Visit, door: Door, act: Callable[[Work], Document]) -> Response[bytes]:
    return door.once(request, lambda work: document_view(work, act(work)), status=200)


def scan_of(door: Door, request: Visit, document_id: UUID) -> Response[bytes]:
    """Return a document's scan as it was uploaded."""
    with door.reading(request) as work:
        row = queries.document(work.session, document_id, work.who)
    return file_of(door, row.scan_sha256, row.kind)


def file_of(door: Door, sha256: str, name: str) -> Response[bytes]:
    """Return an uploaded file as one to keep: a browser neither guesses its type nor runs it."""
    data = store_of(door.settings).get(sha256)
    media_type = checked(data).media_type
    headers = {
        "Content-Disposition": f'attachment; filename="{name}-{sha256[:12]}.{ENDINGS[media_type]}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(data, media_type=media_type, headers=headers)
