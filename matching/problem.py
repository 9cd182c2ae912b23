"""Which lots, takers and vehicles stand in the market, and under which weights and hour?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from matching.distances import Distances, Estimate, Point

__all__ = [
    "BadProblem",
    "Calendar",
    "Carrier",
    "Defect",
    "Division",
    "Limit",
    "Lot",
    "Mode",
    "Point",
    "Problem",
    "Taker",
    "Vehicle",
    "Weights",
    "Window",
    "fleet",
]


class Defect(StrEnum):
    """What is wrong with a fact that was handed in."""

    COORDINATES = "coordinates"
    NAIVE_TIME = "naive_time"
    WINDOW_ORDER = "window_order"
    NOT_POSITIVE = "not_positive"
    NEGATIVE = "negative"
    NOT_FINITE = "not_finite"
    ABOVE_LOT = "above_lot"
    NOT_A_SHARE = "not_a_share"
    NOT_A_WEEKDAY = "not_a_weekday"
    NO_BOUND = "no_bound"
    DUPLICATE_ID = "duplicate_id"
    UNKNOWN_ID = "unknown_id"
    SIZE = "size"
    CONTRADICTION = "contradiction"


class BadProblem(ValueError):
    """A fact no honest problem can contain: which, where, and its value."""

    def __init__(self, defect: Defect, where: str, field_name: str, value: object) -> None:
        super().__init__(f"{defect}: {where}.{field_name} = {value!r}")
        self.defect = defect
        self.where = where
        self.field_name = field_name
        self.value = value


class Division(StrEnum):
    """May a lot be shared among takers (`split`), or does it go entire to one or to nobody (`whole`)?"""

    SPLIT = "split"
    WHOLE = "whole"


class Mode(StrEnum):
    """What a licence lets its holder do with waste (compliance.md L1)."""

    COLLECT = "collect"
    STORE = "store"
    USE = "use"
    DISPOSE = "dispose"


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, aware, start included and end not."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        _aware("window", "start", self.start)
        _aware("window", "end", self.end)
        if self.end <= self.start:
            raise BadProblem(Defect.WINDOW_ORDER, "window", "end", self.end)


@dataclass(frozen=True, slots=True)
class Limit:
    """Between which bounds, both included, a taker accepts one named figure of a lot (moisture, chlorine).

    The figure's unit is the lot's own; None: no bound on that side. `codes` empty: for every waste code.
    """

    figure: str
    least: Decimal | None = None
    most: Decimal | None = None
    codes: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name, value in (("least", self.least), ("most", self.most)):
            if value is not None:
                _finite(self.figure, name, value)
        if self.least is None and self.most is None:
            raise BadProblem(Defect.NO_BOUND, self.figure, "most", None)
        if self.least is not None and self.most is not None and self.most < self.least:
            raise BadProblem(Defect.WINDOW_ORDER, self.figure, "most", self.most)


@dataclass(frozen=True, slots=True)
class Calendar:
    """On which local days a taker's gate is open: ISO weekdays (1 = Monday) less the `closed` dates."""

    weekdays: frozenset[int] = frozenset(range(1, 8))
    closed: frozenset[date] = frozenset()
    utc_offset: timedelta = timedelta(hours=8)

    def __post_init__(self) -> None:
        for day in sorted(self.weekdays):
            if not 1 <= day <= 7:
                raise BadProblem(Defect.NOT_A_WEEKDAY, "calendar", "weekdays", day)

    def is_open(self, day: date) -> bool:
        """Tell whether the gate is open on a local day."""
        return day.isoweekday() in self.weekdays and day not in self.closed


