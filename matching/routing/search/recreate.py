"""Where do the requests that were taken out go?"""

from __future__ import annotations

import numpy as np

from matching.routing.search.arrays import (
    ABSENT,
    ABSENTS,
    ACTIVES,
    FRESH,
    HOME,
    I8,
    KEY,
    LENGTH,
    LIMIT,
    ORDER,
    PENALTY,
    STEPS,
    TODO,
    TODOS,
    USED,
    VERSION,
    Data,
    F,
    State,
)
from matching.routing.search.chance import below, uniform
from matching.routing.search.insertion import best_place
from matching.routing.search.jit import inlined, njit
from matching.routing.search.routes import place, remember

BLINK = 0.01


@njit
def arrange(data: Data, state: State) -> None:
    """Put the list into an order drawn by lot: at random, or by one of the `orders`, the least first."""
    n = state.count[TODOS]
    todo, keys = state.lists[TODO], state.work[KEY]
    which = below(state.count, data.wants.shape[1] - ORDER + 2) - 2
    for i in range(n):
        keys[i] = uniform(state.count) if which < 0 else data.wants[todo[i], ORDER + which]
    sort(keys, todo, n)


@njit
def sort(keys: F, items: I8, n: int) -> None:
    """Sort the first `n` items by their keys: insertion sort with Ciura's gaps, since lists are short."""
    for gap in (701, 301, 132, 57, 23, 10, 4, 1):
        for i in range(gap, n):
            key, item = keys[i], items[i]
            j = i - gap
            while j >= 0 and keys[j] > key:
                keys[j + gap] = keys[j]
                items[j + gap] = items[j]
                j -= gap
            keys[j + gap] = key
            items[j + gap] = item


@inlined
def price(data: Data, state: State, r: int, k: int, bound: float) -> float:
    """Reckon what request `r` costs in route `k` if that is below `bound`; inf: it is not."""
    if state.found[r, k, 2] != state.row[k, VERSION] or (
        state.found[r, k, 0] < 0 and state.cached[r, k] < bound
    ):
        best_place(data, state, r, k, bound)
    return state.cached[r, k] if state.found[r, k, 0] >= 0 else np.inf


@njit
def cheapest(data: Data, state: State, r: int) -> int:
    """Find the route that takes request `r` at the least cost, now and then looking away; -1: none.

    The route it comes from is asked first: its price spares most others an exact answer.
    """
    found = -1
    least = np.inf
    if state.count[ACTIVES] < state.count[LIMIT]:
        k = fresh(state)
        least = price(data, state, r, k, least)
        found = k if least < np.inf else -1
    home = state.lists[HOME, r]
    for s in range(-1, state.count[ACTIVES]):
        k = home if s < 0 else state.row[s, USED]
        if (s < 0 and (k < 0 or state.row[k, LENGTH] == 2)) or uniform(state.count) < BLINK:
            continue
        cost = price(data, state, r, k, least)
        if cost < least:
            least = cost
            found = k
    return found


@njit
def fresh(state: State) -> int:
    """Find a vehicle that is not used."""
    k = state.count[FRESH]
    while state.row[k, LENGTH] > 2:
        k = (k + 1) % state.row.shape[0]
    state.count[FRESH] = k
    return k


@njit
def recreate(data: Data, state: State) -> float:
    """Put every request of the list where it costs least; return the penalties of those that fit nowhere."""
    arrange(data, state)
    state.count[ABSENTS] = 0
    penalties = 0.0
    for t in range(state.count[TODOS]):
        r = state.lists[TODO, t]
        k = cheapest(data, state, r)
        if k < 0:
            state.lists[ABSENT, state.count[ABSENTS]] = r
            state.count[ABSENTS] += 1
            penalties += data.wants[r, PENALTY]
            continue
        remember(state, k, state.count[STEPS])
        place(data, state, r, k, state.found[r, k, 0], state.found[r, k, 1])
    return penalties
