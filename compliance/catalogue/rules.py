"""What does a waste code say, and what is a kind of waste?"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """Under which of the two catalogues a waste falls."""

    HAZARDOUS = "hazardous"
    SOLID = "solid"


class Listing(StrEnum):
    """Which list of an edition a file is."""

    CODES = "codes"
    EXEMPTIONS = "exemptions"


class Form(StrEnum):
    """Which of the three forms a code has."""

    HAZARDOUS = "hazardous"
    """Industry, serial, category: `900-214-08`."""
    SOLID = "solid"
    """Industry, serial, family: `900-001-S17`."""
    FAMILY = "family"
    """A whole family of non-hazardous waste: `SW10`."""


class Basis(StrEnum):
    """Where a catalogue row comes from, and so how far it can be relied upon."""

    OFFICIAL = "official"
    CARRIED_OVER = "carried_over_2021"
    """The text of 2021, shown for the edition of 2025 whose rows are not on file."""
    IDENTIFIED = "identified"
    """A pseudo-code: identified as hazardous by testing, listed nowhere."""
    WEAK_SOURCE = "weak_source"
    MEMORY = "memory"
    MEMORY_UNVERIFIED = "memory_unverified"


PLACEHOLDERS = frozenset({Basis.WEAK_SOURCE, Basis.MEMORY, Basis.MEMORY_UNVERIFIED})
"""Rows for demonstrations: never the basis of a decision."""

_HAZARDOUS = re.compile(r"(?:HW)?(\d{3})-?(\d{3})-?(0[1-9]|[1-4]\d|50)")
_SOLID = re.compile(r"(?:SW)?(\d{3})-?(0(?!00)\d{2})-?S(\d{2})")
_FAMILY = re.compile(r"SW?(\d{2})")
_CATEGORY = re.compile(r"HW(?:0[1-9]|[1-4]\d|50)")
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−_", "-"))
"""Every stroke that a keyboard offers for the dash of a code."""

_CLASSES = (
    (range(1, 60), "工业固体废物"),
    (range(60, 70), "生活垃圾"),
    (range(70, 80), "建筑垃圾"),
    (range(80, 90), "农业固体废物"),
    (range(90, 100), "其他固体废物"),
)
_UNUSED_FAMILIES = frozenset({0, 8})


@dataclass(frozen=True, slots=True)
class WasteCode:
    """A code in its canonical writing; `parse` is the way to get one from what a person typed."""

    text: str
    form: Form

    @classmethod
    def parse(cls, text: str) -> WasteCode:
        """Read a code with or without dashes, blanks, full-width characters or a leading HW or SW.

        Raises `ValueError` for anything that is not `NNN-NNN-NN` (category 01 to 50), `NNN-NNN-SNN`
        (serial 001 to 099) or a family `SWNN`; families run from 01 to 99 without 08.
        """
        compact = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper().translate(DASHES)
        if not compact.isascii():
            raise ValueError(f"not a waste code: {text!r}")
        if found := _HAZARDOUS.fullmatch(compact):
            return cls("-".join(found.groups()), Form.HAZARDOUS)
        if (found := _SOLID.fullmatch(compact)) and int(found[3]) not in _UNUSED_FAMILIES:
            return cls(f"{found[1]}-{found[2]}-S{found[3]}", Form.SOLID)
        if (found := _FAMILY.fullmatch(compact)) and int(found[1]) not in _UNUSED_FAMILIES:
            return cls(f"SW{found[1]}", Form.FAMILY)
        raise ValueError(f"not a waste code: {text!r}")

    def __str__(self) -> str:
        return self.text

    @property
    def compact(self) -> str:
        """Return the code without its dashes."""
        return self.text.replace("-", "")

    @property
    def kind(self) -> Kind:
        """Tell the catalogue to which the code belongs."""
        return Kind.HAZARDOUS if self.form is Form.HAZARDOUS else Kind.SOLID

    @property
    def category(self) -> str:
        """Return the category (`HW08`) or the family (`SW10`)."""
        return ("HW" if self.form is Form.HAZARDOUS else "SW") + self.text[-2:]

    @property
    def is_pseudo(self) -> bool:
        """Tell whether this is `900-000-nn`: hazardous by testing, but fitting no listed code."""
        return self.form is Form.HAZARDOUS and self.text.startswith("900-000-")

    @property
    def class_zh(self) -> str:
        """Return the class of a solid waste by its family number, empty for hazardous waste."""
        if self.form is Form.HAZARDOUS:
            return ""
        family = int(self.text[-2:])
        return next(name for numbers, name in _CLASSES if family in numbers)


def is_category(text: str) -> bool:
    """Tell whether a text is a category of hazardous waste, `HW01` to `HW50`."""
    return _CATEGORY.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class WasteType:
    """One kind of waste as one edition lists it; a family row has the family as its `code`.

    `hazards` keeps the printed separators: `T,I` = toxic, perhaps also ignitable; `T/C/I/R` = one or
    more of these. `valid_to` is the last day in force, None while no end is known.
    """

    code: str
    edition: str
    kind: Kind
    category: str
    category_name: str
    industry: str
    description: str
    hazards: str
    basis: Basis
    valid_from: date
    valid_to: date | None

    @property
    def hazard_letters(self) -> tuple[str, ...]:
        """Return the hazards one by one: T toxic, C corrosive, I ignitable, R reactive, In infectious."""
        return hazard_letters(self.hazards)

    @property
    def is_official(self) -> bool:
        """Tell whether the row stands so in the official text of its edition."""
        return self.basis is Basis.OFFICIAL

    @property
    def is_placeholder(self) -> bool:
        """Tell whether the row is for demonstrations only; screens say so."""
        return self.basis in PLACEHOLDERS

    def in_force(self, on: date) -> bool:
        """Tell whether the row counts on a day; both ends belong to it."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


