"""How firm is a match when prices and capacities are not quite what they were thought to be?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from matching.clearing.clearing import Clearing, Model, clear_market
from matching.clearing.limits import Limits
from matching.clearing.market import Floats, Market, Takers

NO_ROOM = 1e9
"""An ask in CNY per tonne that stands for a gate without room."""


@dataclass(frozen=True, slots=True, eq=False)
class Stability:
    """For each pair of a clearing: in how many of `samples` slightly other markets it is used.

    `again` counts them for every pair; `stays` is their share, NaN for pairs that the clearing does not use.
    `slack`: by how many CNY per tonne, at the least, the worth of a used pair may fall in the divisible
    market before a kilogram of it goes elsewhere; of others, how much they lack (negative). It is reckoned
    from the asks of the clearing: a safe range, and not the widest.
    """

    clearing: Clearing
    again: Floats
    stays: Floats
    slack: Floats
    samples: int


def stability(
    market: Market,
    model: Model = "split",
    percent: float = 2.0,
    samples: int = 20,
    seed: int = 1,
    limits: Limits | None = None,
    tell: Callable[[int], bool] | None = None,
) -> Stability:
    """Clear the market again with worths and rooms each off by up to so many per cent, by chance.

    `tell` hears how many samples are done and says whether to go on; the answer's `samples` is how many were.
    Raises `ValueError` where `percent` is not between 0 and 100 or there is no sample.
    """
    if not 0 <= percent < 100:
        raise ValueError(f"percent: {percent} is not between 0 and 100")
    if samples < 1:
        raise ValueError(f"samples: {samples} is below 1")
    rng = np.random.default_rng(seed)
    clearing = clear_market(market, model, limits)
    used = clearing.tonnes > 0
    again = np.zeros(len(used))
    done = 0
    while done < samples and (tell is None or tell(done)):
        again += clear_market(_shaken(market, percent / 100, rng), model, limits).tonnes > 0
        done += 1
    stays = np.where(used, again / max(1, done), np.nan)
    return Stability(clearing, again, stays, _lead(market, clearing), done)


def _lead(market: Market, clearing: Clearing) -> Floats:
    """Give by how much each pair earns more, at the gates' prices, than the best other way of its lot."""
    pairs, prices = market.pairs, clearing.prices
    left = pairs.worth - np.minimum(prices.resource_ask, NO_ROOM)[pairs.resource]
    first, second = np.zeros(market.sizes[0]), np.zeros(market.sizes[0])
    order = np.lexsort((-left, pairs.lot))
    starts = np.flatnonzero(np.diff(pairs.lot[order], prepend=-1))
    first[pairs.lot[order][starts]] = left[order][starts]
    nexts = starts[np.diff(np.append(starts, len(order))) > 1] + 1
    second[pairs.lot[order][nexts]] = np.maximum(left[order][nexts], 0)
    best = left >= first[pairs.lot]
    return np.where(best, left - second[pairs.lot], left - first[pairs.lot])


def _shaken(market: Market, share: float, rng: np.random.Generator) -> Market:
    def near(values: Floats) -> Floats:
        return values * rng.uniform(1 - share, 1 + share, len(values))

    return replace(
        market,
        pairs=replace(market.pairs, worth=near(market.pairs.worth)),
        resources=replace(market.resources, tonnes=near(market.resources.tonnes)),
        takers=Takers(near(market.takers.tonnes)),
    )
