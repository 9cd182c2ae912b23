"""What is licence capacity worth in this market, and what would a lot fetch in it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from matching.distances import Ints
from matching.flow import Flow, solve_flow
from matching.pairs import lawful_pairs
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

    def quote(self, lot: Lot) -> Quote | None:
        """Say what a lot outside this market would fetch in it; None: nobody may lawfully take it."""
        rate = going_rates(self.problem).get(lot.code, Decimal(0))
        floor = reserve(lot, rate, self.problem.weights)
        best: Quote | None = None
        for pair in lawful_pairs(self.problem, [lot]).rows:
            asked = self.ask.get((pair.taker.id, lot.code), Decimal(0))
            price = floor + Decimal(pair.fen) / 100 - asked
            if best is None or price > best.price:
                best = Quote(lot.id, pair.taker.id, price)
        return best


def shadow_prices(problem: Problem) -> Prices:
    """Clear the market with every lot divisible and read the prices from the residual of the flow."""
    pairs = lawful_pairs(problem).gainful
    if not pairs:
        return Prices(problem, {}, {})
    flow = solve_flow(pairs)
    net = flow.network
    tails, heads, costs = _residual(flow)
    n = int(net.heads.max()) + 1
    to_sink = _shortest(n, heads, tails, costs, net.sink)
    from_sink = _shortest(n, tails, heads, costs, net.sink)
    ask: dict[tuple[str, str], Decimal] = {}
    bid: dict[tuple[str, str], Decimal] = {}
    for taker in problem.takers:
        gate = net.taker_nodes.get(taker.id)
        if gate is None:
            continue  # nobody gains by going there: its room costs nothing and earns nothing
        for code in taker.codes:
            if taker.room_kg(code) == 0:
                continue
            door = net.resource_nodes.get((taker.id, code), gate)
            earned = -min(int(from_sink[door]), int(from_sink[gate]), 0)
            ask[taker.id, code] = Decimal(int(to_sink[door])) / 100
            bid[taker.id, code] = Decimal(earned) / 100
    return Prices(problem, ask, bid)


def _residual(flow: Flow) -> tuple[Ints, Ints, Ints]:
    """List the arcs along which one more kilogram may be sent, or one sent back."""
    net = flow.network
    spare, used = flow.kg < net.caps, flow.kg > 0
    tails = np.concatenate([net.tails[spare], net.heads[used]])
    heads = np.concatenate([net.heads[spare], net.tails[used]])
    return tails, heads, np.concatenate([net.costs[spare], -net.costs[used]])


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
