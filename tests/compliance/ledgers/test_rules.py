"""Are batch codes, classes, periods and the plan judged as the standard has them, each on the right day?"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.ledgers.book import Book, Known, Outcome
from compliance.ledgers.declaring import (
    RHYTHMS,
    Rhythm,
    UnitClass,
    owed,
    plan_due,
    standing,
)
from compliance.ledgers.planning import Filed, PlanLine, coverage
from compliance.ledgers.rules import (
    PREFIXES,
    Draft,
    Purpose,
    Table,
    batch_code,
    faults,
    prefix_of,
    purpose_of_mode,
    purposes_of,
    read_batch,
)

TODAY = date(2026, 11, 20)
OIL = "900-214-08"


def draft(**more: object) -> Draft:
    """A sound line of table B.1."""
    return Draft(**({"table": Table.GENERATED, "day": TODAY, "code": OIL, "kg": 500} | more))  # type: ignore[arg-type]


def rules_of(found: list[object]) -> list[str]:
    """The rules, or else the fields, that reasons name."""
    return [getattr(one, "rule", "") or str(getattr(one, "field", "")) for one in found]


def test_the_batch_codes_are_those_of_the_standard() -> None:
    """The authority's system would refuse the ledger (G4)."""
    assert {"HW" + letters for letters in PREFIXES.values()} == {
        "HWCS",
        "HWRK",
        "HWCK",
        "HWZXLY",
        "HWZXCZ",
        "HWWWLY",
        "HWWWCZ",
        "HWCKLY",
        "HWCKCZ",
    }
    assert batch_code(prefix_of(Table.GENERATED, Purpose.NONE, hazardous=True), TODAY, 7) == "HWCS20261120007"
    assert purposes_of(Table.TREATED) == (Purpose.USE, Purpose.DISPOSE)
    assert [purpose_of_mode(mode) for mode in ("use", "dispose", "store", "collect")] == [
        Purpose.USE,
        Purpose.DISPOSE,
        Purpose.DISPOSE,
        Purpose.USE,
    ]


@given(
    key=st.sampled_from(sorted(PREFIXES)),
    hazardous=st.booleans(),
    day=st.dates(date(2000, 1, 1), date(2199, 12, 31)),
    serial=st.integers(1, 999),
)
def test_every_batch_code_reads_back(
    key: tuple[Table, Purpose], hazardous: bool, day: date, serial: int
) -> None:
    """A code that the product gave would be refused when it comes back in a file."""
    read = read_batch(batch_code(prefix_of(*key, hazardous=hazardous), day, serial))
    assert read is not None
    assert (read.hazardous, read.letters, read.day, read.serial) == (hazardous, PREFIXES[key], day, serial)


@pytest.mark.parametrize(
    "text", ["", "HWCS20261301001", "HWCS20261120000", "HWXX20261120001", "HWCS2026112001"]
)
def test_nothing_else_is_a_batch_code(text: str) -> None:
    """A typing error would become a batch of its own."""
    assert read_batch(text) is None


@pytest.mark.parametrize(
    ("more", "rules"),
    [
        ({}, []),
        ({"kg": 0}, ["G4.mass"]),
        ({"kg": 100_000_001}, ["G4.mass"]),
        ({"day": date(2026, 11, 21)}, ["G4.day"]),
        ({"batch": "HWCS20261120001"}, []),
        ({"batch": "HWRK20261120001"}, ["G4.batch"]),
        ({"batch": "HWCS20261119001"}, ["G4.batch"]),
        ({"batch": "SWCS20261120001"}, ["G4.batch"]),
        ({"table": Table.TREATED}, ["purpose"]),
        ({"table": Table.TREATED, "purpose": Purpose.EXPORT_USE}, ["purpose"]),
        ({"count": 0}, ["count"]),
        ({"source": "yesterday"}, ["G4.batch"]),
        ({"kg": -1, "day": date(2027, 1, 1), "count": 0}, ["G4.mass", "G4.day", "count"]),
    ],
)
def test_an_entry_that_cannot_be_is_refused_with_all_reasons(
    more: dict[str, object], rules: list[str]
) -> None:
    """A person would correct one field after another (G4)."""
    assert rules_of(list(faults(draft(**more), TODAY, hazardous=True))) == rules


def test_no_more_comes_out_of_a_batch_than_is_in_it() -> None:
    """A ledger would say that waste appeared from nowhere."""
    first = draft(batch="HWCS20261120001")
    book = Book({first.batch: Known(first)})
    stored = draft(table=Table.STORED, source=first.batch, kg=300, batch="HWRK20261120001")
    assert book.judge(stored, TODAY, hazardous=True) == (Outcome.INSERTED, [])
    book.note(stored)
    assert book.judge(stored, TODAY, hazardous=True) == (Outcome.IGNORED, [])
    more = draft(table=Table.STORED, source=first.batch, kg=201)
    assert rules_of(list(book.judge(more, TODAY, hazardous=True)[1])) == ["G4.more_than_is_there"]
    less = draft(batch=first.batch, kg=299)
    assert rules_of(list(book.judge(less, TODAY, hazardous=True)[1])) == ["G4.more_than_is_there"]
    assert book.judge(draft(batch=first.batch, kg=300), TODAY, hazardous=True) == (Outcome.UPDATED, [])


