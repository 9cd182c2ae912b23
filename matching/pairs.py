"""Which pairs of a problem may deal, on which vehicle, and what is a tonne worth there?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from matching.candidates import Candidates, candidates
from matching.distances import Floats, Ints
from matching.facts import UNKNOWN, Facts, facts_of, fen, ints
from matching.freight import Haul
from matching.haulage import Haulage, Offers, exact_haul, haulage, offers
from matching.masks import refusals
from matching.problem import Lot, Problem, Taker
from matching.score import ZERO, Score, carbon_part, province_cost, score

WIDER = 4  # how many times more takers a lot is shown whose nearest ones all refuse
NEAR_HALF = 1e-6  # fen: closer to a half than this is rounded by the exact rule


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
    """All lawful pairs of a problem, those without gain included: arrays of shape (n,), sorted by lot.

    `lot` and `taker` are rows of `facts`, `vehicle` of the problem's vehicles (UNKNOWN: by tariff); `fen` is
    welfare in fen per tonne. `truncated`: some lot had more takers than were looked at.
    """

    facts: Facts
    lot: Ints
    taker: Ints
    metres: Ints
    seconds: Ints
    vehicle: Ints
    approach_m: Ints
    fen: Ints
    truncated: bool

    def __len__(self) -> int:
        return len(self.lot)

    def of_lot(self, lot: int) -> range:
        """Give the rows of one lot."""
        first, last = np.searchsorted(self.lot, (lot, lot + 1))
        return range(int(first), int(last))

    def row(self, n: int) -> Pair:
        """Give one pair with its exact haul."""
        lot, metres = self.facts.lots.rows[self.lot[n]], int(self.metres[n])
        haul = exact_haul(self.facts, int(self.vehicle[n]), int(self.approach_m[n]), lot.kg, metres)
        taker = self.facts.takers.rows[self.taker[n]]
        return Pair(lot, taker, haul, metres, int(self.seconds[n]), int(self.fen[n]))


def lawful_pairs(problem: Problem, lots: Sequence[Lot] | None = None) -> Pairs:
    """Find and score the pairs of `lots` (default: all of the problem).

    A lot whose nearest takers all refuse is looked at again with more of its code, until one does not.
    """
    return pairs_of(facts_of(problem, lots))


def pairs_of(facts: Facts) -> Pairs:
    """Find and score the lawful pairs of the facts."""
    k = facts.problem.weights.nearest_takers
    everyone = np.arange(len(facts.lots.kg))
    asked = offers(facts, everyone)
    first = candidates(facts, everyone, k)
    found = [_lawful(facts, first, asked)]
    rest = _unserved(first.truncated, found[0])
    while len(rest):
        k *= WIDER
        wider = candidates(facts, rest, k)
        found.append(_lawful(facts, wider, asked))
        rest = _unserved(wider.truncated, found[-1])
    return _joined(found, truncated=len(first.truncated) > 0)


def spliced(pairs: Pairs, problem: Problem, gone: int | None, fresh: Pairs | None) -> Pairs:
    """Give the pairs of a problem that differs in one lot: row `gone` has left, `fresh` are the last lot's.

    Takers, vehicles and all else have to be the same.
    """
    kept = pairs.lot != (UNKNOWN if gone is None else gone)
    lot = pairs.lot[kept] - (0 if gone is None else (pairs.lot[kept] > gone))
    end = len(problem.lots) - 1

    def column(name: str) -> Ints:
        old: Ints = getattr(pairs, name)[kept]
        return old if fresh is None else np.concatenate([old, getattr(fresh, name)])

    return Pairs(
        facts=facts_of(problem),
        lot=lot if fresh is None else np.concatenate([lot, np.full(len(fresh), end)]),
        taker=column("taker"),
        metres=column("metres"),
        seconds=column("seconds"),
        vehicle=column("vehicle"),
        approach_m=column("approach_m"),
        fen=column("fen"),
        truncated=pairs.truncated or (fresh is not None and fresh.truncated),
    )


def score_of(problem: Problem, pair: Pair, rates: Mapping[str, Decimal]) -> Score:
    """Give the score of a pair with its parts."""
    return score(pair.lot, pair.taker, pair.haul, rates.get(pair.lot.code, ZERO), problem.weights)


def _unserved(lots: Ints, found: Pairs) -> Ints:
    return np.setdiff1d(lots, found.lot)


def _joined(found: Sequence[Pairs], truncated: bool) -> Pairs:
    """Put several finds together, by lot; a lot is in one of them only."""
    lot = np.concatenate([one.lot for one in found])
    order = np.argsort(lot, kind="stable")

    def column(name: str) -> Ints:
        joined: Ints = np.concatenate([getattr(one, name) for one in found])[order]
        return joined

    return Pairs(
        facts=found[0].facts,
        lot=lot[order],
        taker=column("taker"),
        metres=column("metres"),
        seconds=column("seconds"),
        vehicle=column("vehicle"),
        approach_m=column("approach_m"),
        fen=column("fen"),
        truncated=truncated,
    )


def _lawful(facts: Facts, found: Candidates, asked: Offers) -> Pairs:
    bits = refusals(facts, found.lot, found.taker, found.metres, found.seconds)
    kept = np.flatnonzero(bits == 0)
    hauls = haulage(facts, asked, found.lot[kept], found.metres[kept])
    kept, hauls = kept[hauls.served], _only(hauls)
    lot, taker, metres = found.lot[kept], found.taker[kept], found.metres[kept]
    return Pairs(
        facts=facts,
        lot=lot,
        taker=taker,
        metres=metres,
        seconds=found.seconds[kept],
        vehicle=hauls.vehicle,
        approach_m=hauls.approach_m,
        fen=_welfare(facts, lot, taker, metres, hauls),
        truncated=len(found.truncated) > 0,
    )


def _only(hauls: Haulage) -> Haulage:
    served = hauls.served
    return Haulage(hauls.vehicle[served], hauls.approach_m[served], hauls.per_tonne[served], served[served])


def _welfare(facts: Facts, lot: Ints, taker: Ints, metres: Ints, hauls: Haulage) -> Ints:
    """Add up the parts of the score of each pair in whole fen per tonne: `score.score` for many."""
    weights, lots, takers = facts.problem.weights, facts.lots, facts.takers

    def haul(n: int) -> Haul:
        return hauls.haul(facts, n, int(lots.kg[lot[n]]), int(metres[n]))

    freight = _fen(-100 * hauls.per_tonne, lambda n: fen(-haul(n).per_tonne))
    km = (metres + float(weights.empty_share) * hauls.approach_m) / 1000
    per_km = float(weights.carbon_kg_per_tkm * weights.carbon_price / 10)
    carbon = _fen(-km * per_km, lambda n: fen(carbon_part(haul(n), weights)))
    welfare: Ints = (
        lots.value_fen[lot]
        + takers.gate_fen[taker]
        + freight
        + carbon
        + _proximity(facts)[lots.province[lot], takers.province[taker]]
        + takers.credit_fen[taker]
        + takers.slack_fen[taker]
    )
    return welfare


def _fen(amounts: Floats, exact: Callable[[int], int]) -> Ints:
    """Round amounts in fen; where a float might fall on the wrong side of a half, ask `exact`."""
    rounded = np.rint(amounts).astype(np.int64)
    half = np.abs(np.abs(amounts - np.floor(amounts)) - 0.5)
    for n in np.flatnonzero(half <= NEAR_HALF + 1e-12 * np.abs(amounts)).tolist():
        rounded[n] = exact(n)
    return rounded


def _proximity(facts: Facts) -> Ints:
    """Give the part of each province to each, in fen."""
    names, weights = list(facts.provinces), facts.problem.weights
    flat = ints(fen(-province_cost(a, b, weights)) for a in names for b in names)
    return flat.reshape(len(names), len(names))
