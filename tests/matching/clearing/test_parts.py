"""Are those lots and takers parted that could never meet, and no others?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching.clearing import Market, parts
from matching.clearing.units import counted
from tests.matching.clearing.small import tiny


def components(market: Market) -> list[set[int]]:
    """List the useful pairs of each connected component, as scipy finds them."""
    useful = np.flatnonzero(counted(market, "split").fits)
    lots, _, takers, _ = market.sizes
    lot, taker = market.pairs.lot[useful], market.pairs.taker[useful] + lots
    links = coo_array((np.ones(len(useful)), (lot, taker)), shape=(lots + takers, lots + takers))
    label = connected_components(links, directed=False)[1][lot]
    return [set(useful[label == one].tolist()) for one in dict.fromkeys(label.tolist())]


@pytest.mark.parametrize("block", range(4))
def test_parts_are_the_connected_components(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lots that compete would be cleared apart, each as if it had the taker to itself."""
    monkeypatch.setattr(parts, "LEAST_PAIRS", 1)
    for seed in range(50 * block, 50 * block + 50):
        market = tiny(seed, lots=2 + seed % 30, takers=1 + seed % 12, codes=1 + seed % 9)
        kept = np.random.default_rng(seed).random(market.sizes[3]) < 0.4
        market = replace(market, pairs=replace(market.pairs, worth=np.where(kept, market.pairs.worth, 0.0)))
        assert [set(part.pairs.tolist()) for part in parts.independent(market)] == components(market)


def test_a_long_chain_is_one_market() -> None:
    """Parting a market of many small takers would take minutes."""
    rng = np.random.default_rng(1)
    n = 50_000
    place = rng.permutation(n)
    lot, taker = np.repeat(place, 2)[:-1], np.repeat(np.arange(n), 2)[1:]
    order = np.argsort(lot, kind="stable")
    assert not parts._component(lot[order], taker[order], n).any()
