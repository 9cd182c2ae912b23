"""Is every legal clock reckoned in working days as the State Council's notices set them?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.record.errors import Invalid
from compliance.rulebook.workdays import Due, Workdays, read_own_days

DAYS = st.dates(date(2020, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        (date(2026, 9, 28), 5, date(2026, 10, 10)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 10, 5), 1, date(2026, 10, 8)),
        (date(2026, 9, 18), 1, date(2026, 9, 20)),
        (date(2026, 9, 24), 5, date(2026, 10, 9)),
        (date(2026, 10, 9), -5, date(2026, 9, 24)),
        (date(2026, 2, 13), 5, date(2026, 2, 27)),
    ],
)
def test_clocks_walk_through_the_holidays_of_the_year(start: date, count: int, due: date) -> None:
    """A receiver would be in default during National Day week, or have a Saturday too many."""
    assert Workdays().after(start, count) == Due(due)


def test_a_year_without_its_notice_is_marked() -> None:
    """A supposed day would be shown as a legal one."""
    assert Workdays().after(date(2026, 12, 30), 3).provisional
    assert not Workdays().published(date(2027, 2, 6))


def test_an_administrators_days_come_first(tmp_path: Path) -> None:
    """The notice for next year would have to wait for a new release."""
    own = tmp_path / "days.csv"
    own.write_text("day,works\n2027-02-06,yes\n2027-02-08,no\n", encoding="utf-8")
    calendar = Workdays(read_own_days(own))
    assert calendar.works(date(2027, 2, 6))
    assert not calendar.works(date(2027, 2, 8))
    assert calendar.published(date(2027, 2, 6))


@pytest.mark.parametrize("line", ["2027-02-30,yes", "2027-02-06,maybe", "yes", ",,"])
def test_a_faulty_line_is_named_and_nothing_taken(tmp_path: Path, line: str) -> None:
    """A clock would silently run by the wrong calendar."""
    own = tmp_path / "days.csv"
    own.write_text(f"day,works\n2027-02-05,no\n{line}\n", encoding="utf-8")
    with pytest.raises(Invalid, match=r"days.csv, line 3"):
        read_own_days(own)


@given(DAYS, st.integers(1, 90))
def test_counting_and_walking_agree(start: date, count: int) -> None:
    """A clock would end on one day on the page and on another in the reminder."""
    calendar = Workdays()
    due = calendar.after(start, count).day
    assert calendar.works(due)
    assert calendar.between(start, due) == count
    assert calendar.between(due, start) == -count


def test_a_clock_of_no_days_is_refused() -> None:
    """It would end before it began."""
    with pytest.raises(ValueError, match="no working days"):
        Workdays().after(date(2026, 9, 28), 0)
