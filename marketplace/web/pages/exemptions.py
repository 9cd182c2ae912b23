"""On which page is an exemption claimed, and decided on?"""

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

from compliance.catalogue import queries as catalogue
from compliance.exemptions import queries, service
from compliance.exemptions.rules import Stage
from compliance.exemptions.service import Decision, NewClaim
from compliance.qualification.scans import MOST_BYTES
from compliance.qualification.service import PARTY_ROLES, keep_scan
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.parties.exemptions_api import evidence_of
from marketplace.scans import store_of
from marketplace.web.forms import Form

HOME = "/exemptions"
OWN = requires(*PARTY_ROLES)
READS = requires(*PARTY_ROLES, Role.INSPECTOR, Role.OPERATOR)


class ClaimForm(msgspec.Struct):
    """A claim, as typed; `line` is the number of the line and its stage, such as `54 利用`."""

    code: Annotated[str, msgspec.Meta(max_length=20)] = ""
    line: Annotated[str, msgspec.Meta(max_length=20)] = ""
    statement: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    only_from: Annotated[str, msgspec.Meta(max_length=40)] = ""
    evidence: UploadFile | None = None


class DecisionForm(msgspec.Struct):
    """A decision, as typed."""

    granted: str = ""
    reason: Annotated[str, msgspec.Meta(max_length=400)] = ""
    valid_to: str = ""


class ExemptionPages(Controller):
    """Exemptions 豁免."""

    path = HOME
    include_in_schema = False

    @get("/", guards=[READS], sync_to_thread=True)
    def listed(self, request: Visit, door: NamedDependency[Door], code: FromQuery[str] = "") -> Response[str]:
        """Show the claims, and the lines that may concern a code."""
        return _list(request, door, Form({"code": code[:20]}))

    @post("/", guards=[OWN], sync_to_thread=True, request_max_body_size=MOST_BYTES + 200_000)
    def claim(
        self, request: Visit, door: NamedDependency[Door], data: MultipartBody[ClaimForm]
    ) -> Response[str] | Response[bytes]:
        """Claim an exemption with its evidence."""
        typed = {name: getattr(data, name) for name in ("code", "line", "statement", "only_from")}
        try:
            with door.work(request) as work:
                service.claim(work, _meant(work, door, data))
        except DomainError as refusal:
            form = Form(typed, reasons_by_field(refusal, reader(request)))
            return _list(request, door, form, refusal.status)
        return go(request, HOME, N_("Claimed. It counts once an inspector has granted it."))

    @get("/{claim_id:uuid}/evidence", guards=[READS], sync_to_thread=True)
    def evidence(
        self, request: Visit, door: NamedDependency[Door], claim_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Give the evidence as it was uploaded."""
        return evidence_of(door, request, claim_id)

    @post("/{claim_id:uuid}/decision", guards=[requires(Role.INSPECTOR)], sync_to_thread=True)
    def decide(
        self,
        request: Visit,
        door: NamedDependency[Door],
        claim_id: FromPath[UUID],
        data: URLEncodedBody[DecisionForm],
    ) -> Response[str] | Response[bytes]:
        """Grant or refuse a claim."""

        def act(work: Work) -> None:
            last = _day(data.valid_to)
            service.decide(work, claim_id, Decision(data.granted == "yes", data.reason, valid_to=last))

        return _moved(request, door, act)

    @post("/{claim_id:uuid}/withdraw", guards=[OWN], sync_to_thread=True)
    def withdraw(
        self, request: Visit, door: NamedDependency[Door], claim_id: FromPath[UUID]
    ) -> Response[str] | Response[bytes]:
        """Take back an own claim."""
        return _moved(request, door, lambda work: service.withdraw(work, claim_id))

    @post("/{claim_id:uuid}/revoke", guards=[requires(Role.INSPECTOR)], sync_to_thread=True)
    def revoke(
        self,
        request: Visit,
        door: NamedDependency[Door],
        claim_id: FromPath[UUID],
        data: URLEncodedBody[DecisionForm],
    ) -> Response[str] | Response[bytes]:
        """Let a granted exemption no longer count."""
        return _moved(request, door, lambda work: service.revoke(work, claim_id, data.reason))


def _meant(work: Work, door: Door, data: ClaimForm) -> NewClaim:
    number, _, stage = data.line.partition(" ")
    if not number.isdecimal() or stage not in set(Stage):
        raise Invalid(N_("Choose the line on which you rely."), field="line")
    content = data.evidence.file.read() if data.evidence is not None else b""
    if not content or data.evidence is None:
        raise Invalid(N_("Choose the file with the evidence."), field="evidence")
    scan = keep_scan(work, store_of(door.settings), content, data.evidence.filename)
    mover = registry.by_uscc(work.session, data.only_from) if data.only_from.strip() else None
    return NewClaim(
        int(number), data.code, Stage(stage), data.statement, scan.sha256, mover.id if mover else None
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise Invalid(N_("Write a day such as 2026-11-20."), field="valid_to") from None


def _moved(request: Visit, door: Door, act: Callable[[Work], object]) -> Response[str] | Response[bytes]:
    try:
        with door.work(request) as work:
            act(work)
    except Invalid as refusal:
        errors = reasons_by_field(refusal, reader(request))
        told = [one for reasons in errors.values() for one in reasons]
        return _list(request, door, Form({}, {"": told}), refusal.status)
    return go(request, HOME, N_("Done; it is on the record."))


def _list(request: Visit, door: Door, form: Form, status: int = 200) -> Response[str]:
    with door.reading(request) as work:
        rows = queries.listed(work.session, work.who)
        named = {row.organisation_id for row in rows} | {row.only_from for row in rows if row.only_from}
        code = form.values.get("code", "")
        return page(
            request,
            "parties/exemptions.html",
            status,
            rows=rows,
            parties=registry.organisations(work.session, named),
            lines=catalogue.exemption_lines_for(work.session, code, work.today) if code else [],
            may_claim=work.who.has(*PARTY_ROLES),
            may_decide=work.who.has(Role.INSPECTOR),
            form=form,
        )


ROUTES: list[ControllerRouterHandler] = [ExemptionPages]