def test_an_entry_comes_out_of_a_batch_of_its_own_waste_and_after_it() -> None:
    """Another waste would be stored under a batch that it never was."""
    first = draft(batch="HWCS20261120001")
    book = Book({first.batch: Known(first)})
    other = draft(table=Table.STORED, source=first.batch, code="900-249-08")
    early = draft(table=Table.STORED, source=first.batch, day=date(2026, 11, 19))
    for wrong in (other, early):
        assert rules_of(list(book.judge(wrong, TODAY, hazardous=True)[1])) == ["G4.source"]


def test_what_a_manifest_made_is_not_corrected_in_the_ledger() -> None:
    """The ledger would part from the signed manifest."""
    made = draft(table=Table.OUTSOURCED, purpose=Purpose.USE, batch="HWWWLY20261120001")
    book = Book({made.batch: Known(made, from_manifest=True)})
    changed = draft(table=Table.OUTSOURCED, purpose=Purpose.USE, batch=made.batch, kg=1)
    assert rules_of(list(book.judge(changed, TODAY, hazardous=True)[1])) == ["batch"]
    assert book.judge(made, TODAY, hazardous=True) == (Outcome.IGNORED, [])


@pytest.mark.parametrize(
    ("amounts", "more", "unit"),
    [
        ({}, {}, UnitClass.REGISTERED),
        ({2025: 9_999}, {}, UnitClass.REGISTERED),
        ({2025: 10_000}, {}, UnitClass.SIMPLIFIED),
        ({2024: 99_999, 2026: 10}, {}, UnitClass.SIMPLIFIED),
        ({2023: 100_000}, {}, UnitClass.KEY),
        ({2022: 100_000}, {}, UnitClass.REGISTERED),
        ({2026: 5}, {"treats_itself": True}, UnitClass.KEY),
        ({2026: 5}, {"licensed": True}, UnitClass.KEY),
    ],
)
def test_the_class_is_by_the_largest_of_three_years(
    amounts: dict[int, int], more: dict[str, bool], unit: UnitClass
) -> None:
    """A unit would declare too seldom, or be asked for tables that it need not fill (G1)."""
    assert standing(amounts, TODAY, **more).unit is unit


@pytest.mark.parametrize(
    ("unit", "today", "periods"),
    [
        (UnitClass.KEY, date(2026, 11, 1), [("2026-10", date(2026, 11, 15)), ("2025", date(2026, 3, 31))]),
        (UnitClass.KEY, date(2027, 1, 3), [("2026-12", date(2027, 1, 15)), ("2026", date(2027, 3, 31))]),
        (
            UnitClass.SIMPLIFIED,
            date(2026, 11, 20),
            [("2026-Q3", date(2026, 10, 15)), ("2025", date(2026, 3, 31))],
        ),
        (
            UnitClass.SIMPLIFIED,
            date(2027, 1, 1),
            [("2026-Q4", date(2027, 1, 15)), ("2026", date(2027, 3, 31))],
        ),
        (UnitClass.REGISTERED, date(2027, 1, 1), [("2026", date(2027, 3, 31))]),
    ],
)
def test_declarations_fall_due_by_class(
    unit: UnitClass, today: date, periods: list[tuple[str, date]]
) -> None:
    """A unit would miss the day that the standard sets (G3)."""
    assert [(one.name, one.due_on) for one in owed(unit, today)] == periods
    assert {one.rhythm for one in owed(unit, today)} == set(RHYTHMS[unit])


def test_a_plan_is_owed_from_the_end_of_january_to_the_end_of_march() -> None:
    """A unit would learn of the plan when it is late, or be asked for it in the summer (G2)."""
    assert plan_due(2027) == date(2027, 3, 31)
    seasons = {
        date(2027, 1, 30): False,
        date(2027, 1, 31): True,
        date(2027, 3, 31): True,
        date(2027, 4, 1): False,
    }
    for today, wanted in seasons.items():
        found = owed(UnitClass.REGISTERED, today)
        assert any(one.rhythm is Rhythm.PLAN and one.name == "2027-P" for one in found) is wanted


PLAN = Filed(2026, "P-1", (PlanLine(OIL, 10_000, "RECEIVER"),))


@pytest.mark.parametrize(
    ("plan", "code", "kg", "moved", "receivers", "rules"),
    [
        (PLAN, OIL, 10_000, 0, (), []),
        (PLAN, OIL, 4_000, 6_000, ("RECEIVER", "OTHER"), []),
        (None, OIL, 1, 0, (), ["M5.no_plan"]),
        (PLAN, "900-249-08", 1, 0, (), ["M5.not_in_plan"]),
        (PLAN, OIL, 4_001, 6_000, (), ["M5.over_plan"]),
        (PLAN, OIL, 1, 0, ("OTHER",), ["M5.other_receiver"]),
        (PLAN, OIL, 10_001, 0, ("OTHER",), ["M5.over_plan", "M5.other_receiver"]),
    ],
)
def test_the_plan_covers_or_warns_with_all_reasons(
    plan: Filed | None, code: str, kg: int, moved: int, receivers: tuple[str, ...], rules: list[str]
) -> None:
    """A producer would learn at the roadside that its plan is too small (M5)."""
    found = coverage(plan, code, kg, moved, TODAY, receivers)
    assert rules_of(list(found)) == rules
    before = coverage(None, OIL, 1, 0, date(2026, 8, 14))[0].article
    since = coverage(None, OIL, 1, 0, date(2026, 8, 15))[0].article
    assert "固废法" in before
    assert "生态环境法典" in since
