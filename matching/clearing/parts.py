"""Which parts of a market can be cleared apart, and how are their answers put together?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.clearing.market import Ints, Lots, Market, Pairs, Resources, Takers
from matching.clearing.prices import Prices
from matching.clearing.units import counted, kg_down

LEAST_PAIRS = 2_000
"""Smaller independent markets are bundled: a market of its own costs some milliseconds."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some pairs of a market as a market of their own; the indices say where each row came from."""

    market: Market
    pairs: Ints
    lots: Ints
    resources: Ints
    takers: Ints


def part_of(market: Market, pairs: Ints) -> Part:
    """Cut out some pairs."""
    rows = market.pairs
    lots, lot = np.unique(rows.lot[pairs], return_inverse=True)
    resources, resource = np.unique(rows.resource[pairs], return_inverse=True)
    takers, taker = np.unique(rows.taker[pairs], return_inverse=True)
    own = np.searchsorted(takers, market.resources.taker[resources])
    cut = Market(
        Pairs(lot, taker, resource, rows.km[pairs], rows.worth[pairs]),
        Lots(market.lots.tonnes[lots], market.lots.whole[lots], market.lots.least[lots]),
        Resources(own, market.resources.code[resources], market.resources.tonnes[resources]),
        Takers(market.takers.tonnes[takers]),
    )
    return Part(cut, pairs, lots, resources, takers)


def independent(market: Market) -> list[Part]:
    """Part a market by the lots and takers that could ever meet; small parts are bundled, in order.

    Pairs that can never be used belong to no part.
    """
    useful = np.flatnonzero(counted(market, "split").fits)
    of_pair = _component(market.pairs.lot[useful], market.pairs.taker[useful], market.sizes[2])
    sizes = np.bincount(of_pair, minlength=int(of_pair.max(initial=0)) + 1)
    bundle = (np.cumsum(np.where(sizes < LEAST_PAIRS, sizes, 0)) - 1) // LEAST_PAIRS
    group = np.where(sizes < LEAST_PAIRS, bundle, np.arange(len(sizes)) + len(useful) + 1)[of_pair]
    order = np.argsort(group, kind="stable")
    cuts = np.flatnonzero(np.diff(group[order])) + 1
    return [part_of(market, useful[rows]) for rows in np.split(order, cuts) if len(rows)]


def _component(lot: Ints, taker: Ints, takers: int) -> Ints:
    """Number the connected component of each pair, in the order of their first lots.

    A component goes by its least lot. Each joins the least of those it meets, until none meets another: at
    most half of them stay each time. (scipy is as quick, but takes a quarter of a second to be imported.)
    """
    of_pair = lot
    while True:
        least = np.full(takers, np.iinfo(np.int64).max)
        np.minimum.at(least, taker, of_pair)
        joins = np.arange(int(lot.max(initial=0)) + 1)
        np.minimum.at(joins, of_pair, least[taker])
        while not np.array_equal(joins[joins], joins):
            joins = joins[joins]
        found = joins[of_pair]
        if np.array_equal(found, of_pair):
            return np.unique(of_pair, return_inverse=True)[1]
        of_pair = found


def joined_prices(market: Market, parts: list[Part], found: list[Prices]) -> Prices:
    """Put the prices of all parts together; what belongs to none has room nobody asks for, or none at all."""
    lots, _, _, _ = market.sizes
    code = np.where(kg_down(market.resources.tonnes) > 0, 0.0, np.inf)
    gate = np.where(kg_down(market.takers.tonnes) > 0, 0.0, np.inf)
    # A room of some grams is as good as none, and yet has to be paid for in the bound.
    dear = float(market.pairs.worth.max(initial=0.0))
    none = Prices(
        lot=np.zeros(lots),
        resource_ask=np.zeros_like(code),
        resource_bid=np.zeros_like(code),
        taker_ask=gate.copy(),
        taker_bid=np.zeros_like(gate),
        resource_rent=np.minimum(code, dear),
        taker_rent=np.minimum(gate, dear),
    )
    for piece, prices in zip(parts, found, strict=True):
        none.lot[piece.lots] = prices.lot
        none.resource_rent[piece.resources] = prices.resource_rent
        none.taker_ask[piece.takers] = prices.taker_ask
        none.taker_bid[piece.takers] = prices.taker_bid
        none.taker_rent[piece.takers] = prices.taker_rent
    # A code that nobody brings is worth what its taker's total is worth to the other codes.
    none.resource_ask[:] = np.maximum(code, none.taker_ask[market.resources.taker])
    none.resource_bid[:] = none.taker_bid[market.resources.taker]
    for piece, prices in zip(parts, found, strict=True):
        none.resource_ask[piece.resources] = prices.resource_ask
        none.resource_bid[piece.resources] = prices.resource_bid
    return none
