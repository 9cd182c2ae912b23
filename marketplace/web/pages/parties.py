"""What is there to know of one party, and how full are the licences?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.qualification import queries as documents
from compliance.qualification import quotas
from compliance.qualification.rules import Subject, checklist_of
from compliance.qualification.tables import Document
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry import standing
from compliance.registry.rules import QuotaPolicy
from compliance.registry.standing import Order
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.parties import dossier, risk
from marketplace.parties.dossier import Narrowed, Reach
from marketplace.web.analysis_views import bounds_of
from marketplace.web.event_words import EVENT_WORDS
from marketplace.web.forms import Form
from marketplace.web.pages.manifest_list import sound
from marketplace.web.party_views import Check, papers_of, suspension_on, trade_checks

PER_PAGE = 50
OVERSEES = requires(Role.INSPECTOR, Role.OPERATOR)


class ReasonForm(msgspec.Struct):
    """Why."""

    reason: Annotated[str, msgspec.Meta(max_length=400)] = ""


class PolicyForm(msgspec.Struct):
    """Per cent of a year, as typed."""

    warn_percent: str = ""
    block_percent: str = ""
    alarm_percent: str = ""


def _narrowed(request: Visit) -> Narrowed:
    """Read how a part is narrowed from the address; what cannot be read narrows nothing."""
    asked = request.query_params

    def on(name: str) -> date | None:
        try:
            return date.fromisoformat(asked.get(name, ""))
        except ValueError:
            return None

    return Narrowed(asked.get("state", "")[:24], on("since"), on("until"))


def _query(narrowed: Narrowed) -> str:
    said = {"state": narrowed.state, "since": narrowed.since or "", "until": narrowed.until or ""}
    return urlencode({name: str(value) for name, value in said.items() if value})


class Parties(Controller):
    """One party, one file 一企一人一档."""

    path = "/parties"
    include_in_schema = False

    @get("/{party_id:uuid}", guards=[signed_in], sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], party_id: FromPath[UUID]) -> Response[str]:
        """Show all of a company or a person that the reader may see."""
        return _shown(request, door, party_id, Form())

    @get("/{party_id:uuid}/parts/{key:str}", guards=[signed_in], sync_to_thread=True)
    def part(
        self, request: Visit, door: NamedDependency[Door], party_id: FromPath[UUID], key: FromPath[str]
    ) -> Response[str]:
        """Show the whole of one part of a file, page by page."""
        cursor = request.query_params.get("cursor", "")
        with door.reading(request) as work:
            found = dossier.party(work, party_id)
            at = cursor if key == dossier.TIMELINE else sound(cursor)
            narrowed = _narrowed(request)
            shown = dossier.section(work, found, key, at, PER_PAGE, narrowed)
            return page(
                request,
                "parties/part.html",
                found=found,
                section=shown,
                states=dossier.states(work, found, key),
                narrowed=narrowed,
                query=_query(narrowed),
                event_words=EVENT_WORDS,
                begun=bool(at),
            )

    @get("/{party_id:uuid}/risk", guards=[OVERSEES], sync_to_thread=True)
    def risk(self, request: Visit, door: NamedDependency[Door], party_id: FromPath[UUID]) -> Response[str]:
        """Show what speaks against a company now, alone: it takes a look at all its loads of the year."""
        with door.reading(request) as work:
            found = dossier.company(work, party_id)
            alone = "hx-request" in request.headers
            return page(
                request,
                "parties/_risk.html" if alone else "parties/risk.html",
                found=found,
                risk=risk.of_company(work, found, bounds_of(door.settings)),
                least_loads=risk.LEAST_LOADS,
                today=work.today,
            )

    @post("/{party_id:uuid}/suspend", guards=[OVERSEES], sync_to_thread=True)
    def suspend(
        self,
        request: Visit,
        door: NamedDependency[Door],
        party_id: FromPath[UUID],
        data: URLEncodedBody[ReasonForm],
    ) -> Response[str] | Response[bytes]:
        """Let a company not act from today on."""

        def act(work: Work) -> None:
            standing.suspend(work, party_id, Order(data.reason, work.today))

        return _ordered(request, door, party_id, act, N_("Suspended from today on: every gate refuses."))

    @post("/{party_id:uuid}/lift", guards=[OVERSEES], sync_to_thread=True)
    def lift(
        self,
        request: Visit,
        door: NamedDependency[Door],
        party_id: FromPath[UUID],
        data: URLEncodedBody[ReasonForm],
    ) -> Response[str] | Response[bytes]:
        """Let a suspended company act again."""

        def act(work: Work) -> None:
            standing.lift(work, party_id, data.reason)

        return _ordered(request, door, party_id, act, N_("It may act again."))


class Quotas(Controller):
    """Yearly quantities 年许可量."""

    path = "/quotas"
    include_in_schema = False

    @get("/", guards=[requires(Role.PROCESSOR, Role.INSPECTOR, Role.OPERATOR)], sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show a processor its licences, and those who oversee all that have reached the warning."""
        return _quotas(request, door, Form())

    @post("/policy", guards=[requires(Role.OPERATOR)], sync_to_thread=True)
    def policy(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[PolicyForm]
    ) -> Response[str] | Response[bytes]:
        """Set at how many per cent of a year is warned, blocked and alarmed."""
        try:
            wanted = QuotaPolicy(*(_percent(getattr(data, name), name) for name in data.__struct_fields__))
            with door.work(request) as work:
                standing.set_quota_policy(work, wanted)
        except Invalid as refusal:
            typed = {name: str(value) for name, value in msgspec.to_builtins(data).items()}
            return _quotas(
                request, door, Form(typed, reasons_by_field(refusal, reader(request))), refusal.status
            )
        return go(request, "/quotas", N_("It counts from today on."))


