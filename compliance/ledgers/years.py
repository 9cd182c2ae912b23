"""How does a unit fill its tables of a year, from a form or a file, and did the year go as planned?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, func, not_, select
from sqlalchemy.orm import Session

from compliance.catalogue import service as catalogue
from compliance.catalogue.rules import Kind
from compliance.ledgers import files, importing, plans, queries, stock
from compliance.ledgers.book import Outcome
from compliance.ledgers.comparing import Compared, Done, Matter, compare
from compliance.ledgers.forms import PLAN, SPECS, Form, Row, Spec, cells, merged, read
from compliance.ledgers.importing import counts, told
from compliance.ledgers.rules import Table
from compliance.ledgers.service import keeper
from compliance.ledgers.tables import LedgerEntry, LedgerImport, YearTable
from compliance.record.errors import N_, Conflict, DomainError, Invalid, RuleBroken, raise_all
from compliance.record.work import Work

MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Judged:
    """One row of a file (`number` as a spreadsheet counts), what becomes of it, and every reason why not."""

    number: int
    outcome: Outcome
    row: Row | None
    reasons: Sequence[DomainError]
    batch: str = ""


def filled(session: Session, unit: UUID, year: int) -> dict[Form, list[Row]]:
    """Return every table that a unit has filled for a year."""
    statement = select(YearTable).where(YearTable.organisation_id == unit, YearTable.year == year)
    found = {Form(one.form): [dict(row) for row in one.rows] for one in session.scalars(statement)}
    return {form: found[form] for form in Form if found.get(form)}


def fill(work: Work, year: int, form: Form, lines: Sequence[Mapping[str, str]]) -> list[Row]:
    """Fill a table anew with all its rows (cells by field), or raise everything that is wrong with them."""
    unit, spec = keeper(work), SPECS[form]
    found: list[DomainError] = []
    taken: list[Row] = []
    for place, line in enumerate(lines):
        row, wrong = judge(work, spec, line)
        for one in wrong:
            one.field = f"rows.{place}.{one.field}"
        found += wrong
        taken += [row] if row is not None else []
    if len(lines) > MOST_ROWS:
        found.append(_too_many())
    raise_all(found)
    return _keep(work, unit, year, form, merged(spec, [], taken))


def put(work: Work, year: int, form: Form, line: Mapping[str, str]) -> list[Row]:
    """Put one row into a table; one with the same key takes the place of the earlier one."""
    unit, spec = keeper(work), SPECS[form]
    row, wrong = judge(work, spec, line)
    raise_all(wrong)
    assert row is not None
    return _keep(
        work, unit, year, form, merged(spec, queries.year_rows(work.session, unit, year, form), [row])
    )


def take_out(work: Work, year: int, form: Form, place: int) -> list[Row]:
    """Take a row out of a table by its place, from 0; what stood there stays on the record."""
    unit = keeper(work)
    kept = queries.year_rows(work.session, unit, year, form)
    if not 0 <= place < len(kept):
        raise Invalid(N_("There is no such row."), field="place")
    return _keep(work, unit, year, form, [*kept[:place], *kept[place + 1 :]])


def judge(work: Work, spec: Spec, line: Mapping[str, str]) -> tuple[Row | None, list[DomainError]]:
    """Read a row and ask the catalogue of its code: hazardous in a plan, other waste in the list."""
    row, wrong = read(spec, line)
    if row is None or "code" not in row:
        return row, wrong
    try:
        waste = catalogue.require(work, str(row["code"]), work.today, "code")
    except RuleBroken as unknown:
        return None, [unknown]
    if (waste.kind is Kind.HAZARDOUS) is (spec.form is Form.INDUSTRIAL):
        words = (
            N_("{code} is hazardous waste: it belongs into the management plan.")
            if spec.form is Form.INDUSTRIAL
            else N_("{code} is no hazardous waste: it belongs into the list of industrial waste.")
        )
        return None, [Invalid(words, field="code", values={"code": waste.code})]
    return {**row, "code": waste.code, "name": str(row.get("name") or waste.category_name)}, []


def _keep(work: Work, unit: UUID, year: int, form: Form, lines: list[Row]) -> list[Row]:
    if len(lines) > MOST_ROWS:
        raise _too_many()
    found = work.session.get(YearTable, (unit, year, form.value))
    before = [] if found is None else found.rows
    if before == lines:
        return lines
    if found is None:
        found = YearTable(organisation_id=unit, year=year, form=form.value)
        work.session.add(found)
    found.rows, found.changed_at = lines, work.now
    work.session.flush()
    work.append(
        "YearTableFilled",
        unit,
        year=year,
        form=form.value,
        number=SPECS[form].number,
        before=before,
        rows=lines,
    )
    if form is Form.TRANSFER:
        plans.follow_transfer(work, unit, year, lines)
    return lines


def _too_many() -> Invalid:
    return Invalid(
        N_("Must have at most {limit} characters or entries."), field="rows", values={"limit": MOST_ROWS}
    )


def receive(work: Work, file_name: str, content: bytes, year: int, form: Form) -> LedgerImport:
    """Read a file of a table and keep its rows for the preview; nothing is filled yet."""
    unit, spec = keeper(work), SPECS[form]
    row = LedgerImport(
        id=work.new_id(),
        organisation_id=unit,
        person_id=work.who.person_id,
        file_name=file_name[-120:],
        sha256=hashlib.sha256(content).hexdigest(),
        part=f"{form.value}-{year}",
        rows=files.rows_of(content, spec.columns, spec.number),
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def table_of(row: LedgerImport) -> tuple[Form, int] | None:
    """Return which table of which year a file fills; None for one of the ledgers' own tables."""
    form, _, year = row.part.partition("-")
    return (Form(form), int(year)) if year else None


