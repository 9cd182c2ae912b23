"""Is a complaint taken in whole, and answered before it is closed?"""

from __future__ import annotations

from compliance.cases.rules import NEXT, Act, Complaint, Kind, State, faults, next_state, number_of


def test_everything_wrong_with_a_complaint_is_told_at_once() -> None:
    """Somebody who saw a truck tip drums into a river would give up at the second error."""
    assert {one.field for one in faults(Complaint(Kind.DUMPING, "drums"))} == {"text", "place"}
    assert faults(Complaint(Kind.DUMPING, "drums tipped into the river", place="青山区")) == []
    assert faults(Complaint(Kind.DUMPING, "drums tipped into the river", about="鄂A12345")) == []


def test_no_case_is_closed_without_an_answer() -> None:
    """A complaint would vanish in a drawer."""
    assert {at for (at, _), to in NEXT.items() if to is State.CLOSED} == {State.ANSWERED}
    assert next_state(State.RECEIVED, Act.CLOSE) is None
    assert next_state(State.ANSWERED, Act.REOPEN) is State.ASSIGNED


def test_a_number_is_read_over_a_telephone() -> None:
    """Nobody could name a case."""
    assert number_of(2026, 123) == "TS2026-000123"
