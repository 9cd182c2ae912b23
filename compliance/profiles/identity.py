"""What does the 24-character code of a power battery say, and can it be one (GB/T 34014-2017)?

The number of characters and the two parts are of the standard; how the parts are cut, the letters that are
left out and the code of the day are as commonly described, not taken from its text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

LENGTH = 24
ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPRSTUVWXYZ")
"""Digits and capitals without I, O and Q."""
YEARS = "123456789ABCDEFGHJKLMNPRSTVWXY"
"""From 2011 on, as in a vehicle's number: without 0, I, O, Q, U and Z."""
FIRST_YEAR = 2011
MONTHS = "123456789ABC"
DAYS = "123456789ABCDEFGHJKLMNPRSTUVWXY"
SEGMENTS = (3, 1, 1, 2, 7, 3, 7)


class Kind(StrEnum):
    """Which level of a battery a code names."""

    PACK = "pack"
    MODULE = "module"
    CELL = "cell"


KINDS: Mapping[str, Kind] = {"P": Kind.PACK, "M": Kind.MODULE, "C": Kind.CELL}
BELOW: Mapping[Kind, tuple[Kind, ...]] = {
    Kind.PACK: (),
    Kind.MODULE: (Kind.PACK,),
    Kind.CELL: (Kind.MODULE, Kind.PACK),
}
"""What a battery may be part of; a cell may sit in a pack without modules."""


class Fault(StrEnum):
    """Which segment cannot be right."""

    LENGTH = "length"
    ALPHABET = "alphabet"
    KIND = "kind"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Identity:
    """A code read apart: maker, kind, chemistry, specification, tracing, year and month made, serial."""

    code: str
    maker: str
    kind: Kind
    chemistry: str
    specification: str
    tracing: str
    year: int
    month: int
    day: int
    serial: str


def plain(text: str) -> str:
    """Return a code as it is kept: capitals without blanks and dashes."""
    return "".join(sign for sign in text.upper() if sign not in " -\t")


def read(text: str) -> Identity | list[Fault]:
    """Read a code, or say of each segment that cannot be right."""
    code = plain(text)
    if len(code) != LENGTH:
        return [Fault.LENGTH]
    parts, at = [], 0
    for length in SEGMENTS:
        parts.append(code[at : at + length])
        at += length
    maker, letter, chemistry, specification, tracing, made, serial = parts
    faults = []
    if not ALPHABET.issuperset(code):
        faults.append(Fault.ALPHABET)
    if letter not in KINDS:
        faults.append(Fault.KIND)
    if made[0] not in YEARS or made[1] not in MONTHS or made[2] not in DAYS:
        faults.append(Fault.DAY)
    if faults:
        return faults
    year, month, day = FIRST_YEAR + YEARS.index(made[0]), MONTHS.index(made[1]) + 1, DAYS.index(made[2]) + 1
    return Identity(code, maker, KINDS[letter], chemistry, specification, tracing, year, month, day, serial)
