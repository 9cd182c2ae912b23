"""Which fields stand in a message body, in which order, and how is each read and written?

A layout is a tuple of fields; the tables `platform`, `terminal` and `video` are made of them. A field reads
bytes into a mapping of plain values (whole numbers, texts, lists, mappings) and writes them back. A value
that is missing or does not fit is refused by its name, a body that ends too early by `bad_length`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from devices.codecs import FrameRefused, RefusalCode
from devices.codecs.jt808.header import Version
from devices.codecs.jt808.texts import Unusual, read_text, write_text

Values = dict[str, object]
Given = Mapping[str, object]
UNUSUAL = "unusual"
_CONTROLS = "".join(map(chr, range(33)))


class Field(Protocol):
    """One step of a layout."""

    def read(self, source: "Source", values: Values) -> None:
        """Take the field's bytes and note its value."""

    def write(self, values: Given, edition: Version) -> bytes:
        """Return the field's bytes."""


Layout = tuple[Field, ...]


class Source:
    """The bytes of one body, taken from the front."""

    __slots__ = ("_at", "_data", "edition")

    def __init__(self, data: bytes, edition: Version) -> None:
        self._data = data
        self._at = 0
        self.edition = edition

    @property
    def left(self) -> int:
        """How many bytes were not taken yet."""
        return len(self._data) - self._at

    def take(self, size: int, name: str) -> bytes:
        """Return the next `size` bytes; refuse a body that has fewer."""
        end = self._at + size
        if end > len(self._data):
            raise FrameRefused(RefusalCode.BAD_LENGTH, f"{name}: {size} bytes wanted, {self.left} left")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def rest(self) -> bytes:
        """Return every byte that is left."""
        return self.take(self.left, "")


def read_fields(layout: Sequence[Field], source: Source, values: Values) -> Values:
    """Read the fields in order into `values`, and return it."""
    for part in layout:
        part.read(source, values)
    return values


def write_fields(layout: Sequence[Field], values: Given, edition: Version) -> bytes:
    """Write the fields in order."""
    return b"".join([part.write(values, edition) for part in layout])


def bad(name: str, value: object) -> FrameRefused:
    """Return the refusal of a value that does not fit its field."""
    return FrameRefused(RefusalCode.BAD_FIELD, f"{name}: {str(value)[:60]!r} does not fit")


def given(values: Given, name: str) -> object:
    """Return the value of a field; refuse it when it is missing."""
    if name not in values:
        raise FrameRefused(RefusalCode.BAD_FIELD, f"{name}: missing")
    return values[name]


def mapping(value: object, name: str) -> Values:
    """Return a value that must be a mapping."""
    if not isinstance(value, dict):
        raise bad(name, value)
    return value


def listed(value: object, name: str) -> list[object]:
    """Return a value that must be a list."""
    if not isinstance(value, list | tuple):
        raise bad(name, value)
    return list(value)


def from_hex(value: object, name: str) -> bytes:
    """Return the bytes of a hexadecimal text."""
    try:
        return bytes.fromhex(value) if isinstance(value, str) else bytes(_octets(value, name))
    except ValueError:
        raise bad(name, value) from None


def pack(value: object, size: int, name: str, *, signed: bool = False) -> bytes:
    """Return a whole number in `size` bytes, high first."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise bad(name, value)
    try:
        return value.to_bytes(size, "big", signed=signed)
    except OverflowError:
        raise bad(name, value) from None


def prefixed(data: bytes, prefix: int, name: str) -> bytes:
    """Return `data` after its length in `prefix` bytes (none when 0)."""
    return pack(len(data), prefix, name) + data if prefix else data


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number of `size` bytes."""

    name: str
    size: int
    signed: bool = False

    def read(self, source: Source, values: Values) -> None:
        """Note the number."""
        values[self.name] = int.from_bytes(source.take(self.size, self.name), "big", signed=self.signed)

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the number."""
        return pack(given(values, self.name), self.size, self.name, signed=self.signed)


@dataclass(frozen=True, slots=True)
class Code:
    """A number of `size` bytes that stands for something, told in hexadecimal as `0xF8`."""

    name: str
    size: int

    def read(self, source: Source, values: Values) -> None:
        """Note the code."""
        values[self.name] = f"0x{source.take(self.size, self.name).hex().upper()}"

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the code, given as told or as a number."""
        told = given(values, self.name)
        try:
            number = int(told, 0) if isinstance(told, str) else told
        except ValueError:
            raise bad(self.name, told) from None
        return pack(number, self.size, self.name)


@dataclass(frozen=True, slots=True)
class Sized:
    """What fields of bytes have in common: a fixed width, a length before them, or the rest of the body."""

    name: str
    size: int | None = None
    prefix: int = 0

    def bytes_of(self, source: Source) -> bytes:
        """Take the field's bytes."""
        if self.prefix:
            return source.take(int.from_bytes(source.take(self.prefix, self.name), "big"), self.name)
        return source.rest() if self.size is None else source.take(self.size, self.name)

    def in_place(self, data: bytes) -> bytes:
        """Return the bytes with their length before them, where the layout has one; refuse another width."""
        if self.size is not None and len(data) != self.size:
            raise bad(self.name, data.hex())
        return prefixed(data, self.prefix, self.name)


