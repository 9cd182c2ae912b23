"""Does a load cross a border only with the leave that its waste, use and day want, and while it holds?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.approvals.policies import policy_of, wanted_papers
from compliance.approvals.rules import (
    CLOCKS,
    NEXT,
    ONLY_FOR,
    PAPER_WORDS,
    Act,
    Kind,
    Leave,
    Load,
    Paper,
    Span,
    State,
    acts_from,
    judge,
    months_after,
    needed,
    next_state,
    valid_to,
)
from compliance.deadlines.rules import TERMS
from compliance.registry.rules import Mode
from compliance.rulebook.rules import rule

LAST_OLD, FIRST_NEW = date(2026, 8, 14), date(2026, 8, 15)
MOVER, RECEIVER = uuid4(), uuid4()
LOAD = Load(MOVER, RECEIVER, "900-214-08", True, Mode.USE, 10_000, "42", "43")
LEAVE = Leave(
    1, Kind.APPROVAL, RECEIVER, "900-214-08", Mode.USE, "43", date(2026, 1, 1), date(2026, 12, 31), 30_000
)
NOW = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("hazardous", "mode", "on", "kind"),
    [
        (True, Mode.USE, LAST_OLD, Kind.APPROVAL),
        (True, Mode.DISPOSE, FIRST_NEW, Kind.APPROVAL),
        (False, Mode.USE, LAST_OLD, Kind.FILING),
        (False, Mode.USE, FIRST_NEW, Kind.REPORT),
        (False, Mode.STORE, FIRST_NEW, Kind.APPROVAL),
        (False, Mode.DISPOSE, LAST_OLD, Kind.APPROVAL),
    ],
)
def test_what_is_needed_follows_from_waste_use_and_day(
    hazardous: bool, mode: Mode, on: date, kind: Kind
) -> None:
    """A report would be filed at one province after the law wants it at two (X1, X6)."""
    assert needed(hazardous, mode, on) is kind


@pytest.mark.parametrize(
    ("change", "rule_id", "field"),
    [
        ({"code": "900-249-08"}, "X5.new_application", "code"),
        ({"receiver_id": uuid4()}, "X5.new_application", "receiver"),
        ({"destination": "41"}, "X5.new_application", "receiver"),
        ({"mode": Mode.DISPOSE}, "X5.new_application", "mode"),
        ({"kg": 30_001}, "X4.quantity_exceeded", "kg"),
        ({"code": "900-249-08", "mode": Mode.DISPOSE}, "X1.approval_missing", "receiver"),
    ],
)
def test_the_nearest_miss_is_the_reason(change: dict[str, object], rule_id: str, field: str) -> None:
    """A producer would be sent to apply although only the mass or the receiver is another (X4, X5)."""
    assert judge([LEAVE], LOAD, NOW).leave is LEAVE
    found = judge([LEAVE], replace(LOAD, **change), NOW)  # type: ignore[arg-type]
    (fault,) = found.faults
    assert (found.leave, fault.rule, fault.field) == (None, rule_id, field)
    assert rule(rule_id).places <= {name for name, _ in fault.facts} | {"day"}


def test_everything_that_the_nearest_leave_lacks_is_told() -> None:
    """A producer would have the days mended, and be stopped again by the mass (X4, X5)."""
    late, heavy = date(2027, 3, 1), replace(LOAD, kg=30_001)
    assert lacking([LEAVE], heavy, late) == ["X4.not_valid", "X4.quantity_exceeded"]
    other = replace(heavy, mode=Mode.DISPOSE)
    assert lacking([LEAVE], other, late) == ["X5.new_application", "X4.not_valid", "X4.quantity_exceeded"]
    longer = replace(LEAVE, id=2, valid_to=date(2027, 6, 30))
    assert lacking([LEAVE, longer], heavy, late) == ["X4.quantity_exceeded"]


def lacking(leaves: list[Leave], load: Load, on: date) -> list[str]:
    """Return the rules that the nearest leave breaks."""
    return [fault.rule for fault in judge(leaves, load, on).faults]


def test_a_leave_holds_on_its_days_only() -> None:
    """A load would cross under an approval that had ended the day before (X4)."""
    assert judge([LEAVE], LOAD, date(2026, 12, 31)).leave is LEAVE
    assert lacking([LEAVE], LOAD, date(2027, 1, 1)) == ["X4.not_valid"]
    assert lacking([LEAVE], LOAD, date(2025, 12, 31)) == ["X4.not_valid"]


def test_other_waste_is_asked_for_what_it_needs() -> None:
    """Scrap for use would be refused for want of an approval that no law asks for (X6)."""
    scrap = replace(LOAD, hazardous=False, code="900-001-S17")
    assert lacking([], scrap, NOW) == ["X6.report_missing"]
    assert lacking([], replace(scrap, mode=Mode.STORE), NOW) == ["X6.approval_missing"]
    filed = replace(LEAVE, kind=Kind.FILING, code=scrap.code)
    assert judge([filed], scrap, NOW).leave is filed
    assert lacking([replace(filed, kind=Kind.REPORT)], scrap, LAST_OLD) == ["X6.report_missing"]


@given(st.dates(date(2020, 1, 1), date(2040, 12, 31)), st.integers(1, 24))
def test_a_period_of_months_ends_the_day_before(start: date, months: int) -> None:
    """Twelve months from a leap day would end on a day that does not exist."""
    end = months_after(start, months)
    assert 27 * months <= (end - start).days <= 31 * months
    if start.day <= 28:
        assert (end.toordinal() + 1, months % 12) == (
            date.fromordinal(end.toordinal() + 1).replace(day=start.day).toordinal(),
            (date.fromordinal(end.toordinal() + 1).month - start.month) % 12,
        )


def test_the_first_end_counts() -> None:
    """An approval would outlive the receiver's licence, or twelve months (X4)."""
    start, asked = date(2026, 3, 1), date(2028, 1, 1)
    usual = policy_of("420100")
    assert valid_to(usual, start, asked, None) == date(2027, 2, 28)
    assert valid_to(usual, start, asked, date(2026, 6, 30)) == date(2026, 6, 30)
    assert valid_to(usual, start, date(2026, 5, 1), None) == date(2026, 5, 1)
    assert valid_to(policy_of("330602"), start, asked, None) == date(2026, 12, 31)


def test_a_province_may_want_its_own() -> None:
    """An applicant of Qinghai would be sent back for the attachments that only it asks for (X7)."""
    assert policy_of("330602").span is Span.CALENDAR_YEAR
    assert policy_of("310101").months == 12
    assert Paper.LOCAL in wanted_papers(Kind.APPROVAL, "630100")
    assert Paper.LOCAL not in wanted_papers(Kind.APPROVAL, "420100")
    assert set(PAPER_WORDS) == set(Paper)


@pytest.mark.parametrize("kind", Kind)
def test_every_state_is_reached_and_left(kind: Kind) -> None:
    """An application would stand in a state that nothing leads out of."""
    reached, grown = {State.DRAFT}, True
    while grown:
        more = {to for at in reached for act in acts_from(kind, at) if (to := next_state(kind, at, act))}
        grown = bool(more - reached)
        reached |= more
    last = {State.IN_FORCE, State.REFUSED, State.WITHDRAWN} & reached
    assert {state for state in reached if not acts_from(kind, state)} == last
    assert State.IN_FORCE in reached
    assert {act for _, act in NEXT} == set(Act) >= set(ONLY_FOR)
    assert [TERMS[clock].working_days for clock in CLOCKS.values()] == [5, 5, 10, 5]
