"""How is a whole market cleared, how good is the answer, and what proves it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Literal

import numpy as np

from matching.clearing.check import bound_of, checked
from matching.clearing.engine import Engine
from matching.clearing.limits import Limits, Progress
from matching.clearing.market import Floats, Market
from matching.clearing.prices import Prices
from matching.clearing.units import tonnes_of

Model = Literal["split", "whole", "batch"]
Watcher = Callable[[Progress], bool]
"""Is told of progress; answers False to have the best so far at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Clearing:
    """A checked answer: `tonnes` per pair, their `welfare` in CNY, and how far from the best it can be.

    `bound`: no lawful clearing earns more. `split_bound`: not even with every lot divided. `prices` are those
    of the divisible market, `proof` those that prove `bound`. `proven`: optimal, to the whole kilogram and a
    hundredth of a fen per tonne. `iterations` of search were made.
    """

    market: Market
    model: Model
    tonnes: Floats
    welfare: float
    bound: float
    split_bound: float
    prices: Prices
    proof: Prices | None
    proven: bool
    iterations: int

    @property
    def gap_percent(self) -> float:
        """Give the gap to the bound in per cent of it."""
        return _gap(self.bound, self.welfare)

    @property
    def split_gap_percent(self) -> float:
        """Give the gap to what the market would earn if every lot could be divided."""
        return _gap(self.split_bound, self.welfare)


def clear_market(
    market: Market, model: Model = "split", limits: Limits | None = None, progress: Watcher | None = None
) -> Clearing:
    """Clear a market: `split` to the optimum, `whole` and `batch` as well as the limits allow.

    `whole`: marked lots go entire to one taker or nowhere. `batch`: so they do, every other part is at least
    the lot's least, and a lot not above its least goes entire. The divisible flow cannot be stopped half way;
    everything after it can. Raises `NotSound` rather than give a wrong answer.
    """
    if model not in ("split", "whole", "batch"):
        raise ValueError(f"model: {model} is none of split, whole, batch")
    watch = Watch(limits or Limits(), progress)
    engine = Engine.start(market, model, watch.limits.seed)
    proof = engine.prices
    bound = bound_of(market, model, proof)
    if model == "split":
        return checked(_answer(engine, model, bound, bound, proof, proof, proven=True))
    prices = engine.divisible().prices
    split_bound = bound_of(market, "split", prices)
    bound = min(bound, split_bound)
    from matching.clearing.improve import improve

    rounds = improve(engine, watch, bound)
    answer = _answer(engine, model, bound, split_bound, prices, proof, proven=False, iterations=rounds)
    return checked(answer)


def _answer(
    engine: Engine,
    model: Model,
    bound: float,
    split_bound: float,
    prices: Prices,
    proof: Prices,
    *,
    proven: bool,
    iterations: int = 0,
) -> Clearing:
    market = engine.market
    tonnes = tonnes_of(market, model, engine.kg)
    welfare = float(np.dot(market.pairs.worth, tonnes))
    return Clearing(market, model, tonnes, welfare, bound, split_bound, prices, proof, proven, iterations)


def _gap(bound: float, welfare: float) -> float:
    return 100 * max(bound - welfare, 0.0) / bound if bound > 0 else 0.0


class Watch:
    """Keep the time and tell of progress."""

    def __init__(self, limits: Limits, progress: Watcher | None) -> None:
        self.limits, self._progress = limits, progress
        self._start = perf_counter()
        self._stopped = False

    @property
    def seconds(self) -> float:
        """Give the seconds since the start."""
        return perf_counter() - self._start

    def goes_on(self, stage: str, iterations: int, welfare: float, bound: float) -> bool:
        """Tell of progress, and whether to go on."""
        if self._progress is not None and not self._stopped:
            self._stopped = not self._progress(Progress(stage, self.seconds, iterations, welfare, bound))
        limit = self.limits.seconds
        return not self._stopped and (limit is None or self.seconds < limit)
