"""When can a vehicle be where on its route, and with what load?"""

from __future__ import annotations

import numpy as np

from matching.routing.search.arrays import (
    ACTIVES,
    DEMAND,
    DEPART,
    DIRTY,
    DUE,
    FIXED_COST,
    LATEST,
    LENGTH,
    LOAD,
    METRES,
    METRES_FROM,
    NOW,
    OLD,
    OLD_LENGTH,
    OLD_VERSION,
    OPENS,
    READY,
    ROUTE,
    SECONDS,
    SECONDS_FROM,
    SERVICE,
    SLOT,
    STAYS,
    STEP,
    TOUCH,
    TOUCHES,
    USED,
    VERSION,
    VERSIONS,
    Data,
    State,
)
from matching.routing.search.follow import copy_past, resume
from matching.routing.search.jit import njit
from matching.routing.search.rules import FOLLOW, Rules
from matching.routing.search.slots import cancel
from matching.routing.search.units import call


@njit
def refresh(data: Data, rules: Rules | None, state: State, k: int, first: int) -> None:
    """Reckon times, loads and cost of route `k` anew, and give it a new version.

    Up to stop `first` it is as it was; 0: nothing is known of it.
    Under rich rules the cost is inf where the stops that were left are no longer feasible together.
    """
    last = state.row[k, LENGTH] - 1
    state.row[k, DIRTY] = 1
    state.tally[VERSIONS] += 1
    state.row[k, VERSION] = state.tally[VERSIONS] if last > 1 else 0
    known = state.cost[NOW, k] < np.inf
    cost = ahead(data, state, k, first, last)
    back(data, state, k, first, last)
    if rules is not None:
        cost = call(rules.links[FOLLOW], data, rules, state, k, first if known else 0, 0.0)
    state.cost[NOW, k] = cost


@njit
def ahead(data: Data, state: State, k: int, first: int, last: int) -> float:
    """Go along the route from stop `first`: earliest times, loads, roads; return the cost of all of it."""
    seq, at = state.seq[NOW, k], state.at[NOW, k]
    seconds, metres = data.ways[data.fleet[k, SECONDS_FROM]], data.ways[data.fleet[k, METRES_FROM]]
    if first == 0:
        at[0, DEPART] = data.nodes[seq[0], READY]
        at[0, LOAD] = data.nodes[seq[0], DEMAND]
        at[0, STAYS] = 0.0
    total = data.terms[k, FIXED_COST] if last > 1 else 0.0
    for i in range(first):
        total += at[i, METRES]
    time, load = at[first, DEPART], at[first, LOAD]
    for i in range(first + 1, last + 1):
        a, b = seq[i - 1], seq[i]
        leg, way = seconds[a, b], metres[a, b]
        at[i - 1, METRES] = way
        at[i - 1, SECONDS] = leg
        total += way if last > 1 else 0.0
        opens, stays = data.nodes[b, READY], data.nodes[b, SERVICE]
        time = max(time + leg, opens) + stays
        load += data.nodes[b, DEMAND]
        at[i, DEPART] = time
        at[i, LOAD] = load
        at[i, OPENS] = opens
        at[i, STAYS] = stays
    return total


@njit
def back(data: Data, state: State, k: int, first: int, last: int) -> None:
    """Go back along the route: when is the latest that service can begin?

    Where that is as it was at a stop up to `first`, so it is before.
    """
    seq, at = state.seq[NOW, k], state.at[NOW, k]
    latest = data.nodes[seq[last], DUE]
    at[last, LATEST] = latest
    for i in range(last - 1, -1, -1):
        latest = min(latest - at[i, SECONDS] - at[i, STAYS], data.nodes[seq[i], DUE])
        if 0 < i <= first and at[i, LATEST] == latest:
            break
        at[i, LATEST] = latest


@njit
def enlist(state: State, k: int) -> None:
    """Note that vehicle `k` is used."""
    n = state.tally[ACTIVES]
    state.row[n, USED] = k
    state.row[k, SLOT] = n
    state.tally[ACTIVES] = n + 1


@njit
def dismiss(state: State, k: int) -> None:
    """Note that vehicle `k` is no longer used."""
    n = state.tally[ACTIVES] - 1
    other = state.row[n, USED]
    state.row[state.row[k, SLOT], USED] = other
    state.row[other, SLOT] = state.row[k, SLOT]
    state.row[k, SLOT] = -1
    state.tally[ACTIVES] = n