def preview(work: Work, row: LedgerImport) -> list[Judged]:
    """Judge a file's rows in their order as they would be taken in now; nothing is changed."""
    meant = table_of(row)
    assert meant is not None
    form, year = meant
    spec = SPECS[form]
    known = {
        spec.key_of(one): one for one in queries.year_rows(work.session, row.organisation_id, year, form)
    }
    found = []
    for place, line in enumerate(row.rows):
        read_row, wrong = judge(work, spec, line)
        outcome = Outcome.FAILED
        if read_row is not None:
            before = known.get(spec.key_of(read_row))
            outcome = Outcome.INSERTED if before is None else Outcome.UPDATED
            outcome = Outcome.IGNORED if before == read_row else outcome
            known[spec.key_of(read_row)] = read_row
        found.append(Judged(place + 2, outcome, read_row, wrong))
    return found


def take_file(work: Work, import_id: UUID) -> LedgerImport:
    """Take in a file, whether it fills one of the five ledgers or a table of a year."""
    keeper(work)
    row = queries.imported(work.session, import_id, work.who)
    meant = table_of(row)
    return _take_in(work, row, *meant) if meant is not None else importing.take_in(work, import_id)


def _take_in(work: Work, row: LedgerImport, form: Form, year: int) -> LedgerImport:
    """Put the rows of a file that hold into their table, once; each row's result is kept with the file."""
    unit = row.organisation_id
    if row.taken_at is not None:
        raise Conflict(N_("This file was taken in already."), code="file_taken")
    found = preview(work, row)
    good = [one.row for one in found if one.row is not None]
    _keep(
        work, unit, year, form, merged(SPECS[form], queries.year_rows(work.session, unit, year, form), good)
    )
    row.outcomes = [
        {
            "row": one.number,
            "outcome": one.outcome.value,
            "batch": "",
            "reasons": [told(reason) for reason in one.reasons],
        }
        for one in found
    ]
    row.taken_at = work.now
    work.append(
        "LedgerImported",
        row.id,
        organisation=str(unit),
        sha256=row.sha256,
        part=row.part,
        counts=counts([one.outcome for one in found]),
    )
    return row


def sheet(form: Form, lines: Sequence[Row], *, chinese: bool) -> files.Sheet:
    """Return a table as the sheet of a file, which the import reads back."""
    spec = SPECS[form]
    return files.Sheet(spec.number, spec.columns, [cells(spec, line, chinese=chinese) for line in lines])


def compared(work: Work, unit: UUID, year: int) -> list[Compared]:
    """Hold a year of a unit's hazardous waste against the tables of its plan (G2)."""
    plan: dict[Form, list[Row]] = {
        form: lines for form, lines in filled(work.session, unit, year).items() if form in PLAN
    }
    return compare(plan, _done(work.session, unit, year), year, work.today)


def _done(session: Session, unit: UUID, year: int) -> list[Done]:
    """Return what happened to a unit's own hazardous waste; what loads brought comes under its licence."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    brought = and_(LedgerEntry.manifest_id.is_not(None), LedgerEntry.part == Table.TREATED.value)
    own = and_(LedgerEntry.organisation_id == unit, LedgerEntry.hazardous)
    parts = [part.value for part in _MATTERS]
    sums = session.execute(
        select(LedgerEntry.code, LedgerEntry.part, func.sum(LedgerEntry.kg))
        .where(own, not_(brought), LedgerEntry.part.in_(parts), LedgerEntry.day.between(first, last))
        .group_by(LedgerEntry.code, LedgerEntry.part)
    )
    found: dict[str, dict[Matter, int]] = {}
    for code, part, kg in sums:
        found.setdefault(code, {})[_MATTERS[Table(part)]] = int(kg)
    hazardous = set(session.scalars(select(LedgerEntry.code).where(own).distinct()))
    for code, balance in stock.balances(session, unit, last).items():
        if code in hazardous and balance.left_kg > 0:
            found.setdefault(code, {})[Matter.STORED] = balance.left_kg
    ways = _ways(session, unit, first, last)
    return [Done(code, kg, frozenset(ways.get(code, ()))) for code, kg in found.items()]


_MATTERS: Mapping[Table, Matter] = {
    Table.GENERATED: Matter.GENERATED,
    Table.TREATED: Matter.TREATED,
    Table.OUTSOURCED: Matter.TRANSFERRED,
}


def _ways(session: Session, unit: UUID, first: date, last: date) -> dict[str, set[tuple[str, str]]]:
    """Return by which ways a unit treated its own waste; a load that was brought comes under a licence."""
    statement = (
        select(LedgerEntry.code, LedgerEntry.purpose, LedgerEntry.method)
        .where(
            LedgerEntry.organisation_id == unit,
            LedgerEntry.part == Table.TREATED.value,
            LedgerEntry.hazardous,
            LedgerEntry.manifest_id.is_(None),
            LedgerEntry.day.between(first, last),
        )
        .distinct()
    )
    found: dict[str, set[tuple[str, str]]] = {}
    for code, purpose, method in session.execute(statement):
        found.setdefault(code, set()).add((purpose, method))
    return found
