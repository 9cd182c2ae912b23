"""Which pipelines, readings and period manifests are there, and who may see them?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from compliance.pipelines.rules import (
    Compared,
    PeriodState,
    Reading,
    Side,
    State,
    Tolerance,
    Verdict,
    by_day,
    by_month,
    days_of,
)
from compliance.pipelines.tables import MeterReading, PeriodManifest, Pipeline
from compliance.record.errors import NotFound
from compliance.record.who import Who

ACCEPTED = (PeriodState.CONFIRMED.value, PeriodState.TREATED.value)


def visible_to(who: Who) -> Select[Pipeline]:
    """Return the statement for the pipelines a person may see: of the own house at either end, or all."""
    statement = select(Pipeline)
    if who.oversees:
        return statement
    own = who.organisation_id
    return statement.where(or_(Pipeline.mover_id == own, Pipeline.receiver_id == own))


def pipeline(session: Session, pipeline_id: UUID, who: Who, *, locked: bool = False) -> Pipeline:
    """Return one pipeline that a person may see, or raise `NotFound`."""
    statement = visible_to(who).where(Pipeline.id == pipeline_id)
    found = session.scalar(statement.with_for_update() if locked else statement)
    if found is None:
        raise NotFound("pipeline", pipeline_id)
    return found


def listed(session: Session, who: Who, most: int = 200) -> Sequence[Pipeline]:
    """Return the pipelines a person may see, the newest first."""
    return session.scalars(
        visible_to(who).order_by(Pipeline.created_at.desc(), Pipeline.id).limit(most)
    ).all()


def rows(session: Session, pipeline_id: UUID, first: date, last: date) -> Sequence[MeterReading]:
    """Return both sides' readings over some days, in order."""
    return session.scalars(
        select(MeterReading)
        .where(MeterReading.pipeline_id == pipeline_id, MeterReading.day.between(first, last))
        .order_by(MeterReading.day, MeterReading.side)
    ).all()


def running_days(row: Pipeline, first: date, last: date, today: date) -> list[date]:
    """Return the days within a span on which the pipeline ran and of which something can be known."""
    if row.state == State.OFFERED.value:
        return []
    return days_of(max(first, row.started_on), min(last, row.ended_on or today, today))


def compared(session: Session, row: Pipeline, first: date, last: date, today: date) -> list[Compared]:
    """Compare both sides of a pipeline on each running day of a span; today once a meter of it is read."""
    readings = [Reading(one.day, Side(one.side), one.kg) for one in rows(session, row.id, first, last)]
    found = by_day(readings, running_days(row, first, last, today), tolerance_of(row))
    is_open = bool(found) and found[-1].name == today.isoformat() and found[-1].verdict is Verdict.NO_READING
    return found[:-1] if is_open else found


def tolerance_of(row: Pipeline) -> Tolerance:
    """Return how far both sides may be apart."""
    return Tolerance(row.day_permille, row.span_permille)


def periods(session: Session, pipeline_id: UUID) -> Sequence[PeriodManifest]:
    """Return a pipeline's period manifests, the newest first."""
    mine = select(PeriodManifest).where(PeriodManifest.pipeline_id == pipeline_id)
    return session.scalars(mine.order_by(PeriodManifest.first.desc())).all()


def period(session: Session, period_id: UUID, who: Who, *, locked: bool = False) -> PeriodManifest:
    """Return one period manifest of a pipeline that a person may see, or raise `NotFound`."""
    seen = visible_to(who).with_only_columns(Pipeline.id)
    statement = select(PeriodManifest).where(
        PeriodManifest.id == period_id, PeriodManifest.pipeline_id.in_(seen)
    )
    found = session.scalar(statement.with_for_update() if locked else statement)
    if found is None:
        raise NotFound("period_manifest", period_id)
    return found


def covering(session: Session, pipeline_id: UUID, day: date) -> PeriodManifest | None:
    """Return the period manifest in which a day of a pipeline lies, if one was issued."""
    return session.scalar(
        select(PeriodManifest).where(
            PeriodManifest.pipeline_id == pipeline_id,
            PeriodManifest.first <= day,
            PeriodManifest.last >= day,
        )
    )


def signed_within(session: Session, start: datetime, end: datetime) -> list[tuple[Pipeline, PeriodManifest]]:
    """Return the periods on which an end signed something within a span, with their pipelines."""
    last = func.coalesce(PeriodManifest.treated_at, PeriodManifest.confirmed_at, PeriodManifest.issued_at)
    rows = (
        select(Pipeline, PeriodManifest)
        .join(PeriodManifest, PeriodManifest.pipeline_id == Pipeline.id)
        .where(PeriodManifest.issued_at < end, last >= start)
        .order_by(PeriodManifest.first, PeriodManifest.id)
    )
    return [(pipe, period) for pipe, period in session.execute(rows)]


def accepted(
    session: Session, who: Who, first: date, last: date, lying_at: datetime | None = None
) -> list[tuple[Pipeline, PeriodManifest]]:
    """Return what was confirmed of periods that begin within a span, with the pipelines a person may see.

    Of periods that began before it, those that lay untreated at a moment too, where one is told.
    """
    seen = visible_to(who).with_only_columns(Pipeline.id)
    within: ColumnElement[bool] = PeriodManifest.first.between(first, last)
    if lying_at is not None:
        lay = or_(PeriodManifest.treated_at.is_(None), PeriodManifest.treated_at >= lying_at)
        late = and_(PeriodManifest.first < first, lay)
        within = or_(within, late)
    found = session.execute(
        select(Pipeline, PeriodManifest)
        .join(PeriodManifest, PeriodManifest.pipeline_id == Pipeline.id)
        .where(
            Pipeline.id.in_(seen),
            PeriodManifest.state.in_(ACCEPTED),
            within,
        )
        .order_by(PeriodManifest.first, PeriodManifest.id)
    )
    return [(pipe, period) for pipe, period in found]


def months(session: Session, who: Who, year: int, today: date) -> list[tuple[Pipeline, Compared]]:
    """Return every finished month of a year of every pipeline a person may see, compared."""
    first, last = date(year, 1, 1), min(date(year, 12, 31), today)
    found = []
    for row in session.scalars(visible_to(who).where(Pipeline.state != State.OFFERED.value)):
        days = compared(session, row, first, last, today)
        this_month = f"{today:%Y-%m}"
        found += [(row, one) for one in by_month(days, tolerance_of(row)) if one.name != this_month]
    return found
