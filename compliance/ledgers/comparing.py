"""Did a year go as its plan said: what was generated, stored, treated and moved (G2)?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from compliance.ledgers.forms import Form, Row, mass
from compliance.record.errors import N_, RuleBroken
from compliance.rulebook.rules import broken


class Matter(StrEnum):
    """What a plan says of a waste, by the table that says it."""

    GENERATED = "generated"
    STORED = "stored"
    TREATED = "treated"
    TRANSFERRED = "transferred"


FORMS: Mapping[Matter, Form] = {
    Matter.GENERATED: Form.GENERATION,
    Matter.STORED: Form.STORAGE,
    Matter.TREATED: Form.TREATMENT,
    Matter.TRANSFERRED: Form.TRANSFER,
}
WORDS: Mapping[Matter, str] = {
    Matter.GENERATED: N_("generated"),
    Matter.STORED: N_("in store"),
    Matter.TREATED: N_("used or disposed of in the works"),
    Matter.TRANSFERRED: N_("moved to others"),
}


@dataclass(frozen=True, slots=True)
class Done:
    """What happened to one waste in a year, kilograms; `ways` are purpose and method of own treatment."""

    code: str
    kg: Mapping[Matter, int]
    ways: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Compared:
    """One matter of one waste: planned (None where no filled table says anything), and what happened."""

    code: str
    matter: Matter
    planned_kg: int | None
    done_kg: int
    told: tuple[RuleBroken, ...] = ()


def compare(
    tables: Mapping[Form, Sequence[Row]], done: Sequence[Done], year: int, on: date
) -> list[Compared]:
    """Hold what happened against the plan's tables; a table that is not filled is held against nobody."""
    happened = {one.code: one for one in done}
    codes = {str(row["code"]) for form in FORMS.values() for row in tables.get(form, ())}
    found = []
    for code in sorted(codes | set(happened)):
        one = happened.get(code, Done(code, {}))
        for matter, form in FORMS.items():
            rows = [row for row in tables.get(form, ()) if row["code"] == code]
            planned = sum(mass(row) for row in rows) if form in tables else None
            kg = one.kg.get(matter, 0)
            if planned or kg:
                told = _told(one, matter, rows, planned, kg, year, on)
                found.append(Compared(code, matter, planned, kg, told))
    return found


def _told(
    one: Done, matter: Matter, rows: Sequence[Row], planned: int | None, kg: int, year: int, on: date
) -> tuple[RuleBroken, ...]:
    if planned is None:
        return ()
    told = []
    if kg > planned:
        about = {"code": one.code, "kg": kg, "planned": planned, "year": year, "kind": WORDS[matter]}
        told.append(broken("G2.over_plan", on, field=matter.value, **about))
    if matter is Matter.TREATED and rows:
        told += [
            broken("G2.other_treatment", on, field="method", code=one.code, way=method or purpose, year=year)
            for purpose, method in sorted(one.ways)
            if not any(_covers(row, purpose, method) for row in rows)
        ]
    return tuple(told)


def _covers(row: Row, purpose: str, method: str) -> bool:
    """Tell whether a planned treatment is the one that was done; an empty method stands for any."""
    planned = str(row.get("method", ""))
    return row["purpose"] == purpose and (not planned or method.startswith(planned))
