"""What do the additional items of a 0x0200 body mean on a terminal of a given model?

The meaning is data: `items.csv`, one row per value with the item's id and whole length, the value's place
inside it, its kind, its scale and the largest raw value that has this meaning. Vendors use one number for
different things, so a row counts only for its model and its length; `standard` rows count for every model.
A length of `*` and a size of 0 mean all bytes. Kinds: `unsigned`, `sign_magnitude`, `bcd`, `text`, `decimal`
(digits as text), `hex`, `time` (YYMMDDhhmmss), `clear` (1 when each bit of `limit` is 0) and `list` (items in
the item, each a length and a number of two bytes; their ids are written `0xEB/0x002D`).
"""

import csv
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from itertools import count

from devices.codecs.jt808.moments import moment_of

STANDARD = "standard"

Value = int | float | str
_WHOLE = "*"
_ITEM_IDS = [f"0x{number:02X}" for number in range(256)]


def _decimal(part: bytes) -> float | None:
    try:
        value = Decimal(part.decode("ascii"))
    except (ArithmeticError, ValueError):
        return None
    return float(value) if value.is_finite() else None


def _time(part: bytes) -> str | None:
    moment = moment_of(part.hex())
    return moment.isoformat() if moment else None


def _text(part: bytes) -> str:
    return part.decode("gbk", errors="replace").strip("\0\r\n ")


def _nothing(_: bytes) -> None:
    return None


_NUMBERS = frozenset({"unsigned", "sign_magnitude"})
_OTHERS: dict[str, Callable[[bytes], Value | None]] = {
    "bcd": bytes.hex,
    "decimal": _decimal,
    "hex": bytes.hex,
    "list": _nothing,
    "text": _text,
    "time": _time,
}


@dataclass(frozen=True, slots=True)
class ItemField:
    """One row of `items.csv`; the scale is `times` or one part of `parts`, so that tenths stay exact."""

    start: int
    size: int
    name: str
    kind: str
    times: int
    parts: int
    limit: int | None

    def value(self, data: bytes) -> Value | None:
        """Return the value, or None when the bytes do not have this meaning."""
        part = data[self.start : self.start + self.size] if self.size else data[self.start :]
        if self.kind in _NUMBERS:
            return self._number(part)
        if self.kind == "clear":
            return int(not int.from_bytes(part, "big") & (self.limit or 0))
        return _OTHERS[self.kind](part)

    def _number(self, part: bytes) -> int | float | None:
        """Return the scaled number, or None when the raw one is above the limit."""
        raw = int.from_bytes(part, "big")
        if self.kind == "sign_magnitude":
            sign = 1 << (len(part) * 8 - 1)
            raw = -(raw & ~sign) if raw & sign else raw
        if self.limit is not None and raw > self.limit:
            return None
        return raw * self.times if self.parts == 1 else raw * self.times / self.parts


def read_items(
    items: Iterable[tuple[int, bytes]], model: str = STANDARD
) -> tuple[dict[str, Value], dict[str, str]]:
    """Return the named values, and in hexadecimal by `0xNN` the items that the table does not tell."""
    named: dict[str, Value] = {}
    unknown: dict[str, str] = {}
    for name, data in _flat(items, model):
        told = False
        for field in _fields(model, name, len(data)):
            value = field.value(data)
            told = value is not None
            if value is None:
                break
            named[field.name] = value
        if not told:
            unknown[_free_name(name, unknown)] = data.hex()
    return named, unknown


def models() -> frozenset[str]:
    """Return the models the table knows."""
    return frozenset(model for model, _, _ in _table())


def _flat(items: Iterable[tuple[int, bytes]], model: str) -> Iterator[tuple[str, bytes]]:
    """Yield the items by name, and in place of a list the items in it."""
    for number, data in items:
        name = _ITEM_IDS[number & 0xFF]
        fields = _fields(model, name, len(data))
        inner = _listed(data) if fields and fields[0].kind == "list" else None
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


@lru_cache(maxsize=4096)
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
                int(row["start"]),
                int(row["size"]),
                row["name"],
                row["kind"],
                *Decimal(row["scale"]).as_integer_ratio(),
                int(row["limit"], 0) if row["limit"] else None,
            )
        )
    return table
