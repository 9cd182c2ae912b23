"""Deadlines over HTTP: what must be done by when, and by which rule."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from compliance.deadlines import queries, service
from compliance.deadlines.rules import TERMS, Escalation, Kind, Owner, State, said
from compliance.deadlines.tables import Deadline
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge import problems
from marketplace.edge.api.documents import told
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.web.translation import Language, language_of


class DeadlineView(msgspec.Struct, frozen=True, kw_only=True):
    """What one organisation must do by the end of a day; provisional while that year's notice is not out."""

    id: UUID
    kind: Kind
    rule: str
    subject_id: UUID
    label: str
    organisation_id: UUID
    counted_from: date
    due_on: date
    due_at: datetime | None
    provisional: bool
    state: State
    working_days: int
    owner: Owner
    escalates: Escalation
    extendable: bool
    told: problems.Reason
    """What is asked, by which article of today, and the way out, in the reader's language."""


class Extension(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A later last day, and which paper or decision allows it."""

    until: date
    reason: Annotated[str, msgspec.Meta(max_length=400)]


class DeadlineList(msgspec.Struct, frozen=True, kw_only=True):
    """Deadlines, the most pressing first; at most 200."""

    items: list[DeadlineView]


class Deadlines(Controller):
    """What has to be done in time."""

    path = "/api/v1/deadlines"
    tags = ("deadlines",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="list_deadlines")
    def mine(
        self, request: Visit, door: NamedDependency[Door], *, every: FromQuery[bool] = False
    ) -> DeadlineList:
        """List the open deadlines of the own organisation, or of all for who oversees; `every`: ended too."""
        with door.reading(request) as work:
            rows = queries.listed(work.session, work.who, open_only=not every)
            language = language_of(request)
            return DeadlineList(items=[view_of(row, work.today, language) for row in rows])

    @post(
        "/{deadline_id:uuid}/extend",
        guards=[requires(Role.INSPECTOR, Role.OPERATOR), keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="extend_deadline",
        responses=told(DeadlineView, 200),
    )
    def extend(
        self,
        request: Visit,
        door: NamedDependency[Door],
        deadline_id: FromPath[UUID],
        data: JSONBody[Extension],
    ) -> Response[bytes]:
        """Put off the last day of a deadline that may be extended (L8, or what a visit found)."""
        language = language_of(request)

        def act(work: Work) -> DeadlineView:
            return view_of(service.extend(work, deadline_id, data.until, data.reason), work.today, language)

        return door.once(request, act, status=200)


def view_of(row: Deadline, today: date, language: Language) -> DeadlineView:
    """Return a deadline as programs read it."""
    kind = Kind(row.kind)
    return DeadlineView(
        id=row.id,
        kind=kind,
        rule=TERMS[kind].rule,
        subject_id=row.subject_id,
        label=row.label,
        organisation_id=row.organisation_id,
        counted_from=row.counted_from,
        due_on=row.due_on,
        due_at=row.due_at,
        provisional=row.provisional,
        state=State(row.state),
        working_days=TERMS[kind].working_days,
        owner=TERMS[kind].owner,
        escalates=TERMS[kind].escalates,
        extendable=TERMS[kind].extendable,
        told=problems.reason_of(said(kind, row.label, row.due_on, today), language),
    )
