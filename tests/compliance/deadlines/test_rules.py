"""Do deadlines move only as their table says, and remind each owner once for each mark?"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from compliance.deadlines.rules import NEXT, OPEN, TERMS, Act, Kind, State, next_state, reminder
from compliance.rulebook.rules import rule
from compliance.rulebook.workdays import Workdays

DUE = date(2026, 12, 31)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", Act)
def test_what_is_over_stays_over(state: State, act: Act) -> None:
    """A deadline that was kept would become overdue the next night."""
    following = next_state(state, act)
    assert following == NEXT.get((state, act))
    assert following is None or state in OPEN


@pytest.mark.parametrize("kind", Kind)
def test_every_term_rests_on_a_rule_of_the_book(kind: Kind) -> None:
    """A person would be told to hurry and not why."""
    assert rule(TERMS[kind].rule)


def test_a_load_accepted_before_national_day_is_due_after_it() -> None:
    """The receiver would be in default in the middle of the holidays (M11)."""
    assert TERMS[Kind.CONFIRM].due(date(2026, 9, 30), Workdays()).day == date(2026, 10, 13)


GOLDEN_WEEK = {
    Kind.REPLY: date(2026, 10, 27),
    Kind.CONFIRM: date(2026, 10, 13),
    Kind.PERIOD: date(2026, 10, 13),
    Kind.HAND_ON: date(2027, 2, 9),
    Kind.STORE: date(2027, 9, 30),
    Kind.BACK_ENTRY: date(2026, 10, 20),
    Kind.X_NOTICE: date(2026, 10, 13),
    Kind.X_OPINION: date(2026, 10, 13),
    Kind.X_REPLY: date(2026, 10, 20),
    Kind.X_DECISION: date(2026, 10, 13),
    Kind.RENEW: date(2026, 8, 19),
    Kind.RECHECK: date(2028, 9, 30),
    Kind.REVIEW: date(2026, 11, 3),
}
"""By hand: the last days of clocks that start on 30 September 2026 (a renewal: of a paper that ends then),
with 20 September and 10 October worked; 2027 as far as its days are published."""


@pytest.mark.parametrize("kind", Kind)
def test_every_clock_walks_through_national_day_week(kind: Kind) -> None:
    """Days off would count, or the Saturday that is worked would not."""
    start = date(2026, 9, 30)
    assert TERMS[kind].due(start, Workdays()).day == GOLDEN_WEEK.get(kind, start)


def test_a_renewal_is_due_thirty_working_days_before_the_end() -> None:
    """The application would come too late by the days of a holiday (L5)."""
    calendar = Workdays()
    due = TERMS[Kind.RENEW].due(date(2026, 10, 15), calendar).day
    assert due == date(2026, 8, 28)
    assert calendar.between(due, date(2026, 10, 15)) == 30


def test_each_mark_reminds_once() -> None:
    """An owner would be reminded every night, or never."""
    term, reminded, sent = TERMS[Kind.PAPER], None, []
    for left in range(90, -1, -1):
        mark = reminder(term, DUE, DUE - timedelta(days=left), reminded)
        if mark is not None:
            reminded = mark
            sent.append((left, mark))
    assert sent == [(60, 60), (30, 30), (7, 7)]
    assert reminder(term, DUE, DUE - timedelta(days=5), None) == 7
