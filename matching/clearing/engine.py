"""How is one connected market held: its best divisible flow, its prices, and what may be done to both?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from matching.clearing import flow, layout
from matching.clearing.layout import KG, TOTAL, part
from matching.clearing.market import Ints, Market
from matching.clearing.prices import Prices, prices_of
from matching.clearing.units import KG as KG_PER_TONNE
from matching.clearing.units import Counted, counted

MANY_LOTS = 20_000
"""In larger markets a change passes through ever more lots before it has found its place."""


@dataclass(slots=True, eq=False)
class Engine:
    """A market's flow in the three arrays that the kernels work on, optimal between any two calls."""

    market: Market
    model: str
    numbers: Counted
    net: Ints
    state: Ints
    work: Ints
    fresh: bool = True
    """Whether the prices are exact: where the flow was mended they are only known not to be too high."""
    flow_s: float = 0.0
    """Seconds that the first flow took."""

    @classmethod
    def start(
        cls, market: Market, model: str, seed: int = 1, clock: Callable[[], float] = perf_counter
    ) -> Engine:
        """Solve the flow of a market in which pairs without room for a lot's least part are dropped."""
        from matching.clearing.labels import find_prices

        numbers = counted(market, model)
        began = clock()
        kg = flow.best_flow(market, numbers, numbers.fits)
        took = clock() - began
        net = layout.network(market, numbers)
        state = layout.state_of(net, kg, numbers.fits)
        engine = cls(market, model, numbers, net, state, layout.work_for(net, seed), flow_s=took)
        if not find_prices(net, state, engine.work):
            raise ArithmeticError("the flow is not optimal")
        return engine

    @property
    def kg(self) -> Ints:
        """Show the kilograms per pair."""
        return part(self.net, self.state, KG)

    @property
    def gain(self) -> int:
        """Give what the flow earns, in kilograms times 1/`per_cny` CNY per tonne."""
        return int(part(self.net, self.state, TOTAL)[0])

    @property
    def scale(self) -> int:
        """Give how much gain is one CNY."""
        return self.numbers.per_cny * KG_PER_TONNE

    @property
    def prices(self) -> Prices:
        """Read the prices of the flow as it is, before any decision."""
        from matching.clearing.labels import find_prices

        if not self.fresh and not find_prices(self.net, self.state, self.work):
            raise ArithmeticError("the flow is not optimal")
        self.fresh = True
        return prices_of(self.net, self.state, self.work, self.numbers)

    def cut(self) -> Ints:
        """List the lots of which a part is below its least kilograms."""
        lot = self.market.pairs.lot
        small = (self.kg > 0) & (self.kg < self.numbers.least[lot])
        return np.unique(lot[small])
