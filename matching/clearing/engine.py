"""How is one connected market held: its best divisible flow, its prices, and what may be done to both?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matching.clearing import flow, layout
from matching.clearing.layout import KG, TOTAL, part
from matching.clearing.market import Flags, Ints, Market
from matching.clearing.prices import Prices, prices_of
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

    @classmethod
    def start(cls, market: Market, model: str, seed: int = 1) -> Engine:
        """Solve the flow of a market in which pairs without room for a lot's least part are dropped."""
        from matching.clearing.labels import find_prices

        numbers = counted(market, model)
        kg = flow.best_flow(market, numbers, numbers.fits)
        net = layout.network(market, numbers)
        state = layout.state_of(net, kg, numbers.fits)
        engine = cls(market, model, numbers, net, state, layout.work_for(net, seed))
        if not find_prices(net, state, engine.work):
            raise ArithmeticError("the flow is not optimal")
        return engine

    def admit_pairs(self, pairs: Flags) -> None:
        """Let dropped pairs into the market and mend the flow where they earn more."""
        from matching.clearing.decide import widen

        lots = np.unique(self.market.pairs.lot[pairs])
        if not widen(self.net, self.state, self.work, pairs, lots):
            raise ArithmeticError("a lot found no way, though it may stay where it is")
        self.fresh = False

    def divisible(self) -> Engine:
        """Copy this engine, before any decision, to the market in which every lot may be divided."""
        numbers = counted(self.market, "split")
        rounded = not np.array_equal(numbers.lot, self.numbers.lot)  # lots that go entire are rounded up
        if rounded or self.market.sizes[0] > MANY_LOTS:  # mending is the slower way there
            return Engine.start(self.market, "split")
        net = layout.network(self.market, numbers)
        other = Engine(self.market, "split", numbers, net, self.state.copy(), self.work.copy())
        other.admit_pairs(numbers.fits & ~self.numbers.fits)
        return other

    @property
    def kg(self) -> Ints:
        """Show the kilograms per pair."""
        return part(self.net, self.state, KG)

    @property
    def gain(self) -> int:
        """Give what the flow earns, in kilograms times 1/`per_cny` CNY per tonne."""
        return int(part(self.net, self.state, TOTAL)[0])

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
