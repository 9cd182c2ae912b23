"""Tables of a year over HTTP: the plan's A.1 to A.7, what became of it, and those of industrial waste."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.ledgers import files, industrial, queries, years
from compliance.ledgers.forms import PLAN, SPECS, Form, cells
from compliance.record.work import Work
from marketplace.edge.api.documents import told
from marketplace.edge.api.ledgers import CSV, KEEPS, READS, XLSX, ImportView, OfParameter, import_view
from marketplace.edge.api.papers import NAMED, LanguageParameter, file_of, reads
from marketplace.edge.door import Door
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.pages import reader
from marketplace.web import ledger_views, year_views
from marketplace.web.translation import Language
from marketplace.web.year_views import ComparedView, FlowView

Rows = Annotated[list[dict[str, str]], msgspec.Meta(max_length=years.MOST_ROWS)]


class NewRows(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All rows of a table, their cells as text by field; masses in tonnes, a choice by word or code."""

    rows: Rows


class TableView(msgspec.Struct, frozen=True, kw_only=True):
    """A table of a year: its number in the standard, and its rows as cells by field."""

    form: Form
    number: str
    title: str
    rows: list[dict[str, str]]


class NewTableFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A file of one table, XLSX or CSV, as base64."""

    file_name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    content: bytes


class YearTables(Controller):
    """What a unit fills for a year, and how the year went."""

    path = "/api/v1/ledgers/years/{year:int}"
    tags = ("ledgers",)
    guards = (READS,)

    @get("/tables", sync_to_thread=True, operation_id="get_year_tables")
    def tables(
        self, request: Visit, door: NamedDependency[Door], year: FromPath[int], of: OfParameter = None
    ) -> list[TableView]:
        """List the tables of a year with their rows: A.1 to A.7 of the plan, 表1 of industrial waste."""
        at = ledger_views.sound_year(year)
        with door.reading(request) as work:
            unit = ledger_views.unit_of(work, str(of) if of else None)
            return [_table(work, unit, at, form, reader(request)) for form in Form]

    @post(
        "/tables/{form:str}",
        guards=[KEEPS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="fill_year_table",
        responses=told(TableView, 200),
    )
    def fill(
        self,
        request: Visit,
        door: NamedDependency[Door],
        year: FromPath[int],
        form: FromPath[str],
        data: JSONBody[NewRows],
    ) -> Response[bytes]:
        """Fill a table anew with all its rows; every wrong cell is named at once."""
        at, which, language = ledger_views.sound_year(year), year_views.form_of(form), reader(request)

        def act(work: Work) -> TableView:
            years.fill(work, at, which, data.rows)
            return _table(work, ledger_views.unit_of(work, None), at, which, language)

        return door.once(request, act, status=200)

    @post(
        "/tables/{form:str}/files",
        guards=[KEEPS, keyed],
        sync_to_thread=True,
        operation_id="send_year_table_file",
        responses=told(ImportView),
    )
    def send(
        self,
        request: Visit,
        door: NamedDependency[Door],
        year: FromPath[int],
        form: FromPath[str],
        data: JSONBody[NewTableFile],
    ) -> Response[bytes]:
        """Send a file of a table and see what would become of each row; `take-in` of it fills the table."""
        at, which, language = ledger_views.sound_year(year), year_views.form_of(form), reader(request)

        def act(work: Work) -> ImportView:
            return import_view(work, years.receive(work, data.file_name, data.content, at, which), language)

        return door.once(request, act)

    @get(
        "/tables/{form:str}/table.csv",
        sync_to_thread=True,
        operation_id="get_year_table_csv",
        media_type=CSV,
        response_headers=[NAMED],
    )
    def table_csv(
        self,
        request: Visit,
        door: NamedDependency[Door],
        year: FromPath[int],
        form: FromPath[str],
        of: OfParameter = None,
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Download a table as CSV; the import reads it back. `flow` and `leaving`: 附表2 and 附表3."""
        at, chinese = ledger_views.sound_year(year), reads(request, language).language is Language.ZH
        with door.reading(request) as work:
            unit = ledger_views.unit_of(work, str(of) if of else None)
            sheet = year_views.sheet_of(work, unit, at, form, chinese=chinese)
        return file_of(files.csv_of(sheet, chinese=chinese), f"{form}-{at}.csv", CSV)

    @get(
        "/plan.xlsx",
        sync_to_thread=True,
        operation_id="get_plan_book",
        media_type=XLSX,
        response_headers=[NAMED],
    )
    def plan_book(
        self,
        request: Visit,
        door: NamedDependency[Door],
        year: FromPath[int],
        of: OfParameter = None,
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Download the plan's tables A.1 to A.7 as a workbook."""
        at, chinese = ledger_views.sound_year(year), reads(request, language).language is Language.ZH
        with door.reading(request) as work:
            unit = ledger_views.unit_of(work, str(of) if of else None)
            held = {form: queries.year_rows(work.session, unit, at, form) for form in PLAN}
        sheets = [years.sheet(form, rows, chinese=chinese) for form, rows in held.items()]
        return file_of(files.xlsx_of(sheets, {}, chinese=chinese), f"plan-{at}.xlsx", XLSX)

    @get(
        "/industrial.xlsx",
        sync_to_thread=True,
        operation_id="get_industrial_book",
        media_type=XLSX,
        response_headers=[NAMED],
    )
    def industrial_book(
        self,
        request: Visit,
        door: NamedDependency[Door],
        year: FromPath[int],
        of: OfParameter = None,
        language: LanguageParameter = None,
    ) -> Response[bytes]:
        """Download the tables of general industrial waste (公告2021年第82号) as a workbook."""
        at, chinese = ledger_views.sound_year(year), reads(request, language).language is Language.ZH
        with door.reading(request) as work:
            unit = ledger_views.unit_of(work, str(of) if of else None)
            sheets = industrial.book(work.session, unit, at, chinese=chinese)
        return file_of(files.xlsx_of(sheets, {}, chinese=chinese), f"industrial-{at}.xlsx", XLSX)

    @get("/compared", sync_to_thread=True, operation_id="get_plan_compared")
    def compared(
        self, request: Visit, door: NamedDependency[Door], year: FromPath[int], of: OfParameter = None
    ) -> list[ComparedView]:
        """Hold what happened against the plan: generated, in store, treated and moved, with what warns."""
        at = ledger_views.sound_year(year)
        with door.reading(request) as work:
            unit = ledger_views.unit_of(work, str(of) if of else None)
            return year_views.compared(work, unit, at, reader(request))

    @get("/flows", sync_to_thread=True, operation_id="get_industrial_flows")
    def flows(
        self, request: Visit, door: NamedDependency[Door], year: FromPath[int], of: OfParameter = None
    ) -> list[FlowView]:
        """Sum up by month where general industrial waste went (附表2), kilograms."""
        at = ledger_views.sound_year(year)
        with door.reading(request) as work:
            unit = ledger_views.unit_of(work, str(of) if of else None)
            return year_views.flows(work, unit, at)


def _table(work: Work, unit: UUID, year: int, form: Form, language: Language) -> TableView:
    spec, chinese = SPECS[form], language is Language.ZH
    return TableView(
        form=form,
        number=spec.number,
        title=spec.zh if chinese else spec.en,
        rows=[cells(spec, row, chinese=chinese) for row in queries.year_rows(work.session, unit, year, form)],
    )
