"""Which construction waste may leave which building site, how much is left, and where may it go?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler
from sqlalchemy import select

from compliance.construction import queries, service
from compliance.construction.rules import NEXT, Act, State
from compliance.construction.service import NewPlan
from compliance.manifests.tables import Manifest
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.web.forms import Form
from marketplace.web.pages.typed import day, kilograms
from tracking.fleet import queries as fleet

HOME = "/construction"
READS = requires(Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER, Role.INSPECTOR, Role.OPERATOR)
OVERSEES = requires(Role.INSPECTOR, Role.OPERATOR)
Text = Annotated[str, msgspec.Meta(max_length=400)]
Answer = Response[str] | Response[bytes]
DECISIONS = (Act.FILE, Act.SEND_BACK, Act.END)


class PlanForm(msgspec.Struct):
    """A treatment plan as typed; codes apart by blanks or commas."""

    plan: Text = ""
    site: Text = ""
    project: Text = ""
    codes: Text = ""
    tonnes: Text = ""
    reused: Text = ""
    destination: list[str] | str = msgspec.field(default_factory=list)
    permit_number: Text = ""
    valid_from: Text = ""
    valid_to: Text = ""


class StepForm(msgspec.Struct):
    """What was decided on a plan, as typed."""

    act: Text = ""
    number: Text = ""
    reason: Text = ""


class PermitForm(msgspec.Struct):
    """A permit of a disposal site or of a closed vehicle, as typed."""

    subject: Text = ""
    tonnes: Text = ""
    number: Text = ""
    valid_to: Text = ""


class Construction(Controller):
    """Construction waste 建筑垃圾."""

    path = HOME
    include_in_schema = False
    guards = (READS,)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show plans with what is left of them, disposal sites, and closed vehicles."""
        return _page(request, door, Form())

    @post("/plans", guards=[requires(Role.PRODUCER)], sync_to_thread=True)
    def submit(self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[PlanForm]) -> Answer:
        """Submit a plan, or one anew that was sent back."""

        def act(work: Work) -> None:
            service.submit(work, _meant(data), _uuid(data.plan, "plan") if data.plan else None)

        return _done(request, door, act, data)

    @post("/plans/{plan_id:uuid}", sync_to_thread=True)
    def decide(
        self,
        request: Visit,
        door: NamedDependency[Door],
        plan_id: FromPath[UUID],
        data: URLEncodedBody[StepForm],
    ) -> Answer:
        """Enter what the authority decided, or end the own plan."""

        def act(work: Work) -> None:
            row = queries.plan(work.session, plan_id, work.who, locked=True)
            if data.act not in set(Act):
                raise Invalid(N_("Choose what is to be done."), field="act")
            service.decide(work, row, Act(data.act), data.number, data.reason)

        return _done(request, door, act, data)

    @post("/sites", guards=[OVERSEES], sync_to_thread=True)
    def permit_site(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[PermitForm]
    ) -> Answer:
        """Note what a site may take."""

        def act(work: Work) -> None:
            site, kg = _uuid(data.subject, "subject"), kilograms(data.tonnes, "tonnes")
            service.permit_site(work, site, kg, data.number, day(data.valid_to, "valid_to"))

        return _done(request, door, act, data)

    @post("/vehicles", guards=[requires(Role.DISPATCHER)], sync_to_thread=True)
    def permit_vehicle(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[PermitForm]
    ) -> Answer:
        """State that an own vehicle closes."""

        def act(work: Work) -> None:
            row = fleet.vehicle(work.session, _uuid(data.subject, "subject"), work.who)
            named = (row.id, row.carrier_id, row.plate)
            service.permit_vehicle(work, named, data.number, day(data.valid_to, "valid_to"))

        return _done(request, door, act, data)


def _uuid(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(N_("Choose one of the list."), field=field) from None


def _meant(form: PlanForm) -> NewPlan:
    goals = [form.destination] if isinstance(form.destination, str) else form.destination
    return NewPlan(
        site_id=_uuid(form.site, "site"),
        project=form.project,
        codes=form.codes.replace(",", " ").replace("，", " ").upper().split(),
        kg=kilograms(form.tonnes, "kg"),
        reused_kg=kilograms(form.reused, "reused") if form.reused.strip() else 0,
        sites=[_uuid(one, "sites") for one in goals if one],
        permit_number=form.permit_number[:40],
        valid_from=day(form.valid_from, "valid_from"),
        valid_to=day(form.valid_to, "valid_to"),
    )


def _done(request: Visit, door: Door, act: Callable[[Work], None], typed: msgspec.Struct) -> Answer:
    try:
        with door.work(request) as work:
            act(work)
    except DomainError as refusal:
        values = {key: text for key, text in msgspec.to_builtins(typed).items() if isinstance(text, str)}
        return _page(request, door, Form(values, reasons_by_field(refusal, reader(request))), refusal.status)
    return go(request, HOME, N_("It is on record."))


def _page(request: Visit, door: Door, form: Form, status: int = 200) -> Response[str]:
    with door.reading(request) as work:
        session, who = work.session, work.who
        rows = queries.listed(session, who)
        loads = {row.id: queries.loads(session, row.id)[:5] for row in rows}
        keys = {one.manifest_id for some in loads.values() for one in some}
        numbers = select(Manifest.id, Manifest.number).where(Manifest.id.in_(keys))
        own = who.organisation_id
        return page(
            request,
            "construction/home.html",
            status,
            plans=rows,
            drawn=queries.drawn(session, [row.id for row in rows]),
            loads=loads,
            numbers=dict(session.execute(numbers).all()),
            owners=registry.organisations(session, {row.organisation_id for row in rows}),
            sites=registry.sites(session),
            places=queries.places(session),
            closed=queries.vehicles(session, who),
            own_sites=registry.sites_of(session, own) if who.has(Role.PRODUCER) and own else [],
            own_vehicles=[one for one in fleet.vehicles(session, who) if one.carrier_id == own],
            receivers=registry.sites_visible_to(session, who) if who.oversees else [],
            acts={row.id: _acts(who.oversees, row.state) for row in rows},
            today=work.today,
            form=form,
            refused=[one for several in form.errors.values() for one in several],
        )


def _acts(oversees: bool, state: str) -> list[str]:
    wanted = DECISIONS if oversees else (Act.END,)
    return [act.value for act in wanted if (State(state), act) in NEXT]


ROUTES: list[ControllerRouterHandler] = [Construction]
