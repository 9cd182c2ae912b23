"""What flows through a pipeline, what do both meters say, and which period wants its manifest?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.pipelines import periods, queries, service
from compliance.pipelines.rules import Act, Carrying, How, Rhythm, Side, Tolerance
from compliance.pipelines.service import NewPipeline, NewReading
from compliance.pipelines.tables import Pipeline
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.rules import Mode
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.web import pipeline_views as views
from marketplace.web.forms import Form
from marketplace.web.pages.typed import day, decimal, kilograms
from marketplace.web.sheets import csv_file
from marketplace.web.translation import translate

T = TypeVar("T")
HOME = "/pipelines"
READS = requires(Role.PRODUCER, Role.PROCESSOR, Role.INSPECTOR, Role.OPERATOR)
ENDS = requires(Role.PRODUCER, Role.PROCESSOR)
Text = Annotated[str, msgspec.Meta(max_length=200)]
Answer = Response[str] | Response[bytes]


class PipelineForm(msgspec.Struct):
    """A new pipeline as typed."""

    name: Text = ""
    carrying: Text = "pipe"
    origin: Text = ""
    destination: Text = ""
    code: Text = ""
    mode: Text = "use"
    started_on: Text = ""
    rhythm: Text = "by_month"
    asked_by: Text = ""
    day_permille: Text = "20"
    span_permille: Text = "10"
    mover_meter: Text = ""
    receiver_meter: Text = ""


class ReadingForm(msgspec.Struct):
    """One day of the own meter, or many days pasted."""

    day: Text = ""
    tonnes: Text = ""
    how: Text = "meter"
    counter_from: Text = ""
    counter_to: Text = ""
    note: Text = ""
    readings: Annotated[str, msgspec.Meta(max_length=20_000)] = ""


class StepForm(msgspec.Struct):
    """A step of a pipeline or of a period."""

    act: Text = ""
    day: Text = ""
    tonnes: Text = ""
    reason: Annotated[str, msgspec.Meta(max_length=400)] = ""


class Pipelines(Controller):
    """Pipelines 管道转移."""

    path = HOME
    include_in_schema = False
    guards = (READS,)

    @get("/", sync_to_thread=True)
    def all(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """List the pipelines of the own house, with the form of a new one for a producer."""
        return _list(request, door, Form({"carrying": "pipe", "rhythm": "by_month", **_TOLERANCES}))

    @post("/", guards=[requires(Role.PRODUCER)], sync_to_thread=True)
    def offer(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[PipelineForm]
    ) -> Answer:
        """Enter a pipeline; a refusal comes back with what was typed."""
        try:
            with door.work(request) as work:
                row = service.offer(work, meant(data))
        except DomainError as refusal:
            form = Form(msgspec.to_builtins(data), reasons_by_field(refusal, reader(request)))
            return _list(request, door, form, refusal.status)
        return go(request, f"{HOME}/{row.id}", N_("Entered. It runs once the receiver agrees."))

    @get("/{pipeline_id:uuid}", sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], pipeline_id: FromPath[UUID]) -> Response[str]:
        """Show a month of both meters, the months of the year, and the periods."""
        return _shown(request, door, pipeline_id, Form())

    @get("/{pipeline_id:uuid}/days.csv", sync_to_thread=True)
    def days(
        self, request: Visit, door: NamedDependency[Door], pipeline_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Return a year's days as both ends metered them."""
        with door.reading(request) as work:
            row = queries.pipeline(work.session, pipeline_id, work.who)
            first, last = views.month_of(request.query_params.get("month", ""), work.today)
            if request.query_params.get("whole") == "year":
                first, last = date(first.year, 1, 1), date(first.year, 12, 31)
            found = queries.compared(work.session, row, first, last, work.today)
        head = [translate(reader(request), words) for words in views.CSV_HEAD]
        return csv_file(f"pipeline-{first:%Y-%m}.csv", head, views.csv_rows(found))

    @post("/{pipeline_id:uuid}/readings", guards=[ENDS], sync_to_thread=True)
    def enter(
        self,
        request: Visit,
        door: NamedDependency[Door],
        pipeline_id: FromPath[UUID],
        data: URLEncodedBody[ReadingForm],
    ) -> Answer:
        """Enter one day or many; what cannot be right comes back as it was typed."""

        def act(work: Work, row: Pipeline) -> None:
            given = views.readings_from(data.readings) if data.readings.strip() else [_one(data)]
            service.enter(work, row, given)

        return _done(request, door, pipeline_id, act, msgspec.to_builtins(data))

    @post("/{pipeline_id:uuid}/steps", guards=[ENDS], sync_to_thread=True)
    def step(
        self,
        request: Visit,
        door: NamedDependency[Door],
        pipeline_id: FromPath[UUID],
        data: URLEncodedBody[StepForm],
    ) -> Answer:
        """Agree to it, end it, or issue the manifest of a period."""

        def act(work: Work, row: Pipeline) -> None:
            if data.act == "issue":
                periods.issue(work, row, day(data.day, "day"))
            else:
                service.move(work, row, _chosen(Act, data.act))

        return _done(request, door, pipeline_id, act, {})

    @get("/periods/{period_id:uuid}", sync_to_thread=True)
    def period(
        self, request: Visit, door: NamedDependency[Door], period_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Lead from a period to its pipeline's month."""
        with door.reading(request) as work:
            held = queries.period(work.session, period_id, work.who)
        return go(request, f"{HOME}/{held.pipeline_id}?month={held.first:%Y-%m}")

    @post("/periods/{period_id:uuid}", sync_to_thread=True)
    def decide(
        self,
        request: Visit,
        door: NamedDependency[Door],
        period_id: FromPath[UUID],
        data: URLEncodedBody[StepForm],
    ) -> Answer:
        """Confirm, reopen or close a period."""
        with door.reading(request) as work:
            pipeline_id = queries.period(work.session, period_id, work.who).pipeline_id

        def act(work: Work, row: Pipeline) -> None:
            held = queries.period(work.session, period_id, work.who, locked=True)
            if data.act == "confirm":
                kg = kilograms(data.tonnes, "accepted_kg") if data.tonnes.strip() else None
                periods.confirm(work, row, held, kg, data.reason)
            elif data.act == "reopen":
                periods.reopen(work, row, held, data.reason)
            elif data.act == "treat":
                periods.treat(work, row, held)
            else:
                raise Invalid(N_("Choose what is to be done."), field="act")

        return _done(request, door, pipeline_id, act, {"reason": data.reason})


_TOLERANCES = {"day_permille": "20", "span_permille": "10"}


def meant(form: PipelineForm) -> NewPipeline:
    """Return what was typed as a pipeline."""
    try:
        origin, destination = UUID(form.origin), UUID(form.destination)
    except ValueError:
        raise Invalid(N_("Choose both sites."), field="destination_site_id") from None
    return NewPipeline(
        name=form.name,
        carrying=_chosen(Carrying, form.carrying),
        origin_site_id=origin,
        destination_site_id=destination,
        code=form.code.strip(),
        mode=_chosen(Mode, form.mode),
        started_on=day(form.started_on, "started_on"),
        rhythm=_chosen(Rhythm, form.rhythm),
        asked_by=form.asked_by,
        tolerance=Tolerance(
            int(decimal(form.day_permille, "day_permille")), int(decimal(form.span_permille, "span_permille"))
        ),
        mover_meter=form.mover_meter,
        receiver_meter=form.receiver_meter,
    )


def _chosen(choices: Callable[[str], T], text: str) -> T:
    try:
        return choices(text)
    except ValueError:
        raise Invalid(N_("Choose what is to be done."), field="act") from None


def _one(data: ReadingForm) -> NewReading:
    totals = (data.counter_from.strip(), data.counter_to.strip())
    before, after = (kilograms(text, "counter_to_kg") if text else None for text in totals)
    kg = kilograms(data.tonnes, "kg")
    return NewReading(day(data.day, "day"), kg, _chosen(How, data.how), before, after, data.note)


def _done(
    request: Visit,
    door: Door,
    pipeline_id: UUID,
    act: Callable[[Work, Pipeline], None],
    typed: dict[str, str],
) -> Answer:
    try:
        with door.work(request) as work:
            act(work, queries.pipeline(work.session, pipeline_id, work.who, locked=True))
    except DomainError as refusal:
        form = Form(typed, reasons_by_field(refusal, reader(request)))
        return _shown(request, door, pipeline_id, form, refusal.status)
    month = request.query_params.get("month", "")
    back = f"{HOME}/{pipeline_id}" + (f"?month={month}" if month[:7].replace("-", "").isdecimal() else "")
    return go(request, back, N_("It is on record."))


def _list(request: Visit, door: Door, form: Form, status: int = 200) -> Response[str]:
    with door.reading(request) as work:
        may_offer = work.who.has(Role.PRODUCER)
        own = work.who.organisation_id
        return page(
            request,
            "pipelines/list.html",
            status,
            lines=views.lines(work, queries.listed(work.session, work.who)),
            may_offer=may_offer,
            origins=registry.sites_of(work.session, own) if may_offer and own else [],
            destinations=views.receivers(work, own) if may_offer else [],
            carryings=tuple(Carrying),
            rhythms=tuple(Rhythm),
            modes=tuple(Mode),
            form=form,
        )


def _shown(request: Visit, door: Door, pipeline_id: UUID, form: Form, status: int = 200) -> Response[str]:
    with door.reading(request) as work:
        row = queries.pipeline(work.session, pipeline_id, work.who)
        told = views.story(work, row, request.query_params.get("month", ""))
        sites = registry.sites(work.session, [row.origin_site_id, row.destination_site_id])
        values = dict(form.values) or {"day": work.today.isoformat()}
        return page(
            request,
            "pipelines/one.html",
            status,
            story=told,
            sites=sites,
            hows=tuple(How),
            sides=tuple(Side),
            oversees=work.who.oversees,
            form=Form(values, form.errors),
            refused=[one for several in form.errors.values() for one in several],
        )


ROUTES: list[ControllerRouterHandler] = [Pipelines]
