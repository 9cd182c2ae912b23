"""What did a person mean who typed words, a code or a division into a filter?"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

_CATEGORY = re.compile(r"^HW(\d{2})$")
_FAMILY = re.compile(r"^SW?(\d{2})$")
_CODE = re.compile(r"^(\d{3}|\d{3}-[\dS-]*)$")
_WHOLE_CODE = re.compile(r"^\d{3}-\d{3}-S?\d{2}$")
WHOLE = re.compile(r"^\d{14}$")
LEVELS = (2, 4, 6)


class Reads(StrEnum):
    """As what a typed text is looked up."""

    NUMBER = "number"
    DIGITS = "digits"
    CODE = "code"
    WORDS = "words"


def reads(text: str) -> Reads:
    """Tell as what a text is looked up: a whole number, a part of one, a waste code, or words."""
    plain = plain_of(text)
    if WHOLE.match(plain):
        return Reads.NUMBER
    if code_pattern(plain) is not None:
        return Reads.CODE
    return Reads.DIGITS if plain.isdecimal() else Reads.WORDS


def plain_of(text: str) -> str:
    """Return a typed text without blanks at its ends, half-width and in capitals."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def code_pattern(text: str) -> str | None:
    """Return the LIKE pattern of a waste code: whole, its beginning, `HW08`, or `SW17`; None for no code."""
    plain = plain_of(text)
    category = _CATEGORY.match(plain)
    if category:
        return f"%-{category.group(1)}"
    family = _FAMILY.match(plain)
    if family:
        return f"%-S{family.group(1)}"
    if _WHOLE_CODE.match(plain):
        return plain
    return f"{plain}%" if _CODE.match(plain) else None


def division_prefix(code: str) -> str:
    """Return the digits that every division within one shares: `42` of 420000, `4201` of 420100.

    Empty for what is no division's code.
    """
    if not code.isdecimal() or len(code) not in LEVELS:
        return ""
    padded = code.ljust(6, "0")
    if padded.endswith("0000"):
        return padded[:2]
    return padded[:4] if padded.endswith("00") else padded
