"""Importing a catalogue over HTTP: look at the difference, import, take back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter, RawBody

from compliance.catalogue import editions
from compliance.catalogue.editions import Preview
from compliance.catalogue.importing import MOST_BYTES, Wanted
from compliance.catalogue.rules import Kind, Listing
from compliance.record.who import Role
from marketplace.edge.api.documents import told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed

EditionName = Annotated[str, QueryParameter(max_length=12, description="such as HW2025")]
FirstDay = Annotated[date, QueryParameter(name="from", description="the first day in force")]
FileName = Annotated[str, QueryParameter(max_length=120, description="the file's name")]
ROOM = MOST_BYTES + 100_000


class ChangeView(msgspec.Struct, frozen=True, kw_only=True):
    """One field of one code, or one line of the exemption list, that the file words otherwise."""

    code: str
    field: str
    before: str
    after: str


class PreviewView(msgspec.Struct, frozen=True, kw_only=True):
    """What a file would change; `ends` is the edition whose last day becomes the day before."""

    edition: str
    listing: Listing
    valid_from: date
    rows: int
    ends: str
    added: list[str]
    removed: list[str]
    changed: list[ChangeView]
    confirmed: int


class ImportView(msgspec.Struct, frozen=True, kw_only=True):
    """One import, with the hash of its file; rolled back or standing."""

    id: UUID
    edition: str
    kind: Kind
    listing: Listing
    valid_from: date
    file_name: str
    file_sha256: str
    rows: int
    added: int
    changed: int
    removed: int
    at: datetime
    rolled_back_at: datetime | None


class ImportList(msgspec.Struct, frozen=True, kw_only=True):
    """Imports, the newest first."""

    items: list[ImportView]


def preview_view(seen: Preview) -> PreviewView:
    """Return a preview as programs read it."""
    return PreviewView(
        edition=seen.wanted.edition,
        listing=seen.wanted.listing,
        valid_from=seen.wanted.valid_from,
        rows=len(seen.rows),
        ends=seen.ends,
        added=list(seen.difference.added),
        removed=list(seen.difference.removed),
        changed=[view(one, ChangeView) for one in seen.difference.changed],
        confirmed=seen.difference.confirmed,
    )


class CatalogueImports(Controller):
    """Editions, and their exemption lists, from an administrator's official file."""

    path = "/api/v1/catalogue/imports"
    tags = ("catalogue",)

    @get(
        "/",
        guards=[requires(Role.INSPECTOR, Role.OPERATOR)],
        sync_to_thread=True,
        operation_id="list_imports",
    )
    def imports(self, request: Visit, door: NamedDependency[Door]) -> ImportList:
        """List the imports of all editions."""
        with door.reading(request) as work:
            return ImportList(items=[view(row, ImportView) for row in editions.imports(work.session)])

    @post(
        "/preview",
        guards=[requires(Role.OPERATOR), keyed],
        sync_to_thread=True,
        status_code=200,
        request_max_body_size=ROOM,
        operation_id="preview_import",
        responses=told(PreviewView, 200),
    )
    def preview(
        self,
        request: Visit,
        door: NamedDependency[Door],
        body: RawBody,
        edition: EditionName,
        valid_from: FirstDay,
        kind: FromQuery[Kind] = Kind.HAZARDOUS,
        listing: FromQuery[Listing] = Listing.CODES,
        *,
        complete: FromQuery[bool] = True,
    ) -> Response[bytes]:
        """Tell what a file would change and store nothing; the body is the file, CSV or XLSX."""
        wanted = Wanted(edition, kind, valid_from, complete=complete, listing=listing)
        return door.once(
            request, lambda work: preview_view(editions.preview(work.session, body, wanted)), status=200
        )

    @post(
        "/",
        guards=[requires(Role.OPERATOR), keyed],
        sync_to_thread=True,
        request_max_body_size=ROOM,
        operation_id="import_catalogue",
        responses=told(ImportView),
    )
    def apply(
        self,
        request: Visit,
        door: NamedDependency[Door],
        body: RawBody,
        edition: EditionName,
        valid_from: FirstDay,
        kind: FromQuery[Kind] = Kind.HAZARDOUS,
        name: FileName = "",
        listing: FromQuery[Listing] = Listing.CODES,
        *,
        complete: FromQuery[bool] = True,
    ) -> Response[bytes]:
        """Let a file be an edition's list of codes or its exemption list; the body is the CSV or XLSX."""
        wanted = Wanted(edition, kind, valid_from, complete=complete, listing=listing)
        return door.once(request, lambda work: view(editions.apply(work, body, wanted, name), ImportView))

    @post(
        "/{import_id:uuid}/rollback",
        guards=[requires(Role.OPERATOR), keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="roll_import_back",
        responses=told(ImportView, 200),
    )
    def roll_back(
        self, request: Visit, door: NamedDependency[Door], import_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Put back what the newest import of an edition replaced."""
        return door.once(
            request, lambda work: view(editions.roll_back(work, import_id), ImportView), status=200
        )
