"""Are the prices of a clearing what one more kilogram really costs and earns?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matching.clearing import Lots, Market, Pairs, Takers, clear_market
from matching.clearing.again import Standing
from tests.matching.clearing.small import tiny

KG = 0.001


def with_lot(market: Market, tonnes: float, resources: list[int], worth: list[float]) -> Market:
    """Add one divisible lot behind the others."""
    pairs, lots = market.pairs, market.lots
    at = np.array(resources, dtype=np.int64)
    return Market(
        Pairs(
            np.append(pairs.lot, np.full(len(at), len(lots.tonnes))),
            np.append(pairs.taker, market.resources.taker[at]),
            np.append(pairs.resource, at),
            np.append(pairs.km, np.ones(len(at))),
            np.append(pairs.worth, worth),
        ),
        Lots(np.append(lots.tonnes, tonnes), np.append(lots.whole, False), np.append(lots.least, 0.0)),
        market.resources,
        market.takers,
    )


@pytest.mark.parametrize("seed", range(40))
def test_an_ask_is_what_one_more_kilogram_displaces(seed: int) -> None:
    """The listing form would promise a producer a price at which nobody's room is free."""
    market = tiny(seed, lots=7, takers=3)
    clearing = clear_market(market)
    dear = 500.0
    for resource, ask in enumerate(clearing.prices.resource_ask):
        earned = clear_market(with_lot(market, KG, [resource], [dear])).welfare - clearing.welfare
        expected = 0.0 if np.isinf(ask) else (dear - ask) * KG
        assert earned == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_a_bid_is_what_one_more_kilogram_of_room_earns(seed: int) -> None:
    """A processor would be told to ask the bureau for quantity that earns nothing."""
    market = tiny(seed, lots=7, takers=3)
    clearing = clear_market(market)
    codes, gates = market.resources.tonnes, market.takers.tonnes
    for resource, bid in enumerate(clearing.prices.resource_bid):
        if np.isinf(clearing.prices.resource_ask[resource]):
            continue
        wider = replace(market.resources, tonnes=codes + KG * (np.arange(len(codes)) == resource))
        taker = market.resources.taker[resource]
        roomier = Takers(gates + KG * (np.arange(len(gates)) == taker))
        earned = clear_market(replace(market, resources=wider, takers=roomier)).welfare - clearing.welfare
        assert earned == pytest.approx(bid * KG, abs=1e-9)
    for taker, bid in enumerate(clearing.prices.taker_bid):
        roomier = Takers(gates + KG * (np.arange(len(gates)) == taker))
        earned = clear_market(replace(market, takers=roomier)).welfare - clearing.welfare
        assert gates[taker] == 0 or earned == pytest.approx(bid * KG, abs=1e-9)


@pytest.mark.parametrize("seed", range(60))
def test_a_quote_is_what_clearing_anew_would_find(seed: int) -> None:
    """A producer would see another price on the form than the market then pays."""
    market = tiny(seed, lots=7, takers=3)
    standing = Standing(market)
    rng = np.random.default_rng(seed)
    for _ in range(3):
        n = len(market.resources.tonnes)
        where = rng.choice(n, int(rng.integers(1, n + 1)), replace=False).tolist()
        worth = (rng.integers(1, 25_000, len(where)) / 100).tolist()
        tonnes = float(rng.integers(1, 8_000)) / 1000
        price, moved = standing.quote(tonnes, np.array(where), np.array(worth))
        anew = clear_market(with_lot(market, tonnes, where, worth)).welfare - standing.clearing.welfare
        assert price * moved == pytest.approx(anew, abs=1e-6)
        assert standing.quote(tonnes, np.array(where), np.array(worth)) == (price, moved)


def test_bids_are_never_above_asks() -> None:
    """The honest range on the form would be turned round."""
    for seed in range(60):
        prices = clear_market(tiny(seed, lots=9, takers=4)).prices
        assert (prices.resource_bid <= prices.resource_ask + 1e-9).all()
        assert (prices.taker_bid <= prices.taker_ask + 1e-9).all()
