"""Does a plant use as much phosphogypsum as it makes (以用定产), and what became of the pile?

Reckoned from the ledger: B.1 is what was made, B.2 what went onto the pile, B.3 what came off it, B.4 and B.5
what was used or made harmless.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from compliance.ledgers.rules import Purpose, Table
from compliance.record.errors import RuleBroken
from compliance.rulebook.rules import broken

FAMILY = "SW10"
TARGETS: Mapping[int, int] = {2022: 50, 2023: 55, 2024: 60, 2025: 65}
"""Per cent to be used in Hubei by year; 65 since, with use and harmless treatment equal to generation."""
LAST_TARGET = 65
BALANCED_SINCE = 2026
USED = frozenset({Purpose.USE, Purpose.EXPORT_USE})


@dataclass(frozen=True, slots=True)
class Flow:
    """What one table of a plant's ledger sums to, kilograms."""

    part: Table
    purpose: Purpose
    kg: int


@dataclass(frozen=True, slots=True)
class Balance:
    """One plant over one span of time, kilograms; the pile is what lay there before and what changed."""

    made_kg: int
    used_kg: int
    harmless_kg: int
    piled_kg: int
    off_pile_kg: int
    pile_before_kg: int = 0

    @property
    def pile_kg(self) -> int:
        """Return what lies on the pile at the end."""
        return self.pile_before_kg + self.piled_kg - self.off_pile_kg

    @property
    def fresh_kg(self) -> int:
        """Return what was used or made harmless without having lain on the pile."""
        return self.used_kg + self.harmless_kg - self.off_pile_kg

    @property
    def open_kg(self) -> int:
        """Return what was made and is neither used, made harmless nor on the pile by the ledger."""
        return self.made_kg - self.piled_kg - self.fresh_kg

    @property
    def used_percent(self) -> Fraction | None:
        """Return the share that was used, in per cent of what was made; None where nothing was made."""
        return Fraction(100 * self.used_kg, self.made_kg) if self.made_kg else None

    @property
    def may_make_kg(self) -> int:
        """Return how much may be made for what was used and made harmless (以用定产)."""
        return self.used_kg + self.harmless_kg


def balance(flows: Iterable[Flow], pile_before_kg: int = 0) -> Balance:
    """Add up a plant's flows."""
    found = list(flows)

    def kg(part: Table, purposes: frozenset[Purpose] | None = None) -> int:
        return sum(
            one.kg for one in found if one.part is part and (purposes is None or one.purpose in purposes)
        )

    ends = (Table.TREATED, Table.OUTSOURCED)
    used = sum(kg(part, USED) for part in ends)
    return Balance(
        made_kg=kg(Table.GENERATED),
        used_kg=used,
        harmless_kg=sum(kg(part) for part in ends) - used,
        piled_kg=kg(Table.STORED),
        off_pile_kg=kg(Table.TAKEN_OUT),
        pile_before_kg=pile_before_kg,
    )


def target_percent(year: int) -> int | None:
    """Return how much of a year's phosphogypsum is to be used in Hubei; None before 2022."""
    return TARGETS.get(year, LAST_TARGET if year > max(TARGETS) else None)


def remarks(found: Balance, year: int, on: date) -> list[RuleBroken]:
    """Return where a plant falls short of its year, and where its ledger cannot be right."""
    told = []
    target, share = target_percent(year), found.used_percent
    if target is not None and share is not None and share < target:
        percent = f"{float(share):.1f}"
        told.append(
            broken("H1.use_below_target", on, field="used", percent=percent, target=target, year=year)
        )
    if year >= BALANCED_SINCE and found.made_kg > found.may_make_kg:
        over = found.made_kg - found.may_make_kg
        told.append(broken("H2.more_made_than_used", on, field="made", made=found.made_kg, over=over))
    if found.pile_kg < 0 or found.open_kg < 0:
        told.append(broken("H3.balance", on, field="pile", pile=found.pile_kg, open=found.open_kg))
    return told
