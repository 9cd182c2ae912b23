"""Out of which batches does a load come, and what becomes of it in the ledgers of both ends (G4)?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from compliance.ledgers.rules import Table
from compliance.manifests.rules import Purpose as Way
from compliance.record.errors import RuleBroken
from compliance.registry.rules import Mode
from compliance.rulebook.rules import broken

SOURCES = (Table.TAKEN_OUT, Table.STORED, Table.GENERATED)
"""Which batches a load comes out of, in this order: taken out for it by hand, in store, never stored."""
ENDS = frozenset({Mode.USE, Mode.DISPOSE})
"""What is collected or only stored still lies there after its manifest ended."""


@dataclass(frozen=True, slots=True)
class Lying:
    """What lies of one batch, beside what the load in question took of it; kilograms."""

    batch: str
    table: Table
    kg: int
    day: date = date.min
    """Since when it is there."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a load took, kilograms by batch: out of store, from elsewhere, and what no batch accounts for."""

    stored: Mapping[str, int] = field(default_factory=dict)
    direct: Mapping[str, int] = field(default_factory=dict)
    short_kg: int = 0


@dataclass(frozen=True, slots=True)
class Moved:
    """What a manifest says became of its load; a day is None while it has not come to that.

    `accepted_kg` is None until the receiver has spoken, and 0 where it refused the load.
    """

    way: Way
    mode: Mode
    loaded_kg: int = 0
    left_on: date | None = None
    accepted_kg: int | None = None
    accepted_on: date | None = None
    treated_on: date | None = None

    @property
    def out_kg(self) -> int:
        """Return what left the mover's works under this manifest: what goes on after a refusal had left."""
        return self.loaded_kg if self.way is Way.TRANSFER and self.left_on else 0

    @property
    def outsourced_kg(self) -> int | None:
        """Return what the mover's table B.5 says: what was accepted, until then what was loaded."""
        if self.way is Way.RETURN or (self.way is Way.ONWARD and not self.accepted_kg):
            return None
        return self.accepted_kg if self.accepted_kg is not None else self.out_kg or None

    @property
    def taken_kg(self) -> int | None:
        """Return what entered the receiver's store, also when the own waste came back."""
        return self.accepted_kg or None

    @property
    def is_treated(self) -> bool:
        """Tell whether the receiver has used or disposed of what it took."""
        return self.treated_on is not None and self.mode in ENDS and self.way is not Way.RETURN


def draw(
    kg: int, lying: Iterable[Lying], named: Sequence[str] = (), held: Mapping[str, int] | None = None
) -> Drawn:
    """Say which batches give a mass: those named, then what is held of others, then the oldest.

    `lying` is oldest first; `held` is what the load took before, so that asked again it takes the same.
    """
    by_table = sorted((one for one in lying if one.kg > 0), key=lambda one: SOURCES.index(one.table))
    offers, before = {one.batch: one for one in by_table}, held or {}
    wanted = [(offers[batch], offers[batch].kg) for batch in named if batch in offers]
    wanted += [(one, before[one.batch]) for one in by_table if one.batch in before]
    wanted += [(one, one.kg) for one in by_table]
    taken: dict[str, int] = {}
    for one, most in wanted:
        had = taken.get(one.batch, 0)
        more = min(kg, min(most, one.kg) - had)
        if more > 0:
            taken[one.batch] = had + more
            kg -= more
    stored = {batch: some for batch, some in taken.items() if offers[batch].table is Table.STORED}
    return Drawn(stored, {batch: some for batch, some in taken.items() if batch not in stored}, kg)


def remarks(manifest: str, code: str, short_kg: int, on: date) -> list[RuleBroken]:
    """Warn of a load, or a part of it, that came from no batch of the ledgers (G4); it went all the same."""
    if short_kg <= 0:
        return []
    return [broken("G4.not_in_stock", on, field="kg", kg=short_kg, code=code, manifest=manifest)]
