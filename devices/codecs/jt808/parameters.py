"""Which parameters does a terminal have (0x8103, 0x0104), and how are their values written?

The table is data: `parameters.csv`, one row per parameter with its name and its layout, which is one kind or
several `name:kind` of a compound value. Kinds: `u8` … `u32`, `i8` … `i32`, `text`, `hex`, `clock`, `octets3`.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import count

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808.header import Version
from devices.codecs.jt808.layouts import (
    Field,
    Given,
    Hex,
    Layout,
    Number,
    Octets,
    Source,
    Text,
    Values,
    bad,
    from_hex,
    given,
    mapping,
    pack,
    prefixed,
    read_fields,
    write_fields,
)
from devices.codecs.jt808.moments import Clock

_SINGLE = "value"
_HEX = "hex"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One row of `parameters.csv`; a single value's field is named `value`."""

    number: int
    name: str
    layout: Layout


@dataclass(frozen=True, slots=True)
class Parameters:
    """A list of parameters after its length in one byte, told by the decimal number of each.

    A value that the table does not know, or that has another length than the table says, is told as
    `{"hex": …}`. For writing, a parameter may be named as in the table too.
    """

    name: str
    tell: str

    def read(self, source: Source, values: Values) -> None:
        """Note every parameter; refuse fewer than are announced."""
        announced = source.take(1, self.tell)[0]
        told: Values = {}
        for _ in range(announced):
            number = int.from_bytes(source.take(4, self.name), "big")
            data = source.take(source.take(1, self.name)[0], self.name)
            told[_free_key(str(number), told)] = _tell(number, data, source.edition)
        values[self.tell] = announced
        values[self.name] = told

    def write(self, values: Given, edition: Version) -> bytes:
        """Write every parameter."""
        told = mapping(given(values, self.name), self.name)
        written = [_write(key, value, edition) for key, value in told.items()]
        return pack(len(written), 1, self.tell) + b"".join(written)


@cache
def parameters() -> dict[int, Parameter]:
    """Return the rows of `parameters.csv` by number."""
    text = files(__package__).joinpath("parameters.csv").read_text(encoding="ascii")
    rows = csv.DictReader(text.splitlines())
    return {
        int(row["id"], 16): Parameter(int(row["id"], 16), row["name"], _layout(row["layout"])) for row in rows
    }


@cache
def _by_name() -> dict[str, int]:
    return {parameter.name: parameter.number for parameter in parameters().values()}


def _layout(told: str) -> Layout:
    if ":" not in told:
        return (_field(_SINGLE, told),)
    return tuple(_field(*part.split(":")) for part in told.split())


def _field(name: str, kind: str) -> Field:
    match kind:
        case "text":
            return Text(name)
        case "hex":
            return Hex(name)
        case "clock":
            return Clock(name)
        case "octets3":
            return Octets(name, 3)
    return Number(name, int(kind[1:]) // 8, signed=kind[0] == "i")


def _tell(number: int, data: bytes, edition: Version) -> object:
    """Return the value of a parameter if it can be written back as it was, else its bytes."""
    known = parameters().get(number)
    if known is None:
        return {_HEX: data.hex()}
    try:
        source = Source(data, edition)
        told = read_fields(known.layout, source, {})
        if source.left or write_fields(known.layout, told, edition) != data or len(told) != len(known.layout):
            return {_HEX: data.hex()}
    except FrameRefused:
        return {_HEX: data.hex()}
    return told.get(_SINGLE, told)


def _write(key: str, value: object, edition: Version) -> bytes:
    number = _number(key.partition("#")[0])
    known = parameters().get(number)
    if isinstance(value, dict) and set(value) == {_HEX}:
        data = from_hex(value[_HEX], key)
    elif known is None:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{key}: no such parameter; give its bytes as {{hex: …}}")
    else:
        compound = len(known.layout) > 1
        data = write_fields(known.layout, mapping(value, key) if compound else {_SINGLE: value}, edition)
    return pack(number, 4, key) + prefixed(data, 1, key)


def _number(key: str) -> int:
    if key in _by_name():
        return _by_name()[key]
    try:
        return int(key, 0)
    except ValueError:
        raise bad("parameter", key) from None


def _free_key(key: str, taken: Values) -> str:
    """Return the key, with `#2` and so on when a number comes several times."""
    numbered = (key if turn == 1 else f"{key}#{turn}" for turn in count(1))
    return next(candidate for candidate in numbered if candidate not in taken)
