"""What time is it in this instance?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
"""The legal time of every act in this product."""

Now = Callable[[], datetime]


def system_now() -> datetime:
    """Return the present moment of the machine, aware UTC."""
    return datetime.now(UTC)


def wall_seconds() -> float:
    """Return the machine's own seconds since 1970, for sign-in sessions and rate limits."""
    return time.time()


def local_date(moment: datetime) -> date:
    """Return the calendar day in Shanghai on which a moment falls: the day the law counts by."""
    return moment.astimezone(SHANGHAI).date()


@dataclass(frozen=True, slots=True)
class ScaledClock:
    """A demonstration clock: `speed` seconds pass for every second of the machine since `anchor`.

    Only demo instances use it; production settings refuse any speed but 1.
    """

    anchor: datetime
    shown: datetime
    speed: float

    def __call__(self) -> datetime:
        """Return the demonstration's present moment, aware UTC."""
        return self.shown + timedelta(seconds=(system_now() - self.anchor).total_seconds() * self.speed)
