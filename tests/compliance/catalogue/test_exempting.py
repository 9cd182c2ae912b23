"""Does an official exemption list come in by edition, say what it changes first, and go back?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from compliance.catalogue import editions, exempting, exemption_lists, queries
from compliance.catalogue.files import ExemptionLine, exemption_lines
from compliance.catalogue.importing import Change, Wanted
from compliance.catalogue.rules import Basis, Kind, Listing
from compliance.exemptions.rules import Stage
from compliance.record.database import reading
from compliance.record.errors import Conflict, Forbidden, Invalid, Several
from compliance.record.work import Work
from tests.compliance.catalogue.test_importing import FILE
from tests.factories import parties
from tests.factories.parties import Cast, committed
from tests.factories.snapshots import filled

BUNDLED = Path("compliance/catalogue/data/hazardous_exemptions.csv").read_bytes()
HW2025 = Wanted("HW2025", Kind.HAZARDOUS, date(2025, 1, 1), listing=Listing.EXEMPTIONS)
PRINTED = """危险废物豁免管理清单,,,,,
序号,废物类别/代码,危险废物,豁免环节,豁免条件,豁免内容
1,生活垃圾中的危险废物,家庭源危险废物,全部环节,未集中收集,全过程不按危险废物管理。
,,,收集,分类收集,收集过程不按危险废物管理。
2,900-214-08、HW34,废机油和废酸,"利用,处置",按标准,利用过程不按危险废物管理。
"""


@pytest.fixture
def cast(engine: Engine) -> Cast:
    """Everyone around one load, with the list of 2021 under the edition of 2025."""

    def fill(work: Work) -> Cast:
        found = parties.cast(work)
        exemption_lists.put(work.session, "HW2025", carried())
        return found

    return filled(engine, ("exemption lists",), lambda: committed(engine, fill))


def carried() -> list[ExemptionLine]:
    """The list as the product is delivered with it for 2025."""
    return [replace(one, basis=Basis.CARRIED_OVER) for one in exemption_lines()]


def test_the_bundled_list_reads_as_an_official_file_and_the_print_with_its_merged_cells() -> None:
    """The importer would refuse the very list that the product ships with, or ask to retype the print."""
    assert exempting.read(BUNDLED) == exemption_lines()
    home, sorted_, oil = exempting.read(PRINTED.encode("gb18030"))
    assert (home.codes, home.scope, home.stages) == ("", "生活垃圾中的危险废物", "全部环节")
    assert (sorted_.item, sorted_.scope, sorted_.waste, sorted_.stages) == (1, home.scope, home.waste, "收集")
    assert (oil.codes, oil.stages, oil.line) == ("900-214-08;HW34", "利用;处置", 3)
    assert set(exempting.STAGES) == {one.value for one in Stage}


def test_every_line_that_cannot_be_right_is_named() -> None:
    """A list with one slip would be read in part, and a stage that nobody knows be exempt."""
    wrong = """序号,废物代码,危险废物,豁免环节,豁免条件,豁免内容
x,900-214-08,废机油,利用,按标准,不按
1,900-214-99,废机油,利用,按标准,不按
2,HW08,废机油,焚烧,按标准,不按
3,HW08,废机油,利用,,不按
"""
    with pytest.raises(Several) as refusal:
        exempting.read(wrong.encode())
    assert [(one.values["line"], one.values["text"]) for one in refusal.value.errors] == [
        (2, "x"),
        (3, "900-214-99"),
        (4, "焚烧"),
        (5, "3"),
    ]
    for nothing in (b"a,b\n1,2\n", PRINTED.split("1,", maxsplit=1)[0].encode()):
        with pytest.raises(Invalid):
            exempting.read(nothing)


def test_a_list_makes_the_edition_official_and_goes_back_without_a_trace(engine: Engine, cast: Cast) -> None:
    """The exemptions of 2021 would pass for those of 2025 for good, or a wrong file stay in."""
    text = BUNDLED.decode("utf-8-sig").replace("未破损的废铅蓄电池", "未破损的铅蓄电池")
    lines = text.splitlines()
    file = "\n".join([*lines[:-1], "33,HW08,,废矿物油,利用,按标准,利用过程不按危险废物管理。"]).encode()
    with reading(engine) as session:
        before = exemption_lists.lines_of(session, "HW2025")
        seen = editions.preview(session, file, HW2025)
    last = before[-1]
    assert seen.difference.added == ("33 利用",)
    assert seen.difference.removed == (f"{last.item} {last.stages}",)
    assert all(isinstance(one, Change) and one.field != "item" for one in seen.difference.changed)
    assert seen.difference.confirmed + len({one.code for one in seen.difference.changed}) == 56
    with pytest.raises(Forbidden):
        committed(engine, lambda work: editions.apply(work, file, HW2025, "list.csv"), cast.inspector)
    row = committed(engine, lambda work: editions.apply(work, file, HW2025, "list.csv"), cast.operator)
    with reading(engine) as session:
        now = exemption_lists.lines_of(session, "HW2025")
        assert {one.basis for one in now} == {Basis.OFFICIAL}
        assert (now[-1].item, now[-1].line) == (33, 57)
        assert exemption_lists.lines_of(session, "HW2021") != now
    later = committed(
        engine,
        lambda work: editions.apply(work, FILE, replace(HW2025, listing=Listing.CODES), ""),
        cast.operator,
    )
    with pytest.raises(Conflict):
        committed(engine, lambda work: editions.roll_back(work, row.id), cast.operator)
    for one in (later, row):
        committed(engine, lambda work, one=one: editions.roll_back(work, one.id), cast.operator)
    with reading(engine) as session:
        assert exemption_lists.lines_of(session, "HW2025") == before
        assert queries.pinned(session, "HW2025", "900-999-08") is None


def test_a_part_adds_to_the_list_and_needs_an_edition_on_file(engine: Engine, cast: Cast) -> None:
    """A single new item would wipe out the other thirty-two, or be in force under no catalogue."""
    part = "序号,废物代码,危险废物,豁免环节,豁免条件,豁免内容\n33,HW08,废矿物油,利用,按标准,不按\n".encode()
    wanted = Wanted("HW2025", Kind.HAZARDOUS, date(2025, 1, 1), complete=False, listing=Listing.EXEMPTIONS)
    committed(engine, lambda work: editions.apply(work, part, wanted, "part.csv"), cast.operator)
    with reading(engine) as session:
        lines = exemption_lists.lines_of(session, "HW2025")
        assert (len(lines), lines[-1].basis, lines[0].basis) == (58, Basis.OFFICIAL, Basis.CARRIED_OVER)
        for unknown in ("HW2027", "SW2024"):
            kind, day = (
                (Kind.SOLID, date(2024, 1, 22)) if unknown == "SW2024" else (Kind.HAZARDOUS, date(2027, 1, 1))
            )
            with pytest.raises(Invalid):
                editions.preview(session, part, Wanted(unknown, kind, day, listing=Listing.EXEMPTIONS))