@dataclass(frozen=True, slots=True)
class Lot:
    """Waste that a holder wants taken away.

    `price_expectation` is CNY per tonne that the taker pays the holder (P1); None: the holder named none.
    `min_kg` is the smallest part of a split lot that may go to one taker. `modes` empty: any treatment.
    `composition` holds what is known of it by name (moisture, chlorine, heat value), in the unit that the
    takers' limits use. `one_trip`: only a vehicle that carries the lot entire may.
    """

    id: str
    code: str
    kg: int
    point: Point
    ready: Window
    province: str
    price_expectation: Decimal | None = None
    hazardous: bool = False
    dg_class: str | None = None
    division: Division = Division.SPLIT
    min_kg: int = 0
    modes: frozenset[Mode] = frozenset()
    composition: Mapping[str, Decimal] = field(default_factory=dict)
    one_trip: bool = False

    def __post_init__(self) -> None:
        _place(self.id, self.point)
        _positive(self.id, "kg", self.kg)
        for figure, value in self.composition.items():
            _finite(self.id, f"composition[{figure}]", value)
        _not_negative(self.id, "min_kg", self.min_kg)
        if self.min_kg > self.kg:
            raise BadProblem(Defect.ABOVE_LOT, self.id, "min_kg", self.min_kg)
        if self.price_expectation is not None:
            _finite(self.id, "price_expectation", self.price_expectation)

    @property
    def smallest_kg(self) -> int:
        """Give the least mass that any one taker must have room for."""
        return self.kg if self.division is Division.WHOLE else max(1, self.min_kg)


@dataclass(frozen=True, slots=True)
class Taker:
    """A processor's need: what it may and wants to take, where and at which price.

    `codes` maps a waste code to the kilograms still open this year (the least of licence and need);
    `total_kg` bounds their sum. `price` is CNY per tonne the taker pays the holder, negative = a gate fee.
    `licence_slack` is the share (0..1) of the yearly quantity still free; `credit` is 0..100 or None
    (not enough record). No `windows`: it receives at any time; no `days`: on every day.
    """

    id: str
    processor_id: str
    point: Point
    province: str
    codes: Mapping[str, int]
    total_kg: int
    price: Decimal
    modes: frozenset[Mode] = frozenset(Mode)
    windows: tuple[Window, ...] = ()
    licence_slack: Decimal = Decimal(1)
    credit: Decimal | None = None
    limits: tuple[Limit, ...] = ()
    days: Calendar | None = None

    def __post_init__(self) -> None:
        _place(self.id, self.point)
        for code, kg in self.codes.items():
            _not_negative(self.id, f"codes[{code}]", kg)
        _not_negative(self.id, "total_kg", self.total_kg)
        _finite(self.id, "price", self.price)
        _finite(self.id, "licence_slack", self.licence_slack)
        if not 0 <= self.licence_slack <= 1:
            raise BadProblem(Defect.NOT_A_SHARE, self.id, "licence_slack", self.licence_slack)
        if self.credit is not None:
            _finite(self.id, "credit", self.credit)

    def room_kg(self, code: str) -> int:
        """Give the kilograms of this code that fit in the year, 0 for a code that is not licensed."""
        return min(self.codes.get(code, 0), self.total_kg)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle where it stands now (or its home): `freight` CNY per tonne-km, `fixed` CNY per trip."""

    id: str
    carrier_id: str
    point: Point
    capacity_kg: int
    freight: Decimal
    fixed: Decimal = Decimal(0)
    hazardous_ok: bool = False
    dg_classes: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        _place(self.id, self.point)
        _positive(self.id, "capacity_kg", self.capacity_kg)
        for name, value in (("freight", self.freight), ("fixed", self.fixed)):
            _finite(self.id, name, value)
            if value < 0:
                raise BadProblem(Defect.NEGATIVE, self.id, name, value)


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier and the vehicles it offers."""

    id: str
    vehicles: tuple[Vehicle, ...]


def fleet(carriers: Iterable[Carrier]) -> tuple[Vehicle, ...]:
    """Gather the vehicles of all carriers, in the carriers' order."""
    return tuple(vehicle for carrier in carriers for vehicle in carrier.vehicles)