def hazard_letters(hazards: str) -> tuple[str, ...]:
    """Return the hazards of a printed text such as `T,I` or `T/C` one by one."""
    return tuple(letter for letter in re.split("[,/]", hazards) if letter)


@dataclass(frozen=True, slots=True)
class Exemption:
    """One line of the exemption list: in which stages, under which condition, with which effect.

    It is shown, and evidence is asked for; nothing is ever exempt by itself. `codes` holds codes and
    whole categories; empty codes (`is_general`) mean that the text alone says which waste is meant.
    """

    item: int
    codes: frozenset[str]
    scope: str
    waste: str
    stages: tuple[str, ...]
    condition: str
    effect: str
    edition: str
    basis: Basis

    @property
    def is_general(self) -> bool:
        """Tell whether the line names no code, such as item 32, directed use from point to point."""
        return not self.codes

    def may_cover(self, code: WasteCode) -> bool:
        """Tell whether the line can concern a waste; its condition is for people to judge."""
        named = code.text in self.codes or code.category in self.codes
        return code.kind is Kind.HAZARDOUS and (self.is_general or named)


def remembered(
    code: str, edition: str, name: str, on: date, category: str = "", hazards: str = ""
) -> WasteType:
    """Return a kind of waste by what a document itself says of it: no list on file has its code any more."""
    known = WasteCode.parse(code)
    return WasteType(
        code=code,
        edition=edition,
        kind=known.kind,
        category=category or known.category,
        category_name=name,
        industry="",
        description="",
        hazards=hazards,
        basis=Basis.WEAK_SOURCE,
        valid_from=on,
        valid_to=None,
    )


def identified(like: WasteType, code: WasteCode) -> WasteType:
    """Return the kind of waste of a pseudo-code, drawn from any row of its category.

    Which hazards it has, the test report says, not the catalogue: `hazards` is empty.
    """
    return WasteType(
        code=code.text,
        edition=like.edition,
        kind=Kind.HAZARDOUS,
        category=like.category,
        category_name=like.category_name,
        industry="非特定行业",
        description="经鉴别属于危险废物且未列入名录的废物",
        hazards="",
        basis=Basis.IDENTIFIED,
        valid_from=like.valid_from,
        valid_to=like.valid_to,
    )
