"""On which page are visits drawn, recorded and looked at again?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.anchors import queries as anchors
from compliance.qualification.scans import MOST_BYTES
from compliance.qualification.service import PARTY_ROLES, keep_scan
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.rules import OrganisationKind
from compliance.visits import queries, service
from compliance.visits.rules import Answer, Purpose, State
from compliance.visits.service import MOST_PHOTOS, Findings, Wanted
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.parties.rules import TRADES
from marketplace.parties.visits_api import photo_of
from marketplace.scans import store_of
from marketplace.web.forms import Form

HOME = "/visits"
OVERSEES = requires(Role.INSPECTOR, Role.OPERATOR)
READS = requires(*PARTY_ROLES, Role.INSPECTOR, Role.OPERATOR)


class DrawForm(msgspec.Struct):
    """Whom to draw, as typed."""

    purpose: Purpose = Purpose.VISIT
    kind: OrganisationKind = OrganisationKind.PROCESSOR
    count: str = ""
    reason: Annotated[str, msgspec.Meta(max_length=400)] = ""
    division: Annotated[str, msgspec.Meta(max_length=6)] = ""


class ReasonForm(msgspec.Struct):
    """Why."""

    reason: Annotated[str, msgspec.Meta(max_length=400)] = ""


class Visits(Controller):
    """Re-checks 资质复查 and site visits 实地核查."""

    path = HOME
    include_in_schema = False

    @get("/", guards=[READS], sync_to_thread=True)
    def listed(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the visits, and to who oversees the draws."""
        return _list(request, door, Form())

    @post("/draws", guards=[OVERSEES], sync_to_thread=True)
    def draw(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[DrawForm]
    ) -> Response[str] | Response[bytes]:
        """Draw parties and inspectors by a seed that nobody chooses."""
        try:
            count = data.count.strip()
            if not (count.isascii() and count.isdigit() and len(count) <= 4):
                raise Invalid(N_("Write a whole number."), field="count")
            with door.work(request) as work:
                wanted = Wanted(data.purpose, data.kind, int(count), data.division.strip(), data.reason)
                service.draw(work, wanted)
        except DomainError as refusal:
            typed = {name: str(value) for name, value in msgspec.to_builtins(data).items()}
            return _list(
                request, door, Form(typed, reasons_by_field(refusal, reader(request))), refusal.status
            )
        return go(request, HOME, N_("Drawn; seed, pool and outcome are on the record."))

    @get("/{visit_id:uuid}", guards=[READS], sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], visit_id: FromPath[UUID]) -> Response[str]:
        """Show one visit with its list and what was found."""
        return _one(request, door, visit_id, Form())

    @get("/{visit_id:uuid}/photos/{sha256:str}", guards=[READS], sync_to_thread=True)
    def photo(
        self, request: Visit, door: NamedDependency[Door], visit_id: FromPath[UUID], sha256: FromPath[str]
    ) -> Response[bytes]:
        """Give a photo."""
        return photo_of(door, request, visit_id, sha256)

    @post(
        "/{visit_id:uuid}/findings",
        guards=[OVERSEES],
        sync_to_thread=True,
        request_max_body_size=MOST_BYTES * 3,
    )
    def record(
        self,
        request: Visit,
        door: NamedDependency[Door],
        visit_id: FromPath[UUID],
        data: MultipartBody[dict[str, Any]],
    ) -> Response[str] | Response[bytes]:
        """Write down what was found, the first time or the second."""

        def act(work: Work) -> None:
            row = queries.visit(work.session, visit_id, work.who)
            findings = _findings(work, door, data)
            if State(row.state) is State.RECTIFYING:
                service.look_again(work, visit_id, findings)
            else:
                service.record(work, visit_id, findings)

        return _moved(request, door, visit_id, act, {k: v for k, v in data.items() if isinstance(v, str)})

    @post("/{visit_id:uuid}/call-off", guards=[OVERSEES], sync_to_thread=True)
    def call_off(
        self,
        request: Visit,
        door: NamedDependency[Door],
        visit_id: FromPath[UUID],
        data: URLEncodedBody[ReasonForm],
    ) -> Response[str] | Response[bytes]:
        """Call a drawn visit off, and say why."""

        def act(work: Work) -> None:
            service.call_off(work, visit_id, data.reason)

        return _moved(request, door, visit_id, act, {"reason": data.reason})


def _findings(work: Work, door: Door, data: dict[str, Any]) -> Findings:
    """Read answers (`point-…`), note, order, day and photos from a form, and keep the photos."""
    answers = {
        name.removeprefix("point-"): Answer(said)
        for name, said in data.items()
        if name.startswith("point-") and said in set(Answer)
    }
    sent = data.get("photos", [])
    files = [one for one in (sent if isinstance(sent, list) else [sent]) if isinstance(one, UploadFile)]
    store = store_of(door.settings)
    kept = [
        keep_scan(work, store, content, one.filename, photos_only=True).sha256
        for one in files[: MOST_PHOTOS + 1]
        if (content := one.file.read())
    ]
    try:
        due = date.fromisoformat(str(data["due_on"])) if data.get("due_on") else None
    except ValueError:
        raise Invalid(N_("Write a day such as 2026-11-20."), field="due_on") from None
    return Findings(answers, str(data.get("note", "")), tuple(kept), due, str(data.get("order", "")))


def _moved(
    request: Visit, door: Door, visit_id: UUID, act: Callable[[Work], None], typed: dict[str, str]
) -> Response[str] | Response[bytes]:
    try:
        with door.work(request) as work:
            act(work)
    except DomainError as refusal:
        if refusal.status != Invalid.status:
            raise
        form = Form(typed, reasons_by_field(refusal, reader(request)))
        return _one(request, door, visit_id, form, refusal.status)
    return go(request, f"{HOME}/{visit_id}", N_("Done; it is on the record."))


def _list(request: Visit, door: Door, form: Form, status: int = 200) -> Response[str]:
    with door.reading(request) as work:
        rows = queries.listed(work.session, work.who)
        return page(
            request,
            "parties/visits.html",
            status,
            rows=rows,
            parties=registry.organisations(work.session, {row.organisation_id for row in rows}),
            people=registry.people(work.session, {row.inspector_id for row in rows if row.inspector_id}),
            draws=queries.draws(work.session, 10) if work.who.oversees else [],
            anchor=anchors.newest(work.session) if work.who.oversees else None,
            purposes=tuple(Purpose),
            trades=TRADES,
            form=form,
        )


def _one(request: Visit, door: Door, visit_id: UUID, form: Form, status: int = 200) -> Response[str]:
    with door.reading(request) as work:
        row = queries.visit(work.session, visit_id, work.who)
        people = registry.people(work.session, [row.inspector_id] if row.inspector_id else [])
        return page(
            request,
            "parties/visit.html",
            status,
            row=row,
            party=registry.organisation(work.session, row.organisation_id),
            inspector=next(iter(people.values()), None),
            draw=queries.draw(work.session, row.draw_id),
            points=service.points_of(row),
            rounds=queries.rounds(work.session, row.id),
            answers=tuple(Answer),
            may_record=work.who.oversees and State(row.state) in {State.DRAWN, State.RECTIFYING},
            form=form,
        )


ROUTES: list[ControllerRouterHandler] = [Visits]
