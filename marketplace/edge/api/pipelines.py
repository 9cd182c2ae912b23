"""Pipelines over HTTP: what flows, what both meters say day by day, and the manifest of each period (M13)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from compliance.pipelines import periods, queries, service
from compliance.pipelines.rules import (
    Act,
    Carrying,
    Compared,
    How,
    PeriodAct,
    PeriodState,
    Rhythm,
    State,
    Tolerance,
    Verdict,
    by_month,
)
from compliance.pipelines.service import NewPipeline, NewReading
from compliance.pipelines.tables import PeriodManifest
from compliance.record.errors import N_, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry.rules import Mode
from marketplace.edge.api.documents import Kilograms, Reason, told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed

READS = requires(Role.PRODUCER, Role.PROCESSOR, Role.INSPECTOR, Role.OPERATOR)
ENDS = requires(Role.PRODUCER, Role.PROCESSOR)
Short = Annotated[str, msgspec.Meta(max_length=60)]
Permille = Annotated[int, msgspec.Meta(description="thousandths of the larger mass")]
MOST_READINGS = 400


class PipelineOffer(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A pipeline from an own site; the rhythm of its manifests is what the local authority asks for."""

    name: Short
    carrying: Carrying = Carrying.PIPE
    origin_site_id: UUID
    destination_site_id: UUID
    code: Annotated[str, msgspec.Meta(max_length=20)]
    mode: Mode
    started_on: date
    rhythm: Rhythm = Rhythm.MONTH
    asked_by: Annotated[str, msgspec.Meta(max_length=120)] = ""
    day_permille: Permille = 20
    span_permille: Permille = 10
    mover_meter: Short = ""
    receiver_meter: Short = ""


