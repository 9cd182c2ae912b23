"""Which number comes next where chance decides, the same on every machine?"""

from __future__ import annotations

import numpy as np

from matching.clearing.market import Ints
from matching.kernels import compiled


@compiled
def draw(numbers: Ints, at: int, below: int) -> int:
    """Draw a number below a bound; `at` has the state (xorshift; Marsaglia, J. Stat. Softw. 8, 2003)."""
    x = np.uint64(numbers[at])
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    numbers[at] = np.int64(x)
    return int(np.int64((x >> np.uint64(11)) % np.uint64(below)))
