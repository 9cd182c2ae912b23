"""What number, mass or moment did a person mean?"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from compliance.record.clock import SHANGHAI
from compliance.record.errors import N_, Invalid

LARGEST = Decimal(10) ** 9


def decimal(text: str, field: str) -> Decimal:
    """Return the number that was typed; full-width digits and commas for thousands are understood."""
    plain = text.strip().replace(",", "").replace("，", "")
    try:
        found = Decimal(plain)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) > LARGEST:
        raise Invalid(
            N_("“{text}” is not a number."),
            field=field,
            way_out=N_("Write digits, such as 12.5."),
            values={"text": text[:40]},
        )
    return found


def whole_number(text: str, field: str) -> int:
    """Return a whole number that was typed."""
    exact = decimal(text, field)
    if exact != int(exact):
        raise Invalid(N_("“{text}” is not a whole number."), field=field, values={"text": text[:40]})
    return int(exact)


def kilograms(text: str, field: str) -> int:
    """Return whole kilograms of a mass typed in tonnes; finer than a kilogram is refused."""
    exact = decimal(text, field) * 1000
    if exact != int(exact):
        raise Invalid(
            N_("A mass is given to the kilogram: three places after the point of the tonnes."),
            field=field,
            way_out=N_("Round it to whole kilograms."),
        )
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
