"""Is what a step has made kept?"""

from __future__ import annotations

import numpy as np

from matching.routing.search.arrays import (
    ABSENT,
    ABSENTS,
    ACTIVES,
    BEST,
    COST,
    DIRTY,
    END,
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
    TOUCH,
    TOUCHES,
    USED,
    Data,
    State,
)
from matching.routing.search.chance import uniform
from matching.routing.search.jit import entry, njit
from matching.routing.search.recreate import recreate
from matching.routing.search.routes import empty, enlist, recall, refresh, settle
from matching.routing.search.ruin import ruin


@entry
def begin(data: Data, state: State) -> None:
    """Put every vehicle at its start."""
    for k in range(state.row.shape[0]):
        empty(data, state, k)
    state.sums[COST] = total(data, state)
    state.sums[BEST] = np.inf


@njit
def total(data: Data, state: State) -> float:
    """Add up what the plan costs, with the penalties of those left out."""
    cost = 0.0
    for s in range(state.count[ACTIVES]):
        cost += state.cost[NOW, state.row[s, USED]]
    for i in range(state.count[ABSENTS]):
        cost += data.wants[state.lists[ABSENT, i], PENALTY]
    return cost


@njit
def keep_best(state: State) -> None:
    """Copy the routes that have changed since the last best into the best."""
    for k in range(state.row.shape[0]):
        if state.row[k, DIRTY]:
            n = state.row[k, LENGTH]
            state.row[k, TOP_LENGTH] = n
            for i in range(n):
                state.seq[TOP, k, i] = state.seq[NOW, k, i]
            state.row[k, DIRTY] = 0


@njit
def undo(state: State, absent: int) -> None:
    """Go back to before the step."""
    for i in range(state.count[TOUCHES]):
        state.row[state.row[i, TOUCH], DIRTY] = 1
    recall(state)
    state.count[ABSENTS] = absent
    for i in range(absent):
        state.lists[ABSENT, i] = state.lists[OLD_ABSENT, i]


@entry
def return_to_best(data: Data, state: State) -> None:
    """Go back to the best plan there has been, with as many vehicles as it has."""
    state.count[ACTIVES] = 0
    state.count[ABSENTS] = 0
    for i in range(2 * data.wants.shape[0]):
        state.lists[ROUTE, i] = -1
    for k in range(state.row.shape[0]):
        n = state.row[k, TOP_LENGTH]
        state.row[k, SLOT] = -1
        state.row[k, LENGTH] = n
        for i in range(1, n):
            state.seq[NOW, k, i] = state.seq[TOP, k, i]
            state.lists[ROUTE, state.seq[TOP, k, i]] = k
        state.seq[NOW, k, n - 1] = data.fleet[k, END]
        if n > 2:
            enlist(state, k)
        refresh(data, state, k)
    for r in range(data.wants.shape[0]):
        if state.lists[ROUTE, 2 * r] < 0:
            state.lists[ABSENT, state.count[ABSENTS]] = r
            state.count[ABSENTS] += 1
    state.sums[COST] = total(data, state)


@entry
def anneal(data: Data, state: State, steps: int, temperature: float, removals: float) -> None:
    """Ruin and recreate `steps` times; keep what is better, and worse with the odds of the temperature."""
    cost = total(data, state)
    for _ in range(steps):
        state.count[STEPS] += 1
        state.count[TOUCHES] = 0
        absent = state.count[ABSENTS]
        ruin(data, state, removals)
        recreate(data, state)
        new = total(data, state)
        if settle(state) == 0:
            continue
        if new < cost - temperature * np.log(uniform(state.count)):
            cost = new
            if new < state.sums[BEST] - 1e-9:
                state.sums[BEST] = new
                state.count[IMPROVED] += 1
                keep_best(state)
        else:
            undo(state, absent)
    state.sums[COST] = cost
