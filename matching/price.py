"""What is licence capacity worth in this market, and what would a lot fetch in it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from matching.bridge import flow_of
from matching.distances import Ints
from matching.pairs import Pairs, lawful_pairs
from matching.problem import Lot, Problem
from matching.score import going_rates, reserve

FAR = np.int64(1) << 60


@dataclass(frozen=True, slots=True)
class Quote:
    """What the first kilogram of a lot would fetch.

    `price` is the highest signed CNY per tonne its holder could ask and still find a taker, with freight
    and all other parts of the score paid out of it; `taker_id` is who would take it.
    """

    lot_id: str
    taker_id: str
    price: Decimal


@dataclass(frozen=True, slots=True)
class Prices:
    """Shadow prices of a cleared market in CNY per tonne, by (taker id, waste code), exact for one kg.

    `ask`: what everybody else loses when one more tonne is squeezed in. `bid`: what one more tonne of
    licence and plant room would earn. Where the market has a kink the two differ. A code without any room
    left has neither, since nobody's gain there is known.
    """

    problem: Problem
    ask: Mapping[tuple[str, str], Decimal]
    bid: Mapping[tuple[str, str], Decimal]

    def table(self) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
        """Give (ask, bid) by taker id and waste code, as it is kept between clearings."""
        return {key: (ask, self.bid[key]) for key, ask in self.ask.items()}

    def quote(self, lot: Lot) -> Quote | None:
        """Say what a lot outside this market would fetch in it; None: nobody may lawfully take it."""
        rate = going_rates(self.problem).get(lot.code, Decimal(0))
        floor = reserve(lot, rate, self.problem.weights)
        best: Quote | None = None
        found = lawful_pairs(self.problem, [lot])
        for pair in (found.row(n) for n in range(len(found))):
            asked = self.ask.get((pair.taker.id, lot.code), Decimal(0))
            price = floor + Decimal(pair.fen) / 100 - asked
            if best is None or price > best.price:
                best = Quote(lot.id, pair.taker.id, price)
        return best


def shadow_prices(problem: Problem) -> Prices:
    """Clear the market with every lot divisible and read the prices from the residual of the flow."""
    pairs = lawful_pairs(problem)
    rows, kg = flow_of(pairs)
    if not len(rows):
        return Prices(problem, {}, {})
    tails, heads, costs = _residual(pairs, rows, kg)
    lots, doors = len(pairs.facts.lots.kg), len(pairs.facts.resources.kg)
    gates = lots + doors
    sink = gates + len(pairs.facts.takers.total_kg)
    to_sink = _shortest(sink + 1, heads, tails, costs, sink)
    from_sink = _shortest(sink + 1, tails, heads, costs, sink)
    ask: dict[tuple[str, str], Decimal] = {}
    bid: dict[tuple[str, str], Decimal] = {}
    codes = list(pairs.facts.codes)
    for door in range(doors):
        n = int(pairs.facts.resources.taker[door])
        taker, code = pairs.facts.takers.rows[n], codes[int(pairs.facts.resources.code[door])]
        if taker.room_kg(code) == 0:
            continue
        earned = -min(int(from_sink[lots + door]), int(from_sink[gates + n]), 0)
        ask[taker.id, code] = Decimal(int(to_sink[lots + door])) / 100
        bid[taker.id, code] = Decimal(earned) / 100
    return Prices(problem, ask, bid)


def _residual(pairs: Pairs, rows: Ints, kg: Ints) -> tuple[Ints, Ints, Ints]:
    """List the arcs along which one more kilogram may be sent, or one sent back."""
    facts = pairs.facts
    lots, doors, takers = len(facts.lots.kg), len(facts.resources.kg), len(facts.takers.total_kg)
    lot, taker = pairs.lot[rows], pairs.taker[rows]
    door = facts.resources.at[taker, facts.lots.code[lot]]
    rest = facts.lots.kg - np.bincount(lot, kg, lots).astype(np.int64)
    load = np.bincount(door, kg, doors).astype(np.int64)
    full = np.bincount(taker, kg, takers).astype(np.int64)
    sink = lots + doors + takers
    gate = lots + doors + facts.resources.taker
    tails = [lot, np.arange(lots), lots + np.arange(doors), lots + doors + np.arange(takers)]
    heads = [lots + door, np.full(lots, sink), gate, np.full(takers, sink)]
    costs = [-pairs.fen[rows], *(np.zeros(n, dtype=np.int64) for n in (lots, doors, takers))]
    spare = [
        kg < facts.lots.kg[lot],
        np.ones(lots, bool),
        load < facts.resources.kg,
        full < facts.takers.total_kg,
    ]
    used = [kg > 0, rest > 0, load > 0, full > 0]
    forth, back = np.concatenate(spare), np.concatenate(used)
    tail, head, cost = np.concatenate(tails), np.concatenate(heads), np.concatenate(costs)
    return (
        np.concatenate([tail[forth], head[back]]),
        np.concatenate([head[forth], tail[back]]),
        np.concatenate([cost[forth], -cost[back]]),
    )


def _shortest(n: int, tails: Ints, heads: Ints, costs: Ints, source: int) -> Ints:
    """Give the cheapest way from `source` to each node (Bellman and Ford, all arcs at a time).

    An optimal flow leaves no cycle of negative cost, so that n rounds suffice; most end after a few.
    """
    distance = np.full(n, FAR)
    distance[source] = 0
    for _ in range(n):
        reach = distance.copy()
        known = distance[tails] < FAR
        np.minimum.at(reach, heads[known], distance[tails[known]] + costs[known])
        if np.array_equal(reach, distance):
            return distance
        distance = reach
    return distance
