"""What did the market decide, and does the answer keep every rule of the problem it answers?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from matching.compatibility import pair_reasons, vehicle_reason
from matching.freight import Haul, Offer, haul_by, haul_by_tariff
from matching.problem import Division, Lot, Problem, Taker
from matching.reasons import Params, ParamValue, Reason
from matching.score import Score, going_rates, score

ZERO = Decimal(0)


class Breach(StrEnum):
    """A way in which an answer can break its problem."""

    UNKNOWN_LOT = "unknown_lot"
    UNKNOWN_TAKER = "unknown_taker"
    UNKNOWN_VEHICLE = "unknown_vehicle"
    MASS_NOT_POSITIVE = "mass_not_positive"
    PAIR_TWICE = "pair_twice"
    LOT_OVERDRAWN = "lot_overdrawn"
    WHOLE_LOT_DIVIDED = "whole_lot_divided"
    PART_TOO_SMALL = "part_too_small"
    CODE_OVERFULL = "code_overfull"
    TOTAL_OVERFULL = "total_overfull"
    PAIR_FORBIDDEN = "pair_forbidden"
    VEHICLE_FORBIDDEN = "vehicle_forbidden"
    NO_TARIFF = "no_tariff"
    SCORE_SUM = "score_sum"
    SCORE_WRONG = "score_wrong"
    WELFARE_SUM = "welfare_sum"
    ABOVE_BOUND = "above_bound"
    REST_UNEXPLAINED = "rest_unexplained"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule of an answer and the figures that show it."""

    breach: StrEnum
    params: Mapping[str, ParamValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assignment:
    """So many kilograms of a lot to a taker, by a vehicle (None: freight by tariff)."""

    lot_id: str
    taker_id: str
    kg: int
    vehicle_id: str | None
    metres: int
    score: Score

    @property
    def welfare(self) -> Decimal:
        """Give the welfare of these kilograms in CNY."""
        return self.score.total * self.kg / 1000


@dataclass(frozen=True, slots=True)
class Unmatched:
    """The rest of a lot that found no taker, and the reasons of the taker that came closest."""

    lot_id: str
    kg: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """One ranked possibility for one lot, as shown to the people who decide.

    `kg` is what this taker could take, were nobody else in the market. `price` is CNY per tonne the taker
    pays the holder; `freight` CNY per tonne for the vehicle; `worthwhile`: the score is above zero.
    """

    rank: int
    lot_id: str
    taker_id: str
    kg: int
    vehicle_id: str | None
    price: Decimal
    freight: Decimal
    metres: int
    seconds: int
    distance_source: str
    score: Score
    reasons: tuple[Reason, ...]

    @property
    def worthwhile(self) -> bool:
        """Tell whether the match makes the two sides together better off."""
        return self.score.total > 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A taker that cannot have the lot, and every reason why not."""

    taker_id: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best matches for one lot, best first, and the nearest misses, easiest to mend first."""

    lot_id: str
    matches: tuple[Match, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Solution:
    """A cleared market.

    `welfare` in CNY; `bound` is the linear relaxation's optimum, which no answer can pass; `proven`: the
    solver showed that no better answer exists; `truncated`: distant takers were left out of the
    candidates, so bound and proof hold among the candidates only.
    """

    assignments: tuple[Assignment, ...]
    unmatched: tuple[Unmatched, ...]
    welfare: Decimal
    bound: Decimal
    proven: bool
    truncated: bool
    distance_source: str
    distance_version: str

    @property
    def kg(self) -> int:
        """Give the mass that found a taker."""
        return sum(one.kg for one in self.assignments)

    @property
    def gap_percent(self) -> Decimal:
        """Give how far the welfare is below the bound, in percent of the bound."""
        return (self.bound - self.welfare) * 100 / self.bound if self.bound else ZERO

    def check(self, problem: Problem) -> list[Violation]:
        """List every broken rule, trusting nothing the solver said; an honest answer gives none."""
        return list(_violations(self, problem))


class NotSound(AssertionError):
    """A solver's answer that broke a rule: it is stopped here and never handed on."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__("; ".join(f"{v.breach} {dict(v.params)}" for v in violations[:5]))
        self.violations = violations


def _violations(solution: Solution, problem: Problem) -> Iterator[Violation]:
    lots = {lot.id: lot for lot in problem.lots}
    takers = {taker.id: taker for taker in problem.takers}
    known: list[Assignment] = []
    for one in solution.assignments:
        if one.lot_id not in lots:
            yield Violation(Breach.UNKNOWN_LOT, {"lot_id": one.lot_id})
        elif one.taker_id not in takers:
            yield Violation(Breach.UNKNOWN_TAKER, {"taker_id": one.taker_id})
        else:
            known.append(one)
    yield from _pairs(known)
    yield from _lot_sums(known, lots, solution.unmatched)
    yield from _taker_sums(known, lots, takers)
    yield from _hard_rules(known, problem, lots, takers)
    yield from _money(solution)


def _pairs(assignments: list[Assignment]) -> Iterator[Violation]:
    times = Counter((one.lot_id, one.taker_id) for one in assignments)
    for (lot_id, taker_id), n in times.items():
        if n > 1:
            yield Violation(Breach.PAIR_TWICE, {"lot_id": lot_id, "taker_id": taker_id, "times": n})
    for one in assignments:
        if one.kg <= 0:
            yield Violation(Breach.MASS_NOT_POSITIVE, {"lot_id": one.lot_id, "kg": one.kg})


def _lot_sums(
    assignments: list[Assignment], lots: Mapping[str, Lot], rests: tuple[Unmatched, ...]
) -> Iterator[Violation]:
    served: Counter[str] = Counter()
    for one in assignments:
        lot = lots[one.lot_id]
        served[one.lot_id] += one.kg
        params: Params = {"lot_id": lot.id, "kg": one.kg, "smallest_kg": lot.smallest_kg}
        if lot.division is Division.WHOLE and one.kg != lot.kg:
            yield Violation(Breach.WHOLE_LOT_DIVIDED, params)
        elif one.kg < lot.smallest_kg:
            yield Violation(Breach.PART_TOO_SMALL, params)
    rest_kg = {rest.lot_id: rest.kg for rest in rests if rest.reasons}
    for lot in lots.values():
        rest = lot.kg - served[lot.id]
        if rest < 0:
            yield Violation(Breach.LOT_OVERDRAWN, {"lot_id": lot.id, "over_kg": -rest})
        elif rest_kg.get(lot.id, 0) != rest:
            yield Violation(Breach.REST_UNEXPLAINED, {"lot_id": lot.id, "rest_kg": rest})


def _taker_sums(
    assignments: list[Assignment], lots: Mapping[str, Lot], takers: Mapping[str, Taker]
) -> Iterator[Violation]:
    by_code: Counter[tuple[str, str]] = Counter()
    totals: Counter[str] = Counter()
    for one in assignments:
        by_code[one.taker_id, lots[one.lot_id].code] += one.kg
        totals[one.taker_id] += one.kg
    for (taker_id, code), kg in by_code.items():
        limit = takers[taker_id].codes.get(code, 0)
        if kg > limit:
            params: Params = {"taker_id": taker_id, "waste_code": code, "kg": kg, "limit_kg": limit}
            yield Violation(Breach.CODE_OVERFULL, params)
    for taker_id, kg in totals.items():
        if kg > takers[taker_id].total_kg:
            full: Params = {"taker_id": taker_id, "kg": kg, "limit_kg": takers[taker_id].total_kg}
            yield Violation(Breach.TOTAL_OVERFULL, full)


def _hard_rules(
    assignments: list[Assignment], problem: Problem, lots: Mapping[str, Lot], takers: Mapping[str, Taker]
) -> Iterator[Violation]:
    rates = going_rates(problem)
    pairs = [(lots[one.lot_id], takers[one.taker_id]) for one in assignments]
    legs = problem.distances.legs([lot.point for lot, _ in pairs], [taker.point for _, taker in pairs])
    roads = zip(legs.metres.tolist(), legs.seconds.tolist(), strict=True)
    offers = _offers(assignments, problem, lots)
    for one, (lot, taker), (metres, seconds), offer in zip(assignments, pairs, roads, offers, strict=True):
        ids: Params = {"lot_id": lot.id, "taker_id": taker.id}
        for reason in pair_reasons(problem, lot, taker, metres, seconds):
            yield Violation(Breach.PAIR_FORBIDDEN, ids | {"number": reason.number})
        haul = _haul_again(problem, lot, one, offer, metres)
        if isinstance(haul, Violation):
            yield haul
        elif score(lot, taker, haul, rates.get(lot.code, ZERO), problem.weights) != one.score:
            yield Violation(Breach.SCORE_WRONG, ids)


def _offers(assignments: list[Assignment], problem: Problem, lots: Mapping[str, Lot]) -> list[Offer | None]:
    """Measure how far the vehicles that the answer names are from their lots; None: there is no such one."""
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    named = [(lots[one.lot_id], vehicles.get(one.vehicle_id or "")) for one in assignments]
    known = [(lot.point, vehicle.point) for lot, vehicle in named if vehicle is not None]
    metres = iter(problem.distances.legs([b for _, b in known], [a for a, _ in known]).metres.tolist())
    return [None if vehicle is None else Offer(vehicle, next(metres)) for _, vehicle in named]


def _haul_again(
    problem: Problem, lot: Lot, one: Assignment, offer: Offer | None, metres: int
) -> Haul | Violation:
    """Reckon the freight anew from the vehicle that the answer names."""
    if one.vehicle_id is None:
        if problem.tariff is None:
            return Violation(Breach.NO_TARIFF, {"lot_id": lot.id})
        return haul_by_tariff(problem.tariff, metres)
    if offer is None:
        return Violation(Breach.UNKNOWN_VEHICLE, {"vehicle_id": one.vehicle_id})
    reason = vehicle_reason(lot, offer.vehicle)
    if reason is not None:
        return Violation(Breach.VEHICLE_FORBIDDEN, {"lot_id": lot.id, "number": reason.number})
    return haul_by(offer, lot.kg, metres, problem.weights)


def _money(solution: Solution) -> Iterator[Violation]:
    for one in solution.assignments:
        if sum(one.score.parts.values(), ZERO) != one.score.total:
            yield Violation(Breach.SCORE_SUM, {"lot_id": one.lot_id, "taker_id": one.taker_id})
    welfare = sum((one.welfare for one in solution.assignments), ZERO)
    if welfare != solution.welfare:
        yield Violation(Breach.WELFARE_SUM, {"welfare": solution.welfare, "sum": welfare})
    if solution.welfare > solution.bound:
        yield Violation(Breach.ABOVE_BOUND, {"welfare": solution.welfare, "bound": solution.bound})