class PipelineView(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline as it stands."""

    id: UUID
    name: str
    carrying: Carrying
    state: State
    mover_id: UUID
    receiver_id: UUID
    origin_site_id: UUID
    destination_site_id: UUID
    code: str
    edition: str
    waste_name: str
    hazardous: bool
    mode: Mode
    rhythm: Rhythm
    asked_by: str
    day_permille: int
    span_permille: int
    mover_meter: str
    receiver_meter: str
    started_on: date
    ended_on: date | None
    created_at: datetime
    changed_at: datetime


class PipelineStep(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Agree to a pipeline as its receiver, or end it."""

    act: Act


class ReadingEntry(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What the own meter said of a day; totals where the meter has any."""

    day: date
    kg: Kilograms
    how: How = How.METER
    counter_from_kg: Kilograms | None = None
    counter_to_kg: Kilograms | None = None
    note: Annotated[str, msgspec.Meta(max_length=200)] = ""


class ReadingEntries(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Days of the own meter; all are taken, or none."""

    readings: Annotated[list[ReadingEntry], msgspec.Meta(min_length=1, max_length=MOST_READINGS)]


class ComparedView(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides over a day or a month, kilograms; null where a side said nothing."""

    name: str
    mover_kg: int | None
    receiver_kg: int | None
    difference_kg: int | None
    permille: float | None
    verdict: Verdict


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Both sides of a pipeline over a span, day by day and month by month."""

    days: list[ComparedView]
    months: list[ComparedView]


class PeriodIssue(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Any day of the period whose manifest is to be issued."""

    day: date


class PeriodStep(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Confirm a period (with the reason where both sides differ), reopen it, or sign its treatment."""

    act: PeriodAct
    accepted_kg: Kilograms | None = None
    reason: Reason = ""


class PeriodView(msgspec.Struct, frozen=True, kw_only=True):
    """The manifest of one period; its number is provisional, not of the national system.

    `document_hash` is the SHA-256 of what was signed last; empty from before the document was kept.
    """

    id: UUID
    pipeline_id: UUID
    period: str
    first: date
    last: date
    edition: str
    number: str
    state: PeriodState
    mover_kg: int
    receiver_kg: int | None
    accepted_kg: int | None
    reason: str
    issued_at: datetime
    confirmed_at: datetime | None
    treated_at: datetime | None
    document_hash: str


class Pipelines(Controller):
    """Transfers that are metered day by day at both ends instead of weighed trip by trip."""

    path = "/api/v1/pipelines"
    tags = ("pipelines",)
    guards = (READS,)

    @get("/", sync_to_thread=True, operation_id="list_pipelines")
    def listed(self, request: Visit, door: NamedDependency[Door]) -> list[PipelineView]:
        """List the pipelines of the own house, or all for who oversees; at most 200."""
        with door.reading(request) as work:
            return [view(row, PipelineView) for row in queries.listed(work.session, work.who)]

    @post(
        "/",
        guards=[requires(Role.PRODUCER), keyed],
        sync_to_thread=True,
        operation_id="offer_pipeline",
        responses=told(PipelineView),
    )
    def offer(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[PipelineOffer]
    ) -> Response[bytes]:
        """Enter a pipeline from an own site; it runs once the receiver agrees."""
        said = {name: getattr(data, name) for name in NewPipeline.__dataclass_fields__ if name != "tolerance"}
        new = NewPipeline(**said, tolerance=Tolerance(data.day_permille, data.span_permille))
        return door.once(request, lambda work: view(service.offer(work, new), PipelineView))

    @get("/{pipeline_id:uuid}", sync_to_thread=True, operation_id="get_pipeline")
    def one(self, request: Visit, door: NamedDependency[Door], pipeline_id: FromPath[UUID]) -> PipelineView:
        """Return one pipeline."""
        with door.reading(request) as work:
            return view(queries.pipeline(work.session, pipeline_id, work.who), PipelineView)

    @post(
        "/{pipeline_id:uuid}/steps",
        guards=[ENDS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="move_pipeline",
        responses=told(PipelineView, 200),
    )
    def move(
        self,
        request: Visit,
        door: NamedDependency[Door],
        pipeline_id: FromPath[UUID],
        data: JSONBody[PipelineStep],
    ) -> Response[bytes]:
        """Agree to a pipeline as its receiver, or end it from either side."""

        def act(work: Work) -> PipelineView:
            row = queries.pipeline(work.session, pipeline_id, work.who, locked=True)
            return view(service.move(work, row, data.act), PipelineView)

        return door.once(request, act, status=200)

    @post(
        "/{pipeline_id:uuid}/readings",
        guards=[ENDS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="enter_meter_readings",
        responses=told(list[ReadingEntry], 200),
    )
    def enter(
        self,
        request: Visit,
        door: NamedDependency[Door],
        pipeline_id: FromPath[UUID],
        data: JSONBody[ReadingEntries],
    ) -> Response[bytes]:
        """Enter or correct what the own meter said of some days; every reason against any of them at once."""
        given = [NewReading(**msgspec.structs.asdict(one)) for one in data.readings]

        def act(work: Work) -> list[ReadingEntry]:
            row = queries.pipeline(work.session, pipeline_id, work.who, locked=True)
            return [view(one, ReadingEntry) for one in service.enter(work, row, given)]

        return door.once(request, act, status=200)

    @get("/{pipeline_id:uuid}/comparison", sync_to_thread=True, operation_id="compare_pipeline")
    def compare(
        self,
        request: Visit,
        door: NamedDependency[Door],
        pipeline_id: FromPath[UUID],
        first: FromQuery[date],
        last: FromQuery[date],
    ) -> Comparison:
        """Compare both sides day by day and month by month, at most 400 days."""
        if not 0 <= (last - first).days < MOST_READINGS:
            raise Invalid(N_("Ask for at most {most} days."), field="last", values={"most": MOST_READINGS})
        with door.reading(request) as work:
            row = queries.pipeline(work.session, pipeline_id, work.who)
            days = queries.compared(work.session, row, first, last, work.today)
            months = by_month(days, queries.tolerance_of(row))
        return Comparison(days=[_compared(one) for one in days], months=[_compared(one) for one in months])

    @get("/{pipeline_id:uuid}/periods", sync_to_thread=True, operation_id="list_periods")
    def periods(
        self, request: Visit, door: NamedDependency[Door], pipeline_id: FromPath[UUID]
    ) -> list[PeriodView]:
        """List the manifests of a pipeline's periods, the newest first."""
        with door.reading(request) as work:
            row = queries.pipeline(work.session, pipeline_id, work.who)
            return [_period(one) for one in queries.periods(work.session, row.id)]

    @post(
        "/{pipeline_id:uuid}/periods",
        guards=[requires(Role.PRODUCER), keyed],
        sync_to_thread=True,
        operation_id="issue_period",
        responses=told(PeriodView),
    )
    def issue(
        self,
        request: Visit,
        door: NamedDependency[Door],
        pipeline_id: FromPath[UUID],
        data: JSONBody[PeriodIssue],
    ) -> Response[bytes]:
        """Issue the manifest of the period in which a day lies, once the mover has metered all of it."""

        def act(work: Work) -> PeriodView:
            row = queries.pipeline(work.session, pipeline_id, work.who, locked=True)
            return _period(periods.issue(work, row, data.day))

        return door.once(request, act)

    @post(
        "/periods/{period_id:uuid}/steps",
        guards=[keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="move_period",
        responses=told(PeriodView, 200),
    )
    def step(
        self,
        request: Visit,
        door: NamedDependency[Door],
        period_id: FromPath[UUID],
        data: JSONBody[PeriodStep],
    ) -> Response[bytes]:
        """Confirm, reopen or close the manifest of a period."""
        return door.once(request, lambda work: _period(_step(work, period_id, data)), status=200)


def _step(work: Work, period_id: UUID, data: PeriodStep) -> PeriodManifest:
    held = queries.period(work.session, period_id, work.who, locked=True)
    row = queries.pipeline(work.session, held.pipeline_id, work.who, locked=True)
    if data.act is PeriodAct.ISSUE:
        return periods.issue(work, row, held.first)
    if data.act is PeriodAct.CONFIRM:
        return periods.confirm(work, row, held, data.accepted_kg, data.reason)
    if data.act is PeriodAct.REOPEN:
        return periods.reopen(work, row, held, data.reason)
    return periods.treat(work, row, held)


def _period(row: PeriodManifest) -> PeriodView:
    return view(row, PeriodView)


def _compared(one: Compared) -> ComparedView:
    return ComparedView(
        name=one.name,
        mover_kg=one.mover_kg,
        receiver_kg=one.receiver_kg,
        difference_kg=one.difference_kg,
        permille=None if one.permille is None else round(float(one.permille), 2),
        verdict=one.verdict,
    )
