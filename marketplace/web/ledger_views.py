"""What does a unit see of its ledgers: its class, what it owes, its plan, and the year's sums?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from uuid import UUID

from sqlalchemy import select

from compliance.ledgers import importing, plans, queries, stock, years
from compliance.ledgers.book import Outcome
from compliance.ledgers.columns import COLUMNS, Column, cells_of
from compliance.ledgers.declaring import PLAN_TABLES, Standing
from compliance.ledgers.forms import SPECS
from compliance.ledgers.queries import Sum
from compliance.ledgers.rules import NUMBERS, Table
from compliance.ledgers.service import drafts_of
from compliance.ledgers.tables import Declaration, LedgerEntry, LedgerImport, ManagementPlan
from compliance.record.errors import N_, NotFound
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Organisation
from marketplace.edge.problems import Reason, reason_of
from marketplace.web.translation import Language, translate

PARTS: Mapping[Table, str] = {
    Table.GENERATED: N_("Generation"),
    Table.STORED: N_("Into store"),
    Table.TAKEN_OUT: N_("Out of store"),
    Table.TREATED: N_("Own use and disposal"),
    Table.OUTSOURCED: N_("Outsourced use and disposal"),
}
UNIT_CLASSES = {
    "key": N_("key unit"),
    "simplified": N_("unit under simplified management"),
    "registered": N_("registered unit"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One waste over a year: what each table sums to, and what lay in the works at its end (kilograms)."""

    code: str
    name: str
    hazardous: bool
    kg: Mapping[Table, int]
    left_kg: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page of a unit's ledgers."""

    unit: Organisation
    year: int
    standing: Standing
    plan: ManagementPlan | None
    plan_tables: Sequence[str]
    declarations: Sequence[Declaration]
    lines: Sequence[Line]
    own: bool


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row of a file with its result, in the reader's language."""

    number: int
    outcome: str
    batch: str
    cells: tuple[str, ...]
    reasons: tuple[Reason, ...]


def unit_of(work: Work, asked: str | None) -> UUID:
    """Return whose ledgers are meant: the own unit's, or for who oversees the one asked for."""
    if asked and work.who.oversees:
        try:
            return registry.organisation(work.session, UUID(asked)).id
        except ValueError:
            raise NotFound("organisation", asked) from None
    if work.who.organisation_id is None:
        raise NotFound("organisation", asked or "")
    return work.who.organisation_id


def span(year: int) -> tuple[date, date]:
    """Return the first and the last day of a year."""
    return date(year, 1, 1), date(year, 12, 31)


def year_of(text: str | None, today: date) -> int:
    """Return the year asked for, this one where none is."""
    return (
        int(text) if text and text.isascii() and text.isdigit() and 2000 <= int(text) < 2200 else today.year
    )


def sound_year(year: int) -> int:
    """Return a year of an address, or raise `NotFound` for one that no ledger has."""
    if not 2000 <= year < 2200:
        raise NotFound("year", str(year))
    return year


def overview(work: Work, unit: UUID, year: int) -> Overview:
    """Gather a unit's ledgers of a year."""
    standing = plans.standing_of(work, unit)
    return Overview(
        unit=registry.organisation(work.session, unit),
        year=year,
        standing=standing,
        plan=queries.plan(work.session, unit, year),
        plan_tables=[SPECS[form].number for form in PLAN_TABLES[standing.unit]],
        declarations=queries.declarations(work.session, unit),
        lines=lines_of(work, unit, year),
        own=work.who.organisation_id == unit,
    )


def lines_of(work: Work, unit: UUID, year: int) -> list[Line]:
    """Return a year's sums by waste, hazardous waste first."""
    found = queries.sums(work.session, unit, *span(year))
    codes = sorted({(not one.hazardous, one.code) for one in found})
    named = select(LedgerEntry.code, LedgerEntry.name).where(LedgerEntry.organisation_id == unit)
    names = {row[0]: row[1] for row in work.session.execute(named.order_by(LedgerEntry.day))}
    lie = stock.balances(work.session, unit, span(year)[1])
    return [
        Line(
            code,
            names.get(code, ""),
            not other,
            {part: _kg(found, code, part) for part in Table},
            lie[code].left_kg if code in lie else 0,
        )
        for other, code in codes
    ]


