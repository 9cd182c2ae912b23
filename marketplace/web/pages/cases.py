"""How does somebody complain and read the answer, and how does an inspector work through the cases?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.cases import queries, service
from compliance.cases.rules import NEXT, Act, Complaint, Kind, Outcome, State
from compliance.cases.tables import CaseFile
from compliance.deadlines import queries as deadlines
from compliance.deadlines.rules import Kind as Clock
from compliance.record.errors import N_, DomainError
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from marketplace import complaints
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.paging import page_of
from marketplace.edge.problems import reasons_by_field
from marketplace.web import fines
from marketplace.web.case_words import DUTIES, KINDS, OUTCOMES
from marketplace.web.forms import Form
from marketplace.web.pages.manifest_list import sound
from tracking.alerts.kinds import Kind as AlertKind
from tracking.alerts.sheets import SHEETS
from tracking.alerts.tables import Alert

Said = Annotated[str, msgspec.Meta(max_length=4000)]
Short = Annotated[str, msgspec.Meta(max_length=200)]
ALL = "all"


class ComplaintForm(msgspec.Struct):
    """What the public form sends."""

    kind: Kind = Kind.OTHER
    text: Said = ""
    about: Annotated[str, msgspec.Meta(max_length=120)] = ""
    place: Short = ""
    contact: Annotated[str, msgspec.Meta(max_length=120)] = ""


class LookForm(msgspec.Struct):
    """Number and code of a complaint."""

    number: Annotated[str, msgspec.Meta(max_length=20)] = ""
    code: Annotated[str, msgspec.Meta(max_length=20)] = ""


class AssignForm(msgspec.Struct):
    """Who is to look into it; nobody named: whoever asks."""

    person: UUID | None = None


class NoteForm(msgspec.Struct):
    """What is to be written down."""

    text: Said = ""


class AnswerForm(msgspec.Struct):
    """What was found."""

    outcome: Outcome
    answer: Said = ""


class Complaining(Controller):
    """The public way in, and the way to the answer."""

    path = "/complaint"
    include_in_schema = False

    @get("/", sync_to_thread=False)
    def ask(self, request: Visit) -> Response[str]:
        """Show the form; nobody needs to sign in."""
        return _form(request, {})

    @post("/", sync_to_thread=True)
    def complain(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[ComplaintForm]
    ) -> Response[str]:
        """Take a complaint and show its number and code, once."""
        told = Complaint(data.kind, data.text, data.about, data.place, "", data.contact)
        try:
            row, code = complaints.receive(door, request, told)
        except DomainError as refusal:
            typed = {name: str(value) for name, value in msgspec.structs.asdict(data).items()}
            return _form(request, typed, refusal)
        return page(request, "cases/taken.html", 201, number=row.number, code=code)

    @post("/answer", sync_to_thread=True)
    def look(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[LookForm]
    ) -> Response[str]:
        """Show a complaint and its answer to whoever has number and code."""
        try:
            row = complaints.look(door, request, data.number, data.code)
        except DomainError as refusal:
            return _form(request, {"number": data.number}, refusal, looking=True)
        return page(request, "cases/answer.html", row=row, kinds=KINDS, outcomes=OUTCOMES)


def _form(
    request: Visit, values: Mapping[str, str], refusal: DomainError | None = None, *, looking: bool = False
) -> Response[str]:
    errors = reasons_by_field(refusal, reader(request)) if refusal else {}
    nothing: dict[str, str] = {}
    return page(
        request,
        "cases/complaint.html",
        refusal.status if refusal else 200,
        form=Form(nothing if looking else values, {} if looking else errors),
        look=Form(values if looking else nothing, errors if looking else {}),
        kinds=KINDS,
    )


class Cases(Controller):
    """The case files."""

    path = "/cases"
    include_in_schema = False
    guards = (requires(Role.INSPECTOR, Role.OPERATOR),)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the cases by state, the newest first."""
        query = request.query_params
        asked = query.get("state", State.RECEIVED.value)
        state = asked if asked in {ALL, *State} else State.RECEIVED.value
        with door.reading(request) as work:
            statement = queries.visible_to(work.who)
            if state != ALL:
                statement = statement.where(CaseFile.state == state)
            cursor = sound(query.get("cursor", "")) or None
            part = page_of(
                work.session, statement, CaseFile.received_at, CaseFile.id, lambda row: row, cursor=cursor
            )
            return page(
                request,
                "cases/list.html",
                rows=part.items,
                next=part.next,
                state=state,
                states=[one.value for one in State],
                counts=queries.counts(work.session, work.who),
                due=deadlines.due_of(work.session, Clock.REPLY, [row.id for row in part.items]),
                today=work.today,
                kinds=KINDS,
            )

    @get("/{case_id:uuid}", sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], case_id: FromPath[UUID]) -> Response[str]:
        """Show one case with its notes and what may be done now."""
        return self._page(request, door, case_id)

    @post("/{case_id:uuid}/assign", sync_to_thread=True)
    def assign(
        self,
        request: Visit,
        door: NamedDependency[Door],
        case_id: FromPath[UUID],
        data: URLEncodedBody[AssignForm],
    ) -> Response[str] | Response[bytes]:
        """Take a case, or give it to a colleague."""

        def act(work: Work, row: CaseFile) -> None:
            person = data.person or work.who.person_id
            assert person is not None
            service.assign(work, row, person)

        return self._moved(request, door, case_id, act, N_("Assigned."))

    @post("/{case_id:uuid}/notes", sync_to_thread=True)
    def note(
        self,
        request: Visit,
        door: NamedDependency[Door],
        case_id: FromPath[UUID],
        data: URLEncodedBody[NoteForm],
    ) -> Response[str] | Response[bytes]:
        """Write something down."""
        return self._moved(
            request, door, case_id, lambda work, row: service.note(work, row, data.text), N_("Written down.")
        )

    @post("/{case_id:uuid}/answer", sync_to_thread=True)
    def answer(
        self,
        request: Visit,
        door: NamedDependency[Door],
        case_id: FromPath[UUID],
        data: URLEncodedBody[AnswerForm],
    ) -> Response[str] | Response[bytes]:
        """Answer whoever complained."""
        return self._moved(
            request,
            door,
            case_id,
            lambda work, row: service.answer(work, row, data.outcome, data.answer),
            N_("Answered."),
        )

    @post("/{case_id:uuid}/reopen", sync_to_thread=True)
    def reopen(
        self, request: Visit, door: NamedDependency[Door], case_id: FromPath[UUID]
    ) -> Response[str] | Response[bytes]:
        """Take an answered case up again."""
        return self._moved(request, door, case_id, service.reopen, N_("Taken up again."))

    @post("/{case_id:uuid}/close", sync_to_thread=True)
    def close(
        self, request: Visit, door: NamedDependency[Door], case_id: FromPath[UUID]
    ) -> Response[str] | Response[bytes]:
        """Close an answered case."""
        return self._moved(request, door, case_id, service.close, N_("Closed."))

    def _moved(
        self, request: Visit, door: Door, case_id: UUID, act: Callable[[Work, CaseFile], object], said: str
    ) -> Response[str] | Response[bytes]:
        try:
            with door.work(request) as work:
                act(work, queries.case_file(work.session, case_id, work.who))
        except DomainError as refusal:
            return self._page(request, door, case_id, refusal)
        return go(request, f"/cases/{case_id}", said)

    def _page(
        self, request: Visit, door: Door, case_id: UUID, refusal: DomainError | None = None
    ) -> Response[str]:
        refused = reasons_by_field(refusal, reader(request)) if refusal else {}
        with door.reading(request) as work:
            row = queries.case_file(work.session, case_id, work.who)
            people = registry.people(work.session, {row.assignee_id} if row.assignee_id else set())
            return page(
                request,
                "cases/one.html",
                refusal.status if refusal else 200,
                row=row,
                acts=[act.value for act in Act if (State(row.state), act) in NEXT],
                notes=queries.notes(work.session, row.id),
                assignee=people[row.assignee_id].name if row.assignee_id in people else "",
                overseers=registry.overseers(work.session),
                due=deadlines.due_of(work.session, Clock.REPLY, [row.id]).get(row.id),
                today=work.today,
                kinds=KINDS,
                outcomes=OUTCOMES,
                fines=_fines(work, row),
                refused=[one for several in refused.values() for one in several],
            )


def _fines(work: Work, row: CaseFile) -> list[str]:
    """Return what threatens, if it is so: by the alert that the case was opened from, or by its kind."""
    alert = work.session.get(Alert, row.alert_id) if row.alert_id else None
    if alert is not None:
        return fines.of_rule(SHEETS[AlertKind(alert.kind)].rule, alert.since)
    return fines.of_duties(DUTIES.get(Kind(row.kind), ()), row.received_at)


ROUTES: list[ControllerRouterHandler] = [Complaining, Cases]
