"""Which number comes next?"""

from __future__ import annotations

from matching.routing.search.arrays import I8, RANDOM
from matching.routing.search.jit import njit


@njit
def uniform(tally: I8) -> float:
    """Draw from (0, 1): xorshift64 (Marsaglia 2003), whose state is `tally[RANDOM]`."""
    x = tally[RANDOM]
    x ^= x << 13
    x ^= (x >> 7) & 0x01FFFFFFFFFFFFFF
    x ^= x << 17
    tally[RANDOM] = x
    return float(((x >> 11) & 0x001FFFFFFFFFFFFF) + 0.5) * 1.1102230246251565e-16


@njit
def below(tally: I8, n: int) -> int:
    """Draw a whole number from 0 to n - 1."""
    return int(uniform(tally) * n)
