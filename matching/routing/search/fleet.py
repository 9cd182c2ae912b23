"""With how few vehicles can everything be served?

A vehicle is taken away and its requests wait outside until the others have made room. What has waited
outside often is dear to leave out again (absence counts: Christiaens and Vanden Berghe 2020).
"""

from __future__ import annotations

import numpy as np

from matching.routing.search.anneal import keep_best, total, undo
from matching.routing.search.arrays import (
    ABSENCE,
    ABSENT,
    ABSENTS,
    ACTIVES,
    BEST,
    COST,
    HELD,
    IMPROVED,
    LENGTH,
    LIMIT,
    MANDATORY,
    NOW,
    OLD_ABSENT,
    ROUTE,
    STEPS,
    TOUCHES,
    USED,
    Data,
    State,
)
from matching.routing.search.chance import uniform
from matching.routing.search.follow import excess
from matching.routing.search.jit import inlined, njit
from matching.routing.search.recreate import recreate
from matching.routing.search.routes import compact, settle
from matching.routing.search.ruin import ruin
from matching.routing.search.rules import Rules


@inlined
def absence(state: State, n: int) -> float:
    """Add up how often the `n` requests that were left out before this step have been left out."""
    waited = 0.0
    for i in range(n):
        waited += state.work[ABSENCE, state.lists[OLD_ABSENT, i]]
    return waited


@inlined
def waiting(data: Data, state: State) -> int:
    """Count the mandatory requests that are left out."""
    n = 0
    for i in range(state.tally[ABSENTS]):
        n += data.wants[state.lists[ABSENT, i], MANDATORY] > 0.0
    return n


@njit
def easiest(state: State) -> int:
    """Find the vehicle whose requests have been left out least often; -1: all have stops that stay."""
    found = -1
    least = np.inf
    for s in range(state.tally[ACTIVES]):
        k = state.row[s, USED]
        waited = 0.0
        for i in range(1, state.row[k, LENGTH] - 1):
            r = state.seq[NOW, k, i] >> 1
            waited += np.inf if state.lists[HELD, r] > 0 else 0.5 * state.work[ABSENCE, r]
        if waited < least:
            least = waited
            found = k
    return found


@njit
def dissolve(data: Data, rules: Rules | None, state: State, k: int) -> None:
    """Take vehicle `k` away; its requests are left out."""
    for i in range(1, state.row[k, LENGTH] - 1):
        node = state.seq[NOW, k, i]
        state.lists[ROUTE, node] = -1
        if node % 2 == 0:
            state.lists[ABSENT, state.tally[ABSENTS]] = node >> 1
            state.tally[ABSENTS] += 1
    compact(data, rules, state, k)
    state.tally[LIMIT] = state.tally[ACTIVES]


@njit
def fewer(
    data: Data, rules: Rules | None, state: State, steps: int, temperature: float, removals: float
) -> None:
    """Ruin and recreate `steps` times; whenever all are served, keep that and take one more vehicle away."""
    cost = total(data, rules, state)
    for _ in range(steps):
        if waiting(data, state) == 0 and (rules is None or excess(rules) == 0.0):
            state.sums[BEST] = cost
            state.tally[IMPROVED] += 1
            keep_best(rules, state)
            k = easiest(state)
            if k < 0 or state.tally[ACTIVES] == 1:
                break
            dissolve(data, rules, state, k)
            cost = total(data, rules, state)
        state.tally[STEPS] += 1
        state.tally[TOUCHES] = 0
        absent = state.tally[ABSENTS]
        ruin(data, rules, state, removals)
        before = absence(state, absent)
        after = recreate(data, rules, state, before)
        if after <= before and settle(state) == 0:
            continue
        for i in range(state.tally[ABSENTS]):
            state.work[ABSENCE, state.lists[ABSENT, i]] += 1.0
        new = total(data, rules, state) if after <= before else np.inf
        if new < np.inf and (after < before or new < cost - temperature * np.log(uniform(state.tally))):
            cost = new
        else:
            undo(rules, state, absent)
    state.sums[COST] = cost
