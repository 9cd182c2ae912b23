"""What does the clock of the agent's machine say?"""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the machine's time."""
    return datetime.now(UTC)
