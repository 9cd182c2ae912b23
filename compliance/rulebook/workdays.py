"""Is this a working day in China, and on which day have so many of them passed?

Legal working days follow the State Council's yearly notice: weekdays that are holidays, and Saturdays and
Sundays that are worked instead (调休). `chinese_calendar` knows the years whose notice has been published;
an administrator's own days come before it. For a year nobody has published yet the weekday decides, and the
answer says that it is provisional.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar

from compliance.record.errors import N_, Invalid

SATURDAY = 5
ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A day by which something must be done; provisional while the year's notice is not out."""

    day: date
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class Workdays:
    """The dated calendar: an administrator's `own` days (True: worked) before the published years."""

    own: Mapping[date, bool] = field(default_factory=dict)

    def published(self, day: date) -> bool:
        """Tell whether it is known, not supposed, how a day counts."""
        return day in self.own or _published(day) is not None

    def works(self, day: date) -> bool:
        """Tell whether a day is a working day."""
        if day in self.own:
            return self.own[day]
        known = _published(day)
        return day.weekday() < SATURDAY if known is None else known

    def after(self, start: date, count: int) -> Due:
        """Return the day on which `count` working days have passed; the day of the start does not count.

        A negative `count` goes back. Raises `ValueError` for 0, which names no day.
        """
        if count == 0:
            raise ValueError("a clock of no working days has no end")
        step = ONE if count > 0 else -ONE
        day, left, known = start, abs(count), True
        while left:
            day += step
            known = known and self.published(day)
            left -= self.works(day)
        return Due(day, provisional=not known)

    def between(self, start: date, end: date) -> int:
        """Return how many working days there are after `start` up to and with `end`; negative if past."""
        low, high = min(start, end), max(start, end)
        count = sum(self.works(low + ONE * n) for n in range(1, (high - low).days + 1))
        return count if end >= start else -count


PUBLISHED_YEARS = Workdays()
"""The calendar without an administrator's days."""


def read_own_days(path: Path) -> dict[date, bool]:
    """Read an administrator's file: one `day,works` a line, such as `2027-02-06,yes`.

    Raises `Invalid` naming file, line and field; nothing of a faulty file is taken.
    """
    found: dict[date, bool] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), start=2):
            day, works = (row.get("day") or "").strip(), (row.get("works") or "").strip()
            try:
                found[date.fromisoformat(day)] = _YES[works]
            except (ValueError, KeyError):
                raise Invalid(
                    N_("{file}, line {line}: “{text}” is not a day with yes or no."),
                    field="works",
                    way_out=N_("Write one day a line, such as 2027-02-06,yes under the heading day,works."),
                    values={"file": path.name, "line": number, "text": f"{day},{works}"},
                ) from None
    return found


_YES = {"yes": True, "no": False}


PUBLISHED = frozenset(day.year for day in chinese_calendar.holidays)
"""The years whose notice the library knows."""


def _published(day: date) -> bool | None:
    return bool(chinese_calendar.is_workday(day)) if day.year in PUBLISHED else None
