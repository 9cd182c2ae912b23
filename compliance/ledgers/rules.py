"""What does one entry of a ledger say, what is its batch code, and can it be right (HJ 1259-2022)?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from compliance.record.errors import N_, DomainError, Invalid
from compliance.rulebook.rules import broken

LARGEST_KG = 100_000_000
LAST_SERIAL = 999


class Table(StrEnum):
    """The five tables of appendix B; industrial solid waste (公告2021第82号) is kept in the same five."""

    GENERATED = "generated"
    """B.1 产生环节"""
    STORED = "stored"
    """B.2 入库环节"""
    TAKEN_OUT = "taken_out"
    """B.3 出库环节"""
    TREATED = "treated"
    """B.4 自行利用/处置环节"""
    OUTSOURCED = "outsourced"
    """B.5 委外利用/处置环节"""


NUMBERS: Mapping[Table, str] = {
    Table.GENERATED: "B.1",
    Table.STORED: "B.2",
    Table.TAKEN_OUT: "B.3",
    Table.TREATED: "B.4",
    Table.OUTSOURCED: "B.5",
}


class Purpose(StrEnum):
    """What is done with what leaves the ledger: it decides the batch code of B.4 and B.5."""

    NONE = ""
    USE = "use"
    DISPOSE = "dispose"
    EXPORT_USE = "export_use"
    EXPORT_DISPOSE = "export_dispose"


PREFIXES: Mapping[tuple[Table, Purpose], str] = {
    (Table.GENERATED, Purpose.NONE): "CS",
    (Table.STORED, Purpose.NONE): "RK",
    (Table.TAKEN_OUT, Purpose.NONE): "CK",
    (Table.TREATED, Purpose.USE): "ZXLY",
    (Table.TREATED, Purpose.DISPOSE): "ZXCZ",
    (Table.OUTSOURCED, Purpose.USE): "WWLY",
    (Table.OUTSOURCED, Purpose.DISPOSE): "WWCZ",
    (Table.OUTSOURCED, Purpose.EXPORT_USE): "CKLY",
    (Table.OUTSOURCED, Purpose.EXPORT_DISPOSE): "CKCZ",
}
"""The letters of a batch code after HW (G4)."""

_BATCH = re.compile(r"^(HW|SW)(CS|RK|CK|ZXLY|ZXCZ|WWLY|WWCZ|CKLY|CKCZ)(\d{4})(\d{2})(\d{2})(\d{3})$")


class Origin(StrEnum):
    """Where an entry comes from."""

    TYPED = "typed"
    IMPORTED = "imported"
    CONTAINER = "container"
    MANIFEST = "manifest"
    PIPELINE = "pipeline"


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry as somebody writes it; kilograms, a legal day, and what the table asks beside."""

    table: Table
    day: date
    code: str
    kg: int
    purpose: Purpose = Purpose.NONE
    batch: str = ""
    source: str = ""
    """The batch that this one comes out of: a store batch for B.3, a generation or out batch for the rest."""
    name: str = ""
    container: str = ""
    container_kind: str = ""
    count: int = 1
    facility: str = ""
    method: str = ""
    """R or D code and words of the treatment."""
    party: str = ""
    """Who takes it (B.5), or where it goes (B.1, B.3)."""
    licence: str = ""
    handler: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch code read apart; `hazardous` by its first letters, SW being ours for other waste."""

    hazardous: bool
    letters: str
    day: date
    serial: int


def prefix_of(table: Table, purpose: Purpose, *, hazardous: bool) -> str:
    """Return the letters of a batch code: HW as HJ 1259 has it, SW of ours for other waste."""
    return ("HW" if hazardous else "SW") + PREFIXES[table, purpose]


def batch_code(prefix: str, day: date, serial: int) -> str:
    """Return a batch code: letters, day, three digits (G4)."""
    if not 1 <= serial <= LAST_SERIAL:
        raise ValueError(f"batch {serial} of a day has no code")
    return f"{prefix}{day.isoformat().replace('-', '')}{serial:03d}"


def read_batch(text: str) -> Batch | None:
    """Read a batch code; None where it is none."""
    found = _BATCH.match(text)
    if found is None:
        return None
    try:
        day = date(int(found[3]), int(found[4]), int(found[5]))
    except ValueError:
        return None
    return Batch(found[1] == "HW", found[2], day, int(found[6])) if int(found[6]) else None


def purposes_of(table: Table) -> tuple[Purpose, ...]:
    """Return what may be done with what a table records."""
    return tuple(purpose for at, purpose in PREFIXES if at is table)


def faults(draft: Draft, today: date, *, hazardous: bool) -> list[DomainError]:
    """Return everything that is wrong with an entry on its own, field by field (G4, G10)."""
    found: list[DomainError] = []
    if not 0 < draft.kg <= LARGEST_KG:
        found.append(broken("G4.mass", today, field="kg", kg=draft.kg, largest_kg=LARGEST_KG))
    if draft.day > today:
        found.append(broken("G4.day", today, field="day", said=draft.day.isoformat()))
    if draft.count < 1:
        found.append(Invalid(N_("Must be at least {limit}."), field="count", values={"limit": 1}))
    if (draft.table, draft.purpose) not in PREFIXES:
        found.append(
            Invalid(
                N_("This table needs to know what is done with the waste: use or disposal."),
                field="purpose",
                way_out=N_("Choose one of the purposes that the table offers."),
            )
        )
    elif draft.batch and not _fits(draft, hazardous=hazardous):
        prefix = prefix_of(draft.table, draft.purpose, hazardous=hazardous)
        sample = batch_code(prefix, draft.day, 1)
        found.append(broken("G4.batch", today, field="batch", batch=draft.batch, sample=sample))
    if draft.source and read_batch(draft.source) is None:
        sample = batch_code(prefix_of(Table.GENERATED, Purpose.NONE, hazardous=hazardous), draft.day, 1)
        found.append(broken("G4.batch", today, field="source", batch=draft.source, sample=sample))
    return found


def _fits(draft: Draft, *, hazardous: bool) -> bool:
    read = read_batch(draft.batch)
    letters = PREFIXES[draft.table, draft.purpose]
    return read is not None and (read.hazardous, read.letters, read.day) == (hazardous, letters, draft.day)


def purpose_of_mode(mode: str) -> Purpose:
    """Return the purpose that a manifest's way of treatment stands for; collecting leads to use."""
    return Purpose.DISPOSE if mode in {"dispose", "store"} else Purpose.USE
