"""Where do the requests that were taken out go?"""

from __future__ import annotations

import numpy as np

from matching.routing.search.arrays import (
    ABSENCE,
    ABSENT,
    ABSENTS,
    ACTIVES,
    BEYOND,
    BLINK,
    FIRST,
    HOME,
    I8,
    KEY,
    LENGTH,
    LIMIT,
    LOOK,
    MANDATORY,
    ORDER,
    PENALTY,
    STEPS,
    USED,
    VERSION,
    WAITERS,
    WAITING,
    Data,
    F,
    State,
)
from matching.routing.search.chance import below, uniform
from matching.routing.search.insertion import best_place
from matching.routing.search.jit import inlined, njit
from matching.routing.search.routes import place, remember
from matching.routing.search.rules import Rules

# How often a vehicle is overlooked: seldom, but often in a few steps; how often a kind of unused vehicle.
SELDOM, OFTEN, FEW_STEPS = 0.01, 0.3, 0.05
PASS_KIND = 0.3
# How often a request whose penalty is less than its place costs is placed all the same.
GENEROUS = 0.2


@njit
def arrange(data: Data, state: State) -> None:
    """Put the list into an order drawn by lot: at random, or by one of the orders of `wants`."""
    n = state.tally[WAITERS]
    state.sums[BLINK] = OFTEN if uniform(state.tally) < FEW_STEPS else SELDOM
    todo, keys = state.lists[WAITING], state.work[KEY]
    which = below(state.tally, data.wants.shape[1] - ORDER + 2) - 2
    for i in range(n):
        keys[i] = uniform(state.tally) if which < 0 else data.wants[todo[i], ORDER + which]
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
def price(data: Data, rules: Rules | None, state: State, r: int, k: int, bound: float) -> float:
    """Reckon what request `r` costs in route `k` if that is below `bound`; inf: it is not."""
    if state.found[r, k, 2] != state.row[k, VERSION] or (
        state.found[r, k, 1] < 0 and state.cached[r, k] < bound
    ):
        best_place(data, rules, state, r, k, bound)
    return state.cached[r, k] if state.found[r, k, 1] >= 0 else np.inf


@njit
def cheapest(data: Data, rules: Rules | None, state: State, r: int) -> int:
    """Find the route that takes request `r` at the least cost, now and then looking away; -1: none.

    The route it comes from is asked first: its price spares most others an exact answer.
    """
    found = -1
    blink = state.sums[BLINK]
    kinds = data.kinds.shape[0]
    least = np.inf
    if data.wants[r, MANDATORY] == 0.0 and uniform(state.tally) >= GENEROUS:
        least = data.wants[r, PENALTY]
    if state.tally[ACTIVES] < state.tally[LIMIT]:
        for kind in range(kinds):
            if kinds > 1 and uniform(state.tally) < PASS_KIND:
                continue
            k = fresh(data, state, kind)
            if k >= 0:
                cost = price(data, rules, state, r, k, least)
                if cost < least:
                    least = cost
                    found = k
    home = state.lists[HOME, r]
    for s in range(-1, state.tally[ACTIVES]):
        k = home if s < 0 else state.row[s, USED]
        if (s < 0 and (k < 0 or state.row[k, LENGTH] == 2)) or uniform(state.tally) < blink:
            continue
        cost = price(data, rules, state, r, k, least)
        if cost < least:
            least = cost
            found = k
    return found


@inlined
def fresh(data: Data, state: State, kind: int) -> int:
    """Find a vehicle of a kind that is not used; -1: there is none."""
    first, beyond = data.kinds[kind, FIRST], data.kinds[kind, BEYOND]
    k = data.kinds[kind, LOOK]
    for _ in range(first, beyond):
        if state.row[k, LENGTH] == 2:
            data.kinds[kind, LOOK] = k
            return int(k)
        k = k + 1 if k + 1 < beyond else first
    return -1


@njit
def recreate(data: Data, rules: Rules | None, state: State, most: float) -> float:
    """Put every request of the list where it costs least; return how often those in no route waited.

    Once that is more than `most` it ends, with the others in no route.
    """
    arrange(data, state)
    state.tally[ABSENTS] = 0
    waited = 0.0
    for t in range(state.tally[WAITERS]):
        r = state.lists[WAITING, t]
        k = cheapest(data, rules, state, r)
        if k < 0:
            state.lists[ABSENT, state.tally[ABSENTS]] = r
            state.tally[ABSENTS] += 1
            waited += state.work[ABSENCE, r]
            if waited > most:
                break
            continue
        remember(rules, state, k, state.tally[STEPS])
        place(data, rules, state, r, k)
    return waited
