"""Which editions of the catalogue are in force, and how does the operator bring an official file in?"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody
from litestar.types import ControllerRouterHandler

from compliance.catalogue import editions, exemption_lists, queries
from compliance.catalogue.editions import Preview
from compliance.catalogue.importing import MOST_BYTES, Wanted, sha256
from compliance.catalogue.rules import Kind, Listing
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.scans import store_of
from marketplace.web.forms import Form

HOME = "/catalogue"
MOST_SHOWN = 200
Short = Annotated[str, msgspec.Meta(max_length=120)]


class ImportForm(msgspec.Struct):
    """What the form sends: a file, or the hash of the one that was looked at before."""

    edition: Short = ""
    kind: Kind = Kind.HAZARDOUS
    listing: Listing = Listing.CODES
    valid_from: Short = ""
    part: str = ""
    name: Short = ""
    held: Annotated[str, msgspec.Meta(max_length=64)] = ""
    file: UploadFile | None = None

    def wanted(self) -> Wanted:
        """Return the edition that the form names."""
        try:
            first = date.fromisoformat(self.valid_from.strip())
        except ValueError:
            raise Invalid(N_("Write a day such as 2026-11-20."), field="valid_from") from None
        return Wanted(self.edition.strip(), self.kind, first, complete=not self.part, listing=self.listing)


class CataloguePage(Controller):
    """Editions of the catalogue 名录版本."""

    path = HOME
    include_in_schema = False

    @get("/", guards=[requires(Role.INSPECTOR, Role.OPERATOR)], sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the editions and the imports."""
        return _shown(request, door, Form())

    @post(
        "/preview",
        guards=[requires(Role.OPERATOR)],
        sync_to_thread=True,
        request_max_body_size=MOST_BYTES + 100_000,
    )
    def preview(
        self, request: Visit, door: NamedDependency[Door], data: MultipartBody[ImportForm]
    ) -> Response[str]:
        """Show what a file would change; the file is kept for the import that may follow."""
        try:
            wanted, (content, name) = data.wanted(), _file(door, data)
            with door.reading(request) as work:
                seen = editions.preview(work.session, content, wanted)
        except DomainError as refusal:
            return _refused(request, door, data, refusal)
        held = store_of(door.settings).put(content)
        return _shown(request, door, Form(_typed(data) | {"held": held, "name": name}), seen)

    @post(
        "/import",
        guards=[requires(Role.OPERATOR)],
        sync_to_thread=True,
        request_max_body_size=MOST_BYTES + 100_000,
    )
    def apply(
        self, request: Visit, door: NamedDependency[Door], data: MultipartBody[ImportForm]
    ) -> Response[str] | Response[bytes]:
        """Let the file that was looked at be an edition of the catalogue."""
        try:
            wanted, (content, name) = data.wanted(), _file(door, data)
            with door.work(request) as work:
                editions.apply(work, content, wanted, name)
        except DomainError as refusal:
            return _refused(request, door, data, refusal)
        return go(request, HOME, N_("Imported. What it replaced is kept for the way back."))

    @post("/imports/{import_id:uuid}/rollback", guards=[requires(Role.OPERATOR)], sync_to_thread=True)
    def roll_back(
        self, request: Visit, door: NamedDependency[Door], import_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Put back what an import replaced."""
        with door.work(request) as work:
            editions.roll_back(work, import_id)
        return go(request, HOME, N_("The edition is as it was before."))


def _file(door: Door, data: ImportForm) -> tuple[bytes, str]:
    """Return the file that was sent, or the one that was looked at before, with its name."""
    content = data.file.file.read() if data.file is not None else b""
    if content and data.file is not None:
        return content, data.file.filename
    if not data.held:
        raise Invalid(N_("Choose the file with the list."), field="file")
    kept = store_of(door.settings).get(data.held)
    assert sha256(kept) == data.held
    return kept, data.name


def _typed(data: ImportForm) -> dict[str, str]:
    return {
        "edition": data.edition,
        "kind": data.kind.value,
        "listing": data.listing.value,
        "valid_from": data.valid_from,
        "part": data.part,
        "name": data.name,
        "held": data.held,
    }


def _refused(request: Visit, door: Door, data: ImportForm, refusal: DomainError) -> Response[str]:
    form = Form(_typed(data), reasons_by_field(refusal, reader(request)))
    return _shown(request, door, form, None, refusal.status)


def _shown(
    request: Visit, door: Door, form: Form, seen: Preview | None = None, status: int = 200
) -> Response[str]:
    with door.reading(request) as work:
        return page(
            request,
            "parties/catalogue.html",
            status,
            editions=queries.editions(work.session),
            imports=editions.imports(work.session),
            kinds=tuple(Kind),
            listings=tuple(Listing),
            exemptions=exemption_lists.counts(work.session),
            seen=seen,
            most=MOST_SHOWN,
            form=form,
        )


ROUTES: list[ControllerRouterHandler] = [CataloguePage]
