"""What would a file change in the ledgers, row by row, and how is it taken in?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from compliance.catalogue.rules import Kind, WasteType
from compliance.ledgers import pinning, queries, stock
from compliance.ledgers.book import Book, Outcome
from compliance.ledgers.columns import COLUMNS, draft_from
from compliance.ledgers.files import rows_of
from compliance.ledgers.rules import NUMBERS, Draft, Origin, Table
from compliance.ledgers.service import book_of, keeper, write
from compliance.ledgers.tables import LedgerImport
from compliance.record.errors import N_, Conflict, DomainError, RuleBroken
from compliance.record.work import Work


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file (`number` as a spreadsheet counts) with what becomes of it and every reason."""

    number: int
    outcome: Outcome
    batch: str
    draft: Draft | None
    waste: WasteType | None
    reasons: Sequence[DomainError]


def receive(work: Work, file_name: str, content: bytes, table: Table) -> LedgerImport:
    """Read a file and keep its rows for the preview; nothing enters the ledgers yet."""
    unit = keeper(work)
    row = LedgerImport(
        id=work.new_id(),
        organisation_id=unit,
        person_id=work.who.person_id,
        file_name=file_name[-120:],
        sha256=hashlib.sha256(content).hexdigest(),
        part=table.value,
        rows=rows_of(content, COLUMNS[table], NUMBERS[table]),
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def preview(work: Work, row: LedgerImport) -> list[Row]:
    """Judge a file's rows in their order as they would be taken in now; nothing is changed."""
    table = Table(row.part)
    known: dict[str, WasteType] = {}
    read = [_read(work, row.organisation_id, table, cells, known) for cells in row.rows]
    book = book_of(work, row.organisation_id, [draft for draft, _, _ in read if draft is not None])
    return [_judged(work, book, place + 2, *one) for place, one in enumerate(read)]


def take_in(work: Work, import_id: UUID) -> LedgerImport:
    """Take the rows of a file in that hold, once; each row's result is kept with the file."""
    keeper(work)
    row = queries.imported(work.session, import_id, work.who)
    if row.taken_at is not None or _taken_before(work, row):
        raise Conflict(
            N_("This file was taken in already."),
            code="file_taken",
            way_out=N_("Change the file, or correct the entries one by one."),
        )
    stock.hold(work.session, [row.organisation_id])
    found = preview(work, row)
    outcomes: list[dict[str, object]] = []
    for one in found:
        batch = one.batch
        if one.outcome in {Outcome.INSERTED, Outcome.UPDATED} and one.draft and one.waste:
            batch = write(work, row.organisation_id, one.draft, one.waste, Origin.IMPORTED).batch
        reasons = [told(reason) for reason in one.reasons]
        outcomes.append({"row": one.number, "outcome": one.outcome.value, "batch": batch, "reasons": reasons})
    row.outcomes, row.taken_at = outcomes, work.now
    work.append(
        "LedgerImported",
        row.id,
        organisation=str(row.organisation_id),
        sha256=row.sha256,
        part=row.part,
        counts=counts([one.outcome for one in found]),
    )
    return row


def counts(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Return how many rows came to what."""
    return {one.value: outcomes.count(one) for one in Outcome}


def _read(
    work: Work, unit: UUID, table: Table, cells: dict[str, str], known: dict[str, WasteType]
) -> tuple[Draft | None, WasteType | None, list[DomainError]]:
    draft, wrong = draft_from(table, cells)
    if draft is None:
        return None, None, wrong
    try:
        waste = pinning.waste_for(work, unit, draft, known)
    except RuleBroken as unknown:
        return None, None, [unknown]
    if draft.batch:
        known[draft.batch] = waste
    return replace(draft, code=waste.code, name=draft.name or waste.category_name), waste, []


def _judged(
    work: Work,
    book: Book,
    number: int,
    draft: Draft | None,
    waste: WasteType | None,
    wrong: list[DomainError],
) -> Row:
    if draft is None or waste is None:
        return Row(number, Outcome.FAILED, "", None, None, wrong)
    outcome, reasons = book.judge(draft, work.today, hazardous=waste.kind is Kind.HAZARDOUS)
    if outcome in {Outcome.INSERTED, Outcome.UPDATED}:
        book.note(draft)
    return Row(number, outcome, draft.batch, draft, waste, reasons)


def _taken_before(work: Work, row: LedgerImport) -> bool:
    """Tell whether the same content went into the same table: rows without a batch code would double."""
    same = select(LedgerImport.id).where(
        LedgerImport.organisation_id == row.organisation_id,
        LedgerImport.sha256 == row.sha256,
        LedgerImport.part == row.part,
        LedgerImport.taken_at.is_not(None),
    )
    return work.session.scalar(same) is not None


def told(reason: DomainError) -> dict[str, object]:
    """Return a reason so that it can be said again in either language."""
    return {
        "message": reason.message,
        "values": {name: str(value) for name, value in reason.values.items()},
        "field": reason.field or "",
        "way_out": reason.way_out or "",
        "rule": getattr(reason, "rule", ""),
        "article": getattr(reason, "article", ""),
    }
