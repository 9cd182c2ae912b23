"""Is the clearing as good as it says, on markets small enough for another solver to settle?"""

from __future__ import annotations

import numpy as np
import pytest

from matching.clearing import Limits, clear_market
from matching.clearing.clearing import MODELS, Model
from tests.matching.clearing.small import best_welfare, tiny


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("block", range(3))
def test_small_markets_are_cleared_to_the_optimum(model: Model, block: int) -> None:
    """A producer would be told that nobody takes her lot although somebody gains by it."""
    for seed in range(100 * block, 100 * block + 100):
        market = tiny(seed, lots=3 + seed % 5, takers=1 + seed % 4, codes=1 + seed % 3, signed=seed % 2 == 0)
        clearing = clear_market(market, model, Limits(iterations=50))
        best = best_welfare(market, model)
        assert clearing.welfare == pytest.approx(best, abs=1e-6), seed
        assert clearing.bound >= best - 1e-6, seed
        assert clearing.split_bound >= clearing.bound - 1e-6, seed
        assert clearing.proven, seed


@pytest.mark.parametrize("model", ["whole", "batch"])
def test_search_alone_comes_near_the_optimum(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large markets, which nothing settles for good, would be cleared badly without anybody noticing."""
    monkeypatch.setattr("matching.clearing.improve.MOST_PAIRS", -1)
    lost = []
    for seed in range(60):
        market = tiny(seed, lots=8, takers=4, codes=2)
        found = clear_market(market, model, Limits(iterations=300))
        best = best_welfare(market, model)
        assert found.welfare <= best + 1e-6
        lost.append((best - found.welfare) / best if best else 0.0)
    assert np.mean(lost) < 0.001
    assert np.mean(np.array(lost) > 1e-9) <= 0.05
