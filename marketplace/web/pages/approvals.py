"""May my waste leave the province: what did I apply for, where does it stand, and how much is left?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.approvals import queries, service
from compliance.approvals.policies import policy_of, wanted_papers
from compliance.approvals.rules import CLERKS, MOVERS, PAPER_WORDS, Act, Kind, Paper, Policy, State, acts_from
from compliance.approvals.service import Application, Said
from compliance.approvals.tables import Approval, ApprovalDraw, ApprovalStep
from compliance.deadlines.rules import TERMS
from compliance.deadlines.rules import Kind as Clock
from compliance.deadlines.rules import State as Clocked
from compliance.deadlines.tables import Deadline
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.rules import Mode, OrganisationKind
from compliance.registry.tables import Organisation, Site
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.web.forms import Form
from marketplace.web.pages.typed import day, kilograms

READERS = requires(Role.PRODUCER, Role.PROCESSOR, Role.INSPECTOR, Role.OPERATOR)
PLACE = "/approvals"
Text = Annotated[str, msgspec.Meta(max_length=400)]


class ApplicationForm(msgspec.Struct):
    """What the form of a new application sends, as typed."""

    origin: Text = ""
    destination: Text = ""
    code: Text = ""
    mode: Text = "use"
    tonnes: Text = ""
    asked_from: Text = ""
    asked_to: Text = ""


class StepForm(msgspec.Struct):
    """What the forms of one application send: a paper, or a step with what the authority wrote."""

    act: Text = ""
    note: Text = ""
    number: Text = ""
    other_number: Text = ""
    tonnes: Text = ""
    valid_from: Text = ""
    valid_to: Text = ""
    paper: Text = ""
    where: Text = ""


@dataclass(frozen=True, slots=True)
class Awaited:
    """By when an authority is to speak, what that day means, and whether it has passed (X3)."""

    due_on: date
    provisional: bool
    overdue: bool
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """One of the list: whose, to whom, and what is left of it."""

    row: Approval
    mover: str
    receiver: str
    left_kg: int
    awaited: Awaited | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """One paper that has to be attached, and where it is kept."""

    paper: str
    words: str
    where: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything of one application, and what this person may do next."""

    line: Line
    wanted: tuple[Wanted, ...]
    steps: Sequence[ApprovalStep]
    draws: Sequence[ApprovalDraw]
    policy: Policy
    acts: tuple[str, ...]
    may_attach: bool


