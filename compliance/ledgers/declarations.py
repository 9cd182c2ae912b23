"""What must a unit declare now, what are its figures, and how is it noted that it did?"""

from __future__ import annotations

from uuid import UUID

from compliance.deadlines import service as deadlines
from compliance.deadlines.rules import Kind
from compliance.deadlines.service import About
from compliance.ledgers import plans, queries
from compliance.ledgers.declaring import Period, Rhythm, owed
from compliance.ledgers.rules import Table
from compliance.ledgers.service import keeper
from compliance.ledgers.tables import Declaration, ManagementPlan
from compliance.record.errors import N_, Conflict, Invalid
from compliance.record.work import Work
from compliance.rulebook.workdays import Workdays

KINDS = {True: Kind.PLAN, False: Kind.DECLARE}
"""The kind of deadline by whether it is a plan that is owed."""


def watch(work: Work, calendar: Workdays) -> int:
    """Let the deadlines of all units' declarations and plans begin that are due next; return how many."""
    return sum(_watch_one(work, unit, calendar) for unit in queries.declaring(work.session))


def _watch_one(work: Work, unit: UUID, calendar: Workdays) -> int:
    periods = owed(plans.standing_of(work, unit).unit, work.today)
    begun = queries.first_day(work.session, unit)
    known = queries.periods(work.session, unit, [one.name for one in periods])
    if queries.plan(work.session, unit, work.today.year) is not None:
        known |= {one.name for one in periods if one.rhythm is Rhythm.PLAN}
    wanted = [one for one in periods if one.name not in known and begun is not None and begun <= one.last]
    for period in wanted:
        row = _open(work, unit, period)
        about = About(row.id, unit, period.name)
        deadlines.start(work, KINDS[period.rhythm is Rhythm.PLAN], about, period.due_on, calendar)
    return len(wanted)


def _open(work: Work, unit: UUID, period: Period) -> Declaration:
    row = Declaration(
        id=work.new_id(),
        organisation_id=unit,
        period=period.name,
        rhythm=period.rhythm.value,
        first=period.first,
        last=period.last,
        due_on=period.due_on,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def figures(work: Work, row: Declaration) -> list[dict[str, object]]:
    """Return what is to be declared: by waste, what each table sums to over the period, kilograms."""
    found: dict[str, dict[str, object]] = {}
    for one in queries.sums(work.session, row.organisation_id, row.first, row.last):
        if not one.hazardous:
            continue
        line = found.setdefault(
            one.code, {"code": one.code} | dict.fromkeys((part.value for part in Table), 0)
        )
        line[one.part.value] = int(str(line[one.part.value])) + one.kg
    return [found[code] for code in sorted(found)]


def declare(work: Work, declaration_id: UUID, number: str) -> Declaration:
    """Note that a period was declared in the national system, with the number it gave; figures are kept.

    Declaring happens there: this product is not connected to it and only keeps what was typed in.
    """
    unit = keeper(work)
    row = queries.declaration(work.session, declaration_id, work.who)
    if row.organisation_id != unit or row.declared_on is not None or row.rhythm == Rhythm.PLAN.value:
        raise Conflict(N_("This period is declared already."), code="declared")
    if not number.strip():
        raise Invalid(
            N_("The receipt number of the national system is missing."),
            field="number",
            way_out=N_("Declare there first; this product is not connected to it."),
        )
    row.declared_on, row.number, row.figures = work.today, number.strip(), figures(work, row)
    deadlines.keep(work, Kind.DECLARE, row.id)
    work.append(
        "PeriodDeclared",
        row.id,
        organisation=str(unit),
        period=row.period,
        number=row.number,
        figures=row.figures,
    )
    return row


def plan_filed(work: Work, filed: ManagementPlan) -> None:
    """End the deadline of a year's plan because it was filed."""
    for row in queries.declarations(work.session, filed.organisation_id):
        if row.period == f"{filed.year}-P" and row.declared_on is None:
            row.declared_on, row.number = work.today, filed.number
            deadlines.keep(work, Kind.PLAN, row.id)
