"""Which pages ask what a family of waste wants to know, and keep batteries and phosphogypsum?"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.manifests import queries as manifests
from compliance.profiles import queries, service
from compliance.profiles.identity import Identity, read
from compliance.profiles.tables import Battery
from compliance.record.errors import N_, DomainError
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import Tone, go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.lots import queries as lots
from marketplace.web import ledger_views
from marketplace.web.forms import Form
from marketplace.web.pages.ledgers import KEEPS, READS, Answer
from marketplace.web.profile_views import plants
from marketplace.web.translation import translate

HOME = "/batteries"
SHOWN = 200
Short = Annotated[str, msgspec.Meta(max_length=120)]


class BatteryForm(msgspec.Struct):
    """A battery as typed or scanned."""

    code: Short = ""
    parent: Short = ""
    note: Short = ""


class LoadForm(msgspec.Struct):
    """Which batteries travel, one code a line."""

    codes: Annotated[str, msgspec.Meta(max_length=20_000)] = ""


class FactsForm(msgspec.Struct):
    """Everything that any profile asks, as typed; what is left empty is not told."""

    form: Short = ""
    main: Short = ""
    harmful: Short = ""
    emergency: Short = ""
    process: Short = ""
    project: Short = ""
    plan_number: Short = ""
    permit_number: Short = ""
    condition: Short = ""
    vehicle: Short = ""
    age: Short = ""
    grade: Short = ""
    ore: Short = ""
    point: Short = ""
    sorted: Short = ""


class LotFacts(Controller):
    """What a lot's family of waste asks."""

    path = "/lots/{lot_id:uuid}/profile"
    include_in_schema = False
    guards = (requires(Role.PRODUCER),)

    @post("/", sync_to_thread=True)
    def tell(
        self,
        request: Visit,
        door: NamedDependency[Door],
        lot_id: FromPath[UUID],
        data: URLEncodedBody[FactsForm],
    ) -> Response[bytes]:
        """Tell it; what cannot be right is said on the lot's page."""
        said = {key: value for key, value in msgspec.to_builtins(data).items() if value.strip()}
        try:
            with door.work(request) as work:
                row = lots.own_lot(work.session, lot_id, work.who)
                service.tell(work, row.id, row.code, said)
        except DomainError as refusal:
            words = translate(reader(request), refusal.message, **refusal.values)
            return go(request, f"/lots/{lot_id}", N_("Not told: {why}"), Tone.WARNING, why=words)
        return go(request, f"/lots/{lot_id}", N_("Told. It is printed on the manifest."))


class Batteries(Controller):
    """Used power batteries by their identity."""

    path = HOME
    include_in_schema = False
    guards = (READS,)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """List the batteries that the own organisation holds or held."""
        with door.reading(request) as work:
            return _list(request, work, Form())

    @post("/", guards=[KEEPS], sync_to_thread=True)
    def register(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[BatteryForm]
    ) -> Answer:
        """Put a battery on record; what cannot be right comes back as it was typed."""
        try:
            with door.work(request) as work:
                code = service.register(work, data.code, data.parent, data.note).code
        except DomainError as refusal:
            form = Form(msgspec.to_builtins(data), reasons_by_field(refusal, reader(request)))
            with door.reading(request) as work:
                return _list(request, work, form, refusal.status)
        return go(request, HOME, N_("Battery {code} is on record."), code=code)

    @post("/manifests/{manifest_id:uuid}", guards=[KEEPS], sync_to_thread=True)
    def load(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: URLEncodedBody[LoadForm],
    ) -> Response[bytes]:
        """Say which batteries travel under a manifest; what does not fit is said on its page."""
        back = f"/manifests/{manifest_id}"
        try:
            with door.work(request) as work:
                row = manifests.manifest(work.session, manifest_id, work.who)
                count = len(service.load(work, row, data.codes.split()))
        except DomainError as refusal:
            words = translate(reader(request), refusal.message, **refusal.values)
            return go(request, back, N_("Not told: {why}"), Tone.WARNING, why=words)
        return go(request, back, N_("{count} batteries travel under this manifest."), count=count)

    @get("/{code:str}", sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], code: FromPath[str]) -> Response[str]:
        """Show a battery's lineage and life."""
        with door.reading(request) as work:
            row = queries.battery(work.session, code, work.who)
            said = read(row.code)
            assert isinstance(said, Identity)
            steps = queries.steps(work.session, row.code)
            holders = registry.organisations(work.session, {row.holder_id, *(one.holder_id for one in steps)})
            return page(
                request,
                "batteries/one.html",
                row=row,
                identity=said,
                steps=steps,
                holders=holders,
                parts=queries.parts(work.session, row.code),
                came_out=queries.came_out_of(work.session, row.code),
                own=row.holder_id == work.who.organisation_id and work.who.has(*service.HOLDERS),
            )

    @post("/{code:str}/dismantle", guards=[KEEPS], sync_to_thread=True)
    def dismantle(self, request: Visit, door: NamedDependency[Door], code: FromPath[str]) -> Response[bytes]:
        """Take a pack or module apart."""
        with door.work(request) as work:
            service.dismantle(work, code)
        return go(request, f"{HOME}/{code}", N_("Taken apart. What was in it stands for itself now."))


def _list(request: Visit, work: Work, form: Form, status: int = 200) -> Response[str]:
    statement = queries.visible_to(work.who).order_by(Battery.created_at.desc(), Battery.code)
    return page(
        request,
        "batteries/list.html",
        status,
        rows=work.session.scalars(statement.limit(SHOWN)).all(),
        form=form,
        own=work.who.has(*service.HOLDERS),
    )


class Phosphogypsum(Controller):
    """Phosphogypsum in balance."""

    path = "/ledgers/phosphogypsum"
    include_in_schema = False
    guards = (READS,)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show each plant's year: made, used, made harmless, piled."""
        query = request.query_params
        with door.reading(request) as work:
            unit = ledger_views.unit_of(work, query.get("of"))
            year = ledger_views.year_of(query.get("year"), work.today)
            found = plants(work, unit, year, reader(request))
            return page(request, "ledgers/phosphogypsum.html", plants=found, year=year)


ROUTES: list[ControllerRouterHandler] = [LotFacts, Batteries, Phosphogypsum]
