"""When can a vehicle be where on its route, and with what load?"""

from __future__ import annotations

from matching.routing.search.arrays import (
    ACTIVES,
    DEMAND,
    DEPART,
    DIRTY,
    DUE,
    END,
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
    START,
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
from matching.routing.search.jit import njit


@njit
def refresh(data: Data, state: State, k: int) -> None:
    """Reckon earliest and latest times, loads and cost of route `k` anew, and give it a new version."""
    seq, at = state.seq[NOW, k], state.at[NOW, k]
    seconds, metres = data.ways[data.fleet[k, SECONDS_FROM]], data.ways[data.fleet[k, METRES_FROM]]
    last = state.row[k, LENGTH] - 1
    time = data.nodes[seq[0], READY]
    load = 0.0
    total = 0.0
    at[0, DEPART] = time
    at[0, LOAD] = 0.0
    for i in range(1, last + 1):
        a, b = seq[i - 1], seq[i]
        leg = seconds[a, b]
        way = metres[a, b]
        at[i - 1, METRES] = way
        at[i - 1, SECONDS] = leg
        total += way
        opens = data.nodes[b, READY]
        stays = data.nodes[b, SERVICE]
        time = max(time + leg, opens) + stays
        load += data.nodes[b, DEMAND]
        at[i, DEPART] = time
        at[i, LOAD] = load
        at[i, OPENS] = opens
        at[i, STAYS] = stays
    latest = data.nodes[seq[last], DUE]
    at[last, LATEST] = latest
    for i in range(last - 1, -1, -1):
        latest = min(latest - at[i, SECONDS] - (at[i, STAYS] if i > 0 else 0.0), data.nodes[seq[i], DUE])
        at[i, LATEST] = latest
    state.cost[NOW, k] = total if last > 1 else 0.0
    state.count[VERSIONS] += 1
    state.row[k, VERSION] = state.count[VERSIONS] if last > 1 else 0
    state.row[k, DIRTY] = 1


@njit
def empty(data: Data, state: State, k: int) -> None:
    """Put vehicle `k` at its start with nothing to do."""
    state.row[k, LENGTH] = 2
    state.seq[NOW, k, 0] = data.fleet[k, START]
    state.seq[NOW, k, 1] = data.fleet[k, END]
    refresh(data, state, k)


@njit
def enlist(state: State, k: int) -> None:
    """Note that vehicle `k` is used."""
    n = state.count[ACTIVES]
    state.row[n, USED] = k
    state.row[k, SLOT] = n
    state.count[ACTIVES] = n + 1


@njit
def dismiss(state: State, k: int) -> None:
    """Note that vehicle `k` is no longer used."""
    n = state.count[ACTIVES] - 1
    other = state.row[n, USED]
    state.row[state.row[k, SLOT], USED] = other
    state.row[other, SLOT] = state.row[k, SLOT]
    state.row[k, SLOT] = -1
    state.count[ACTIVES] = n


@njit
def copy(state: State, k: int, source: int, target: int, n: int) -> None:
    """Copy the `n` stops of route `k` and their figures from one layer to the other."""
    for i in range(n):
        state.seq[target, k, i] = state.seq[source, k, i]
        for c in range(7):
            state.at[target, k, i, c] = state.at[source, k, i, c]


@njit
def remember(state: State, k: int, step: int) -> None:
    """Keep route `k` as it was before this step, once a step."""
    if state.row[k, STEP] == step:
        return
    state.row[k, STEP] = step
    state.row[state.count[TOUCHES], TOUCH] = k
    state.count[TOUCHES] += 1
    n = state.row[k, LENGTH]
    state.row[k, OLD_LENGTH] = n
    state.row[k, OLD_VERSION] = state.row[k, VERSION]
    state.cost[OLD, k] = state.cost[NOW, k]
    copy(state, k, NOW, OLD, n)


@njit
def recall(state: State) -> None:
    """Bring back every route that this step touched."""
    for t in range(state.count[TOUCHES]):
        k = state.row[t, TOUCH]
        for i in range(1, state.row[k, LENGTH] - 1):
            state.lists[ROUTE, state.seq[NOW, k, i]] = -1
    for t in range(state.count[TOUCHES]):
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


@njit
def same(state: State, k: int) -> bool:
    """Tell whether route `k` is again what it was before this step."""
    n = state.row[k, LENGTH]
    if n != state.row[k, OLD_LENGTH]:
        return False
    for i in range(n):
        if state.seq[NOW, k, i] != state.seq[OLD, k, i]:
            return False
    return True


@njit
def settle(state: State) -> int:
    """Give the routes that came out of this step as they were their old version; count the others."""
    changed = 0
    for t in range(state.count[TOUCHES]):
        k = state.row[t, TOUCH]
        if same(state, k):
            state.row[k, VERSION] = state.row[k, OLD_VERSION]
        else:
            changed += 1
    return changed


@njit
def place(data: Data, state: State, r: int, k: int, i: int, j: int) -> None:
    """Insert the pickup of `r` after position i of route `k` and its delivery after position j >= i."""
    seq = state.seq[NOW, k]
    n = state.row[k, LENGTH]
    for m in range(n - 1, j, -1):
        seq[m + 2] = seq[m]
    seq[j + 2] = 2 * r + 1
    for m in range(j, i, -1):
        seq[m + 1] = seq[m]
    seq[i + 1] = 2 * r
    state.row[k, LENGTH] = n + 2
    state.lists[ROUTE, 2 * r] = k
    state.lists[ROUTE, 2 * r + 1] = k
    if n == 2:
        enlist(state, k)
    refresh(data, state, k)


@njit
def compact(data: Data, state: State, k: int) -> None:
    """Close the gaps in route `k` after nodes were taken out of it (`route` is not `k`)."""
    seq = state.seq[NOW, k]
    n = state.row[k, LENGTH]
    m = 1
    for i in range(1, n - 1):
        if state.lists[ROUTE, seq[i]] == k:
            seq[m] = seq[i]
            m += 1
    seq[m] = seq[n - 1]
    state.row[k, LENGTH] = m + 1
    if m == 1 and n > 2:
        dismiss(state, k)
    refresh(data, state, k)