@dataclass(frozen=True, slots=True)
class Weights:
    """What the market counts for how much. Everything is a published setting; nothing is hidden.

    Money per tonne unless the name says otherwise. `empty_share` is what an empty kilometre costs against
    a loaded one. `unpriced_slack`: a holder who names no price is taken to accept the going rate of her
    code less this much. The carbon factor is well-to-wheel for an articulated lorry (trading.md 3.3).
    """

    carbon_price: Decimal = Decimal(80)
    carbon_kg_per_tkm: Decimal = Decimal("0.095")
    empty_share: Decimal = Decimal("0.5")
    other_province: Decimal = Decimal(50)
    neighbour_province: Decimal = Decimal(20)
    neighbours: frozenset[frozenset[str]] = frozenset()
    credit: Decimal = Decimal(50)
    credit_neutral: Decimal = Decimal(60)
    licence_slack: Decimal = Decimal(30)
    licence_warn: Decimal = Decimal("0.2")
    unpriced_slack: Decimal = Decimal(400)
    market_freight: Decimal = Decimal("1.20")
    reach_km: int | None = None
    nearest_takers: int = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One market at one hour.

    `approvals` and `excluded` are pairs (lot id, taker id): a cross-province approval in hand (X1), and
    pairs that may not deal with each other (A4). `approved_kg` gives the kilograms an approval still
    covers, which have to suffice for the whole lot; one that is not named there is without bound.
    `tariff` is the freight in CNY per tonne-km to reckon with where no vehicle fits; None: a lot without a
    fitting vehicle cannot be matched.
    """

    lots: tuple[Lot, ...]
    takers: tuple[Taker, ...]
    vehicles: tuple[Vehicle, ...]
    at: datetime
    weights: Weights = Weights()
    approvals: frozenset[tuple[str, str]] = frozenset()
    excluded: frozenset[tuple[str, str]] = frozenset()
    tariff: Decimal | None = None
    distances: Distances = field(default_factory=Estimate)
    approved_kg: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _aware("problem", "at", self.at)
        for pair, kg in self.approved_kg.items():
            _not_negative("problem", f"approved_kg[{pair[0]},{pair[1]}]", kg)
        _unique("lots", (lot.id for lot in self.lots))
        _unique("takers", (taker.id for taker in self.takers))
        _unique("vehicles", (vehicle.id for vehicle in self.vehicles))

    def lot(self, lot_id: str) -> Lot:
        """Find a lot by id. Raises BadProblem when there is none."""
        for lot in self.lots:
            if lot.id == lot_id:
                return lot
        raise BadProblem(Defect.UNKNOWN_ID, "lots", "id", lot_id)

    def taker(self, taker_id: str) -> Taker:
        """Find a taker by id. Raises BadProblem when there is none."""
        for taker in self.takers:
            if taker.id == taker_id:
                return taker
        raise BadProblem(Defect.UNKNOWN_ID, "takers", "id", taker_id)


def _aware(where: str, name: str, value: datetime) -> None:
    if value.utcoffset() is None:
        raise BadProblem(Defect.NAIVE_TIME, where, name, value)


def _place(where: str, point: Point) -> None:
    inside = math.isfinite(point.lat) and math.isfinite(point.lon)
    if not (inside and -90 <= point.lat <= 90 and -180 <= point.lon <= 180):
        raise BadProblem(Defect.COORDINATES, where, "point", point)


def _positive(where: str, name: str, value: int) -> None:
    if value <= 0:
        raise BadProblem(Defect.NOT_POSITIVE, where, name, value)


def _not_negative(where: str, name: str, value: int) -> None:
    if value < 0:
        raise BadProblem(Defect.NEGATIVE, where, name, value)


def _finite(where: str, name: str, value: Decimal) -> None:
    if not value.is_finite():
        raise BadProblem(Defect.NOT_FINITE, where, name, value)


def _unique(where: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise BadProblem(Defect.DUPLICATE_ID, where, "id", one)
        seen.add(one)
