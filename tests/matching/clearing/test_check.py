"""Does the check stop a wrong clearing, whatever is wrong with it?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from matching.clearing import Clearing, Limits, NotSound, clear_market
from matching.clearing.check import checked
from tests.matching.clearing.small import tiny


def sound() -> Clearing:
    """Clear a market in which something of each kind moves."""
    return clear_market(tiny(12, lots=9, takers=4), "batch", Limits(iterations=20))


def spoilt(found: Clearing, tonnes: np.ndarray) -> Clearing:
    """Put in other tonnes and their own welfare, so that only the rule in question is broken."""
    welfare = float((found.market.pairs.worth * tonnes).sum())
    return replace(found, tonnes=tonnes, welfare=welfare, bound=1e12, split_bound=1e12)


def one_pair(found: Clearing, factor: float, entire: bool) -> Clearing:
    """Scale the first used pair of a lot that goes entire, or of one that may be divided."""
    pairs, lots = found.market.pairs, found.market.lots
    whole = (lots.whole | (lots.least >= lots.tonnes))[pairs.lot]
    at = int(np.flatnonzero((found.tonnes > 0) & (whole == entire))[0])
    tonnes = found.tonnes.copy()
    tonnes[at] *= factor
    return spoilt(found, tonnes)


WRONG: dict[str, Callable[[Clearing], Clearing]] = {
    "an all-or-nothing lot is divided": lambda c: one_pair(c, 0.5, True),
    "below its least tonnes": lambda c: one_pair(c, 1e-6, False),
    "are allowed": lambda c: one_pair(c, 50.0, False),
    "is negative": lambda c: one_pair(c, -1.0, False),
    "one finite number": lambda c: spoilt(c, c.tonnes * np.nan),
    "and not": lambda c: replace(c, welfare=c.welfare - 0.01),
    "is above the bound": lambda c: replace(c, bound=c.welfare - 1),
    "above that of the divisible": lambda c: replace(c, bound=2 * c.bound),
    "prove no bound below": lambda c: replace(c, bound=c.welfare, proven=False, proof=dearer(c)),
}


def dearer(found: Clearing) -> object:
    """Give prices that prove far less."""
    return replace(found.proof, taker_rent=found.proof.taker_rent + 1000)


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_clearing_never_leaves(what: str) -> None:
    """A processor would be sent more than its licence holds, and nobody would have noticed."""
    found = checked(sound())
    with pytest.raises(NotSound, match=what):
        checked(WRONG[what](found))
