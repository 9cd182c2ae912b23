"""When is a dock free at a place that serves only so many vehicles at once?"""

from __future__ import annotations

import numpy as np

from matching.routing.search.arrays import BEGIN, LENGTH, NOW, STAYS, F, State
from matching.routing.search.jit import inlined, njit
from matching.routing.search.rules import TOLERANCE, Rules


@inlined
def cancel(rules: Rules, k: int) -> None:
    """Give back the slots of vehicle `k`."""
    last = rules.owners.shape[1] - 1
    for dock in range(rules.owners.shape[0]):
        n = rules.owners[dock, last]
        i = 0
        while i < n:
            if rules.owners[dock, i] == k:
                n -= 1
                rules.owners[dock, i] = rules.owners[dock, n]
                rules.slots[dock, i, 0] = rules.slots[dock, n, 0]
                rules.slots[dock, i, 1] = rules.slots[dock, n, 1]
            else:
                i += 1
        rules.owners[dock, last] = n


@inlined
def adopt(rules: Rules, state: State, k: int) -> None:
    """Take the slots that route `k` as it stands needs."""
    if rules.owners.shape[0] == 0 or state.cost[NOW, k] == np.inf:
        return
    last = rules.owners.shape[1] - 1
    for i in range(1, state.row[k, LENGTH] - 1):
        dock = rules.docks[state.seq[NOW, k, i]]
        if dock >= 0 and state.at[NOW, k, i, STAYS] > 0:
            n = rules.owners[dock, last]
            rules.owners[dock, n] = k
            rules.slots[dock, n, 0] = state.at[NOW, k, i, BEGIN]
            rules.slots[dock, n, 1] = state.at[NOW, k, i, BEGIN] + state.at[NOW, k, i, STAYS]
            rules.owners[dock, last] = n + 1


@njit
def free_from(rules: Rules, dock: int, k: int, moment: float, lasts: float) -> float:
    """Find the first moment from which a dock is free for all of a service; own slots don't count."""
    n = rules.owners[dock, rules.owners.shape[1] - 1]
    slots = rules.slots[dock]
    while busiest(rules, dock, k, moment, moment + lasts) >= rules.dock_count[dock]:
        ends = np.inf
        for i in range(n):
            if rules.owners[dock, i] != k and moment < slots[i, 1] < ends:
                ends = slots[i, 1]
        moment = ends
    return moment


@njit
def busiest(rules: Rules, dock: int, k: int, begin: float, end: float) -> int:
    """Count how many others are served at once at the busiest moment of a span."""
    n = rules.owners[dock, rules.owners.shape[1] - 1]
    slots, owners = rules.slots[dock], rules.owners[dock]
    inside = 0
    for i in range(n):
        inside += owners[i] != k and slots[i, 0] < end - TOLERANCE and slots[i, 1] > begin + TOLERANCE
    if inside < rules.dock_count[dock]:
        return inside
    most = at_once(slots, owners, n, k, begin)
    for i in range(n):
        if owners[i] != k and begin < slots[i, 0] < end - TOLERANCE:
            most = max(most, at_once(slots, owners, n, k, slots[i, 0]))
    return most


@inlined
def at_once(slots: F, owners: F, n: int, k: int, moment: float) -> int:
    """Count how many others are served at a moment."""
    busy = 0
    for i in range(n):
        busy += owners[i] != k and slots[i, 0] <= moment < slots[i, 1] - TOLERANCE
    return busy
