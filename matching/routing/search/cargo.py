"""Into which compartment does a load go on a trial drive, and must the vehicle be cleaned before?"""

from __future__ import annotations

from matching.routing.search.arrays import NOW, F
from matching.routing.search.jit import inlined, njit
from matching.routing.search.rules import (
    ABOARD,
    APART,
    BERTH,
    COMPARTMENTS,
    LOADS,
    PICKED,
    SOILED_BY,
    STOPS,
    TAKES,
    TOLERANCE,
    Rules,
)


@inlined
def board(rules: Rules, k: int) -> None:
    """Begin a drive of vehicle `k` with what is on board already."""
    for c in range(rules.tours[k, COMPARTMENTS]):
        rules.soiled[c] = rules.start_soiled[k, c]
        for d in range(rules.held.shape[1]):
            rules.held[c, d] = rules.start_load[k, c, d]
    n = rules.aboard[k, 0]
    for i in range(n):
        rules.trial[ABOARD, i] = rules.aboard[k, 1 + 2 * i]
        rules.trial[BERTH, rules.aboard[k, 1 + 2 * i]] = rules.aboard[k, 2 + 2 * i]
        rules.trial[PICKED, rules.aboard[k, 1 + 2 * i]] = -1
    rules.meter[LOADS] = n


@njit
def aboard_at(rules: Rules, k: int, i: int) -> None:
    """Go on with what is on board of vehicle `k` after stop `i`, up to which the trial is as its route."""
    board(rules, k)
    for m in range(1, i + 1):
        node = rules.trial[STOPS, m]
        if node & 1:
            unload(rules, node >> 1)
        else:
            load(rules, node >> 1, rules.traces[NOW, k, m, 0])
            rules.trial[PICKED, node >> 1] = m
    for c in range(rules.tours[k, COMPARTMENTS]):
        rules.soiled[c] = rules.traces[NOW, k, i, 1 + c]


@inlined
def fits(held: F, room: F, goods: F) -> bool:
    """Tell whether a load has room in every dimension of a compartment."""
    good = True
    for d in range(held.shape[0]):
        good &= held[d] + goods[d] <= room[d] + TOLERANCE
    return good


@inlined
def berth(rules: Rules, k: int, r: int) -> tuple[int, bool]:
    """Choose the compartment for load `r` (-1: there is none) and whether a cleaning comes before."""
    kind = rules.class_of[r]
    apart = rules.classes[kind, APART]
    n = int(rules.meter[LOADS])
    for i in range(n if apart != 0 else 0):
        if (apart >> rules.class_of[rules.trial[ABOARD, i]]) & 1:
            return -1, False
    roomy = -1
    for c in range(rules.tours[k, COMPARTMENTS]):
        if (rules.tours[k, TAKES + c] >> kind) & 1 and fits(rules.held[c], rules.rooms[k, c], rules.goods[r]):
            if rules.soiled[c] & rules.classes[kind, SOILED_BY] == 0:
                return c, False
            if roomy < 0:
                roomy = c
    if n == 0 and rules.wash.shape[0] > 0:
        return roomy, True
    return -1, False


@inlined
def load(rules: Rules, r: int, c: int) -> None:
    """Put load `r` into compartment `c`."""
    n = int(rules.meter[LOADS])
    rules.trial[ABOARD, n] = r
    rules.trial[BERTH, r] = c
    rules.meter[LOADS] = n + 1
    rules.soiled[c] |= 1 << rules.class_of[r]
    for d in range(rules.held.shape[1]):
        rules.held[c, d] += rules.goods[r, d]


@inlined
def unload(rules: Rules, r: int) -> None:
    """Take load `r` off board."""
    n = int(rules.meter[LOADS])
    aboard = rules.trial[ABOARD]
    for i in range(n):
        if aboard[i] == r:
            aboard[i] = aboard[n - 1]
            break
    rules.meter[LOADS] = n - 1
    c = rules.trial[BERTH, r]
    for d in range(rules.held.shape[1]):
        rules.held[c, d] -= rules.goods[r, d]