@dataclass(frozen=True, slots=True)
class Text(Sized):
    """A text, GBK where nothing else is said; bytes that its usual form would change stand in `unusual`."""

    encoding: str = "gbk"

    def read(self, source: Source, values: Values) -> None:
        """Note the text without its padding."""
        unusual: Unusual = {}
        data = self.bytes_of(source)
        values[self.name] = read_text(
            self.name, data, unusual, fixed=self.size is not None, encoding=self.encoding
        )
        if unusual:
            mapping(values.setdefault(UNUSUAL, {}), UNUSUAL)[self.name] = data.hex()

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the text, with the bytes it was read with if it is still the same."""
        text = given(values, self.name)
        if not isinstance(text, str):
            raise bad(self.name, text)
        kept = mapping(values.get(UNUSUAL, {}), UNUSUAL).get(self.name)
        unusual = {} if kept is None else {self.name: from_hex(kept, self.name)}
        return self.in_place(write_text(self.name, text, unusual, self.size, encoding=self.encoding))


@dataclass(frozen=True, slots=True)
class Hex(Sized):
    """Bytes, told in hexadecimal."""

    def read(self, source: Source, values: Values) -> None:
        """Note the bytes."""
        values[self.name] = self.bytes_of(source).hex()

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the bytes."""
        return self.in_place(from_hex(given(values, self.name), self.name))


@dataclass(frozen=True, slots=True)
class Octets(Sized):
    """Bytes, told as a list of numbers."""

    def read(self, source: Source, values: Values) -> None:
        """Note the bytes."""
        values[self.name] = list(self.bytes_of(source))

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the bytes."""
        return self.in_place(bytes(_octets(given(values, self.name), self.name)))


@dataclass(frozen=True, slots=True)
class Content(Sized):
    """Bytes that are often a text: told in hexadecimal, and as `text` where they hold one."""

    def read(self, source: Source, values: Values) -> None:
        """Note the bytes, and the text that they are."""
        data = self.bytes_of(source)
        values[self.name] = data.hex()
        text = data.decode("gbk", errors="replace").strip(_CONTROLS)
        if text and text.isprintable() and "\ufffd" not in text:
            values["text"] = text

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the bytes, or those of the text where only that is given."""
        if self.name in values:
            return self.in_place(from_hex(values[self.name], self.name))
        text = given(values, "text")
        if not isinstance(text, str):
            raise bad("text", text)
        return self.in_place(write_text("text", text, {}))


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of groups of fields, after its length in `count` bytes or (0) up to the end of the body.

    With a `tell` the length is told under that name too.
    """

    name: str
    fields: Layout
    count: int = 0
    tell: str = ""

    def read(self, source: Source, values: Values) -> None:
        """Note every row; refuse fewer than are announced."""
        rows: list[Values] = []
        values[self.name] = rows
        if not self.count:
            while source.left:
                rows.append(self._row(source))
            return
        announced = int.from_bytes(source.take(self.count, self.name), "big")
        if self.tell:
            values[self.tell] = announced
        rows += [self._row(source) for _ in range(announced)]

    def write(self, values: Given, edition: Version) -> bytes:
        """Write every row."""
        rows = listed(given(values, self.name), self.name)
        written = [write_fields(self.fields, mapping(row, self.name), edition) for row in rows]
        return (pack(len(rows), self.count, self.name) if self.count else b"") + b"".join(written)

    def _row(self, source: Source) -> Values:
        before = source.left
        row = read_fields(self.fields, source, {})
        if source.left == before:
            raise FrameRefused(RefusalCode.BAD_LENGTH, f"{self.name}: empty row")
        return row


@dataclass(frozen=True, slots=True)
class Numbers:
    """A list of whole numbers of `size` bytes, after its length in `count` bytes."""

    name: str
    size: int
    count: int

    def read(self, source: Source, values: Values) -> None:
        """Note the numbers; refuse fewer than are announced."""
        announced = int.from_bytes(source.take(self.count, self.name), "big")
        data = source.take(announced * self.size, self.name)
        values[self.name] = [
            int.from_bytes(data[at : at + self.size], "big") for at in range(0, len(data), self.size)
        ]

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the numbers."""
        numbers = listed(given(values, self.name), self.name)
        packed = [pack(number, self.size, self.name) for number in numbers]
        return pack(len(numbers), self.count, self.name) + b"".join(packed)


def _octets(value: object, name: str) -> list[int]:
    numbers = [item for item in listed(value, name) if isinstance(item, int) and 0 <= item <= 0xFF]
    if len(numbers) != len(listed(value, name)):
        raise bad(name, value)
    return numbers
