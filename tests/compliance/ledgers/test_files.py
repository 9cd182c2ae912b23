"""Does a ledger survive the way through a spreadsheet, and is a bad file refused with its reason?"""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from compliance.ledgers.columns import COLUMNS, draft_from
from compliance.ledgers.files import csv_of, rows_of, sheet_of, xlsx_of
from compliance.ledgers.rules import NUMBERS, Draft, Purpose, Table
from compliance.record.errors import Invalid

SAMPLES = {
    Table.GENERATED: Draft(
        Table.GENERATED,
        date(2026, 11, 20),
        "900-214-08",
        1_234,
        batch="HWCS20261120001",
        name="废油，“旧”",
        container="c1",
        count=3,
        facility="MF0001",
        party="贮存",
        handler="张三",
        note="=1+1",
    ),
    Table.STORED: Draft(
        Table.STORED,
        date(2026, 1, 2),
        "900-214-08",
        1,
        name="x",
        source="HWCS20260101001",
        container_kind="桶",
    ),
    Table.TAKEN_OUT: Draft(
        Table.TAKEN_OUT, date(2026, 1, 2), "900-214-08", 100_000_000, name="x", party="甲"
    ),
    Table.TREATED: Draft(
        Table.TREATED, date(2026, 1, 2), "900-214-08", 5, Purpose.DISPOSE, name="x", method="D10 焚烧"
    ),
    Table.OUTSOURCED: Draft(
        Table.OUTSOURCED,
        date(2026, 1, 2),
        "900-214-08",
        5,
        Purpose.EXPORT_USE,
        name="x",
        licence="L",
        party="乙",
    ),
}


@pytest.mark.parametrize("table", list(Table))
@pytest.mark.parametrize("chinese", [True, False])
def test_a_table_reads_back_as_it_was_written(table: Table, chinese: bool) -> None:
    """A unit that corrects its ledger in a spreadsheet would lose or change what it did not touch."""
    sample = SAMPLES[table]
    told = [sheet_of(one, [SAMPLES[one]]) for one in Table]
    for content in (csv_of(sheet_of(table, [sample]), chinese=chinese), xlsx_of(told, {}, chinese=chinese)):
        (cells,) = rows_of(content, COLUMNS[table], NUMBERS[table])
        assert draft_from(table, cells) == (sample, [])


def test_a_text_is_no_formula_for_the_program_that_opens_the_file() -> None:
    """A remark could run in the accountant's spreadsheet."""
    sheet = sheet_of(Table.GENERATED, [SAMPLES[Table.GENERATED]])
    book = load_workbook(io.BytesIO(xlsx_of([sheet], {}, chinese=True)))
    cell = book["B.1"].cell(2, len(COLUMNS[Table.GENERATED]))
    assert (cell.value, cell.data_type) == ("'=1+1", "s")
    assert ",'=1+1" in csv_of(sheet, chinese=True).decode("utf-8-sig")


HEADS = "产生时间,废物代码,产生量（吨）"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no row"),
        (f"{HEADS}\r\n".encode(), "no row"),
        (f"{HEADS},颜色\r\n2026-01-01,900-214-08,1,红\r\n".encode(), "颜色"),
        (f"{HEADS},{HEADS}\r\n1,2,3,4,5,6\r\n".encode(), "twice"),
        ("产生时间\r\n2026-01-01\r\n".encode(), "废物代码"),
        (b"\x89PNG\r\n\0\0\0", "neither"),
        (b"PK\x03\x04broken", "no whole XLSX"),
        (f"{HEADS}\r\n".encode() + b"2026-01-01,900-214-08,1\r\n" * 2001, "2000"),
        (b"a" * 4_000_001, "4 MB"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(content: bytes, words: str) -> None:
    """Half of a file would enter the ledger without anybody knowing which half."""
    with pytest.raises(Invalid) as refused:
        rows_of(content, COLUMNS[Table.GENERATED], "B.1")
    assert words in str(refused.value)
    assert refused.value.field == "file"


def test_files_of_other_programs_are_read() -> None:
    """A unit with an older Excel could not send its ledger in."""
    text = f'{HEADS}\r\n2026/1/2,900-214-08,"1,234.5"\r\n'
    (cells,) = rows_of(text.encode("gb18030"), COLUMNS[Table.GENERATED], "B.1")
    found, wrong = draft_from(Table.GENERATED, cells)
    assert (wrong, found and found.kg, found and found.day) == ([], 1_234_500, date(2026, 1, 2))
    book = Workbook()
    book.active.append(["day", "code", "kg"])
    book.active.append([date(2026, 1, 2), "900-214-08", 0.1])
    whole = io.BytesIO()
    book.save(whole)
    (cells,) = rows_of(whole.getvalue(), COLUMNS[Table.GENERATED], "B.1")
    found, wrong = draft_from(Table.GENERATED, cells)
    assert (wrong, found and found.kg) == ([], 100)


def test_every_wrong_cell_of_a_row_is_named() -> None:
    """A person would send the file once for each mistake in it."""
    cells = {
        "day": "yesterday",
        "code": "",
        "kg": "1.0005",
        "count": "two",
        "purpose": "烧",
        "note": "x" * 401,
    }
    found, wrong = draft_from(Table.TREATED, cells)
    assert found is None
    assert sorted(one.field or "" for one in wrong) == ["code", "count", "day", "kg", "note", "purpose"]


@pytest.mark.parametrize("mass", ["1e999999", "1e9999999999", "1e-999999", "1000000.001", "NaN"])
@pytest.mark.parametrize("day", ["99999999999-1-1", "10000-1-1"])
def test_a_cell_beyond_every_number_fails_its_row(day: str, mass: str) -> None:
    """One cell would keep a unit's whole ledger from coming in."""
    found, wrong = draft_from(Table.GENERATED, {"day": day, "code": "900-214-08", "kg": mass})
    assert (found, [one.field for one in wrong]) == (None, ["day", "kg"])
