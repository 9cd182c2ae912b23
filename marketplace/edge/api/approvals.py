"""Approvals, filings and reports across provinces over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.approvals import queries, service
from compliance.approvals.policies import wanted_papers
from compliance.approvals.rules import Act, Kind, Paper, State, acts_from
from compliance.approvals.service import Application, Said
from compliance.approvals.tables import Approval
from compliance.deadlines.rules import TERMS, Owner
from compliance.deadlines.rules import Kind as Clock
from compliance.deadlines.rules import State as Clocked
from compliance.deadlines.tables import Deadline
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry.rules import Mode
from marketplace.edge.api.documents import Kilograms, Reason, told, versioned, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.pages import reader
from marketplace.web.translation import Language, translate

READERS = requires(Role.PRODUCER, Role.PROCESSOR, Role.INSPECTOR, Role.OPERATOR)


class NewApplication(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to leave the province, from which own site to which site, how much, and when."""

    origin_site_id: UUID
    destination_site_id: UUID
    code: Annotated[str, msgspec.Meta(max_length=20)]
    mode: Mode
    kg: Kilograms
    asked_from: date
    asked_to: date
    papers: dict[Paper, Reason] = {}


class NewPaper(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which paper is attached, and where it is kept."""

    paper: Paper
    where: Reason


class NewStep(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The next step; what an authority has written is entered by an inspector or the operator."""

    act: Act
    note: Reason = ""
    number: Annotated[str, msgspec.Meta(max_length=60)] = ""
    other_number: Annotated[str, msgspec.Meta(max_length=60)] = ""
    kg: Kilograms | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class AwaitedView(msgspec.Struct, frozen=True, kw_only=True):
    """By when which authority is to speak, and what that day means (X3)."""

    kind: Clock
    owner: Owner
    due_on: date
    provisional: bool
    overdue: bool
    means: str


class ApprovalView(msgspec.Struct, frozen=True, kw_only=True):
    """Leave for one waste to go to one receiver in another province; `left_kg` is what no load has drawn."""

    id: UUID
    version: int
    kind: Kind
    state: State
    mover_id: UUID
    receiver_id: UUID
    origin: str
    destination: str
    code: str
    waste_name: str
    hazardous: bool
    mode: Mode
    kg: int
    left_kg: int
    asked_from: date
    asked_to: date
    papers: dict[str, str]
    papers_wanted: list[Paper]
    acts: list[Act]
    number: str
    other_number: str
    valid_from: date | None
    valid_to: date | None
    note: str
    awaited: AwaitedView | None
    created_at: datetime
    changed_at: datetime


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the procedure."""

    ordinal: int
    act: Act
    state: State
    person_name: str
    organisation_id: UUID | None
    at: datetime
    note: str


class DrawView(msgspec.Struct, frozen=True, kw_only=True):
    """What one load drew; `booking_id` is its deal's id, or its manifest's when it was sent onward."""

    booking_id: UUID
    kg: int
    at: datetime


class ApprovalStory(msgspec.Struct, frozen=True, kw_only=True):
    """One of them with its steps and the loads that drew on it."""

    approval: ApprovalView
    steps: list[StepView]
    draws: list[DrawView]


def approval_view(work: Work, row: Approval, language: Language) -> ApprovalView:
    """Return an approval with what is left of it and what may come next."""
    return approval_views(work, [row], language)[0]


def approval_views(work: Work, rows: Sequence[Approval], language: Language) -> list[ApprovalView]:
    """Return approvals with what is left of each, by when whose answer is due, and what may come next."""
    drawn = queries.drawn(work.session, [row.id for row in rows])
    awaited = queries.awaited(work.session, rows)
    return [_view(row, drawn.get(row.id, 0), awaited.get(row.id), language) for row in rows]


def _awaited(row: Deadline, language: Language) -> AwaitedView:
    term = TERMS[Clock(row.kind)]
    return AwaitedView(
        kind=term.kind,
        owner=term.owner,
        due_on=row.due_on,
        provisional=row.provisional,
        overdue=row.state == Clocked.OVERDUE.value,
        means=translate(language, term.words),
    )


def _view(row: Approval, drawn_kg: int, clock: Deadline | None, language: Language) -> ApprovalView:
    kind = Kind(row.kind)
    more = {
        "left_kg": max(0, row.kg - drawn_kg),
        "awaited": _awaited(clock, language) if clock is not None else None,
        "papers_wanted": list(wanted_papers(kind, row.origin)),
        "acts": list(acts_from(kind, State(row.state))),
    }
    names = [name for name in ApprovalView.__struct_fields__ if name not in more]
    return msgspec.convert({name: getattr(row, name) for name in names} | more, ApprovalView)


class Approvals(Controller):
    """Leave to cross a province's border."""

    path = "/api/v1/approvals"
    tags = ("approvals",)
    guards = (READERS,)

    @get("/", sync_to_thread=True, operation_id="list_approvals")
    def approvals(self, request: Visit, door: NamedDependency[Door]) -> list[ApprovalView]:
        """List the approvals, filings and reports of the own house, or all for who oversees; at most 200."""
        with door.reading(request) as work:
            rows = queries.listed(work.session, work.who)
            return approval_views(work, rows, reader(request))

    @get("/{approval_id:uuid}", sync_to_thread=True, operation_id="get_approval")
    def approval(
        self, request: Visit, door: NamedDependency[Door], approval_id: FromPath[UUID]
    ) -> Response[ApprovalStory]:
        """Show one with its steps and the loads that drew on it."""
        with door.reading(request) as work:
            row = queries.approval(work.session, approval_id, work.who)
            story = ApprovalStory(
                approval=approval_view(work, row, reader(request)),
                steps=[view(one, StepView) for one in queries.steps(work.session, row.id)],
                draws=[view(one, DrawView) for one in queries.draws(work.session, row.id)],
            )
            return versioned(story, row.version)

    @post(
        "/",
        guards=[requires(Role.PRODUCER), keyed],
        sync_to_thread=True,
        operation_id="draft_approval",
        responses=told(ApprovalView),
    )
    def draft(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewApplication]
    ) -> Response[bytes]:
        """Draw one up; whether it is an application, a filing or a report follows from waste, use and day."""

        def act(work: Work) -> ApprovalView:
            said = msgspec.structs.asdict(data)
            return approval_view(work, service.draft(work, Application(**said)), reader(request))

        return door.once(request, act)

    @post(
        "/{approval_id:uuid}/papers",
        guards=[requires(Role.PRODUCER), keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="attach_to_approval",
        responses=told(ApprovalView, 200),
    )
    def attach(
        self,
        request: Visit,
        door: NamedDependency[Door],
        approval_id: FromPath[UUID],
        data: JSONBody[NewPaper],
    ) -> Response[bytes]:
        """Attach a paper: name where it is kept."""

        def act(work: Work) -> ApprovalView:
            row = queries.approval(work.session, approval_id, work.who, locked=True)
            service.attach(work, row, data.paper, data.where)
            work.session.flush()
            return approval_view(work, row, reader(request))

        return door.once(request, act, status=200)

    @post(
        "/{approval_id:uuid}/acts",
        guards=[keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="move_approval",
        responses=told(ApprovalView, 200),
    )
    def move(
        self,
        request: Visit,
        door: NamedDependency[Door],
        approval_id: FromPath[UUID],
        data: JSONBody[NewStep],
    ) -> Response[bytes]:
        """Take the next step: the mover's own, or one that an authority has taken on paper."""

        def act(work: Work) -> ApprovalView:
            row = queries.approval(work.session, approval_id, work.who, locked=True)
            said = {name: value for name, value in msgspec.structs.asdict(data).items() if name != "act"}
            service.move(work, row, data.act, Said(**said))
            work.session.flush()
            return approval_view(work, row, reader(request))

        return door.once(request, act, status=200)
