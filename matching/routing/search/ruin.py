"""Which requests are taken out of the plan in this step?

String removal: Christiaens and Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing
Problems", Transportation Science 54 (2020): strings of stops of neighbouring routes around one place.
"""

from __future__ import annotations

from matching.routing.search.arrays import (
    ABSENT,
    ABSENTS,
    ACTIVES,
    HOME,
    LENGTH,
    NOW,
    OLD_ABSENT,
    ROUTE,
    RUINED,
    STEPS,
    TODO,
    TODOS,
    Data,
    State,
)
from matching.routing.search.chance import below, uniform
from matching.routing.search.jit import njit
from matching.routing.search.routes import compact, remember

STRING = 10.0


@njit
def take_out(state: State, r: int) -> None:
    """Take a request from its route; the gap is closed later."""
    state.lists[HOME, r] = state.lists[ROUTE, 2 * r]
    state.lists[ROUTE, 2 * r] = -1
    state.lists[ROUTE, 2 * r + 1] = -1
    n = state.count[TODOS]
    state.lists[TODO, n] = r
    state.count[TODOS] = n + 1


@njit
def cut(data: Data, state: State, k: int, node: int, longest: int) -> None:
    """Take a string of stops around `node` from route `k`; half the time some stops in its middle stay."""
    seq = state.seq[NOW, k]
    stops = state.row[k, LENGTH] - 2
    size = 1 + below(state.count, min(longest, stops))
    kept = 0
    if size > 1 and size < stops and uniform(state.count) < 0.5:
        kept = 1
        while size + kept < stops and uniform(state.count) > 0.01:
            kept += 1
    span = size + kept
    at = 1
    while seq[at] != node:
        at += 1
    low = max(1, at - span + 1)
    high = min(at, stops - span + 1)
    start = low + below(state.count, high - low + 1)
    gap = start + 1 + below(state.count, max(size - 1, 1)) if kept > 0 else start + span
    remember(state, k, state.count[STEPS])
    for i in range(start, start + span):
        if gap <= i < gap + kept:
            continue
        b = seq[i]
        if state.lists[ROUTE, b] == k:
            take_out(state, b >> 1)
    compact(data, state, k)


@njit
def ruin(data: Data, state: State, removals: float) -> None:
    """Take out about `removals` stops with their requests, and put the absent ones on the list as well."""
    requests = data.wants.shape[0]
    state.count[TODOS] = 0
    for i in range(state.count[ABSENTS]):
        state.lists[TODO, i] = state.lists[ABSENT, i]
        state.lists[OLD_ABSENT, i] = state.lists[ABSENT, i]
    state.count[TODOS] = state.count[ABSENTS]
    active = state.count[ACTIVES]
    if active == 0:
        return
    mean = 2.0 * (requests - state.count[ABSENTS]) / active
    longest = min(STRING, mean)
    strings = int(uniform(state.count) * (4.0 * removals / (1.0 + longest) - 1.0)) + 1
    step = state.count[STEPS]
    near = data.near[below(state.count, 2 * requests)]
    for i in range(near.shape[0]):
        k = state.lists[ROUTE, near[i]]
        if k < 0 or state.row[k, RUINED] == step:
            continue
        state.row[k, RUINED] = step
        cut(data, state, k, near[i], int(longest))
        strings -= 1
        if strings == 0:
            break
