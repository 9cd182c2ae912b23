"""What do the additional items of a 0x0200 body mean on a terminal of a given model?

The meaning is data: `items.csv`, one row per value with the item's id and whole length, the value's place
inside it, its kind, its scale and the largest raw value that has this meaning. Vendors use one number for
different things, so a row counts only for its model and its length; `standard` rows count for every model.
A length of `*` and a size of 0 mean all bytes. Kinds: `unsigned`, `sign_magnitude`, `bcd`, `text`, `decimal`
(digits as text), `hex`, `time` (YYMMDDhhmmss), `clear` (1 when each bit of `limit` is 0) and `list` (items in
the item, each a length and a number of two bytes; their ids are written `0xEB/0x002D`).
"""

import csv
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import count

from devices.codecs.jt808.moments import moment_of

STANDARD = "standard"

Value = int | float | str
_WHOLE = "*"


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
        """Return the value, or None when the bytes do not have this meaning."""
        part = data[self.start : self.start + self.size] if self.size else data[self.start :]
        match self.kind:
            case "unsigned" | "sign_magnitude":
                return self._number(part)
            case "clear":
                return int(not int.from_bytes(part, "big") & (self.limit or 0))
            case "text":
                return part.decode("gbk", errors="replace").strip("\0\r\n ")
            case "time":
                moment = moment_of(part.hex())
                return moment.isoformat() if moment else None
            case "decimal":
                return _decimal(part)
        return part.hex()

    def _number(self, part: bytes) -> int | float | None:
        """Return the scaled number, or None when the raw one is above the limit."""
        bits = len(part) * 8
        raw = int.from_bytes(part, "big")
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
    for name, data in _flat(items, model):
        values = {field.name: field.value(data) for field in _fields(model, name, len(data))}
        if not values or None in values.values():
            unknown[_free_name(name, unknown)] = data.hex()
        named |= {name: value for name, value in values.items() if value is not None}
    return named, unknown


def models() -> frozenset[str]:
    """Return the models the table knows."""
    return frozenset(model for model, _, _ in _table())


def _flat(items: Iterable[tuple[int, bytes]], model: str) -> Iterator[tuple[str, bytes]]:
    """Yield the items by name, and in place of a list the items in it."""
    for number, data in items:
        name = f"0x{number:02X}"
        listed = any(field.kind == "list" for field in _fields(model, name, len(data)))
        inner = _listed(data) if listed else None
        if inner is None:
            yield name, data
        else:
            yield from ((f"{name}/0x{code.hex().upper()}", value) for code, value in inner)


def _listed(data: bytes) -> list[tuple[bytes, bytes]] | None:
    """Return the (number, value) pairs of a list, or None when the bytes are none."""
    pairs, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if not at + 4 <= end <= len(data):
            return None
        pairs.append((data[at + 2 : at + 4], data[at + 4 : end]))
        at = end
    return pairs


def _decimal(part: bytes) -> float | None:
    try:
        value = Decimal(part.decode("ascii"))
    except (ArithmeticError, ValueError):
        return None
    return float(value) if value.is_finite() else None


def _fields(model: str, name: str, length: int) -> Sequence[ItemField]:
    table = _table()
    keys = ((who, name, size) for who in (model, STANDARD) for size in (str(length), _WHOLE))
    return next((table[key] for key in keys if key in table), ())


def _free_name(name: str, taken: Container[str]) -> str:
    """Return `name`, or `name#2` and so on when a terminal sends one item several times."""
    numbered = (name if number == 1 else f"{name}#{number}" for number in count(1))
    return next(candidate for candidate in numbered if candidate not in taken)


@cache
def _table() -> dict[tuple[str, str, str], list[ItemField]]:
    table: dict[tuple[str, str, str], list[ItemField]] = {}
    text = files(__package__).joinpath("items.csv").read_text(encoding="ascii")
    for row in csv.DictReader(text.splitlines()):
        key = (row["model"], row["id"], row["length"])
        table.setdefault(key, []).append(
            ItemField(
                start=int(row["start"]),
                size=int(row["size"]),
                name=row["name"],
                kind=row["kind"],
                scale=Decimal(row["scale"]),
                limit=int(row["limit"], 0) if row["limit"] else None,
            )
        )
    return table
