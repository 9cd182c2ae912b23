"""What number, mass or moment did a person mean?"""

from __future__ import annotations

from datetime import date, datetime

from compliance.record.clock import SHANGHAI
from compliance.record.errors import N_, Invalid
from compliance.record.numbers import decimal, kilograms

__all__ = ["day", "decimal", "kilograms", "moment", "whole_number"]


def whole_number(text: str, field: str) -> int:
    """Return a whole number that was typed."""
    exact = decimal(text, field)
    if exact != int(exact):
        raise Invalid(N_("“{text}” is not a whole number."), field=field, values={"text": text[:40]})
    return int(exact)


def moment(text: str, field: str) -> datetime:
    """Return a moment typed in Shanghai time, such as a browser's `2026-11-20T09:30`."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(N_("Choose a day and a time."), field=field) from None
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def day(text: str, field: str) -> date:
    """Return a day typed as a browser sends it, such as `2026-11-20`."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(N_("Choose a day."), field=field) from None
