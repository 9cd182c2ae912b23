"""What is to be cleared: which lot may go to which taker, how much there is, what a tonne is worth there?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_TONNES = 1e9
MOST_WORTH = 1e6
"""Beyond these, whole kilograms times hundredths of a fen would no longer be exact in 64 bits."""

Array = TypeVar("Array", Ints, Floats, Flags)


class BadMarket(ValueError):
    """A market that makes no sense: field, index of the first bad entry (-1: the whole field), why."""

    def __init__(self, field: str, index: int, why: str) -> None:
        self.field, self.index, self.why = field, index, why
        place = field if index < 0 else f"{field}[{index}]"
        super().__init__(f"{place}: {why}")


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The lawful pairs, sorted by lot: arrays of shape (pairs,).

    `lot`, `taker`, `resource` are indices; `km` road kilometres; `worth` welfare in CNY per tonne, of either
    sign (what is not above zero is never used).
    """

    lot: Ints
    taker: Ints
    resource: Ints
    km: Floats
    worth: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Lots:
    """Arrays of shape (lots,): `tonnes`, `whole` (all to one taker or nowhere), `least` tonnes of a part."""

    tonnes: Floats
    whole: Flags
    least: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Resources:
    """What a taker may take of one waste code: arrays of shape (resources,); `tonnes` a year are left."""

    taker: Ints
    code: Ints
    tonnes: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Takers:
    """Arrays of shape (takers,): `tonnes` a year that are left of all codes together."""

    tonnes: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """A market as arrays, checked when it is made; arrays of other kinds are converted where nothing is lost.

    Raises `BadMarket` for what is not finite, negative (but worth), out of range, unsorted, twice there or of
    another shape. Zero capacity is lawful: such a taker is full.
    """

    pairs: Pairs
    lots: Lots
    resources: Resources
    takers: Takers

    def __post_init__(self) -> None:
        lots, resources, takers, pairs = self.lots, self.resources, self.takers, self.pairs
        fixed = object.__setattr__
        fixed(self, "lots", _lots(lots))
        fixed(self, "takers", Takers(_tonnes(takers.tonnes, "takers.tonnes")))
        fixed(self, "resources", _resources(resources, len(self.takers.tonnes)))
        fixed(self, "pairs", _pairs(pairs, self))

    @property
    def sizes(self) -> tuple[int, int, int, int]:
        """Count lots, resources, takers and pairs."""
        return (
            len(self.lots.tonnes),
            len(self.resources.tonnes),
            len(self.takers.tonnes),
            len(self.pairs.worth),
        )


def _lots(lots: Lots) -> Lots:
    tonnes = _tonnes(lots.tonnes, "lots.tonnes")
    whole = _array(lots.whole, "lots.whole", np.dtype(np.bool_), len(tonnes))
    least = _tonnes(lots.least, "lots.least", len(tonnes))
    return Lots(tonnes, whole, least)


def _resources(resources: Resources, takers: int) -> Resources:
    tonnes = _tonnes(resources.tonnes, "resources.tonnes")
    taker = _index(resources.taker, "resources.taker", takers, len(tonnes))
    code = _array(resources.code, "resources.code", np.dtype(np.int64), len(tonnes))
    order = np.lexsort((code, taker))
    again = (np.diff(taker[order]) == 0) & (np.diff(code[order]) == 0)
    if again.any():
        twice = int(order[1:][again].min())
        raise BadMarket("resources", twice, "the same taker and code stand there twice")
    return Resources(taker, code, tonnes)


def _pairs(pairs: Pairs, market: Market) -> Pairs:
    worth = _array(pairs.worth, "pairs.worth", np.dtype(np.float64))
    n = len(worth)
    _none(~np.isfinite(worth), "pairs.worth", "not a finite number")
    _none(np.abs(worth) > MOST_WORTH, "pairs.worth", f"beyond {MOST_WORTH:g} CNY per tonne")
    km = _array(pairs.km, "pairs.km", np.dtype(np.float64), n)
    _none(~np.isfinite(km), "pairs.km", "not a finite number")
    _none(km < 0, "pairs.km", "negative")
    lot = _index(pairs.lot, "pairs.lot", len(market.lots.tonnes), n)
    taker = _index(pairs.taker, "pairs.taker", len(market.takers.tonnes), n)
    resource = _index(pairs.resource, "pairs.resource", len(market.resources.tonnes), n)
    _none(np.diff(lot, prepend=lot[:1]) < 0, "pairs.lot", "not sorted by lot")
    _none(market.resources.taker[resource] != taker, "pairs.taker", "is not the taker of the pair's resource")
    key = np.sort(lot * np.int64(max(len(market.resources.tonnes), 1)) + resource)
    if (np.diff(key) == 0).any():
        _twice(lot, resource)
    return Pairs(lot, taker, resource, km, worth)


def _twice(lot: Ints, resource: Ints) -> None:
    order = np.lexsort((np.arange(len(lot)), resource, lot))
    again = (np.diff(lot[order]) == 0) & (np.diff(resource[order]) == 0)
    raise BadMarket("pairs", int(order[1:][again].min()), "the same lot and resource stand there twice")


def _tonnes(values: Floats, field: str, n: int | None = None) -> Floats:
    found = _array(values, field, np.dtype(np.float64), n)
    _none(~np.isfinite(found), field, "not a finite number")
    _none(found < 0, field, "negative")
    _none(found > MOST_TONNES, field, f"beyond {MOST_TONNES:g} tonnes")
    return found


def _index(values: Ints, field: str, below: int, n: int | None = None) -> Ints:
    found = _array(values, field, np.dtype(np.int64), n)
    _none((found < 0) | (found >= below), field, f"not an index below {below}")
    return found


def _array(values: Array, field: str, kind: np.dtype[np.generic], n: int | None = None) -> Array:
    """Convert to a read-only array of one axis, where that loses nothing."""
    found = np.asarray(values)
    if found.ndim != 1:
        raise BadMarket(field, -1, f"has {found.ndim} axes in place of one")
    if n is not None and len(found) != n:
        raise BadMarket(field, -1, f"has {len(found)} entries where {n} are needed")
    if not len(found):
        found = found.astype(kind) if found.dtype.kind in "biuf" else np.empty(0, kind)
    if found.dtype.kind == "f" and kind.kind == "f":
        pass
    elif not np.can_cast(found.dtype, kind, "safe") and len(found):
        raise BadMarket(field, -1, f"is of type {found.dtype} in place of {kind}")
    ready = np.ascontiguousarray(found, dtype=kind).view()
    ready.flags.writeable = False
    return ready


def _none(bad: Flags, field: str, why: str) -> None:
    if bad.any():
        raise BadMarket(field, int(np.argmax(bad)), why)
