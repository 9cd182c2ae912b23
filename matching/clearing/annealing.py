"""How far does annealing get within the limits, from a rounded flow to the best flow around its decisions?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from matching.clearing import flow
from matching.clearing.engine import Engine
from matching.clearing.layout import KG as KG_SLOT
from matching.clearing.layout import LOTS, PRICE, TOTAL, part, state_of
from matching.clearing.market import Flags, Floats, Ints
from matching.clearing.rounding import rounded
from matching.clearing.units import KG

if TYPE_CHECKING:
    from matching.clearing.clearing import Watch

TRIALS = 250
"""In a round."""

HOT, COLD = 1 / 4, 1 / 200
"""Losses borne with odds of 1 in e, at first and in the end, in shares of a lot in the first gap."""

WORTH_TRYING = 1.25
"""A pair by which a lot loses more than so much of that share, at the prices, is not tried."""

FEW_PAIRS = 5_000
"""All of these are tried."""

CHUNK_SECONDS = 0.05
"""Between two looks at the clock; the answer for a number of rounds does not depend on it."""


def annealed(engine: Engine, cut: Ints, watch: Watch, bound: float, limit: int | None) -> tuple[Ints, int]:
    """Give kilograms per pair that keep every lot's least part, and the rounds made, from the `cut` flow on.

    With a limit in seconds the best flow around the decisions is only sought where it should still fit in.
    """
    numbers, market = engine.numbers, engine.market
    kg = rounded(market, numbers, cut)
    used = np.bincount(market.pairs.lot, kg, market.sizes[0]) > 0
    share = max(bound * engine.scale - int(kg @ numbers.gain), 0.0) / max(int(used.sum()), 1)
    watch.reserved = engine.flow_s * float(_adjustable(engine, kg).mean())
    done = 0
    if share > 0:
        few = int(numbers.fits.sum()) <= FEW_PAIRS
        tried = np.flatnonzero(numbers.fits & (few | (_lost(engine) < WORTH_TRYING * share)))
        kg, done = _annealed(engine, kg, tried, share, watch, bound, limit)
    watch.reserved = 0.0
    if watch.goes_on("polish", done, int(kg @ numbers.gain) / engine.scale, bound):
        kg = best_around(engine, kg)
    return kg, done


def best_around(engine: Engine, kg: Ints) -> Ints:
    """Give the best flow in which entire lots stay where they are and parts in use keep their least."""
    numbers, pairs = engine.numbers, engine.market.pairs
    free = _adjustable(engine, kg)
    fixed = np.where(free, np.where(kg > 0, numbers.least[pairs.lot], 0), kg)
    left = replace(
        numbers,
        lot=_less(numbers.lot, pairs.lot, fixed),
        resource=_less(numbers.resource, pairs.resource, fixed),
        taker=_less(numbers.taker, pairs.taker, fixed),
    )
    return fixed + flow.best_flow(engine.market, left, free)


def _adjustable(engine: Engine, kg: Ints) -> Flags:
    """Say which pairs may carry a little more or less, as things are decided."""
    numbers, lot = engine.numbers, engine.market.pairs.lot
    least = numbers.least[lot]
    found: Flags = numbers.fits & (least < numbers.lot[lot]) & ((kg > 0) | (least == 0))
    return found


def _less(room: Ints, owner: Ints, kg: Ints) -> Ints:
    """Take what is used off each room; a float holds kilograms exactly, for there are fewer than 2**53."""
    return room - np.bincount(owner, kg, len(room)).astype(np.int64)


def _lost(engine: Engine) -> Floats:
    """Reckon what a lot, or its least part and at least a tonne of it, loses at the prices by each pair."""
    numbers, pairs = engine.numbers, engine.market.pairs
    price = part(engine.net, engine.state, PRICE)[int(engine.net[LOTS]) :]
    left = numbers.gain - price[pairs.resource].astype(np.float64)
    best = np.zeros(len(numbers.lot))
    np.maximum.at(best, pairs.lot, np.where(numbers.fits, left, 0.0))
    mass = np.minimum(np.maximum(numbers.least, KG), numbers.lot)
    return np.asarray((best[pairs.lot] - left) * mass[pairs.lot], dtype=np.float64)


def _annealed(
    engine: Engine, kg: Ints, tried: Ints, share: float, watch: Watch, bound: float, limit: int | None
) -> tuple[Ints, int]:
    """Exchange lots until the rounds, or the seconds that are not reserved, are over; give the best."""
    from matching.clearing.exchange import book_for, exchange

    net = engine.net
    state, book = state_of(net, kg, engine.numbers.fits), book_for(net, kg, tried, watch.limits.seed)
    best, top = kg, int(state[net[TOTAL]])
    done, chunk, planned, seconds = 0, 1, limit, watch.limits.seconds
    while (limit is None or done < limit) and len(tried):
        if not watch.goes_on("anneal", done, top / engine.scale, bound):
            break
        before = watch.seconds
        rounds = chunk if limit is None else min(chunk, limit - done)
        if seconds is not None:
            left = seconds - watch.reserved - before
            planned = min(limit or 1 << 60, done + max(rounds, int(left / CHUNK_SECONDS * chunk)))
        plan = np.array([planned or 1, TRIALS, int(HOT * share) + 1, int(COLD * share) + 1])
        top = exchange(net, state, book, best, top, done, rounds, plan)
        done += rounds
        took = max(watch.seconds - before, 1e-6)
        chunk = max(1, min(2 * chunk, int(chunk * CHUNK_SECONDS / took)))
    last = part(net, state, KG_SLOT)
    return (last if state[net[TOTAL]] > top else best), done
