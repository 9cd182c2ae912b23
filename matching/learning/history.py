"""Which rows can a model learn from, and what makes a row unfit?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Texts = NDArray[np.str_]
Flags = NDArray[np.bool_]


class Unfit(StrEnum):
    """Why a row or a question is refused."""

    NOT_FINITE = "not_finite"
    NEGATIVE = "negative"
    NOT_POSITIVE = "not_positive"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    LENGTH = "length"
    UNKNOWN_CODE = "unknown_code"
    UNKNOWN_CONSTITUENT = "unknown_constituent"
    TOO_FEW = "too_few"
    ORDER = "order"


class BadHistory(ValueError):
    """A fact no honest history can contain: which field, in which row (None: the whole), and its value."""

    def __init__(self, unfit: Unfit, field_name: str, value: object, row: int | None = None) -> None:
        place = field_name if row is None else f"row {row}: {field_name}"
        super().__init__(f"{unfit}: {place} = {value!r}")
        self.unfit = unfit
        self.field_name = field_name
        self.value = value
        self.row = row


@dataclass(frozen=True, slots=True)
class Constituent:
    """What a measured value means: the price's `direction` as it rises, and the largest that is possible."""

    direction: int
    largest: float


CONSTITUENTS: Mapping[str, Constituent] = {
    "moisture_percent": Constituent(-1, 100.0),
    "ash_percent": Constituent(-1, 100.0),
    "chlorine_percent": Constituent(-1, 100.0),
    "sulphur_percent": Constituent(-1, 100.0),
    "heavy_metals_mg_kg": Constituent(-1, 1_000_000.0),
    "calorific_mj_kg": Constituent(1, 60.0),
    "metal_percent": Constituent(1, 100.0),
}
"""Water, ash, chlorine, sulphur and heavy metals cost the taker money, heat and metal earn it, so that the
signed price (P1) never rises with the former and never falls with the latter."""


@dataclass(frozen=True, slots=True, eq=False)
class Deals:
    """Agreed prices, one row a deal, sorted by day. All arrays have length n.

    `day` is a proleptic ordinal, `price` CNY per tonne that the taker pays the holder (P1), `region` any
    division code. `composition` maps a name of `CONSTITUENTS` to values, NaN where nobody measured.
    Raises BadHistory for anything else that is not a finite number in its bounds.
    """

    code: Texts
    region: Texts
    day: Integers
    kg: Floats
    price: Floats
    composition: Mapping[str, Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        same_length(len(self.day), code=self.code, region=self.region, kg=self.kg, price=self.price)
        in_order(self.day)
        named("code", self.code)
        named("region", self.region)
        positive("kg", self.kg)
        finite("price", self.price)
        for name, values in self.composition.items():
            same_length(len(self.day), **{name: values})
            constituent(name, values)

    def __len__(self) -> int:
        return len(self.day)

    def at(self, rows: Flags | Integers | slice) -> Deals:
        """Return some of the rows, in the same order."""
        measured = {name: values[rows] for name, values in self.composition.items()}
        return Deals(
            self.code[rows], self.region[rows], self.day[rows], self.kg[rows], self.price[rows], measured
        )

    def measured(self, name: str) -> Floats:
        """Return a constituent's values, all NaN where none was ever measured."""
        return self.composition.get(name, np.full(len(self), np.nan))


def family(code: str) -> str:
    """Return the class or family a waste code belongs to: 900-214-08 is of 08, 900-005-S17 of S17."""
    return code.rsplit("-", 1)[-1]


def same_length(n: int, **columns: NDArray[np.generic]) -> None:
    """Refuse columns that are not as long as the others."""
    for name, values in columns.items():
        if values.shape != (n,):
            raise BadHistory(Unfit.LENGTH, name, values.shape)


def in_order(day: Integers) -> None:
    """Refuse rows that are not sorted by day: a model would learn from what came later."""
    for row in _where(day[1:] < day[:-1]):
        raise BadHistory(Unfit.ORDER, "day", int(day[row + 1]), row + 1)


def named(name: str, values: Texts) -> None:
    """Refuse empty names."""
    for row in _where(values == ""):
        raise BadHistory(Unfit.EMPTY, name, "", row)


def finite(name: str, values: Floats) -> None:
    """Refuse NaN and infinity."""
    for row in _where(~np.isfinite(values)):
        raise BadHistory(Unfit.NOT_FINITE, name, float(values[row]), row)


def positive(name: str, values: Floats) -> None:
    """Refuse what is not a finite number above zero."""
    finite(name, values)
    for row in _where(values <= 0):
        raise BadHistory(Unfit.NOT_POSITIVE, name, float(values[row]), row)


def not_negative(name: str, values: Floats) -> None:
    """Refuse what is not a finite number of at least zero."""
    finite(name, values)
    for row in _where(values < 0):
        raise BadHistory(Unfit.NEGATIVE, name, float(values[row]), row)


def constituent(name: str, values: Floats) -> None:
    """Refuse an unknown constituent, and values out of its bounds; NaN stands for "not measured"."""
    known = CONSTITUENTS.get(name)
    if known is None:
        raise BadHistory(Unfit.UNKNOWN_CONSTITUENT, "composition", name)
    for row in _where(np.isinf(values)):
        raise BadHistory(Unfit.NOT_FINITE, name, float(values[row]), row)
    for row in _where(values < 0):
        raise BadHistory(Unfit.NEGATIVE, name, float(values[row]), row)
    for row in _where(values > known.largest):
        raise BadHistory(Unfit.TOO_LARGE, name, float(values[row]), row)


def _where(bad: Flags) -> Iterator[int]:
    """Yield the first bad row, if any: one clear error is enough."""
    if bad.any():
        yield int(np.argmax(bad))
