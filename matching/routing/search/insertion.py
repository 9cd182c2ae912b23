"""Where does a request fit best into a route?"""

from __future__ import annotations

import numpy as np

from matching.routing.search.arrays import FIXED_COST, KIND, LENGTH, VERSION, Data, State
from matching.routing.search.gaps import deliveries, pair
from matching.routing.search.jit import njit
from matching.routing.search.rules import TRY, Rules
from matching.routing.search.units import call


@njit
def best_place(data: Data, rules: Rules | None, state: State, r: int, k: int, bound: float) -> None:
    """Find the cheapest feasible insertion of `r` into route `k` below `bound`; keep it with the version."""
    best = bound
    best_i = best_j = -1
    if data.allowed[r, data.fleet[k, KIND]] == 0:
        best = np.inf
    elif rules is not None:
        call(rules.links[TRY], data, rules, state, r, k, bound)
        return
    else:
        fixed = data.terms[k, FIXED_COST] if state.row[k, LENGTH] == 2 else 0.0
        last = deliveries(data, state, k, 2 * r + 1, bound - fixed)
        if last >= 0:
            best, best_i, best_j = pair(data, state, r, k, bound - fixed, last)
            best += fixed
    state.cached[r, k] = best
    state.found[r, k, 0] = best_i
    state.found[r, k, 1] = best_j
    state.found[r, k, 2] = state.row[k, VERSION]
