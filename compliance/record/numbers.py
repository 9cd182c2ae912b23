"""What number or mass did a person or a file write?"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from compliance.record.errors import N_, Invalid

LARGEST = Decimal(10) ** 9
LARGEST_KG = 10**9
"""No load, store or yearly quantity comes near it; every sum of such masses fits the database's integers."""
MOST_PLACES = 40
TONNE = 1000


def number_of(text: str) -> Decimal | None:
    """Return the number that a text means, with or without commas for thousands; None for none.

    Full-width digits are understood. What is larger or finer than any number that is asked for is none.
    """
    try:
        found = Decimal(text.strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    exponent = found.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -MOST_PLACES or found.copy_abs() > LARGEST:
        return None
    return found


def decimal(text: str, field: str) -> Decimal:
    """Return the number that was written, or refuse the field."""
    found = number_of(text)
    if found is None:
        raise Invalid(
            N_("“{text}” is not a number."),
            field=field,
            way_out=N_("Write digits, such as 12.5."),
            values={"text": text[:40]},
        )
    return found


def kilograms(text: str, field: str) -> int:
    """Return whole kilograms of a mass written in tonnes; finer than a kilogram is refused."""
    exact = decimal(text, field) * TONNE
    if abs(exact) > LARGEST_KG:
        raise Invalid(
            N_("Must be at most {limit}."), field=field, values={"limit": f"{LARGEST_KG // TONNE} t"}
        )
    if exact != int(exact):
        raise Invalid(
            N_("A mass is given to the kilogram: three places after the point of the tonnes."),
            field=field,
            way_out=N_("Round it to whole kilograms."),
        )
    return int(exact)
