"""Is a damaged file refused with its reason, whatever its damage?"""

from __future__ import annotations

import io
import random
import zipfile
from contextlib import suppress

import pytest
from openpyxl import Workbook

from compliance.record.errors import Invalid
from compliance.record.sheets import Limits, lines_of

LIMITS = Limits(4_000_000, 100, "Save it again.")
HEAD = "废物代码,备注\n"


def _book() -> bytes:
    book = Workbook()
    assert book.active is not None
    for number in range(20):
        book.active.append(["900-249-08", number, "油"])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


WHOLE = _book()


def _with(part: str, content: bytes) -> bytes:
    """Return the workbook with another content of one of its parts."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    return packed.getvalue()


@pytest.mark.filterwarnings("ignore:Workbook contains no:UserWarning")
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
@pytest.mark.parametrize("content", [b"", b"garbage", b"<worksheet><sheetData><row>", b"<a/>"])
def test_a_workbook_with_a_broken_part_is_refused_or_read(part: str, content: bytes) -> None:
    """A file that another program wrote badly would be our fault, without a word about it."""
    with suppress(Invalid):
        lines_of(_with(part, content), LIMITS)


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_flipped_bytes_are_refused_or_read() -> None:
    """A file that was damaged on its way would be our fault, without a word about it."""
    chance = random.Random(1)
    refused = 0
    for _ in range(60):
        damaged = bytearray(WHOLE)
        for _ in range(3):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        try:
            lines_of(bytes(damaged), LIMITS)
        except Invalid:
            refused += 1
    assert refused > 10


@pytest.mark.parametrize(
    ("text", "line"), [(f'{HEAD}1,"{"a" * 140_000}"\n', 2), (f'{HEAD}1,2\n3,"open\n4,5\n', 3)]
)
def test_a_quotation_mark_without_end_is_named_with_its_line(text: str, line: int) -> None:
    """The lines after it would come in as one cell, or not at all."""
    with pytest.raises(Invalid, match=f"from line {line} on"):
        lines_of(text.encode(), LIMITS)


def test_lines_end_as_any_program_ends_them() -> None:
    """A file of an old Macintosh could not be read."""
    assert lines_of(b"a,b\r1,2\r", LIMITS) == lines_of(b"a,b\n1,2\n", LIMITS) == [["a", "b"], ["1", "2"]]
