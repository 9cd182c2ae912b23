"""Ledgers over HTTP: entries and their corrections, and the files that go out and come in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from compliance.ledgers import files, importing, queries, service, years
from compliance.ledgers.book import Outcome
from compliance.ledgers.rules import NUMBERS, Draft, Origin, Purpose, Table
from compliance.ledgers.tables import LedgerEntry, LedgerImport
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.api.documents import (
    Count,
    CursorParameter,
    Kilograms,
    LimitParameter,
    YearParameter,
    told,
    view,
)
from marketplace.edge.api.papers import NAMED, LanguageParameter, file_of, reads
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.pages import reader
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.edge.problems import Reason
from marketplace.web import ledger_views
from marketplace.web.translation import Language

KEEPS = requires(Role.PRODUCER, Role.PROCESSOR)
READS = requires(Role.PRODUCER, Role.PROCESSOR, Role.INSPECTOR, Role.OPERATOR)
OfParameter = Annotated[
    UUID | None, QueryParameter(name="of", description="for who oversees: whose ledgers; else the own ones")
]
Short = Annotated[str, msgspec.Meta(max_length=60)]
BatchCode = Annotated[str, msgspec.Meta(max_length=20)]
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class NewEntry(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One line of a table; without a batch code it is given the next one of its day."""

    table: Table
    day: date
    code: Annotated[str, msgspec.Meta(max_length=20)]
    kg: Kilograms
    purpose: Purpose = Purpose.NONE
    batch: BatchCode = ""
    source: BatchCode = ""
    name: Annotated[str, msgspec.Meta(max_length=200)] = ""
    container: Short = ""
    container_kind: Short = ""
    count: Count = 1
    facility: Short = ""
    method: Short = ""
    party: Annotated[str, msgspec.Meta(max_length=120)] = ""
    licence: Short = ""
    handler: Short = ""
    note: Annotated[str, msgspec.Meta(max_length=400)] = ""


class EntryView(msgspec.Struct, frozen=True, kw_only=True):
    """One line as it stands; `manifest_id` names what made it: a manifest, or that of a pipeline's period."""

    id: UUID
    organisation_id: UUID
    part: Table
    batch: str
    source: str
    day: date
    code: str
    edition: str
    category: str
    hazardous: bool
    name: str
    kg: int
    purpose: Purpose
    container: str
    container_kind: str
    count: int
    facility: str
    method: str
    party: str
    licence: str
    handler: str
    note: str
    origin: Origin
    manifest_id: UUID | None
    created_at: datetime
    changed_at: datetime


class NewFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A file of one table, XLSX or CSV, as base64."""

    table: Table
    file_name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    content: bytes


class RowView(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one row (`row` as a spreadsheet counts), and every reason why not."""

    row: int
    outcome: Outcome
    batch: str
    reasons: list[Reason]


class ImportView(msgspec.Struct, frozen=True, kw_only=True):
    """A file row by row, as a preview or as it was taken in; `table`: of the ledgers, or of a year."""

    id: UUID
    file_name: str
    table: str
    sha256: str
    taken_at: datetime | None
    counts: dict[str, int]
    rows: list[RowView]


