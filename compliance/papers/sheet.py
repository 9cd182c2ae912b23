"""What does a printed sheet say, part by part, whatever it is printed with?

Everything here is text in the reader's language already: who gathers it has words and formats at hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Cell:
    """A labelled value; `wide` takes a whole line, `exact` is set so that each sign can be told apart."""

    label: str
    value: str
    wide: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A headed group of cells, two a line."""

    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A headed table; columns in `exact` hold hashes, in `right` figures; `stretch` takes the room left."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    stretch: int = 0
    right: tuple[int, ...] = ()
    exact: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader must not miss; `loud` where the paper could be taken for what it is not."""

    text: str
    loud: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """An A4 document: heading, notices, parts and tables, a QR code and a foot on every page."""

    title: str
    number: str
    language: str
    at: datetime
    notices: tuple[Notice, ...]
    blocks: tuple[Part | Table, ...]
    qr: str = ""
    qr_words: str = ""
    foot: str = ""
    page_words: str = "{page} / {pages}"


@dataclass(frozen=True, slots=True)
class Label:
    """The label of one container (HJ 1276-2022), field by field; `words` are the fields' names."""

    code: str
    name: str
    category: str
    waste: str
    form: str
    main: str
    harmful: str
    hazards: tuple[str, ...]
    cautions: str
    unit: str
    contact: str
    made_on: str
    weight: str
    remarks: str
    qr: str


@dataclass(frozen=True, slots=True)
class LabelWords:
    """The names of a label's fields in the reader's language."""

    title: str
    name: str
    category: str
    waste: str
    form: str
    main: str
    harmful: str
    hazards: str
    cautions: str
    code: str
    unit: str
    contact: str
    made_on: str
    weight: str
    remarks: str
