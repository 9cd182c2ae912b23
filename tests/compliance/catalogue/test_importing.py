"""Does an official file come in whole, say what it changes first, and go back without a trace?"""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine

from compliance.catalogue import editions, queries
from compliance.catalogue.importing import Change, Wanted, difference, read
from compliance.catalogue.rules import Basis, Kind
from compliance.record.database import reading
from compliance.record.errors import Conflict, DomainError, Forbidden, Invalid, Several
from tests.compliance.qualification.conftest import engine
from tests.factories import parties
from tests.factories.parties import OIL, SCRAP, Cast, committed

__all__ = ["engine"]

HW2025 = Wanted("HW2025", Kind.HAZARDOUS, date(2025, 1, 1))
PRINTED = """附表,,,,
废物类别,行业来源,废物代码,危险废物,危险特性
HW08 废矿物油与含矿物油废物,石油开采,071-001-08,石油开采和联合站贮存产生的油泥和油脚,"T,I"
,非特定行业,900-214-08,车辆维修产生的废发动机油,"T, I"
,,900-249-08,其他废矿物油,"T,I"
HW48 有色金属采选和冶炼废物,常用有色金属冶炼,321-034-48,锡冶炼烟尘,T
"""
FILE = PRINTED.encode()


@pytest.fixture
def cast(engine: Engine) -> Cast:
    """Everyone around one load, with oil and scrap in the catalogue."""
    return committed(engine, parties.cast)


def told(refusal: DomainError) -> list[str]:
    """Return the texts of every reason."""
    return [str(one) for one in (refusal.errors if isinstance(refusal, Several) else (refusal,))]


def test_the_printed_table_is_read_with_its_merged_cells() -> None:
    """An administrator would have to fill in what the official print leaves out."""
    rows = read(PRINTED.encode("gb18030"), HW2025)
    assert [row.code for row in rows] == ["071-001-08", "900-214-08", "900-249-08", "321-034-48"]
    oil = rows[2]
    assert (oil.category, oil.category_name, oil.industry) == ("HW08", "废矿物油与含矿物油废物", "非特定行业")
    assert (rows[1].hazards, oil.basis, oil.valid_from) == ("T,I", Basis.OFFICIAL, date(2025, 1, 1))


def test_a_spreadsheet_says_the_same_as_its_text() -> None:
    """Whoever keeps the list as XLSX would have to export it first."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (
        ["废物种类", "行业来源", "废物代码", "废物名称"],
        ["SW17 可再生类废物", "非特定行业", "900-001-S17", "废钢铁"],
        [None, None, "900-002-S17", "废有色金属"],
    ):
        sheet.append(line)
    packed = io.BytesIO()
    book.save(packed)
    rows = read(packed.getvalue(), Wanted("SW2024", Kind.SOLID, date(2024, 1, 22)))
    assert [(row.code, row.category, row.category_name) for row in rows] == [
        ("900-001-S17", "SW17", "可再生类废物"),
        ("900-002-S17", "SW17", "可再生类废物"),
    ]


def test_every_line_that_cannot_be_right_is_named() -> None:
    """One slip in five hundred lines would have to be searched for, or come in unseen."""
    bad = """废物代码,废物类别,危险废物,危险特性