class Ledgers(Controller):
    """The five tables of HJ 1259-2022, kept for hazardous and for other waste."""

    path = "/api/v1/ledgers"
    tags = ("ledgers",)
    guards = (READS,)

    @get("/entries", sync_to_thread=True, operation_id="get_ledger_entries")
    def entries(
        self,
        request: Visit,
        door: NamedDependency[Door],
        table: FromQuery[Table],
        year: YearParameter = None,
        of: OfParameter = None,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[EntryView]:
        """List one table of a year, what was entered last first."""
        with door.reading(request) as work:
            unit = ledger_views.unit_of(work, str(of) if of else None)
            days = ledger_views.span(year or work.today.year)
            return page_of(
                work.session,
                queries.listed(table, unit, *days, work.who).order_by(None),
                LedgerEntry.created_at,
                LedgerEntry.id,
                lambda row: view(row, EntryView),
                cursor=cursor,
                limit=limit,
            )

    @post(
        "/entries",
        guards=[KEEPS, keyed],
        sync_to_thread=True,
        operation_id="make_ledger_entry",
        responses=told(EntryView),
    )
    def enter(self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewEntry]) -> Response[bytes]:
        """Enter a line into the own ledgers."""
        draft = Draft(**msgspec.structs.asdict(data))
        return door.once(request, lambda work: view(service.record(work, draft), EntryView))

    @post(
        "/entries/{batch:str}/corrections",
        guards=[KEEPS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="correct_ledger_entry",
        responses=told(EntryView, 200),
    )
    def correct(
        self,
        request: Visit,
        door: NamedDependency[Door],
        batch: FromPath[str],
        data: JSONBody[NewEntry],
    ) -> Response[bytes]:
        """Correct a line; what it said before stays on the record."""
        draft = Draft(**msgspec.structs.asdict(data))
        return door.once(
            request, lambda work: view(service.correct(work, batch, draft), EntryView), status=200
        )

    @get(
        "/table.csv",
        sync_to_thread=True,
        operation_id="get_ledger_csv",
        media_type=CSV,
        response_headers=[NAMED],
    )
    def table_csv(
        self,
        request: Visit,
        door: NamedDependency[Door],
        table: FromQuery[Table],
        year: YearParameter = None,
        of: OfParameter = None,
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Download one table of a year as CSV; it is read back by the import."""
        chinese = reads(request, language).language is Language.ZH
        with door.reading(request) as work:
            unit = ledger_views.unit_of(work, str(of) if of else None)
            at = year or work.today.year
            content = files.csv_of(files.sheet_of(table, _drafts(work, table, unit, at)), chinese=chinese)
        return file_of(content, f"ledger-{NUMBERS[table]}-{at}.csv", CSV)

    @get(
        "/book.xlsx",
        sync_to_thread=True,
        operation_id="get_ledger_book",
        media_type=XLSX,
        response_headers=[NAMED],
    )
    def book(
        self,
        request: Visit,
        door: NamedDependency[Door],
        year: YearParameter = None,
        of: OfParameter = None,
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Download a year's five tables as a workbook, with the sums by waste and month."""
        read = reads(request, language)
        with door.reading(request) as work:
            unit = ledger_views.unit_of(work, str(of) if of else None)
            at = year or work.today.year
            tables = [files.sheet_of(table, _drafts(work, table, unit, at)) for table in Table]
            sums = ledger_views.month_rows(work, unit, at, read.language)
            content = files.xlsx_of(tables, sums, chinese=read.language is Language.ZH)
        return file_of(content, f"ledger-{at}.xlsx", XLSX)


class LedgerFiles(Controller):
    """Files that come in: first a preview, then the rows that hold."""

    path = "/api/v1/ledgers/imports"
    tags = ("ledgers",)
    guards = (KEEPS,)

    @post(
        "/",
        guards=[keyed],
        sync_to_thread=True,
        operation_id="send_ledger_file",
        responses=told(ImportView),
    )
    def send(self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewFile]) -> Response[bytes]:
        """Send a file of one table and see what would become of each row; nothing is taken in yet."""
        language = reader(request)

        def act(work: Work) -> ImportView:
            return import_view(
                work, importing.receive(work, data.file_name, data.content, data.table), language
            )

        return door.once(request, act)

    @get("/{import_id:uuid}", sync_to_thread=True, operation_id="get_ledger_file")
    def one(self, request: Visit, door: NamedDependency[Door], import_id: FromPath[UUID]) -> ImportView:
        """Show a file row by row: as it would be taken in now, or as it was."""
        with door.reading(request) as work:
            row = queries.imported(work.session, import_id, work.who)
            return import_view(work, row, reader(request))

    @post(
        "/{import_id:uuid}/take-in",
        guards=[keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="take_in_ledger_file",
        responses=told(ImportView, 200),
    )
    def take_in(
        self, request: Visit, door: NamedDependency[Door], import_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Take in the rows that hold, and say of each what became of it."""
        language = reader(request)

        def act(work: Work) -> ImportView:
            return import_view(work, years.take_file(work, import_id), language)

        return door.once(request, act, status=200)


def _drafts(work: Work, table: Table, unit: UUID, year: int) -> list[Draft]:
    rows = work.session.scalars(
        queries.listed(table, unit, *ledger_views.span(year), work.who)
        .order_by(None)
        .order_by(LedgerEntry.day, LedgerEntry.batch)
    ).all()
    return service.drafts_of(work.session, rows)


def import_view(work: Work, row: LedgerImport, language: Language) -> ImportView:
    """Return a file row by row."""
    rows = ledger_views.import_rows(work, row, language)
    return ImportView(
        id=row.id,
        file_name=row.file_name,
        table=row.part,
        sha256=row.sha256,
        taken_at=row.taken_at,
        counts=ledger_views.counted(rows),
        rows=[
            RowView(
                row=one.number,
                outcome=Outcome(one.outcome),
                batch=one.batch,
                reasons=list(one.reasons),
            )
            for one in rows
        ],
    )
