"""What changes in a cleared market when one lot, licence or price does?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matching.clearing import layout
from matching.clearing.check import bound_of, checked
from matching.clearing.clearing import Clearing, Model, Watch
from matching.clearing.engine import Engine
from matching.clearing.layout import DECIDED, MODE, part
from matching.clearing.limits import Limits
from matching.clearing.market import Floats, Ints, Market
from matching.clearing.prices import Prices, supporting_prices
from matching.clearing.units import KG as KG_PER_TONNE
from matching.clearing.units import Counted, counted, kg_down, tonnes_of


class Standing:
    """A market that stands cleared and is mended, not solved anew, when it changes.

    The divisible flow stays optimal to the whole kilogram. For `whole` and `batch` what was decided near a
    change is decided anew and the rest stays; the answer states its gap like any other. The prices of its
    clearings support the optimum, somewhere between bid and ask; `prices` are exact and take longer.
    """

    def __init__(self, market: Market, model: Model = "split", limits: Limits | None = None) -> None:
        """Clear a market as one."""
        from matching.clearing.improve import search_exactly

        self.model: Model = model
        limits = limits or Limits()
        self._open = Engine.start(market, "split", limits.seed)
        self._decided = self._open
        if model != "split":
            self._decided = Engine.start(market, model, limits.seed)
            search_exactly(self._decided, Watch(limits, None), 0.0)
        self.clearing = self._answer()

    def changed(self, market: Market) -> Clearing:
        """Clear a market that differs a little from the one before; lots may be added behind the others.

        Whatever is left out of the new market keeps its row, with no tonnes. Raises `ValueError` where rows
        were taken out or moved.
        """
        _mended(self._open, market)
        if self.model != "split":
            _mended(self._decided, market)
        self.clearing = self._answer()
        return self.clearing

    @property
    def prices(self) -> Prices:
        """Give exact asks and bids of the market as it stands, every lot being divisible."""
        return self._open.prices

    def quote(self, tonnes: float, resources: Ints, worth: Floats) -> tuple[float, float]:
        """Say what one more lot would earn, in CNY per tonne of what would move, and how many tonnes would.

        `resources` are the indices of where it may go and `worth` its welfare there in CNY per tonne. Exact
        for a lot that may be divided, everybody else being cleared anew around it.
        """
        from matching.clearing.mend import worth_of

        engine = self._open
        gains = np.rint(np.asarray(worth) * engine.numbers.per_cny).astype(np.int64)
        where = np.asarray(resources, dtype=np.int64)
        room = np.minimum(
            engine.numbers.resource[where], engine.numbers.taker[engine.market.resources.taker[where]]
        )
        kg = int(kg_down(np.array([tonnes]))[0])
        earned, moved = worth_of(engine.net, engine.state, engine.work, where[room > 0], gains[room > 0], kg)
        price = earned / moved / engine.numbers.per_cny if moved else 0.0
        return price, moved / KG_PER_TONNE

    def _answer(self) -> Clearing:
        market = self._open.market
        engine = self._open
        prices = supporting_prices(engine.net, engine.state, engine.numbers)
        bound = bound_of(market, "split", prices)
        tonnes = tonnes_of(market, self.model, self._decided.kg)
        welfare = float((market.pairs.worth * tonnes).sum())
        proven = self.model == "split"
        found = Clearing(market, self.model, tonnes, welfare, bound, bound, prices, prices, proven, 0)
        return checked(found)


def _mended(engine: Engine, market: Market) -> None:
    """Bring an engine to a changed market."""
    if market.sizes != engine.market.sizes:
        _grow(engine, market)
    _same_rows(engine.market, market)
    old, new = engine.numbers, counted(market, engine.model)
    if new.per_cny != old.per_cny:
        new = replace(
            new, gain=np.rint(market.pairs.worth * old.per_cny).astype(np.int64), per_cny=old.per_cny
        )
    _carry_over(engine, old, new)
    engine.market, engine.numbers, engine.fresh = market, new, False


def _carry_over(engine: Engine, old: Counted, new: Counted) -> None:
    from matching.clearing import mend

    pair = engine.market.pairs
    lots = (old.lot != new.lot) | (old.least != new.least)
    gains = np.flatnonzero(old.gain != new.gain)
    gone, come = np.flatnonzero(old.fits & ~new.fits), np.flatnonzero(new.fits & ~old.fits)
    rooms = np.concatenate([old.resource != new.resource, old.taker != new.taker])
    near = rooms[pair.resource] | rooms[pair.taker + len(old.resource)]
    lots[pair.lot[near & (engine.kg > 0)]] = True
    lots[pair.lot[np.concatenate([gains, gone, come])]] = True
    decided = np.flatnonzero(lots & (part(engine.net, engine.state, DECIDED) == 1))
    room = np.concatenate([new.resource, new.taker])
    _act(engine, mend.RELEASE, decided, decided)
    _act(engine, mend.DROP, gone, gone)
    where = np.flatnonzero(rooms)
    _act(engine, mend.SET_ROOM, where, room[where])
    _act(engine, mend.SET_GAIN, gains, new.gain[gains])
    where = np.flatnonzero(old.lot != new.lot)
    _act(engine, mend.SET_LOT, where, new.lot[where])
    where = np.flatnonzero(old.least != new.least)
    _act(engine, mend.SET_LEAST, where, new.least[where])
    _act(engine, mend.ADMIT, come, come)
    if engine.model != "split":
        from matching.clearing.improve import first_answer

        engine.numbers = new
        first_answer(engine)


def _act(engine: Engine, act: int, at: Ints, values: Ints) -> None:
    from matching.clearing.mend import mend

    if len(at) and not mend(engine.net, engine.state, engine.work, act, at, values):
        raise ArithmeticError("the flow could not be mended")


def _same_rows(old: Market, new: Market) -> None:
    same = (
        np.array_equal(old.pairs.lot, new.pairs.lot)
        and np.array_equal(old.pairs.resource, new.pairs.resource)
        and np.array_equal(old.resources.taker, new.resources.taker)
    )
    if not same:
        raise ValueError("rows of the market were taken out or moved: clear it anew")


def _grow(engine: Engine, market: Market) -> None:
    """Make room for lots behind the others, empty and without a pair in use for now."""
    lots, pairs = engine.market.sizes[0], engine.market.sizes[3]
    more, rows = market.sizes[0] - lots, market.sizes[3] - pairs
    if more < 0 or rows < 0 or market.sizes[1:3] != engine.market.sizes[1:3]:
        raise ValueError("rows of the market were taken out or moved: clear it anew")
    old = engine.numbers
    pad, add = np.zeros(more, dtype=np.int64), np.zeros(rows, dtype=np.int64)
    numbers = replace(
        old,
        lot=np.append(old.lot, pad),
        least=np.append(old.least, pad),
        gain=np.append(old.gain, add),
        fits=np.append(old.fits, add.astype(np.bool_)),
    )
    net = layout.network(market, numbers)
    state = layout.state_of(net, np.append(engine.kg, add), numbers.fits)
    for slot, spare in ((MODE, add + layout.DROPPED), (DECIDED, pad)):
        part(net, state, slot)[:] = np.append(part(engine.net, engine.state, slot), spare)
    price = part(engine.net, engine.state, layout.PRICE)
    part(net, state, layout.PRICE)[:] = np.concatenate([price[:lots], pad, price[lots:]])
    engine.net, engine.state, engine.numbers = net, state, numbers
    engine.work, engine.market = layout.work_for(net, 1), market
