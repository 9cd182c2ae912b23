"""Do the meters at both ends of a pipeline say the same, day by day and month by month (M13)?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate, groupby

from compliance.record.errors import RuleBroken
from compliance.rulebook.rules import broken

LARGEST_KG = 100_000_000
"""No pipeline moves more in a day; a slip of the unit is found."""
MOST_PERMILLE = 200


class Carrying(StrEnum):
    """How the waste goes over, so that no trip of it can be weighed."""

    PIPE = "pipe"
    CONVEYOR = "conveyor"
    UNWEIGHED = "unweighed"
    """Vehicles inside one works area that no scale can weigh trip by trip."""


class Side(StrEnum):
    """Whose meter it is."""

    MOVER = "mover"
    RECEIVER = "receiver"


class How(StrEnum):
    """How a day's mass was found."""

    METER = "meter"
    LEVEL = "level"
    RECKONED = "reckoned"


class Rhythm(StrEnum):
    """Over how long one manifest goes, as the local authority asks."""

    DAY = "by_day"
    MONTH = "by_month"
    QUARTER = "by_quarter"
    YEAR = "by_year"


class State(StrEnum):
    """Where a pipeline stands."""

    OFFERED = "offered"
    RUNNING = "flowing"
    ENDED = "ended"


class Act(StrEnum):
    """What moves a pipeline."""

    AGREE = "agree"
    END = "end"


NEXT: Mapping[tuple[State, Act], State] = {
    (State.OFFERED, Act.AGREE): State.RUNNING,
    (State.OFFERED, Act.END): State.ENDED,
    (State.RUNNING, Act.END): State.ENDED,
}


class PeriodState(StrEnum):
    """Where the manifest of a period stands."""

    ISSUED = "issued"
    REOPENED = "to_be_corrected"
    CONFIRMED = "confirmed"
    TREATED = "treated"


class PeriodAct(StrEnum):
    """What moves the manifest of a period."""

    ISSUE = "issue"
    REOPEN = "reopen"
    CONFIRM = "confirm"
    TREAT = "treat"


PERIOD_NEXT: Mapping[tuple[PeriodState | None, PeriodAct], PeriodState] = {
    (None, PeriodAct.ISSUE): PeriodState.ISSUED,
    (PeriodState.ISSUED, PeriodAct.REOPEN): PeriodState.REOPENED,
    (PeriodState.CONFIRMED, PeriodAct.REOPEN): PeriodState.REOPENED,
    (PeriodState.REOPENED, PeriodAct.ISSUE): PeriodState.ISSUED,
    (PeriodState.ISSUED, PeriodAct.CONFIRM): PeriodState.CONFIRMED,
    (PeriodState.CONFIRMED, PeriodAct.TREAT): PeriodState.TREATED,
}
"""Confirmed is not for ever: who oversees may reopen it, and it keeps its number."""


class Verdict(StrEnum):
    """What a comparison says."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NO_MOVER = "no_mover_reading"
    NO_RECEIVER = "no_receiver_reading"
    NO_READING = "no_reading"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far both sides may be apart, in thousandths of the larger: on a day, and over a longer span.

    The rule gives no tolerance: this is what the two parties agreed.
    """

    day_permille: int = 20
    span_permille: int = 10


@dataclass(frozen=True, slots=True)
class Reading:
    """What one side's meter said of one day, kilograms."""

    day: date
    side: Side
    kg: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Both sides over one span (a day or longer), kilograms; None where a side said nothing at all."""

    name: str
    mover_kg: int | None
    receiver_kg: int | None
    verdict: Verdict

    @property
    def difference_kg(self) -> int | None:
        """Return how much more the receiver's meter said, below zero: less."""
        if self.mover_kg is None or self.receiver_kg is None:
            return None
        return self.receiver_kg - self.mover_kg

    @property
    def permille(self) -> Fraction | None:
        """Return the difference in thousandths of the larger mass."""
        if self.difference_kg is None:
            return None
        larger = max(self.mover_kg or 0, self.receiver_kg or 0)
        return Fraction(1000 * self.difference_kg, larger) if larger else Fraction(0)


