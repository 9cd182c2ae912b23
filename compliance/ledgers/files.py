"""How does a ledger become a spreadsheet, and a spreadsheet rows again?"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from compliance.ledgers.columns import COLUMNS, Column, cells_of, key_of
from compliance.ledgers.rules import NUMBERS, Draft, Table
from compliance.record.errors import N_
from compliance.record.formulas import harmless
from compliance.record.sheets import Limits, lines_of, unreadable

MOST_ROWS = 2_000
MOST_BYTES = 4_000_000
LIMITS = Limits(
    MOST_BYTES,
    MOST_ROWS + 2,
    N_("Download the table here, fill it in, and send it back with the same headings."),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a file: its name, its columns, and its rows as cells by field."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, str]]


def sheet_of(table: Table, drafts: Iterable[Draft]) -> Sheet:
    """Return entries of a ledger as the sheet of their table."""
    return Sheet(NUMBERS[table], COLUMNS[table], [cells_of(draft) for draft in drafts])


def csv_of(sheet: Sheet, *, chinese: bool) -> bytes:
    """Write one table as CSV that Excel opens as UTF-8."""
    whole = io.StringIO()
    writer = csv.writer(whole, lineterminator="\r\n")
    writer.writerow(headings(sheet.columns, chinese=chinese))
    for row in sheet.rows:
        writer.writerow([harmless(row.get(column.key, "")) for column in sheet.columns])
    return b"\xef\xbb\xbf" + whole.getvalue().encode()


def xlsx_of(
    tables: Iterable[Sheet],
    sheets: Mapping[str, Sequence[Sequence[str | int | Decimal]]],
    *,
    chinese: bool,
) -> bytes:
    """Write a workbook: a sheet for each table (`B.1` …), and further sheets of plain rows by name."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    book.remove(book.active)
    for table in tables:
        sheet = book.create_sheet(table.name)
        sheet.append(headings(table.columns, chinese=chinese))
        for row in table.rows:
            sheet.append([_value(column, row.get(column.key, "")) for column in table.columns])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for line in rows:
            sheet.append([harmless(one) if isinstance(one, str) else one for one in line])
    for sheet in book.worksheets:
        sheet.freeze_panes = "A2"
        for cell in sheet[1]:
            cell.font = Font(bold=True)
            sheet.column_dimensions[cell.column_letter].width = max(14, 2.2 * len(str(cell.value)))
    whole = io.BytesIO()
    book.save(whole)
    return whole.getvalue()


def headings(columns: Sequence[Column], *, chinese: bool) -> list[str]:
    """Return a table's headings: those of the standard, or in English."""
    return [column.zh if chinese else column.en for column in columns]


def _value(column: Column, text: str) -> str | Decimal | int | date:
    if not text:
        return ""
    if column.kind in {"mass", "number"}:
        return Decimal(text)
    if column.kind == "count":
        return int(text)
    return date.fromisoformat(text) if column.kind == "day" else harmless(text)


def rows_of(content: bytes, columns: Sequence[Column], name: str) -> list[dict[str, str]]:
    """Read a file's rows as cells by field, whatever kind of file it is; raises `Invalid` for what is none.

    A sheet of this name is read, else the first one. Columns that nobody knows are refused, so that
    nothing of a file is lost unseen.
    """
    filled = [line for line in lines_of(content, LIMITS, name) if any(cell.strip() for cell in line)]
    if len(filled) < 2:
        raise unreadable(LIMITS, N_("The file has no row under its headings."))
    if len(filled) - 1 > MOST_ROWS:
        raise unreadable(LIMITS, N_("The file has more than {most} rows."), most=MOST_ROWS)
    keys = _keys(columns, filled[0])
    return [{key: _plain(cell) for key, cell in zip(keys, line, strict=False) if key} for line in filled[1:]]


def _keys(columns: Sequence[Column], line: Sequence[str]) -> list[str]:
    found: list[str] = []
    for heading in line:
        if not heading.strip():
            found.append("")
            continue
        key = key_of(columns, heading)
        if key is None or key in found:
            raise unreadable(
                LIMITS,
                N_("“{heading}” is no column of this table, or stands there twice."),
                heading=heading[:40],
            )
        found.append(key)
    missing = [one.zh for one in columns if one.needed and one.key not in found]
    if missing:
        raise unreadable(LIMITS, N_("These columns are missing: {columns}."), columns="、".join(missing))
    return found


def _plain(cell: str) -> str:
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:2] in {"=", "+", "-", "@"} else text
