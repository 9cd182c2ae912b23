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
    IMPROVED,
    LENGTH,
    NOW,
    OLD_ABSENT,
    PENALTY,
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
from matching.routing.search.routes import empty, recall, settle
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
