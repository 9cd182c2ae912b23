"""Papers over HTTP: what is printed of a load, as PDF, and everything that proves it, as one ZIP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from compliance.manifests import queries as manifests
from compliance.papers.typesetting import sheet_pdf
from compliance.record.work import Work
from marketplace.edge.api.documents import told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.pages import reader
from marketplace.papers import evidence, labels, manifest, receipt, ticket
from marketplace.papers.labels import Containers
from marketplace.papers.manifest import Story
from marketplace.papers.reading import Reader
from marketplace.scans import store_of
from marketplace.web.pages import manifests as manifest_pages
from marketplace.web.pages import weighings as weighing_pages
from marketplace.web.translation import Language
from tracking.weighings import prints as ticket_prints
from tracking.weighings import queries as weighings
from tracking.weighings.tables import Weighing

PDF, ZIP = "application/pdf", "application/zip"
LanguageParameter = Annotated[
    Language | None, QueryParameter(name="lang", description="language of the paper; else the reader's own")
]
Words = Annotated[str, QueryParameter(max_length=60)]
NAMED = ResponseHeader(name="Content-Disposition", description="the file's name", documentation_only=True)


class PrintView(msgspec.Struct, frozen=True, kw_only=True):
    """One print of a ticket: where (`gate` or `server`), which copy of all that are known, by whom."""

    id: UUID
    place: ticket_prints.Place
    copy: int
    by: str
    at: datetime


def file_of(content: bytes, name: str, kind: str = PDF) -> Response[bytes]:
    """Return a file under a name; a PDF is shown, anything else is saved."""
    way = "inline" if kind == PDF else "attachment"
    return Response(content, media_type=kind, headers={"Content-Disposition": f'{way}; filename="{name}"'})


def reads(request: Visit, language: Language | None) -> Reader:
    """Return who reads the paper: in the language asked for, else in the reader's own."""
    return Reader(language or reader(request))


