"""Is a market that makes no sense refused with the field, the place and the reason?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matching.clearing import BadMarket, Lots, Market, Pairs, Resources, Takers, clear_market
from matching.clearing.units import kg_down, kg_up
from tests.matching.clearing.small import tiny

MARKET = tiny(1, lots=6, takers=3)


def put(values: np.ndarray, at: int, value: float) -> np.ndarray:
    """Copy an array with one entry changed."""
    found = values.copy()
    found[at] = value
    return found


BAD = {
    "pairs.worth[2]: not a finite number": lambda m: replace(
        m, pairs=replace(m.pairs, worth=put(m.pairs.worth, 2, np.nan))
    ),
    "pairs.km[1]: negative": lambda m: replace(m, pairs=replace(m.pairs, km=put(m.pairs.km, 1, -1.0))),
    "pairs.lot[1]: not sorted by lot": lambda m: replace(
        m, pairs=replace(m.pairs, lot=put(m.pairs.lot, 0, 5))
    ),
    "pairs.lot[3]: not an index below 6": lambda m: replace(
        m, pairs=replace(m.pairs, lot=put(m.pairs.lot, 3, 6))
    ),
    "lots.tonnes[0]: not a finite number": lambda m: replace(
        m, lots=replace(m.lots, tonnes=put(m.lots.tonnes, 0, np.inf))
    ),
    "lots.least[4]: negative": lambda m: replace(m, lots=replace(m.lots, least=put(m.lots.least, 4, -0.1))),
    "lots.whole: is of type float64 in place of bool": lambda m: replace(
        m, lots=replace(m.lots, whole=m.lots.tonnes)
    ),
    "takers.tonnes[2]: negative": lambda m: replace(m, takers=Takers(put(m.takers.tonnes, 2, -3.0))),
    "resources.tonnes: has 2 axes in place of one": lambda m: replace(
        m, resources=replace(m.resources, tonnes=np.zeros((2, 2)))
    ),
    "pairs.km: has 1 entries where": lambda m: replace(m, pairs=replace(m.pairs, km=np.ones(1))),
    "beyond 1e+09 tonnes": lambda m: replace(m, takers=Takers(put(m.takers.tonnes, 0, 2e9))),
}


@pytest.mark.parametrize("why", BAD)
def test_nonsense_is_refused_with_its_place(why: str) -> None:
    """An operator would hunt one wrong number among a million, or clear the market with it."""
    with pytest.raises(BadMarket) as refused:
        BAD[why](MARKET)
    assert why in str(refused.value)


def test_the_same_pair_or_resource_twice_is_refused() -> None:
    """A licence would be used twice over."""
    one = Pairs(np.zeros(2, int), np.zeros(2, int), np.zeros(2, int), np.ones(2), np.ones(2))
    lots, takers = Lots(np.ones(1), np.zeros(1, bool), np.zeros(1)), Takers(np.ones(1))
    with pytest.raises(BadMarket, match=r"pairs\[1\]: the same lot and resource"):
        Market(one, lots, Resources(np.zeros(1, int), np.zeros(1, int), np.ones(1)), takers)
    with pytest.raises(BadMarket, match=r"resources\[1\]: the same taker and code"):
        Market(one, lots, Resources(np.zeros(2, int), np.zeros(2, int), np.ones(2)), takers)


def test_a_market_of_nothing_is_cleared_to_nothing() -> None:
    """The first day of a marketplace would end in a stack trace."""
    none, nil = np.zeros(0), np.zeros(0, dtype=np.int64)
    empty = Market(
        Pairs(nil, nil, nil, none, none), Lots(none, none, none), Resources(nil, nil, none), Takers(none)
    )
    for model in ("split", "whole", "batch"):
        found = clear_market(empty, model)
        assert (found.welfare, found.bound, found.gap_percent, found.proven) == (0.0, 0.0, 0.0, True)


def test_a_full_taker_gets_nothing() -> None:
    """A processor without quantity left would be sent waste it may not take."""
    full = replace(MARKET, takers=Takers(np.zeros(3)))
    for model in ("split", "whole", "batch"):
        assert clear_market(full, model).tonnes.sum() == 0


def test_kilograms_never_exceed_tonnes() -> None:
    """A licence would be overdrawn by the rounding of a number."""
    rng = np.random.default_rng(5)
    tonnes = np.concatenate([rng.integers(0, 10**9, 2000) / 1000, rng.random(2000) * 400])
    down, up = kg_down(tonnes), kg_up(tonnes)
    assert (down / 1000 <= tonnes).all()
    assert ((down + 1) / 1000 > tonnes).all()
    assert (up / 1000 >= tonnes).all()
    assert (up - down <= 1).all()
    assert (down[:2000] == up[:2000]).all()