def _kg(found: Sequence[Sum], code: str, part: Table) -> int:
    return sum(one.kg for one in found if one.code == code and one.part is part)


def units(work: Work) -> list[Organisation]:
    """Return the units that keep ledgers, for who oversees."""
    found = registry.organisations(work.session, queries.units(work.session))
    return sorted(found.values(), key=lambda one: one.name)


def headings(part: Table, language: Language) -> list[str]:
    """Return a table's headings as the standard has them, or in English."""
    return [one.zh if language is Language.ZH else one.en for one in COLUMNS[part]]


def cells(work: Work, rows: Sequence[LedgerEntry]) -> list[list[str]]:
    """Return entries' cells in the order of their table."""
    told = [(draft.table, cells_of(draft)) for draft in drafts_of(work.session, rows)]
    return [[said[one.key] for one in COLUMNS[table]] for table, said in told]


def import_rows(work: Work, row: LedgerImport, language: Language) -> list[ImportRow]:
    """Return a file's rows: as they were taken in, or as they would be now."""
    meant = years.table_of(row)
    columns = COLUMNS[Table(row.part)] if meant is None else SPECS[meant[0]].columns
    if row.outcomes is not None:
        return [
            ImportRow(
                int(str(one["row"])),
                str(one["outcome"]),
                str(one["batch"]),
                _shown(columns, said),
                tuple(_again(reason, language) for reason in _listed(one["reasons"])),
            )
            for one, said in zip(row.outcomes, row.rows, strict=True)
        ]
    judged: Sequence[importing.Row | years.Judged] = (
        importing.preview(work, row) if meant is None else years.preview(work, row)
    )
    return [
        ImportRow(
            one.number,
            one.outcome.value,
            one.batch,
            _shown(columns, said),
            tuple(reason_of(reason, language) for reason in one.reasons),
        )
        for one, said in zip(judged, row.rows, strict=True)
    ]


def counted(rows: Sequence[ImportRow]) -> dict[str, int]:
    """Return how many rows came to what."""
    return importing.counts([Outcome(one.outcome) for one in rows])


def _shown(columns: Sequence[Column], said: Mapping[str, str]) -> tuple[str, ...]:
    """Return the cells by which a row is known again."""
    keys = [one.key for one in columns if one.needed or one.key in {"source", "receiver"}]
    return tuple(said.get(key, "") for key in keys)


def _listed(value: object) -> list[Mapping[str, object]]:
    assert isinstance(value, list)
    return value


def _again(told: Mapping[str, object], language: Language) -> Reason:
    """Say a stored reason again in the reader's language."""
    values = told["values"]
    assert isinstance(values, dict)
    return Reason(
        detail=translate(language, str(told["message"]), **values),
        rule=str(told["rule"]),
        article=str(told["article"]),
        field=str(told["field"]),
        way_out=translate(language, str(told["way_out"]), **values) if told["way_out"] else "",
    )


def title(part: Table, language: Language) -> str:
    """Return a table's name: `B.1 Generation`."""
    return f"{NUMBERS[part]} {translate(language, PARTS[part])}"


def month_rows(
    work: Work, unit: UUID, year: int, language: Language
) -> dict[str, list[list[str | int | Decimal]]]:
    """Return a year's sums by waste and month as rows of a sheet, tonnes (G10: the monthly tables)."""
    say = partial(translate, language)
    found = queries.sums(work.session, unit, *span(year))
    heads = [say(N_("Waste code")), say(N_("Month")), *(title(part, language) for part in Table)]
    rows: list[list[str | int | Decimal]] = [list(heads)]
    for code, month in sorted({(one.code, one.month) for one in found}):
        kg = {one.part: one.kg for one in found if (one.code, one.month) == (code, month)}
        rows.append([code, month, *(Decimal(kg.get(part, 0)) / 1000 for part in Table)])
    return {say(N_("By month")): rows}