900-214-8,HW08,油,T
900-214-08,HW08,油,T
900-214-08,HW08,油,T
900-001-S17,,铁,T
900-249-08,HW09,油,T
900-199-08,HW08,,X
"""
    with pytest.raises(Several) as refused:
        read(bad.encode(), HW2025)
    lines = [one.values["line"] for one in refused.value.errors]
    assert lines == [2, 4, 5, 6, 7, 7]
    for data in (b"", b"a,b\n1,2\n", b"\xff\xfe\x00\x01", b"PK\x03\x04broken", PRINTED[:40].encode()):
        with pytest.raises(DomainError):
            read(data, HW2025)


def test_a_difference_names_codes_and_fields() -> None:
    """An administrator would sign for a file without knowing what it changes."""
    longer = "其他生产、销售、使用过程中产生的废矿物油"
    before = read(FILE, HW2025)
    changed = PRINTED.replace("其他废矿物油", longer).replace("321-034-48", "321-035-48")
    found = difference(before, read(changed.encode(), HW2025), complete=True)
    assert (found.added, found.removed, found.confirmed) == (("321-035-48",), ("321-034-48",), 2)
    assert found.changed == (Change("900-249-08", "description", "其他废矿物油", longer),)
    assert difference(before, before, complete=True).is_empty
    assert difference(before, before[:1], complete=False).removed == ()


def test_an_import_makes_the_edition_official_and_goes_back_without_a_trace(
    engine: Engine, cast: Cast
) -> None:
    """The text carried over from 2021 would pass for that of 2025, or a wrong file stay in for ever."""
    with reading(engine) as session:
        before = {row.code: row for row in editions.rows_of(session, "HW2025")}
        seen = editions.preview(session, PRINTED.encode(), HW2025)
    assert (before[OIL].basis, seen.ends) == (Basis.CARRIED_OVER, "")
    assert set(seen.difference.added) == {"071-001-08", "900-249-08", "321-034-48"}
    with pytest.raises(Forbidden):
        committed(engine, lambda work: editions.apply(work, FILE, HW2025, "hw.csv"), cast.inspector)
    row = committed(engine, lambda work: editions.apply(work, FILE, HW2025, "hw.csv"), cast.operator)
    with reading(engine) as session:
        oil = queries.find(session, OIL, date(2026, 11, 20))
        assert oil is not None
        assert (oil.is_official, oil.edition) == (True, "HW2025")
        old = queries.find(session, OIL, date(2024, 12, 31))
        assert old is not None
        assert old.edition == "HW2021"
        assert [one.code for one in queries.search(session, "锡冶炼", date(2026, 1, 1))] == ["321-034-48"]
    second = committed(engine, lambda work: editions.apply(work, FILE, HW2025, "again.csv"), cast.operator)
    with pytest.raises(Conflict):
        committed(engine, lambda work: editions.roll_back(work, row.id), cast.operator)
    for one in (second, row):
        committed(engine, lambda work, one=one: editions.roll_back(work, one.id), cast.operator)
    with reading(engine) as session:
        assert {one.code: one for one in editions.rows_of(session, "HW2025")} == before


def test_a_new_edition_ends_the_one_before_and_documents_keep_theirs(engine: Engine, cast: Cast) -> None:
    """A manifest of last year would be read by this year's list, or two lists be in force at once."""
    wanted = Wanted("HW2027", Kind.HAZARDOUS, date(2027, 1, 1))
    row = committed(engine, lambda work: editions.apply(work, FILE, wanted, "hw27.csv"), cast.operator)
    assert row.ended == "HW2025"
    with reading(engine) as session:
        for day, edition in ((date(2026, 12, 31), "HW2025"), (date(2027, 1, 1), "HW2027")):
            found = queries.find(session, OIL, day)
            assert found is not None
            assert found.edition == edition
        assert queries.find(session, SCRAP, date(2027, 1, 1)) is not None
    committed(engine, lambda work: editions.roll_back(work, row.id), cast.operator)
    with reading(engine) as session:
        found = queries.find(session, OIL, date(2027, 6, 1))
        assert found is not None
        assert (found.edition, found.valid_to) == ("HW2025", None)


def test_an_edition_keeps_its_kind_and_its_first_day(engine: Engine, cast: Cast) -> None:
    """A slip in a date would change what was in force when a manifest was signed."""
    for wrong in (
        Wanted("HW2025", Kind.HAZARDOUS, date(2025, 2, 1)),
        Wanted("SW2024", Kind.HAZARDOUS, date(2024, 1, 22)),
        Wanted("H", Kind.HAZARDOUS, date(2025, 1, 1)),
    ):
        with reading(engine) as session, pytest.raises(Invalid):
            editions.preview(session, PRINTED.encode(), wrong)


def test_the_bundled_list_of_2021_reads_as_an_official_file() -> None:
    """The importer would refuse the very list that the product ships with."""
    bundled = Path("compliance/catalogue/data/hazardous_waste.csv").read_bytes()
    rows = read(bundled, Wanted("HW2021", Kind.HAZARDOUS, date(2021, 1, 1)))
    assert len(rows) == 467