def days_of(first: date, last: date) -> list[date]:
    """Return every day of a span, both ends included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def by_day(readings: Iterable[Reading], days: Sequence[date], tolerance: Tolerance) -> list[Compared]:
    """Compare both sides on each day."""
    said = {(one.day, one.side): one.kg for one in readings}
    return [
        _compared(
            day.isoformat(),
            said.get((day, Side.MOVER)),
            said.get((day, Side.RECEIVER)),
            tolerance.day_permille,
        )
        for day in days
    ]


def by_month(days: Sequence[Compared], tolerance: Tolerance) -> list[Compared]:
    """Add compared days up by month; a month in which a side lacks a day is not called in agreement."""
    return [
        together(name, list(some), tolerance) for name, some in groupby(days, key=lambda one: one.name[:7])
    ]


def together(name: str, days: Sequence[Compared], tolerance: Tolerance) -> Compared:
    """Compare both sides over a span of compared days."""
    mover = [one.mover_kg for one in days if one.mover_kg is not None]
    receiver = [one.receiver_kg for one in days if one.receiver_kg is not None]
    found = _compared(
        name,
        sum(mover) if mover else None,
        sum(receiver) if receiver else None,
        tolerance.span_permille,
    )
    if found.verdict in {Verdict.AGREES, Verdict.DIFFERS}:
        if len(mover) < len(days):
            return Compared(name, found.mover_kg, found.receiver_kg, Verdict.NO_MOVER)
        if len(receiver) < len(days):
            return Compared(name, found.mover_kg, found.receiver_kg, Verdict.NO_RECEIVER)
    return found


def _compared(name: str, mover: int | None, receiver: int | None, permille: int) -> Compared:
    if mover is None:
        return Compared(name, mover, receiver, Verdict.NO_READING if receiver is None else Verdict.NO_MOVER)
    if receiver is None:
        return Compared(name, mover, receiver, Verdict.NO_RECEIVER)
    within = abs(receiver - mover) * 1000 <= permille * max(mover, receiver)
    return Compared(name, mover, receiver, Verdict.AGREES if within else Verdict.DIFFERS)


def shared(kg: int, metered: Sequence[int]) -> list[int]:
    """Share an accepted mass out over metered days, in proportion and to the last kilogram."""
    total, before, found = sum(metered), 0, []
    for until in accumulate(metered):
        upto = kg * until // total if total else 0
        found.append(upto - before)
        before = upto
    return found


def period_of(rhythm: Rhythm, day: date) -> tuple[str, date, date]:
    """Return the period of a rhythm in which a day lies: its name, first and last day."""
    if rhythm is Rhythm.DAY:
        return day.isoformat(), day, day
    if rhythm is Rhythm.YEAR:
        return f"{day:%Y}", date(day.year, 1, 1), date(day.year, 12, 31)
    months = 1 if rhythm is Rhythm.MONTH else 3
    start = (day.month - 1) // months * months + 1
    after = date(day.year + (start + months > 12), (start + months - 1) % 12 + 1, 1)
    name = f"{day:%Y-%m}" if rhythm is Rhythm.MONTH else f"{day:%Y}-Q{(start + 2) // 3}"
    return name, date(day.year, start, 1), after - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Entered:
    """One day as somebody enters it, kilograms; totals where the meter has any."""

    day: date
    kg: int
    counter_from_kg: int | None = None
    counter_to_kg: int | None = None


def reading_faults(one: Entered, ran: tuple[date, date], on: date) -> list[RuleBroken]:
    """Return why an entered day cannot be right for a pipeline that ran from a day to a day."""
    found = []
    if not ran[0] <= one.day <= ran[1] or not 0 <= one.kg <= LARGEST_KG:
        said = one.day.isoformat()
        found.append(broken("M13.reading", on, field="kg", kg=one.kg, said=said, largest_kg=LARGEST_KG))
    before, after = one.counter_from_kg, one.counter_to_kg
    half = (before is None) != (after is None)
    if half or (before is not None and after is not None and after - before != one.kg):
        told = {"before": before, "after": after, "kg": one.kg}
        found.append(broken("M13.counter", on, field="counter_to_kg", **told))
    return found


def missing_faults(name: str, days: Sequence[Compared], side: Side, on: date) -> list[RuleBroken]:
    """Return that a side has not metered every day of a period, which then has no manifest."""
    lacking = [one.name for one in days if (one.mover_kg if side is Side.MOVER else one.receiver_kg) is None]
    if not lacking:
        return []
    said = {"count": len(lacking), "period": name, "first": lacking[0]}
    return [broken("M13.days_missing", on, field="readings", **said)]


def differing_faults(found: Compared, tolerance: Tolerance, on: date) -> list[RuleBroken]:
    """Return that both sides are more apart than they agreed, which wants a reason."""
    if found.verdict is not Verdict.DIFFERS:
        return []
    told = {"period": found.name, "mover_kg": found.mover_kg, "receiver_kg": found.receiver_kg}
    permille = tolerance.span_permille
    return [broken("M13.sides_differ", on, field="reason", permille=permille, **told)]
