"""What is lawful at once of a divisible flow, when no time is left to decide every lot that it cut?"""

from __future__ import annotations

import numpy as np

from matching.clearing.market import Ints, Market
from matching.clearing.units import Counted


def rounded(market: Market, numbers: Counted, kg: Ints) -> Ints:
    """Take away every part below its least, then send entire lots where there is room, the dearest first.

    `kg` per pair keeps every room; what is returned keeps the least parts too.
    """
    pairs = market.pairs
    least = numbers.least[pairs.lot]
    found = np.where(kg < least, 0, kg)
    left = np.zeros(len(numbers.lot), dtype=np.bool_)
    left[pairs.lot[(kg > 0) & (kg < least)]] = True
    moved = np.bincount(pairs.lot, found, len(left)) > 0
    entire = left & ~moved & (numbers.least == numbers.lot)
    resource = numbers.resource - _sums(pairs.resource, found, len(numbers.resource))
    taker = numbers.taker - _sums(pairs.taker, found, len(numbers.taker))
    rows = np.flatnonzero(entire[pairs.lot] & numbers.fits)
    worth = numbers.gain[rows] * numbers.lot[pairs.lot[rows]]
    for pair in rows[np.argsort(-worth, kind="stable")].tolist():
        lot, at, of = pairs.lot[pair], pairs.resource[pair], pairs.taker[pair]
        mass = numbers.lot[lot]
        if entire[lot] and mass <= resource[at] and mass <= taker[of]:
            entire[lot] = False
            found[pair] = mass
            resource[at] -= mass
            taker[of] -= mass
    return found


def _sums(owner: Ints, kg: Ints, owners: int) -> Ints:
    """Sum whole kilograms by owner; a float holds them exactly, for there are fewer than 2**53."""
    summed: Ints = np.bincount(owner, kg, owners).astype(np.int64)
    return summed