class Approvals(Controller):
    """Leave to cross a province's border 跨省转移."""

    path = PLACE
    include_in_schema = False
    guards = (READERS,)

    @get("/", sync_to_thread=True)
    def all(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """List the approvals, filings and reports that concern the person."""
        with door.reading(request) as work:
            found = lines(work, queries.listed(work.session, work.who))
            return page(request, "approvals/list.html", lines=found, may_apply=queries.may_apply(work.who))

    @get("/new", guards=[requires(Role.PRODUCER)], sync_to_thread=True)
    def blank(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the form of a new application."""
        return _form(request, door, {}, None)

    @post("/", guards=[requires(Role.PRODUCER)], sync_to_thread=True)
    def draft(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[ApplicationForm]
    ) -> Response[str] | Response[bytes]:
        """Draw an application, filing or report up; a refusal comes back with what was typed."""
        try:
            with door.work(request) as work:
                row = service.draft(work, meant(data))
        except DomainError as refusal:
            return _form(request, door, msgspec.to_builtins(data), refusal)
        return go(request, f"{PLACE}/{row.id}", N_("It is drawn up. Attach the papers, then submit it."))

    @get("/{approval_id:uuid}", sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], approval_id: FromPath[UUID]) -> Response[str]:
        """Show one with its steps, its papers and the loads that drew on it."""
        return _shown(request, door, approval_id)

    @post("/{approval_id:uuid}/steps", sync_to_thread=True)
    def step(
        self,
        request: Visit,
        door: NamedDependency[Door],
        approval_id: FromPath[UUID],
        data: URLEncodedBody[StepForm],
    ) -> Response[str] | Response[bytes]:
        """Attach a paper or take the next step; a refusal comes back on the same page."""
        try:
            with door.work(request) as work:
                row = queries.approval(work.session, approval_id, work.who, locked=True)
                take(work, row, data)
        except DomainError as refusal:
            return _shown(request, door, approval_id, refusal)
        return go(request, f"{PLACE}/{approval_id}", N_("It is on record."))


def take(work: Work, row: Approval, form: StepForm) -> None:
    """Do what a form of one application says."""
    try:
        if form.paper:
            service.attach(work, row, Paper(form.paper), form.where)
            return
        act = Act(form.act)
    except ValueError:
        raise Invalid(N_("Choose what is to be done."), field="act") from None
    said = Said(
        note=form.note,
        number=form.number,
        other_number=form.other_number,
        kg=kilograms(form.tonnes, "kg") if form.tonnes.strip() else None,
        valid_from=_day(form.valid_from, "valid_from"),
        valid_to=_day(form.valid_to, "valid_to"),
    )
    service.move(work, row, act, said)


def meant(form: ApplicationForm) -> Application:
    """Return what was typed as an application."""
    try:
        origin, destination, mode = UUID(form.origin), UUID(form.destination), Mode(form.mode)
    except ValueError:
        raise Invalid(
            N_("Choose both sites and the way of treatment."), field="destination_site_id"
        ) from None
    return Application(
        origin_site_id=origin,
        destination_site_id=destination,
        code=form.code.strip(),
        mode=mode,
        kg=kilograms(form.tonnes, "kg"),
        asked_from=day(form.asked_from, "asked_from"),
        asked_to=day(form.asked_to, "asked_to"),
    )


def _day(text: str, field: str) -> date | None:
    return day(text, field) if text.strip() else None


def lines(work: Work, rows: Sequence[Approval]) -> list[Line]:
    """Return approvals with the names of both sides and what is left of each."""
    wanted = {key for row in rows for key in (row.mover_id, row.receiver_id)}
    names = registry.organisations(work.session, wanted)
    drawn = queries.drawn(work.session, [row.id for row in rows])
    awaited = {key: _awaited(one) for key, one in queries.awaited(work.session, rows).items()}
    return [
        Line(
            row,
            names[row.mover_id].name,
            names[row.receiver_id].name,
            max(0, row.kg - drawn.get(row.id, 0)),
            awaited.get(row.id),
        )
        for row in rows
    ]


def _awaited(row: Deadline) -> Awaited:
    words = TERMS[Clock(row.kind)].words
    return Awaited(row.due_on, row.provisional, row.state == Clocked.OVERDUE.value, words)


def story(work: Work, row: Approval) -> Story:
    """Return everything of one application as one person sees it."""
    kind, state = Kind(row.kind), State(row.state)
    own = queries.may_apply(work.who) and work.who.organisation_id == row.mover_id
    clerk = work.who.has(*CLERKS)
    acts = [act.value for act in acts_from(kind, state) if (own if act in MOVERS else clerk)]
    return Story(
        line=lines(work, [row])[0],
        wanted=tuple(
            Wanted(paper.value, PAPER_WORDS[paper], row.papers.get(paper.value, ""))
            for paper in wanted_papers(kind, row.origin)
        ),
        steps=queries.steps(work.session, row.id),
        draws=queries.draws(work.session, row.id),
        policy=policy_of(row.origin),
        acts=tuple(acts),
        may_attach=own and state in {State.DRAFT, State.SENT_BACK},
    )


def goals(work: Work, own: Sequence[Site]) -> list[tuple[Site, Organisation]]:
    """Return the sites of processors in other provinces, by the name of their owner."""
    provinces = {site.division_code[:2] for site in own}
    owners = {
        key: one
        for key, one in registry.organisations(work.session).items()
        if OrganisationKind.PROCESSOR.value in one.kinds
    }
    found = [
        (site, owners[site.organisation_id])
        for site in registry.sites(work.session).values()
        if site.organisation_id in owners and not {site.division_code[:2]} & provinces
    ]
    return sorted(found, key=lambda pair: (pair[1].name, pair[0].name))


def _form(request: Visit, door: Door, typed: Mapping[str, str], refusal: DomainError | None) -> Response[str]:
    errors = reasons_by_field(refusal, reader(request)) if refusal else {}
    with door.reading(request) as work:
        sites = registry.sites_visible_to(work.session, work.who)
        own = [site for site in sites if site.organisation_id == work.who.organisation_id]
        return page(
            request,
            "approvals/new.html",
            refusal.status if refusal else 200,
            form=Form(typed, errors),
            own=own,
            goals=goals(work, own),
            modes=[mode.value for mode in Mode],
            refused=[one for several in errors.values() for one in several],
        )


def _shown(
    request: Visit, door: Door, approval_id: UUID, refusal: DomainError | None = None
) -> Response[str]:
    errors = reasons_by_field(refusal, reader(request)) if refusal else {}
    with door.reading(request) as work:
        row = queries.approval(work.session, approval_id, work.who)
        return page(
            request,
            "approvals/one.html",
            refusal.status if refusal else 200,
            story=story(work, row),
            refused=[one for several in errors.values() for one in several],
        )


ROUTES: list[ControllerRouterHandler] = [Approvals]
