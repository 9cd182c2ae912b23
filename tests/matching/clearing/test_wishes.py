"""Are the other goals and the firmness of a match told truly?"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from matching.clearing import clear_market
from matching.clearing.pareto import Goal, pareto
from matching.clearing.stability import stability
from tests.matching.clearing.small import tiny


@pytest.mark.parametrize("other", [Goal.TONNE_KM, Goal.EMISSIONS, Goal.LOTS])
def test_no_point_beats_another_and_the_first_is_the_best_clearing(other: Goal) -> None:
    """The operator would be offered a choice that is worse in every way than its neighbour."""
    market = tiny(4, lots=12, takers=5, codes=2)
    points = pareto(market, "split", (Goal.WELFARE, other), steps=6)
    sign = 1 if other is Goal.LOTS else -1
    told = [(point.welfare, sign * getattr(point, other.value)) for point in points]
    assert told[0][0] == pytest.approx(clear_market(market).welfare)
    for one, two in pairwise(told):
        assert one[0] > two[0]
        assert one[1] < two[1]


def test_a_price_holds_as_long_as_its_slack_says() -> None:
    """A producer would be told that her match is firm and lose it over a fen."""
    checked = 0
    for seed in range(30):
        market = tiny(seed, lots=7, takers=3)
        found = stability(market, samples=1)
        for pair in np.flatnonzero((found.clearing.tonnes > 0) & (found.slack > 0.02)):
            worth = market.pairs.worth.copy()
            worth[pair] -= found.slack[pair] - 0.01
            again = clear_market(replace(market, pairs=replace(market.pairs, worth=worth)))
            assert again.tonnes[pair] > 0
            checked += 1
    assert checked > 20


def test_a_market_that_does_not_change_keeps_its_matches() -> None:
    """Every match would look shaky."""
    market = tiny(6, lots=9, takers=4)
    found = stability(market, "whole", percent=0.0, samples=2)
    used = found.clearing.tonnes > 0
    assert (found.stays[used] == 1).all()
    assert np.isnan(found.stays[~used]).all()
    with pytest.raises(ValueError, match="percent"):
        stability(market, percent=100)
    with pytest.raises(ValueError, match="samples"):
        stability(market, samples=0)
    with pytest.raises(ValueError, match="steps"):
        pareto(market, steps=1)
