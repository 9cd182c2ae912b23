"""Complaints and case files over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from compliance.cases import queries, service
from compliance.cases.rules import Complaint, Kind, Outcome, State
from compliance.cases.tables import CaseFile
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace import complaints
from marketplace.edge.api.documents import CursorParameter, LimitParameter, told, versioned, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of

OVERSEERS = requires(Role.INSPECTOR, Role.OPERATOR)


class NewComplaint(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What happened, where, and whom it is about; without a contact it is anonymous."""

    kind: Kind
    text: Annotated[str, msgspec.Meta(max_length=4000)]
    about: Annotated[str, msgspec.Meta(max_length=120)] = ""
    place: Annotated[str, msgspec.Meta(max_length=200)] = ""
    contact: Annotated[str, msgspec.Meta(max_length=120)] = ""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A complaint's number, and the code that shows its answer; the code is shown once."""

    number: str
    code: str


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """One case file."""

    id: UUID
    version: int
    number: str
    kind: Kind
    text: str
    about: str
    place: str
    contact: str
    alert_id: UUID | None
    state: State
    assignee_id: UUID | None
    outcome: Outcome | None
    answer: str
    received_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None


class NoteView(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote down."""

    at: datetime
    person_name: str
    text: str


class CaseAssignment(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Who is to look into it; whoever asks, where nobody is named."""

    person_id: UUID | None = None


class NewNote(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is to be written down."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]


class NewAnswer(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What was found, as whoever complained reads it."""

    outcome: Outcome
    answer: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]


class Complaints(Controller):
    """The public way in."""

    path = "/api/v1/complaints"
    tags = ("cases",)

    @post("/", sync_to_thread=True, operation_id="complain")
    def complain(self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewComplaint]) -> Taken:
        """Complain, without signing in; five in a quarter of an hour from one address."""
        row, code = complaints.receive(
            door, request, Complaint(data.kind, data.text, data.about, data.place, "", data.contact)
        )
        return Taken(number=row.number, code=code)


class Cases(Controller):
    """The case files."""

    path = "/api/v1/cases"
    tags = ("cases",)
    guards = (OVERSEERS,)

    @get("/", sync_to_thread=True, operation_id="get_cases")
    def cases(
        self,
        request: Visit,
        door: NamedDependency[Door],
        standing: Annotated[State | None, QueryParameter(name="state")] = None,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[CaseView]:
        """List the cases, the newest first."""
        with door.reading(request) as work:
            statement = queries.visible_to(work.who)
            if standing is not None:
                statement = statement.where(CaseFile.state == standing.value)
            return page_of(
                work.session,
                statement,
                CaseFile.received_at,
                CaseFile.id,
                lambda row: view(row, CaseView),
                cursor=cursor,
                limit=limit,
            )

    @get("/{case_id:uuid}", sync_to_thread=True, operation_id="get_case")
    def one(self, request: Visit, door: NamedDependency[Door], case_id: FromPath[UUID]) -> Response[CaseView]:
        """Show one case."""
        with door.reading(request) as work:
            row = queries.case_file(work.session, case_id, work.who)
            return versioned(view(row, CaseView), row.version)

    @get("/{case_id:uuid}/notes", sync_to_thread=True, operation_id="get_case_notes")
    def notes(self, request: Visit, door: NamedDependency[Door], case_id: FromPath[UUID]) -> list[NoteView]:
        """List what was written down in a case."""
        with door.reading(request) as work:
            queries.case_file(work.session, case_id, work.who)
            return [view(one, NoteView) for one in queries.notes(work.session, case_id)]

    @post(
        "/{case_id:uuid}/assign",
        guards=[keyed],
        sync_to_thread=True,
        operation_id="assign_case",
        responses=told(CaseView),
    )
    def assign(
        self,
        request: Visit,
        door: NamedDependency[Door],
        case_id: FromPath[UUID],
        data: JSONBody[CaseAssignment],
    ) -> Response[bytes]:
        """Give a case to somebody, or take it."""

        def act(work: Work, row: CaseFile) -> None:
            person = data.person_id or work.who.person_id
            assert person is not None
            service.assign(work, row, person)

        return _moved(request, door, case_id, act)

    @post(
        "/{case_id:uuid}/notes",
        guards=[keyed],
        sync_to_thread=True,
        operation_id="note_in_case",
        responses=told(CaseView),
    )
    def note(
        self, request: Visit, door: NamedDependency[Door], case_id: FromPath[UUID], data: JSONBody[NewNote]
    ) -> Response[bytes]:
        """Write something down; it is not shown to whoever complained."""
        return _moved(request, door, case_id, lambda work, row: service.note(work, row, data.text))

    @post(
        "/{case_id:uuid}/answer",
        guards=[keyed],
        sync_to_thread=True,
        operation_id="answer_case",
        responses=told(CaseView),
    )
    def answer(
        self, request: Visit, door: NamedDependency[Door], case_id: FromPath[UUID], data: JSONBody[NewAnswer]
    ) -> Response[bytes]:
        """Answer a complaint with what was found; that ends its reply clock."""
        return _moved(
            request, door, case_id, lambda work, row: service.answer(work, row, data.outcome, data.answer)
        )

    @post(
        "/{case_id:uuid}/reopen",
        guards=[keyed],
        sync_to_thread=True,
        operation_id="reopen_case",
        responses=told(CaseView),
    )
    def reopen(self, request: Visit, door: NamedDependency[Door], case_id: FromPath[UUID]) -> Response[bytes]:
        """Take an answered case up again."""
        return _moved(request, door, case_id, service.reopen)

    @post(
        "/{case_id:uuid}/close",
        guards=[keyed],
        sync_to_thread=True,
        operation_id="close_case",
        responses=told(CaseView),
    )
    def close(self, request: Visit, door: NamedDependency[Door], case_id: FromPath[UUID]) -> Response[bytes]:
        """Close an answered case."""
        return _moved(request, door, case_id, service.close)


def _moved(
    request: Visit, door: Door, case_id: UUID, act: Callable[[Work, CaseFile], object]
) -> Response[bytes]:
    def done(work: Work) -> CaseView:
        row = queries.case_file(work.session, case_id, work.who)
        act(work, row)
        work.session.flush()
        return view(row, CaseView)

    return door.once(request, done)
