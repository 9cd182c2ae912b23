"""Does a market that is mended after a change stand where clearing it anew would put it?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matching.clearing import Limits, Market, Takers, clear_market
from matching.clearing.again import Standing
from matching.clearing.check import breaches_of
from matching.clearing.clearing import MODELS, Model
from tests.matching.clearing.small import tiny
from tests.matching.clearing.test_prices import with_lot


def changed(market: Market, rng: np.random.Generator) -> Market:
    """Change one thing: a licence, a total, a price, a lot; or list one lot more."""
    pairs, lots, resources = market.pairs, market.lots, market.resources
    kind = int(rng.integers(0, 5))
    if kind == 0 and len(pairs.worth):
        moved = pairs.lot == pairs.lot[rng.integers(len(pairs.lot))]
        return replace(market, pairs=replace(pairs, worth=pairs.worth + moved * float(rng.integers(-90, 90))))
    if kind == 1:
        at = np.arange(len(resources.tonnes)) == rng.integers(len(resources.tonnes))
        room = np.where(at, rng.integers(0, 13) / 2, resources.tonnes)
        return replace(market, resources=replace(resources, tonnes=room))
    if kind == 2:
        at = np.arange(len(market.takers.tonnes)) == rng.integers(len(market.takers.tonnes))
        return replace(market, takers=Takers(np.where(at, rng.integers(0, 20) / 2, market.takers.tonnes)))
    if kind == 3:
        at = np.arange(len(lots.tonnes)) == rng.integers(len(lots.tonnes))
        tonnes = np.where(at, rng.integers(0, 13) / 2, lots.tonnes)
        return replace(market, lots=replace(lots, tonnes=tonnes, least=np.minimum(lots.least, tonnes)))
    where = rng.choice(len(resources.tonnes), 2).tolist()
    return with_lot(market, float(rng.integers(1, 9)), sorted(set(where)), [90.0, 120.0][: len(set(where))])


@pytest.mark.parametrize("seed", range(60))
def test_a_mended_divisible_market_is_cleared_to_the_optimum(seed: int) -> None:
    """A producer who sees her matches at once would see others after the night's clearing."""
    rng = np.random.default_rng(seed)
    market = tiny(seed, lots=7, takers=3, signed=True)
    standing = Standing(market)
    for _ in range(8):
        market = changed(market, rng)
        anew = clear_market(market)
        assert standing.changed(market).welfare == pytest.approx(anew.welfare, abs=1e-6)
    assert standing.prices.resource_ask == pytest.approx(anew.prices.resource_ask, abs=1e-6)
    assert standing.prices.resource_bid == pytest.approx(anew.prices.resource_bid, abs=1e-6)


@pytest.mark.parametrize("model", ["whole", "batch"])
def test_a_mended_market_of_whole_lots_stays_lawful_and_near(model: Model) -> None:
    """A change elsewhere would divide a lot that goes entire, or spoil the rest of the market."""
    lost = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        market = tiny(seed, lots=8, takers=4)
        standing = Standing(market, model, Limits(iterations=100))
        for _ in range(4):
            market = changed(market, rng)
            found = standing.changed(market)
            best = clear_market(market, model).welfare
            assert list(breaches_of(found)) == []
            assert found.welfare <= best + 1e-6
            lost.append((best - found.welfare) / best if best else 0.0)
    assert np.mean(lost) < 0.03


@pytest.mark.parametrize("model", MODELS)
def test_rows_cannot_be_taken_out(model: Model) -> None:
    """Lots would be shown each other's matches."""
    market = tiny(3, lots=7)
    standing = Standing(market, model, Limits(iterations=1))
    with pytest.raises(ValueError, match="anew"):
        standing.changed(tiny(4, lots=6))
