"""Is what a step has made kept?"""

from __future__ import annotations

import numpy as np

from matching.routing.search.arrays import (
    ABSENT,
    ABSENTS,
    ACTIVES,
    BEGIN,
    BEST,
    COST,
    DIRTY,
    FROZEN,
    IMPROVED,
    LENGTH,
    NOW,
    OLD_ABSENT,
    PENALTY,
    ROUTE,
    SLOT,
    STEPS,
    TOP,
    TOP_LENGTH,
    TOUCHES,
    USED,
    Data,
    State,
)
from matching.routing.search.chance import uniform
from matching.routing.search.follow import excess
from matching.routing.search.jit import njit
from matching.routing.search.recreate import recreate
from matching.routing.search.routes import compact, enlist, recall, refresh, settle
from matching.routing.search.ruin import ruin
from matching.routing.search.rules import Rules


@njit
def total(data: Data, rules: Rules | None, state: State) -> float:
    """Add up what the plan costs, with the penalties of those left out."""
    cost = 0.0
    for s in range(state.tally[ACTIVES]):
        cost += state.cost[NOW, state.row[s, USED]]
    for i in range(state.tally[ABSENTS]):
        cost += data.wants[state.lists[ABSENT, i], PENALTY]
    if rules is not None:
        cost += excess(rules)
    return cost


@njit
def keep_best(rules: Rules | None, state: State) -> None:
    """Copy the routes that have changed since the last best into the best."""
    for k in range(state.row.shape[0]):
        if state.row[k, DIRTY]:
            n = state.row[k, LENGTH]
            state.row[k, TOP_LENGTH] = n
            for i in range(n):
                state.seq[TOP, k, i] = state.seq[NOW, k, i]
                if rules is not None and 0 < i < n - 1:
                    rules.begins[state.seq[NOW, k, i]] = state.at[NOW, k, i, BEGIN]
            state.row[k, DIRTY] = 0


@njit
def undo(rules: Rules | None, state: State, absent: int) -> None:
    """Go back to before the step."""
    recall(rules, state)
    state.tally[ABSENTS] = absent
    for i in range(absent):
        state.lists[ABSENT, i] = state.lists[OLD_ABSENT, i]


@njit
def return_to_best(data: Data, rules: Rules | None, state: State) -> None:
    """Go back to the best plan there has been, or to the one that was written in its place.

    A route that can't be driven keeps only its frozen stops.
    """
    state.tally[ACTIVES] = 0
    state.tally[ABSENTS] = 0
    for i in range(2 * data.wants.shape[0]):
        state.lists[ROUTE, i] = -1
    for k in range(state.row.shape[0]):
        n = state.row[k, TOP_LENGTH]
        state.row[k, SLOT] = -1
        state.row[k, LENGTH] = n
        for i in range(n):
            state.seq[NOW, k, i] = state.seq[TOP, k, i]
            if 0 < i < n - 1:
                state.lists[ROUTE, state.seq[TOP, k, i]] = k
        if n > 2:
            enlist(state, k)
        refresh(data, rules, state, k, 0)
        if state.cost[NOW, k] == np.inf:
            for i in range(1 + state.row[k, FROZEN], n - 1):
                state.lists[ROUTE, state.seq[NOW, k, i]] = -1
            compact(data, rules, state, k)
    for r in range(data.wants.shape[0]):
        if state.lists[ROUTE, 2 * r + 1] < 0:
            state.lists[ABSENT, state.tally[ABSENTS]] = r
            state.tally[ABSENTS] += 1
    state.sums[COST] = total(data, rules, state)
    state.sums[BEST] = state.sums[COST]


@njit
def anneal(
    data: Data, rules: Rules | None, state: State, steps: int, temperature: float, removals: float
) -> None:
    """Ruin and recreate `steps` times; keep what is better, and worse with the odds of the temperature."""
    cost = total(data, rules, state)
    for _ in range(steps):
        state.tally[STEPS] += 1
        state.tally[TOUCHES] = 0
        absent = state.tally[ABSENTS]
        ruin(data, rules, state, removals)
        recreate(data, rules, state, np.inf)
        new = total(data, rules, state)
        if settle(state) == 0:
            continue
        if new < cost - temperature * np.log(uniform(state.tally)):
            cost = new
            if new < state.sums[BEST] - 1e-9:
                state.sums[BEST] = new
                state.tally[IMPROVED] += 1
                keep_best(rules, state)
        else:
            undo(rules, state, absent)
    state.sums[COST] = cost
