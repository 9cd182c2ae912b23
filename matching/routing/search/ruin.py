"""Which requests are taken out of the plan in this step?

String removal: Christiaens and Vanden Berghe, "Slack Induction by String Removals for Vehicle Routing
Problems", Transportation Science 54 (2020): strings of stops of neighbouring routes around one place.
"""

from __future__ import annotations

from matching.routing.search.arrays import (
    ABSENT,
    ABSENTS,
    ACTIVES,
    FROZEN,
    HELD,
    HOME,
    LENGTH,
    NOW,
    OLD_ABSENT,
    ROUTE,
    RUINED,
    STEPS,
    WAITERS,
    WAITING,
    Data,
    State,
)
from matching.routing.search.chance import below, uniform
from matching.routing.search.jit import inlined, njit
from matching.routing.search.routes import compact, remember
from matching.routing.search.rules import Rules

STRING = 10.0


@njit
def take_out(state: State, r: int) -> None:
    """Take a request from its route; the gap is closed later."""
    state.lists[HOME, r] = state.lists[ROUTE, 2 * r + 1]
    if state.lists[HELD, r] == 0:
        state.lists[ROUTE, 2 * r] = -1
    state.lists[ROUTE, 2 * r + 1] = -1
    n = state.tally[WAITERS]
    state.lists[WAITING, n] = r
    state.tally[WAITERS] = n + 1


@njit
def cut(data: Data, rules: Rules | None, state: State, k: int, node: int, longest: int) -> None:
    """Take a string of stops around `node` from route `k`; half the time some stops in its middle stay."""
    seq = state.seq[NOW, k]
    first = 1 + state.row[k, FROZEN]
    at = first
    while seq[at] != node:
        at += 1
    stops = state.row[k, LENGTH] - 1 - first
    size = 1 + below(state.tally, min(longest, stops))
    kept = 0
    if size > 1 and size < stops and uniform(state.tally) < 0.5:
        kept = 1
        while size + kept < stops and uniform(state.tally) > 0.01:
            kept += 1
    span = size + kept
    low = max(first, at - span + 1)
    high = min(at, first + stops - span)
    start = low + below(state.tally, high - low + 1)
    gap = start + 1 + below(state.tally, max(size - 1, 1)) if kept > 0 else start + span
    remember(rules, state, k, state.tally[STEPS])
    for i in range(start, start + span):
        if gap <= i < gap + kept:
            continue
        b = seq[i]
        if state.lists[ROUTE, b] == k:
            take_out(state, b >> 1)
    compact(data, rules, state, k)


@inlined
def frozen(state: State, k: int, node: int) -> bool:
    """Tell whether a node is one of the first stops that stay."""
    found = False
    for i in range(1, 1 + state.row[k, FROZEN]):
        found |= state.seq[NOW, k, i] == node
    return found


@njit
def ruin(data: Data, rules: Rules | None, state: State, removals: float) -> None:
    """Take out about `removals` stops with their requests, and put the absent ones on the list as well."""
    requests = data.wants.shape[0]
    state.tally[WAITERS] = 0
    for i in range(state.tally[ABSENTS]):
        state.lists[WAITING, i] = state.lists[ABSENT, i]
        state.lists[OLD_ABSENT, i] = state.lists[ABSENT, i]
    state.tally[WAITERS] = state.tally[ABSENTS]
    active = state.tally[ACTIVES]
    if active == 0 or removals <= 0.0:
        return
    mean = 2.0 * (requests - state.tally[ABSENTS]) / active
    longest = min(STRING, mean)
    strings = int(uniform(state.tally) * (4.0 * removals / (1.0 + longest) - 1.0)) + 1
    step = state.tally[STEPS]
    near = data.near[below(state.tally, 2 * requests)]
    for i in range(near.shape[0]):
        k = state.lists[ROUTE, near[i]]
        if k < 0 or state.row[k, RUINED] == step:
            continue
        state.row[k, RUINED] = step
        if state.row[k, FROZEN] > 0 and frozen(state, k, near[i]):
            continue
        cut(data, rules, state, k, near[i], int(longest))
        strings -= 1
        if strings == 0:
            break
