"""When may a load be handed over at its destination: at which hours, on which days, at how many docks?"""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import datetime, time, timedelta

from compliance.record.clock import SHANGHAI
from compliance.registry.tables import Site
from marketplace.plans.rules import HORIZON_S
from matching.routing.model import Span

DAYS_AHEAD = 8
"""A week and a day: where a gate is closed for all the horizon, its next opening is seen, out of reach."""


def receiving(site: Site, weekdays: Set[int], at: datetime) -> tuple[Span, ...]:
    """Return when a receiver lets vehicles in, as seconds from a moment; empty: at any time.

    The site's hours are local and the same on every day; `weekdays` (ISO) are those of the need, none: all.
    """
    if site.opens is None and not weekdays:
        return ()
    found: list[Span] = []
    for opens, closes in _days(site, weekdays, at):
        start, end = (opens - at).total_seconds(), (closes - at).total_seconds()
        if end < 0:
            continue
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, end)
        else:
            found.append(Span(start, end))
    return tuple(found)


def _days(site: Site, weekdays: Set[int], at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """List the openings of the days from yesterday on; without hours a day is open from midnight on."""
    today = at.astimezone(SHANGHAI).date()
    for ahead in range(-1, DAYS_AHEAD + HORIZON_S // 86_400):
        day = today + timedelta(days=ahead)
        if weekdays and day.isoweekday() not in weekdays:
            continue
        midnight = datetime.combine(day, time(), SHANGHAI)
        if site.opens is None or site.closes is None:
            yield midnight, midnight + timedelta(days=1)
        else:
            yield datetime.combine(day, site.opens, SHANGHAI), datetime.combine(day, site.closes, SHANGHAI)
