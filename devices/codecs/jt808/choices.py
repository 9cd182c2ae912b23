"""Which fields of a layout stand in a body only sometimes, and what decides it?"""

from collections.abc import Mapping
from dataclasses import dataclass

from devices.codecs.jt808.header import Version
from devices.codecs.jt808.layouts import Given, Layout, Source, Values, bad, given, read_fields, write_fields


@dataclass(frozen=True, slots=True)
class When:
    """Fields that stand there only if a number read before has one of the bits of `mask`."""

    name: str
    mask: int
    fields: Layout

    def read(self, source: Source, values: Values) -> None:
        """Read the fields, or nothing."""
        if self._stands(values):
            read_fields(self.fields, source, values)

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the fields, or nothing."""
        return write_fields(self.fields, values, edition) if self._stands(values) else b""

    def _stands(self, values: Given) -> bool:
        bits = given(values, self.name)
        if not isinstance(bits, int):
            raise bad(self.name, bits)
        return bool(bits & self.mask)


@dataclass(frozen=True, slots=True)
class Case:
    """Fields that depend on a value read before; `otherwise` for every value that is not named."""

    name: str
    cases: Mapping[object, Layout]
    otherwise: Layout = ()

    def read(self, source: Source, values: Values) -> None:
        """Read the fields of the value."""
        read_fields(self._fields(values), source, values)

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the fields of the value."""
        return write_fields(self._fields(values), values, edition)

    def _fields(self, values: Given) -> Layout:
        value = given(values, self.name)
        if not isinstance(value, str | int):
            raise bad(self.name, value)
        return self.cases.get(value, self.otherwise)


@dataclass(frozen=True, slots=True)
class By:
    """Fields that differ by edition; an edition that is not named has those of `otherwise`."""

    editions: Mapping[Version, Layout]
    otherwise: Layout = ()

    def read(self, source: Source, values: Values) -> None:
        """Read the fields of the source's edition."""
        read_fields(self.editions.get(source.edition, self.otherwise), source, values)

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the fields of the edition."""
        return write_fields(self.editions.get(edition, self.otherwise), values, edition)


@dataclass(frozen=True, slots=True)
class Maybe:
    """Fields that a sender may leave out at the end of a body; `name` is the first of them."""

    name: str
    fields: Layout

    def read(self, source: Source, values: Values) -> None:
        """Read the fields while bytes are left."""
        if source.left:
            read_fields(self.fields, source, values)

    def write(self, values: Given, edition: Version) -> bytes:
        """Write the fields if the first one is given."""
        return write_fields(self.fields, values, edition) if self.name in values else b""