@njit
def copy(state: State, k: int, source: int, target: int, n: int) -> None:
    """Copy the `n` stops of route `k` and their figures from one layer to the other."""
    for i in range(n):
        state.seq[target, k, i] = state.seq[source, k, i]
        for c in range(8):
            state.at[target, k, i, c] = state.at[source, k, i, c]


@njit
def remember(rules: Rules | None, state: State, k: int, step: int) -> None:
    """Keep route `k` as it was before this step, once a step."""
    if state.row[k, STEP] == step:
        return
    state.row[k, STEP] = step
    state.row[state.tally[TOUCHES], TOUCH] = k
    state.tally[TOUCHES] += 1
    n = state.row[k, LENGTH]
    state.row[k, OLD_LENGTH] = n
    state.row[k, OLD_VERSION] = state.row[k, VERSION]
    state.cost[OLD, k] = state.cost[NOW, k]
    copy(state, k, NOW, OLD, n)
    if rules is not None:
        copy_past(rules, state, k, NOW, OLD)


@njit
def recall(rules: Rules | None, state: State) -> None:
    """Bring back every route that this step touched."""
    for t in range(state.tally[TOUCHES]):
        k = state.row[t, TOUCH]
        state.row[k, DIRTY] = 1
        if rules is not None:
            cancel(rules, k)
        for i in range(1, state.row[k, LENGTH] - 1):
            state.lists[ROUTE, state.seq[NOW, k, i]] = -1
    for t in range(state.tally[TOUCHES]):
        k = state.row[t, TOUCH]
        n = state.row[k, OLD_LENGTH]
        state.row[k, LENGTH] = n
        state.row[k, VERSION] = state.row[k, OLD_VERSION]
        state.cost[NOW, k] = state.cost[OLD, k]
        copy(state, k, OLD, NOW, n)
        for i in range(1, n - 1):
            state.lists[ROUTE, state.seq[NOW, k, i]] = k
        if (n > 2) != (state.row[k, SLOT] >= 0):
            if n > 2:
                enlist(state, k)
            else:
                dismiss(state, k)
        if rules is not None:
            copy_past(rules, state, k, OLD, NOW)
            resume(rules, state, k)


@njit
def same(state: State, k: int) -> bool:
    """Tell whether route `k` is again what it was before this step."""
    n = state.row[k, LENGTH]
    if n != state.row[k, OLD_LENGTH]:
        return False
    i = 0
    while i < n and state.seq[NOW, k, i] == state.seq[OLD, k, i]:
        i += 1
    return bool(i == n)


@njit
def settle(state: State) -> int:
    """Give the routes that came out of this step as they were their old version; count the others."""
    changed = 0
    for t in range(state.tally[TOUCHES]):
        k = state.row[t, TOUCH]
        if same(state, k):
            state.row[k, VERSION] = state.row[k, OLD_VERSION]
        else:
            changed += 1
    return changed


@njit
def place(data: Data, rules: Rules | None, state: State, r: int, k: int) -> None:
    """Insert `r` into route `k` where its best place was found: the pickup after i, the delivery after j.

    A pickup after -1 is behind it already.
    """
    i, j = state.found[r, k, 0], state.found[r, k, 1]
    seq = state.seq[NOW, k]
    n = state.row[k, LENGTH]
    wide = 1 if i < 0 else 2
    for m in range(n - 1, j, -1):
        seq[m + wide] = seq[m]
    seq[j + wide] = 2 * r + 1
    state.lists[ROUTE, 2 * r + 1] = k
    if i >= 0:
        for m in range(j, i, -1):
            seq[m + 1] = seq[m]
        seq[i + 1] = 2 * r
        state.lists[ROUTE, 2 * r] = k
    state.row[k, LENGTH] = n + wide
    if n == 2:
        enlist(state, k)
    refresh(data, rules, state, k, i if i >= 0 else j)


@njit
def compact(data: Data, rules: Rules | None, state: State, k: int) -> None:
    """Close the gaps in route `k` after nodes were taken out of it (`route` is not `k`)."""
    seq = state.seq[NOW, k]
    n = state.row[k, LENGTH]
    m = 1
    while m < n - 1 and state.lists[ROUTE, seq[m]] == k:
        m += 1
    first = m - 1
    for i in range(m, n - 1):
        if state.lists[ROUTE, seq[i]] == k:
            seq[m] = seq[i]
            m += 1
    seq[m] = seq[n - 1]
    state.row[k, LENGTH] = m + 1
    if m == 1 and n > 2:
        dismiss(state, k)
    refresh(data, rules, state, k, first)