def _percent(text: str, field: str) -> int:
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) <= 3):
        raise Invalid(N_("Write a whole number."), field=field)
    return int(text)


def _ordered(
    request: Visit, door: Door, party_id: UUID, act: Callable[[Work], None], said: str
) -> Response[str] | Response[bytes]:
    try:
        with door.work(request) as work:
            act(work)
    except DomainError as refusal:
        return _shown(
            request, door, party_id, Form({}, reasons_by_field(refusal, reader(request))), refusal.status
        )
    return go(request, f"/parties/{party_id}", said)


def _shown(request: Visit, door: Door, party_id: UUID, form: Form, status: int = 200) -> Response[str]:
    with door.reading(request) as work:
        found = dossier.party(work, party_id)
        own, whole = found.organisation.id, found.reach is Reach.WHOLE
        year = work.today.year
        return page(
            request,
            "parties/party.html",
            status,
            found=found,
            whole=whole,
            barred=suspension_on(work, own),
            checks=_checks(work, found) if whole else (),
            papers=papers_of(work, _papers(work, found)) if whole else (),
            licences=registry.licences(work.session, [own], year).get(own, []) if not found.person else [],
            quotas=quotas.quotas(work.session, [own], year) if whole and not found.person else [],
            year=year,
            people=registry.people_of(work.session, own) if whole and not found.person else [],
            sections=dossier.sections(work, found),
            event_words=EVENT_WORDS,
            form=form,
        )


def _papers(work: Work, found: dossier.Party) -> list[Document]:
    rows = documents.of_organisation(work.session, found.organisation.id, work.who)
    return [row for row in rows if found.person is None or row.subject_id == found.person.id]


def _checks(work: Work, found: dossier.Party) -> tuple[Check, ...]:
    if found.person is None:
        return trade_checks(work, found.organisation)
    key = found.person.id
    held = documents.held(work.session, Subject.PERSON, [key]).get(key, [])
    return (Check("person", Subject.PERSON, key, checklist_of(Subject.PERSON, held, work.today)),)


def _quotas(request: Visit, door: Door, form: Form, status: int = 200) -> Response[str]:
    with door.reading(request) as work:
        year, own = work.today.year, work.who.organisation_id
        if work.who.oversees:
            rows = quotas.pressing(work.session, year)
        else:
            rows = quotas.quotas(work.session, [own], year) if own else []
        policy = registry.quota_policy(work.session, work.today)
        stands = {name: str(getattr(policy, name)) for name in PolicyForm.__struct_fields__}
        return page(
            request,
            "parties/quotas.html",
            status,
            year=year,
            rows=rows,
            owners=registry.organisations(work.session, {row.organisation_id for row in rows}),
            policy=policy,
            form=form if form.values else Form(stands),
        )


ROUTES: list[ControllerRouterHandler] = [Parties, Quotas]
