"""Are both meters compared as the parties agreed, and is a period the one its authority asks for?"""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from compliance.pipelines.rules import (
    Reading,
    Rhythm,
    Side,
    Tolerance,
    Verdict,
    by_day,
    by_month,
    days_of,
    period_of,
)

FIRST = date(2026, 10, 30)
DAYS = days_of(FIRST, date(2026, 11, 2))


def readings(mover: list[int | None], receiver: list[int | None]) -> list[Reading]:
    """Return readings of both sides from the first day on; None: no reading."""
    return [
        Reading(FIRST + timedelta(days=n), side, kg)
        for side, said in ((Side.MOVER, mover), (Side.RECEIVER, receiver))
        for n, kg in enumerate(said)
        if kg is not None
    ]


def test_a_day_beyond_its_tolerance_is_told_and_a_month_has_its_own() -> None:
    """A meter that drifts would be lost in the noise of single days, or a noisy day be called fraud."""
    found = by_day(readings([1000, 1000, 0, 500], [1020, 979, 0, None]), DAYS, Tolerance(20, 1))
    assert [one.verdict for one in found] == [
        Verdict.AGREES,
        Verdict.DIFFERS,
        Verdict.AGREES,
        Verdict.NO_RECEIVER,
    ]
    assert found[1].difference_kg == -21
    october, november = by_month(found, Tolerance(20, 1))
    assert (october.name, october.mover_kg, october.receiver_kg) == ("2026-10", 2000, 1999)
    assert october.verdict is Verdict.AGREES
    assert (november.verdict, november.mover_kg, november.receiver_kg) == (Verdict.NO_RECEIVER, 500, 0)


def test_a_month_without_any_reading_is_not_called_in_agreement() -> None:
    """Two silent meters would be the best pair of all."""
    found = by_day([], DAYS, Tolerance())
    assert {one.verdict for one in found} == {Verdict.NO_READING}
    assert {one.verdict for one in by_month(found, Tolerance())} == {Verdict.NO_READING}


@given(st.dates(date(2000, 1, 1), date(2199, 12, 31)), st.sampled_from(Rhythm))
def test_every_day_lies_in_its_period_and_the_next_period_begins_the_day_after(
    day: date, rhythm: Rhythm
) -> None:
    """A day would have no manifest, or two."""
    name, first, last = period_of(rhythm, day)
    assert first <= day <= last
    assert period_of(rhythm, first) == period_of(rhythm, last) == (name, first, last)
    if last < date(2199, 12, 31):
        assert period_of(rhythm, last + timedelta(days=1))[1] == last + timedelta(days=1)