class ManifestPapers(Controller):
    """What is printed of a load."""

    path = "/api/v1/manifests/{manifest_id:uuid}"
    tags = ("papers",)
    guards = (signed_in,)

    @get(
        "/manifest.pdf",
        sync_to_thread=True,
        operation_id="print_manifest",
        media_type=PDF,
        response_headers=[NAMED],
    )
    def manifest(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Print a manifest: its fields by party, weighings, signatures; it says whose number it carries."""
        reading = reads(request, language)
        with door.reading(request) as work:
            told = _story(work, manifest_id)
            sheet = manifest.sheet(reading, told, _qr(request, told), work.now)
        return file_of(sheet_pdf(sheet), f"manifest-{_name(told)}.pdf")

    @get(
        "/receipt.pdf",
        sync_to_thread=True,
        operation_id="print_receipt",
        media_type=PDF,
        response_headers=[NAMED],
    )
    def receipt(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Print the receipt of a load: both nets, what they may differ, what was taken."""
        reading = reads(request, language)
        with door.reading(request) as work:
            told = _story(work, manifest_id)
            sheet = receipt.sheet(reading, told, _qr(request, told), work.now)
        return file_of(sheet_pdf(sheet), f"receipt-{_name(told)}.pdf")

    @get(
        "/labels.pdf",
        sync_to_thread=True,
        operation_id="print_labels",
        media_type=PDF,
        response_headers=[NAMED],
    )
    def labels(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        litres: Annotated[int, QueryParameter(description="volume of one container; it sets the size (G6)")],
        kg: Annotated[int, QueryParameter(description="net mass of one container")],
        serial: Annotated[int, QueryParameter(description="the first container's serial of that day")] = 1,
        count: Annotated[int, QueryParameter(description="how many containers alike")] = 1,
        made_on: Annotated[date | None, QueryParameter(description="day of production; today")] = None,
        waste_name: Words = "",
        form: Words = "",
        main: Words = "",
        harmful: Words = "",
        cautions: Words = "",
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Print the labels of a load's containers (HJ 1276-2022), each with its 37-digit code."""
        asked = Containers(litres, kg, serial, count, waste_name, form, main, harmful, cautions, made_on)
        with door.reading(request) as work:
            told = _story(work, manifest_id)
            content = labels.of_load(reads(request, language), told, asked, work.now, work.today)
        return file_of(content, f"labels-{_name(told)}.pdf")

    @get(
        "/bundle.zip",
        sync_to_thread=True,
        operation_id="get_evidence",
        media_type=ZIP,
        response_headers=[NAMED],
    )
    def bundle(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Pack a load's papers with events, signatures, tickets, and a script that checks them offline."""
        with door.reading(request) as work:
            told = _story(work, manifest_id)
            tickets = {
                str(row.id): ticket_qr(request, row) for end in told.custody.scales for row in end.tickets
            }
            addresses = evidence.Addresses(_qr(request, told), tickets)
            reading, store = reads(request, language), store_of(door.settings)
            content = evidence.of_load(work, reading, told, addresses, store)
        return file_of(content, f"evidence-{_name(told)}.zip", ZIP)


class WeighingPapers(Controller):
    """What is printed of a weighing."""

    path = "/api/v1/weighings/{weighing_id:uuid}"
    tags = ("papers",)
    guards = (signed_in,)

    @get(
        "/ticket.pdf",
        sync_to_thread=True,
        operation_id="print_ticket",
        media_type=PDF,
        response_headers=[NAMED],
    )
    def ticket(
        self,
        request: Visit,
        door: NamedDependency[Door],
        weighing_id: FromPath[UUID],
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Show a weigh ticket as PDF, to read: it says that it is no numbered print."""
        return _ticket(request, door, weighing_id, None, reads(request, language))

    @get("/prints", sync_to_thread=True, operation_id="get_ticket_prints")
    def prints(
        self, request: Visit, door: NamedDependency[Door], weighing_id: FromPath[UUID]
    ) -> list[PrintView]:
        """List the prints of a ticket, at the gate and here."""
        with door.reading(request) as work:
            row = weighings.weighing(work.session, weighing_id, work.who)
            return [view(one, PrintView) for one in ticket_prints.of(work.session, row)]

    @post(
        "/prints",
        guards=[keyed],
        sync_to_thread=True,
        operation_id="record_ticket_print",
        responses=told(PrintView),
    )
    def record(
        self, request: Visit, door: NamedDependency[Door], weighing_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Note one more print: the first is the original, each later one a copy with its number."""

        def act(work: Work) -> PrintView:
            row = weighings.weighing(work.session, weighing_id, work.who)
            return view(ticket_prints.record(work, row), PrintView)

        return door.once(request, act)

    @get(
        "/prints/{print_id:uuid}/ticket.pdf",
        sync_to_thread=True,
        operation_id="print_ticket_copy",
        media_type=PDF,
        response_headers=[NAMED],
    )
    def printed(
        self,
        request: Visit,
        door: NamedDependency[Door],
        weighing_id: FromPath[UUID],
        print_id: FromPath[UUID],
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Give the paper of a print that was noted here; it says whether it is the original or which copy."""
        return _ticket(request, door, weighing_id, print_id, reads(request, language))


def _ticket(
    request: Visit, door: Door, weighing_id: UUID, print_id: UUID | None, reading: Reader
) -> Response[bytes]:
    """Set a ticket with the instrument behind it and what proves it, checked just now."""
    with door.reading(request) as work:
        row = weighings.weighing(work.session, weighing_id, work.who)
        made = ticket_prints.one(work.session, row, print_id) if print_id is not None else None
        found = weighing_pages.ticket(work, row, store_of(door.settings))
        sheet = ticket.sheet(reading, found, ticket_qr(request, row), work.now, made)
    copy = f"-{made.copy}" if made is not None else ""
    return file_of(sheet_pdf(sheet), f"ticket-{found.row.device_id}-{found.row.ticket_number}{copy}.pdf")


def _story(work: Work, manifest_id: UUID) -> Story:
    return manifest.story(work, manifests.manifest(work.session, manifest_id, work.who))


def _qr(request: Visit, told: Story) -> str:
    return manifest_pages.qr_text(request, told.manifest, told.custody.document_hash)


def ticket_qr(request: Visit, row: Weighing) -> str:
    """Return what a ticket's QR code says: its address, its scale and number, its hash."""
    base = str(request.base_url).rstrip("/")
    return "\n".join((f"{base}/weighings/{row.id}", f"{row.device_id} #{row.ticket_number}", row.ticket_hash))


def _name(told: Story) -> str:
    return told.manifest.number or str(told.manifest.id)
