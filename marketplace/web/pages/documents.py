"""How is a paper shown on a page, and who decides on it?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, MultipartBody, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.qualification import queries, service
from compliance.qualification.entering import WITH_LINES, Terms
from compliance.qualification.rules import SHEETS, DocumentKind, State, Subject
from compliance.qualification.scans import MOST_BYTES
from compliance.qualification.service import PARTY_ROLES, NewDocument
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.rules import LicenceKind, Mode
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reason_of, reasons_by_field
from marketplace.parties import service as parties
from marketplace.parties.document_api import scan_of
from marketplace.scans import store_of
from marketplace.web.forms import Form
from marketplace.web.pages.typed import kilograms
from marketplace.web.party_views import cautions, papers_of

HOME = "/documents"
OWN = requires(*PARTY_ROLES)
READS = requires(*PARTY_ROLES, Role.INSPECTOR, Role.OPERATOR)
OVERSEES = requires(Role.INSPECTOR, Role.OPERATOR)
WITH_CLASSES = frozenset({DocumentKind.DANGEROUS_GOODS_PERMIT, DocumentKind.VEHICLE_CERTIFICATE})


class DocumentForm(msgspec.Struct):
    """What the form of a paper sends, as typed."""

    subject: Subject = Subject.ORGANISATION
    subject_id: UUID | None = None
    kind: DocumentKind = DocumentKind.BUSINESS_LICENCE
    number: Annotated[str, msgspec.Meta(max_length=200)] = ""
    issued_by: Annotated[str, msgspec.Meta(max_length=200)] = ""
    valid_from: str = ""
    valid_to: str = ""
    modes: list[str] | str = msgspec.field(default_factory=list)
    classes: Annotated[str, msgspec.Meta(max_length=100)] = ""
    lines: Annotated[str, msgspec.Meta(max_length=20_000)] = ""
    total: Annotated[str, msgspec.Meta(max_length=40)] = ""
    scan: UploadFile | None = None

    def typed(self) -> dict[str, str]:
        """Return what was typed, for the form that comes back; a file has to be chosen again."""
        names = ("number", "issued_by", "valid_from", "valid_to", "classes", "lines", "total")
        ticked = [self.modes] if isinstance(self.modes, str) else self.modes
        return {name: getattr(self, name) for name in names} | {"modes": " ".join(ticked)}

    def terms(self) -> Terms:
        """Return what was typed of a licence; a line is a code and tonnes a year."""
        ticked = [self.modes] if isinstance(self.modes, str) else self.modes
        return Terms(
            tuple(mode for mode in Mode if mode.value in ticked),
            tuple(dict.fromkeys(self.classes.replace(",", " ").replace("，", " ").split())),
            tuple(_line(text) for text in self.lines.splitlines() if text.strip()),
            kilograms(self.total, "total_kg") if self.total.strip() else None,
        )


class ReasonForm(msgspec.Struct):
    """Why."""

    reason: Annotated[str, msgspec.Meta(max_length=400)] = ""


class Documents(Controller):
    """Papers 资质材料."""

    path = HOME
    include_in_schema = False

    @get("/", guards=[OVERSEES], sync_to_thread=True)
    def queue(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show what waits for a decision, the oldest first."""
        with door.reading(request) as work:
            rows = queries.waiting(work.session, work.who)
            owners = registry.organisations(work.session, {row.organisation_id for row in rows})
            return page(request, "parties/documents.html", papers=papers_of(work, rows), owners=owners)

    @get("/new", guards=[OWN], sync_to_thread=True)
    def form(
        self,
        request: Visit,
        door: NamedDependency[Door],
        subject: FromQuery[Subject] = Subject.ORGANISATION,
        subject_id: FromQuery[UUID | None] = None,
        kind: FromQuery[DocumentKind] = DocumentKind.BUSINESS_LICENCE,
    ) -> Response[str]:
        """Ask for a paper of the own organisation."""
        asked = DocumentForm(subject=subject, subject_id=subject_id, kind=kind)
        return _form(request, door, asked, Form())

    @post("/", guards=[OWN], sync_to_thread=True, request_max_body_size=MOST_BYTES + 200_000)
    def submit(
        self, request: Visit, door: NamedDependency[Door], data: MultipartBody[DocumentForm]
    ) -> Response[str] | Response[bytes]:
        """Show a paper; what is refused comes back as it was typed."""
        try:
            with door.work(request) as work:
                row = _submit(work, door, data)
        except DomainError as refusal:
            form = Form(data.typed(), reasons_by_field(refusal, reader(request)))
            return _form(request, door, data, form, refusal.status)
        return go(request, f"{HOME}/{row}", N_("Submitted. A reviewer compares it with the scan."))

    @get("/{document_id:uuid}", guards=[READS], sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], document_id: FromPath[UUID]) -> Response[str]:
        """Show one paper with what was decided on it."""
        return _one(request, door, document_id, Form())

    @get("/{document_id:uuid}/scan", guards=[READS], sync_to_thread=True)
    def scan(
        self, request: Visit, door: NamedDependency[Door], document_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Give the scan as it was uploaded."""
        return scan_of(door, request, document_id)

    @post("/{document_id:uuid}/accept", guards=[requires(Role.OPERATOR)], sync_to_thread=True)
    def accept(
        self,
        request: Visit,
        door: NamedDependency[Door],
        document_id: FromPath[UUID],
        data: URLEncodedBody[ReasonForm],
    ) -> Response[str] | Response[bytes]:
        """Accept a paper."""
        return _decided(
            request, door, document_id, lambda work: service.accept(work, document_id, data.reason)
        )

    @post("/{document_id:uuid}/return", guards=[requires(Role.OPERATOR)], sync_to_thread=True)
    def send_back(
        self,
        request: Visit,
        door: NamedDependency[Door],
        document_id: FromPath[UUID],
        data: URLEncodedBody[ReasonForm],
    ) -> Response[str] | Response[bytes]:
        """Give a paper back, and say what is wrong."""
        return _decided(
            request, door, document_id, lambda work: service.send_back(work, document_id, data.reason)
        )

    @post("/{document_id:uuid}/withdraw", guards=[OWN], sync_to_thread=True)
    def withdraw(
        self, request: Visit, door: NamedDependency[Door], document_id: FromPath[UUID]
    ) -> Response[str] | Response[bytes]:
        """Take back an own paper."""
        return _decided(request, door, document_id, lambda work: service.withdraw(work, document_id))

    @post("/{document_id:uuid}/revoke", guards=[OVERSEES], sync_to_thread=True)
    def revoke(
        self,
        request: Visit,
        door: NamedDependency[Door],
        document_id: FromPath[UUID],
        data: URLEncodedBody[ReasonForm],
    ) -> Response[str] | Response[bytes]:
        """Let an accepted paper no longer count, and say why."""
        return _decided(
            request, door, document_id, lambda work: service.revoke(work, document_id, data.reason)
        )


def _submit(work: Work, door: Door, data: DocumentForm) -> UUID:
    subject_id = data.subject_id or parties.own_organisation(work)
    about = parties.about(work, data.subject, subject_id)
    if data.scan is None:
        raise Invalid(N_("Choose the file with the scan."), field="scan")
    scan = service.keep_scan(work, store_of(door.settings), data.scan.file.read(), data.scan.filename)
    new = NewDocument(
        kind=data.kind,
        number=data.number,
        valid_from=_day(data.valid_from, "valid_from") or work.today,
        valid_to=_day(data.valid_to, "valid_to"),
        scan_sha256=scan.sha256,
        issued_by=data.issued_by[:80],
        terms=data.terms(),
    )
    return service.submit(work, about, new).id


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise Invalid(N_("Write a day such as 2026-11-20."), field=field) from None


def _line(text: str) -> tuple[str, int]:
    code, _, tonnes = text.strip().replace("\t", " ").replace("，", " ").partition(" ")
    return code.strip().upper(), kilograms(tonnes or "0", "lines")


def _form(request: Visit, door: Door, asked: DocumentForm, form: Form, status: int = 200) -> Response[str]:
    with door.reading(request) as work:
        subject_id = asked.subject_id or parties.own_organisation(work)
        about = parties.about(work, asked.subject, subject_id)
    sheet = SHEETS[asked.kind]
    return page(
        request,
        "parties/new_document.html",
        status,
        asked=asked,
        about=about,
        sheet=sheet,
        kinds=[one.kind for one in SHEETS.values() if one.subject is asked.subject],
        with_lines=sheet.becomes in WITH_LINES,
        with_classes=asked.kind in WITH_CLASSES,
        modes=tuple(Mode),
        hazardous=sheet.becomes not in {None, LicenceKind.CONTRACTOR},
        form=form,
    )


def _decided(
    request: Visit, door: Door, document_id: UUID, act: Callable[[Work], object]
) -> Response[str] | Response[bytes]:
    try:
        with door.work(request) as work:
            act(work)
    except Invalid as refusal:
        form = Form({}, reasons_by_field(refusal, reader(request)))
        return _one(request, door, document_id, form, refusal.status)
    return go(request, f"{HOME}/{document_id}", N_("Done; it is on the record."))


def _one(request: Visit, door: Door, document_id: UUID, form: Form, status: int = 200) -> Response[str]:
    with door.reading(request) as work:
        (paper,) = papers_of(work, [queries.document(work.session, document_id, work.who)])
        owner = registry.organisation(work.session, paper.row.organisation_id)
        scan = queries.scan(work.session, owner.id, paper.row.scan_sha256)
        own = work.who.organisation_id == owner.id
        told = [reason_of(one, reader(request)) for one in cautions(paper, work.today)]
        mine = any(one.person_id == work.who.person_id for one in paper.decisions)
        return page(
            request,
            "parties/document.html",
            status,
            paper=paper,
            owner=owner,
            scan=scan,
            cautions=told,
            may_decide=paper.waits and work.who.has(Role.OPERATOR) and not own and not mine,
            may_withdraw=paper.waits and own and work.who.has(*PARTY_ROLES),
            may_revoke=State(paper.row.state) is State.ACCEPTED and work.who.oversees,
            waits_for_second=mine and State(paper.row.state) is State.CHECKED,
            form=form,
        )


ROUTES: list[ControllerRouterHandler] = [Documents]
