"""What is one tonne of this lot at this taker worth to everybody together, part by part?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from statistics import median

from matching.freight import Haul
from matching.problem import Lot, Problem, Taker, Weights

FEN = Decimal("0.01")
ZERO = Decimal("0.00")


class Part(StrEnum):
    """The named parts of welfare, all in CNY per tonne; a cost is negative."""

    VALUE = "value"
    GATE_PRICE = "gate_price"
    FREIGHT = "freight"
    CARBON = "carbon"
    PROXIMITY = "proximity"
    CREDIT = "credit"
    LICENCE_SLACK = "licence_slack"


@dataclass(frozen=True, slots=True)
class Score:
    """Welfare per tonne: `total` is the exact sum of `parts`, each a whole number of fen."""

    parts: Mapping[Part, Decimal]
    total: Decimal

    @property
    def fen(self) -> int:
        """Give the total in whole fen per tonne, the unit the solvers count in."""
        return int(self.total / FEN)


def score(lot: Lot, taker: Taker, haul: Haul, going_rate: Decimal, weights: Weights) -> Score:
    """Score one pair.

    VALUE + GATE_PRICE is the gap between what the taker pays and what the holder expects (P1); where she
    expects nothing, `going_rate` less a slack stands in. FREIGHT and CARBON count loaded kilometres in
    full and the approach in part. PROXIMITY is M17: a preference and never a block.
    """
    parts = {
        Part.VALUE: -reserve(lot, going_rate, weights),
        Part.GATE_PRICE: taker.price,
        Part.FREIGHT: -haul.per_tonne,
        Part.CARBON: carbon_part(haul, weights),
        Part.PROXIMITY: -province_cost(lot.province, taker.province, weights),
        Part.CREDIT: credit_part(taker, weights),
        Part.LICENCE_SLACK: slack_part(taker, weights),
    }
    rounded = {part: to_fen(value) for part, value in parts.items()}
    return Score(rounded, sum(rounded.values(), ZERO))


def reserve(lot: Lot, going_rate: Decimal, weights: Weights) -> Decimal:
    """Give the lowest signed price the holder is taken to accept, CNY per tonne (P4)."""
    if lot.price_expectation is not None:
        return lot.price_expectation
    return going_rate - weights.unpriced_slack


def going_rates(problem: Problem) -> dict[str, Decimal]:
    """Give the middle price of the takers of each code, CNY per tonne.

    The middle and not the best or worst, so that no single taker moves the claim of every unpriced lot.
    """
    prices: dict[str, list[Decimal]] = {}
    for taker in problem.takers:
        for code in taker.codes:
            prices.setdefault(code, []).append(taker.price)
    return {code: median(values) for code, values in prices.items()}


def to_fen(value: Decimal) -> Decimal:
    """Round to a whole fen, half to even, so that a sum of many is not tilted."""
    return value.quantize(FEN, ROUND_HALF_EVEN)


def carbon_part(haul: Haul, weights: Weights) -> Decimal:
    """Give what the carbon of a haul counts for, CNY per tonne."""
    return -haul.charged_km * weights.carbon_kg_per_tkm * weights.carbon_price / 1000


def province_cost(origin: str, target: str, weights: Weights) -> Decimal:
    """Give what leaving the province counts for (M17), CNY per tonne."""
    if origin == target:
        return ZERO
    if frozenset((origin, target)) in weights.neighbours:
        return weights.neighbour_province
    return weights.other_province


def credit_part(taker: Taker, weights: Weights) -> Decimal:
    """Give what a taker's record adds or takes away, CNY per tonne."""
    if taker.credit is None:  # no record is neither good nor bad (trading.md 2.1)
        return ZERO
    return weights.credit * (taker.credit - weights.credit_neutral) / 100


def slack_part(taker: Taker, weights: Weights) -> Decimal:
    """Give what using up a licence that is nearly full counts for, CNY per tonne."""
    if taker.licence_slack >= weights.licence_warn:  # L4 warns from 80 % used
        return ZERO
    return -weights.licence_slack * (weights.licence_warn - taker.licence_slack) / weights.licence_warn
