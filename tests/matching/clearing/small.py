"""What small markets are the tests of the clearing made of, and what does another solver make of one?"""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from matching.clearing import Lots, Market, Pairs, Resources, Takers
from matching.clearing.market import Floats


def tiny(seed: int, lots: int = 5, takers: int = 3, codes: int = 2, signed: bool = False) -> Market:
    """Make a random market of whole and half tonnes, tight enough that everybody is in somebody's way."""
    rng = np.random.default_rng(seed)
    code = rng.integers(0, codes, lots)
    rows = [(t, c) for t in range(takers) for c in range(codes) if rng.random() < 0.8] or [(0, 0)]
    found = [
        (lot, t, n)
        for lot in range(lots)
        for n, (t, c) in enumerate(rows)
        if c == code[lot] and rng.random() < 0.8
    ]
    lot, taker, resource = np.array(found, dtype=np.int64).reshape(-1, 3).T
    worth = rng.integers(-30 if signed else 1, 200, len(found)) + rng.integers(0, 100, len(found)) / 100
    tonnes = rng.integers(1, 13, lots) / 2
    return Market(
        Pairs(lot, taker, resource, rng.integers(1, 300, len(found)).astype(float), worth),
        Lots(tonnes, rng.random(lots) < 0.5, np.minimum(tonnes, rng.integers(0, 5, lots) / 2 + 0.0)),
        Resources(
            np.array([t for t, _ in rows]),
            np.array([c for _, c in rows]),
            rng.integers(0, 13, len(rows)) / 2,
        ),
        Takers(rng.integers(0, 20, takers) / 2),
    )


def best_welfare(market: Market, model: str) -> float:
    """Find the greatest welfare by HiGHS: the model as it is written, nothing left out."""
    pairs, lots = market.pairs, market.lots
    n = len(pairs.worth)
    if n == 0:
        return 0.0
    own = lots.tonnes[pairs.lot]
    entire = np.zeros(n, dtype=bool) if model == "split" else lots.whole[pairs.lot]
    least = lots.least[pairs.lot] if model == "batch" else np.zeros(n)
    entire = entire | ((least >= own) & (least > 0))
    least = np.where(entire, own, least)
    most = np.where(entire | (least > 0), own, own)
    rows = [_sums(owner, size) for owner, size in _owners(market)]
    blank = [np.zeros_like(row) for row in rows]
    caps = [lots.tonnes, market.resources.tonnes, market.takers.tonnes]
    held = [
        LinearConstraint(np.hstack([a, b]), -np.inf, cap) for a, b, cap in zip(rows, blank, caps, strict=True)
    ]
    eye = np.eye(n)
    held.append(LinearConstraint(np.hstack([eye, -np.diag(most)]), -np.inf, 0))
    held.append(LinearConstraint(np.hstack([eye, -np.diag(least)]), 0, np.inf))
    found = milp(
        np.concatenate([-pairs.worth, np.zeros(n)]),
        constraints=held,
        integrality=np.concatenate([np.zeros(n), np.ones(n)]),
        bounds=Bounds(0, np.concatenate([own, np.ones(n)])),
        options={"mip_rel_gap": 0},
    )
    return float(-found.fun)


def _owners(market: Market) -> list[tuple[Floats, int]]:
    lots, resources, takers, _ = market.sizes
    pairs = market.pairs
    return [(pairs.lot, lots), (pairs.resource, resources), (pairs.taker, takers)]


def _sums(owner: Floats, size: int) -> Floats:
    return (owner[None, :] == np.arange(size)[:, None]).astype(float)
