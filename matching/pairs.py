"""Which pairs of a problem may deal, on which vehicle, and what is a tonne worth there?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from matching.candidates import Candidate, candidates
from matching.compatibility import pair_reasons
from matching.freight import Haul, Offer, cheapest_haul, offers_for
from matching.problem import Lot, Problem, Taker
from matching.score import ZERO, Score, going_rates, score


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair that breaks no hard rule. `fen` is welfare in fen per tonne."""

    lot: Lot
    taker: Taker
    haul: Haul
    metres: int
    seconds: int
    fen: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """All lawful pairs of a problem, those without gain included."""

    rows: tuple[Pair, ...]
    truncated: bool

    @property
    def gainful(self) -> list[Pair]:
        """Give the pairs that leave the two sides together better off."""
        return [pair for pair in self.rows if pair.fen > 0]


def lawful_pairs(problem: Problem, lots: Sequence[Lot] | None = None) -> Pairs:
    """Find and score the pairs of `lots` (default: all of the problem).

    A lot whose nearest takers all refuse is looked at again with every taker of its code.
    """
    asked = problem.lots if lots is None else tuple(lots)
    k = problem.weights.nearest_takers
    offers = offers_for(problem, asked)
    rates = going_rates(problem)
    first = candidates(problem, asked, k)
    rows = _lawful(problem, first.pairs, offers, rates)
    if first.truncated:
        served = {pair.lot.id for pair in rows}
        rest = [lot for lot in asked if lot.id not in served]
        rows += _lawful(problem, candidates(problem, rest, len(problem.takers)).pairs, offers, rates)
    return Pairs(tuple(rows), first.truncated)


def score_of(problem: Problem, pair: Pair, rates: Mapping[str, Decimal]) -> Score:
    """Give the score of a pair with its parts."""
    return score(pair.lot, pair.taker, pair.haul, rates.get(pair.lot.code, ZERO), problem.weights)


def _lawful(
    problem: Problem,
    found: Sequence[Candidate],
    offers: Mapping[str, list[Offer]],
    rates: Mapping[str, Decimal],
) -> list[Pair]:
    rows: list[Pair] = []
    for one in found:
        if pair_reasons(problem, one.lot, one.taker, one.metres, one.seconds):
            continue
        haul = cheapest_haul(problem, offers[one.lot.id], one.lot.kg, one.metres)
        if haul is None:
            continue
        worth = score(one.lot, one.taker, haul, rates.get(one.lot.code, ZERO), problem.weights)
        rows.append(Pair(one.lot, one.taker, haul, one.metres, one.seconds, worth.fen))
    return rows
