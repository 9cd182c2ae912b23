"""Which lines of cells has a file that a person sends, whether a spreadsheet (XLSX) or text (CSV)?"""

from __future__ import annotations

import csv
import io
import zlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from compliance.record.errors import N_, Invalid

ZIP = b"PK\x03\x04"
MOST_UNPACKED = 60_000_000
MOST_COLUMNS = 40
DAMAGE = (BadZipFile, zlib.error, ParseError, LookupError, ValueError, OSError, EOFError, RuntimeError)
"""What the readers of a ZIP file and of the XML in it raise when bytes of it are wrong or missing."""
ODD = (AttributeError, TypeError, OverflowError)
"""What openpyxl raises when a part of a workbook lacks what every workbook has, or holds no number."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be, how many lines of it are read, and what helps when it cannot be read."""

    most_bytes: int
    most_lines: int
    way_out: str


def lines_of(content: bytes, limits: Limits, name: str = "") -> list[list[str]]:
    """Return a file's lines as text; of a workbook those of the sheet with this name, else of the first.

    Raises `Invalid` for a file that is too large, of another kind, or damaged.
    """
    if len(content) > limits.most_bytes:
        raise unreadable(
            limits, N_("The file is larger than {most} MB."), most=limits.most_bytes // 1_000_000
        )
    return _xlsx_lines(content, limits, name) if content.startswith(ZIP) else _csv_lines(content, limits)


def unreadable(limits: Limits, words: str, **values: object) -> Invalid:
    """Return the refusal of a file, with what helps."""
    return Invalid(words, field="file", way_out=limits.way_out, values=values)


def _csv_lines(content: bytes, limits: Limits) -> list[list[str]]:
    reader = csv.reader(io.StringIO(_text(content, limits), newline=""), strict=True)
    lines: list[list[str]] = []
    begun = 1
    try:
        for line in reader:
            lines.append(line)
            begun = reader.line_num + 1
    except csv.Error:
        raise unreadable(
            limits,
            N_("The file cannot be read from line {line} on: a quotation mark or a cell has no end."),
            line=begun,
        ) from None
    return lines


def _text(content: bytes, limits: Limits) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise unreadable(limits, N_("The file is neither a spreadsheet (XLSX) nor text (CSV)."))


def _xlsx_lines(content: bytes, limits: Limits, name: str) -> list[list[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(one.file_size for one in packed.infolist())
        if unpacked > MOST_UNPACKED:
            raise unreadable(
                limits, N_("The file is larger than {most} MB."), most=MOST_UNPACKED // 1_000_000
            )
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book[name] if name in book.sheetnames else book.worksheets[0]
        lines = [
            [_cell(value) for value in row]
            for row in sheet.iter_rows(max_row=limits.most_lines, max_col=MOST_COLUMNS, values_only=True)
        ]
    except (InvalidFileException, *DAMAGE, *ODD):
        raise unreadable(limits, N_("The file is no whole XLSX table.")) from None
    book.close()
    return lines


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"
    return str(value)
