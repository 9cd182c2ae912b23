"""What do the facts of a problem look like as arrays of whole numbers?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from matching.compatibility import bounds_of
from matching.distances import Floats, Ints
from matching.problem import Calendar, Lot, Mode, Problem, Taker
from matching.score import ZERO, credit_part, going_rates, reserve, slack_part, to_fen

Bools = NDArray[np.bool_]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY_US = 86_400_000_000
NEVER = np.int64(1) << 62
UNBOUND = np.int64(1) << 62
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class LotFacts:
    """The lots, one row each: moments in microseconds since 1970, modes as bits, value in fen per tonne."""

    rows: tuple[Lot, ...]
    code: Ints
    kg: Ints
    smallest_kg: Ints
    degrees: Floats
    province: Ints
    hazardous: Bools
    dg_class: Ints
    one_trip: Bools
    modes: Ints
    ready_from: Ints
    ready_to: Ints
    value_fen: Ints


@dataclass(frozen=True, slots=True)
class TakerFacts:
    """The takers, one row each; `shuts` is when the last receiving window ends (NEVER: no windows).

    `rank` is each taker's place in the order of ids, which decides ties.
    """

    rows: tuple[Taker, ...]
    rank: Ints
    total_kg: Ints
    degrees: Floats
    province: Ints
    modes: Ints
    shuts: Ints
    calendar: Ints
    gate_fen: Ints
    credit_fen: Ints
    slack_fen: Ints


@dataclass(frozen=True, slots=True)
class Resources:
    """The licensed codes of the takers, sorted by code and then by the taker's id; kilograms a year.

    `at` of shape (takers, codes) gives the row, UNKNOWN where the code is not licensed.
    """

    taker: Ints
    code: Ints
    kg: Ints
    at: Ints

    def of_code(self, code: int) -> slice:
        """Give the rows of one code."""
        first, last = np.searchsorted(self.code, (code, code + 1))
        return slice(int(first), int(last))


@dataclass(frozen=True, slots=True)
class FigureTable:
    """One named figure: each lot's value and each (taker, code)'s bounds, as ranks that compare exactly.

    `value` is UNKNOWN where a lot does not state it; `limited` says where a taker bounds it at all.
    """

    name: str
    value: Ints
    least: Ints
    most: Ints
    limited: Bools


@dataclass(frozen=True, slots=True)
class GateDays:
    """One calendar: how many open days lie before each local day, counted from `first`."""

    offset_us: int
    first: int
    open_before: Ints

    def any_open(self, start: Ints, end: Ints) -> Bools:
        """Tell whether a gate is open on some local day from one moment to another, both included."""
        last = len(self.open_before) - 2
        here = np.clip((start + self.offset_us) // DAY_US - self.first, 0, last)
        there = np.clip((end + self.offset_us) // DAY_US - self.first, 0, last)
        found: Bools = self.open_before[there + 1] > self.open_before[here]
        return found


@dataclass(frozen=True, slots=True)
class PairSet:
    """Some pairs of a lot and a taker as sorted numbers, each with kilograms (UNBOUND: no bound)."""

    keys: Ints
    kg: Ints
    takers: int

    def find(self, lot: Ints, taker: Ints) -> tuple[Bools, Ints]:
        """Tell which pairs are in the set, and their kilograms (UNBOUND for those that are not)."""
        wanted = lot * self.takers + taker
        if len(self.keys) == 0:
            return np.zeros(len(lot), dtype=bool), np.full(len(lot), UNBOUND)
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        known = self.keys[place] == wanted
        return known, np.where(known, self.kg[place], UNBOUND)


@dataclass(frozen=True, slots=True)
class Facts:
    """A problem as arrays, for the lots that were asked about; ids and Decimals stay in `problem`."""

    problem: Problem
    codes: Mapping[str, int]
    provinces: Mapping[str, int]
    dg_classes: Mapping[str, int]
    rates: Mapping[str, Decimal]
    at: int
    lots: LotFacts
    takers: TakerFacts
    resources: Resources
    figures: tuple[FigureTable, ...]
    gates: tuple[GateDays, ...]
    approved: PairSet
    excluded: PairSet


def facts_of(problem: Problem, lots: Sequence[Lot] | None = None) -> Facts:
    """Turn a problem into arrays; `lots` (default: all of the problem) are those to be matched."""
    asked = problem.lots if lots is None else tuple(lots)
    codes = _index(sorted({lot.code for lot in asked} | {code for t in problem.takers for code in t.codes}))
    provinces = _index(sorted({lot.province for lot in asked} | {t.province for t in problem.takers}))
    classes = _index(sorted({lot.dg_class for lot in asked if lot.dg_class is not None}))
    rates = going_rates(problem)
    calendars = list(dict.fromkeys(t.days for t in problem.takers if t.days is not None))
    lot_facts = _lots(problem, asked, codes, provinces, classes, rates)
    return Facts(
        problem=problem,
        codes=codes,
        provinces=provinces,
        dg_classes=classes,
        rates=rates,
        at=_us(problem.at),
        lots=lot_facts,
        takers=_takers(problem, provinces, {one: n for n, one in enumerate(calendars)}),
        resources=_resources(problem.takers, codes),
        figures=tuple(_figures(asked, problem.takers, codes)),
        gates=tuple(_gate(problem, one, lot_facts.ready_to) for one in calendars),
        approved=_pair_set(
            problem, asked, dict.fromkeys(problem.approvals, int(UNBOUND)) | dict(problem.approved_kg)
        ),
        excluded=_pair_set(problem, asked, dict.fromkeys(problem.excluded, int(UNBOUND))),
    )


def _lots(
    problem: Problem,
    lots: tuple[Lot, ...],
    codes: Mapping[str, int],
    provinces: Mapping[str, int],
    classes: Mapping[str, int],
    rates: Mapping[str, Decimal],
) -> LotFacts:
    weights = problem.weights
    return LotFacts(
        rows=lots,
        code=ints(codes[lot.code] for lot in lots),
        kg=ints(lot.kg for lot in lots),
        smallest_kg=ints(lot.smallest_kg for lot in lots),
        degrees=_degrees(lots),
        province=ints(provinces[lot.province] for lot in lots),
        hazardous=np.array([lot.hazardous for lot in lots], dtype=bool),
        dg_class=ints(UNKNOWN if lot.dg_class is None else classes[lot.dg_class] for lot in lots),
        one_trip=np.array([lot.one_trip for lot in lots], dtype=bool),
        modes=ints(_bits(lot.modes) for lot in lots),
        ready_from=ints(_us(lot.ready.start) for lot in lots),
        ready_to=ints(_us(lot.ready.end) for lot in lots),
        value_fen=ints(fen(-reserve(lot, rates.get(lot.code, ZERO), weights)) for lot in lots),
    )


def _takers(problem: Problem, provinces: Mapping[str, int], calendars: Mapping[Calendar, int]) -> TakerFacts:
    takers, weights = problem.takers, problem.weights
    return TakerFacts(
        rows=takers,
        rank=ranks([taker.id for taker in takers]),
        total_kg=ints(taker.total_kg for taker in takers),
        degrees=_degrees(takers),
        province=ints(provinces[taker.province] for taker in takers),
        modes=ints(_bits(taker.modes) for taker in takers),
        shuts=ints(max((_us(w.end) for w in taker.windows), default=int(NEVER)) for taker in takers),
        calendar=ints(UNKNOWN if taker.days is None else calendars[taker.days] for taker in takers),
        gate_fen=ints(fen(taker.price) for taker in takers),
        credit_fen=ints(fen(credit_part(taker, weights)) for taker in takers),
        slack_fen=ints(fen(slack_part(taker, weights)) for taker in takers),
    )


def _resources(takers: Sequence[Taker], codes: Mapping[str, int]) -> Resources:
    rows = sorted(
        (codes[code], taker.id, n, kg) for n, taker in enumerate(takers) for code, kg in taker.codes.items()
    )
    taker, code = ints(row[2] for row in rows), ints(row[0] for row in rows)
    at = np.full((len(takers), len(codes)), UNKNOWN, dtype=np.int64)
    at[taker, code] = np.arange(len(rows))
    return Resources(taker, code, ints(row[3] for row in rows), at)


def _figures(lots: Sequence[Lot], takers: Sequence[Taker], codes: Mapping[str, int]) -> Iterable[FigureTable]:
    """Rank the values and bounds of each figure that some taker limits; tables are takers x codes."""
    limiting = [(n, taker) for n, taker in enumerate(takers) if taker.limits]
    bounds = {(n, code): bounds_of(taker, code) for n, taker in limiting for code in codes}
    for name in sorted({figure for found in bounds.values() for figure in found}):
        named = {key: found[name] for key, found in bounds.items() if name in found}
        stated = [lot.composition.get(name) for lot in lots]
        edges = [edge for pair in named.values() for edge in pair]
        rank = {value: n for n, value in enumerate(sorted({v for v in (*stated, *edges) if v is not None}))}
        shape = (len(takers), len(codes))
        low, high = np.full(shape, -1, dtype=np.int64), np.full(shape, len(rank), dtype=np.int64)
        limited = np.zeros(shape, dtype=bool)
        for (taker, code), (least, most) in named.items():
            place = (taker, codes[code])
            limited[place] = True
            low[place] = -1 if least is None else rank[least]
            high[place] = len(rank) if most is None else rank[most]
        value = ints(UNKNOWN if one is None else rank[one] for one in stated)
        yield FigureTable(name, value, low, high, limited)


def _pair_set(problem: Problem, lots: Sequence[Lot], pairs: Mapping[tuple[str, str], int]) -> PairSet:
    if not pairs:
        return PairSet(ints(()), ints(()), len(problem.takers))
    lot_at = _index(lot.id for lot in lots)
    taker_at = _index(taker.id for taker in problem.takers)
    rows = sorted(
        (lot_at[a] * len(taker_at) + taker_at[b], kg)
        for (a, b), kg in pairs.items()
        if a in lot_at and b in taker_at
    )
    return PairSet(ints(row[0] for row in rows), ints(row[1] for row in rows), len(taker_at))


def _gate(problem: Problem, calendar: Calendar, ready_to: Ints) -> GateDays:
    """Count a calendar's open days from the problem's day to some weeks after the last lot is ready."""
    offset = calendar.utc_offset // MICROSECOND
    first = (_us(problem.at) + offset) // DAY_US
    last = max(first, (int(ready_to.max(initial=0)) + offset) // DAY_US) + 30
    start = date(1970, 1, 1) + timedelta(days=first)
    is_open = [calendar.is_open(start + timedelta(days=n)) for n in range(last - first + 1)]
    return GateDays(offset, first, np.concatenate([[0], np.cumsum(is_open, dtype=np.int64)]))


def fen(value: Decimal) -> int:
    """Give an amount of CNY in whole fen, rounded as every part of a score is."""
    return int(to_fen(value).scaleb(2))


def ranks(ids: Sequence[str]) -> Ints:
    """Give each id its place in the order of ids."""
    rank = np.empty(len(ids), dtype=np.int64)
    rank[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    return rank


def ints(values: Iterable[int]) -> Ints:
    """Gather whole numbers into an array."""
    return np.fromiter(values, dtype=np.int64)


def _degrees(rows: Sequence[Lot] | Sequence[Taker]) -> Floats:
    return np.array([(one.point.lat, one.point.lon) for one in rows], dtype=np.float64).reshape(-1, 2)


def _us(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def _index(names: Iterable[str]) -> dict[str, int]:
    return {name: n for n, name in enumerate(names)}


_BIT = {mode: 1 << n for n, mode in enumerate(Mode)}


def _bits(modes: Iterable[Mode]) -> int:
    return sum(_BIT[mode] for mode in modes)
