"""What is licence capacity worth in this market, and what would a lot fetch in it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from matching.bridge import market_of, solved
from matching.pairs import Pairs, lawful_pairs
from matching.problem import Lot, Problem
from matching.score import going_rates, reserve
from matching.stopping import Limits

if TYPE_CHECKING:
    from matching.clearing.prices import Prices as ArrayPrices


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
    """Clear the market with every lot divisible and read the prices at which it clears."""
    return prices_at(lawful_pairs(problem))


def prices_at(pairs: Pairs) -> Prices:
    """Give the shadow prices of the market of these pairs."""
    market, rows = market_of(pairs)
    if not len(rows):
        return Prices(pairs.facts.problem, {}, {})
    return prices_from(pairs, solved(market, "split", Limits()).prices)


def prices_from(pairs: Pairs, found: ArrayPrices) -> Prices:
    """Name the prices of the arrays by taker and code."""
    problem, resources = pairs.facts.problem, pairs.facts.resources
    codes = list(pairs.facts.codes)
    room = np.minimum(resources.kg, pairs.facts.takers.total_kg[resources.taker])
    ask: dict[tuple[str, str], Decimal] = {}
    bid: dict[tuple[str, str], Decimal] = {}
    for door in np.flatnonzero(room > 0).tolist():
        taker = pairs.facts.takers.rows[int(resources.taker[door])]
        key = (taker.id, codes[int(resources.code[door])])
        ask[key] = _cny(found.resource_ask[door])
        bid[key] = _cny(found.resource_bid[door])
    return Prices(problem, ask, bid)


def _cny(amount: float) -> Decimal:
    """Give the whole fen that a float of the arrays stands for."""
    return Decimal(round(amount * 100)) / 100
