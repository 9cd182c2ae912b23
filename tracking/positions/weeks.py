"""Into which week does a position fall, and which weeks are worth a partition of the table?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tracking.positions.rules import FUTURE, MAX_AGE

WEEK = timedelta(days=7)
AHEAD = 4
"""Weeks that are made before the first position of them comes."""


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """Seven days from a Monday's midnight, UTC."""

    start: datetime

    @property
    def end(self) -> datetime:
        """Return the first moment that is no longer in it."""
        return self.start + WEEK

    @property
    def name(self) -> str:
        """Return its ISO name as it stands in a table's or a file's: 2026w48."""
        year, number, _ = self.start.isocalendar()
        return f"{year}w{number:02d}"


def week_of(moment: datetime) -> Week:
    """Return the week in which a moment falls."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Week(day - timedelta(days=day.weekday()))


def weeks_ahead(now: datetime, count: int = AHEAD) -> list[Week]:
    """Return this week and those after it."""
    first = week_of(now)
    return [Week(first.start + WEEK * number) for number in range(count + 1)]


def worth_partition(weeks: Iterable[Week], now: datetime) -> list[Week]:
    """Return the weeks that believable positions can be of.

    The weeks of a broken clock must not fill the catalogue.
    """
    first, last = week_of(now - MAX_AGE), week_of(now + max(FUTURE, WEEK * AHEAD))
    return sorted({week for week in weeks if first <= week <= last})
