"""What do the additional items of a 0x0200 body mean on a terminal of a given model?

The meaning is data: `items.csv`, one row per value with the item's id and whole length, the value's place
inside it, its kind, its scale and the largest raw value that has this meaning. Vendors use one number for
different things, so a row counts only for its model and its length; `standard` rows count for every model.
"""

import csv
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import count

STANDARD = "standard"

Value = int | float


@dataclass(frozen=True, slots=True)
class ItemField:
    """One row of `items.csv`."""

    start: int
    size: int
    name: str
    kind: str
    scale: Decimal
    limit: int | None

    def value(self, data: bytes) -> Value | None:
        """Return the scaled value, or None when the raw one is above the limit."""
        bits = self.size * 8
        raw = int.from_bytes(data[self.start : self.start + self.size], "big")
        if self.kind == "sign_magnitude" and raw >> (bits - 1):
            raw = -(raw & ~(1 << (bits - 1)))
        if self.limit is not None and raw > self.limit:
            return None
        scaled = raw * self.scale
        return int(scaled) if self.scale == int(self.scale) else float(scaled)


def read_items(
    items: Iterable[tuple[int, bytes]], model: str = STANDARD
) -> tuple[dict[str, Value], dict[str, str]]:
    """Return the named values, and in hexadecimal by `0xNN` the items that the table does not tell."""
    named: dict[str, Value] = {}
    unknown: dict[str, str] = {}
    for number, data in items:
        values = {field.name: field.value(data) for field in _fields(model, number, len(data))}
        if not values or None in values.values():
            unknown[_free_name(f"0x{number:02X}", unknown)] = data.hex()
        named |= {name: value for name, value in values.items() if value is not None}
    return named, unknown


def models() -> frozenset[str]:
    """Return the models the table knows."""
    return frozenset(model for model, _, _ in _table())


def _fields(model: str, number: int, length: int) -> Sequence[ItemField]:
    table = _table()
    return table.get((model, number, length), table.get((STANDARD, number, length), []))


def _free_name(name: str, taken: Container[str]) -> str:
    """Return `name`, or `name#2` and so on when a terminal sends one item several times."""
    numbered = (name if number == 1 else f"{name}#{number}" for number in count(1))
    return next(candidate for candidate in numbered if candidate not in taken)


@cache
def _table() -> dict[tuple[str, int, int], list[ItemField]]:
    table: dict[tuple[str, int, int], list[ItemField]] = {}
    text = files(__package__).joinpath("items.csv").read_text(encoding="ascii")
    for row in csv.DictReader(text.splitlines()):
        key = (row["model"], int(row["id"], 16), int(row["length"]))
        table.setdefault(key, []).append(
            ItemField(
                start=int(row["start"]),
                size=int(row["size"]),
                name=row["name"],
                kind=row["kind"],
                scale=Decimal(row["scale"]),
                limit=int(row["limit"]) if row["limit"] else None,
            )
        )
    return table
