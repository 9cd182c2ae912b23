"""Where does a request fit best into a route?"""

from __future__ import annotations

import numpy as np

from matching.routing.search.arrays import (
    ALONE,
    DEMAND,
    DEPART,
    DUE,
    LATEST,
    LEAST,
    LENGTH,
    LOAD,
    METRES,
    METRES_FROM,
    METRES_TO,
    NOW,
    OPENS,
    READY,
    SECONDS,
    SECONDS_FROM,
    SECONDS_TO,
    SERVICE,
    STAYS,
    VERSION,
    Data,
    F,
    State,
)
from matching.routing.search.jit import inlined, njit


@inlined
def ways(data: Data, k: int, a: int) -> tuple[F, F, F, F]:
    """Return metres to and from, seconds to and from `a` for vehicle `k`."""
    fleet = data.fleet[k]
    return (
        data.ways[fleet[METRES_TO], a],
        data.ways[fleet[METRES_FROM], a],
        data.ways[fleet[SECONDS_TO], a],
        data.ways[fleet[SECONDS_FROM], a],
    )


@inlined
def deliveries(data: Data, state: State, k: int, d: int, bound: float) -> int:
    """Write what the delivery `d` alone adds after each position (inf: it can't), and from each on the least.

    Return the last position after which it can be made in time for less than `bound`.
    """
    seq, at, alone, least = state.seq[NOW, k], state.at[NOW, k], state.work[ALONE], state.work[LEAST]
    due, opens, stays = data.nodes[d, DUE], data.nodes[d, READY], data.nodes[d, SERVICE]
    to_m, from_m, to_s, from_s = ways(data, k, d)
    last = -1
    for j in range(state.row[k, LENGTH] - 1):
        depart = at[j, DEPART]
        if depart > due:
            break
        alone[j] = np.inf
        a, b = seq[j], seq[j + 1]
        extra = to_m[a] + from_m[b] - at[j, METRES]
        if extra >= bound:
            continue
        begin = depart + to_s[a]
        if begin <= due and max(begin, opens) + stays + from_s[b] <= at[j + 1, LATEST]:
            alone[j] = extra
            last = j
    smallest = np.inf
    for j in range(last, -1, -1):
        smallest = min(smallest, alone[j])
        least[j] = smallest
    return last


@njit
def best_place(data: Data, state: State, r: int, k: int, bound: float) -> None:
    """Find the cheapest feasible insertion of `r` into route `k` below `bound`; keep it with the version."""
    last = deliveries(data, state, k, 2 * r + 1, bound)
    best = bound
    best_i = best_j = -1
    if last >= 0:
        best, best_i, best_j = pair(data, state, r, k, best, last)
    state.cached[r, k] = best
    state.found[r, k, 0] = best_i
    state.found[r, k, 1] = best_j
    state.found[r, k, 2] = state.row[k, VERSION]


@inlined
def pair(
    data: Data, state: State, r: int, k: int, best: float, last: int
) -> tuple[float, int, int]:
    """Try each position for the pickup, and for each the deliveries that may be cheaper than `best`."""
    seq, at, least = state.seq[NOW, k], state.at[NOW, k], state.work[LEAST]
    p, d = 2 * r, 2 * r + 1
    due, opens, stays = data.nodes[p, DUE], data.nodes[p, READY], data.nodes[p, SERVICE]
    room = data.capacity[k] - data.nodes[p, DEMAND] + 1e-9
    to_m, from_m, to_s, from_s = ways(data, k, p)
    past_m = data.ways[data.fleet[k, METRES_FROM], d]
    best_i = best_j = -1
    for i in range(last + 1):
        depart = at[i, DEPART]
        if depart > due:
            break
        a, b = seq[i], seq[i + 1]
        way = to_m[a] - at[i, METRES]
        both = way + from_m[d] + past_m[b]
        extra = way + from_m[b]
        apart = i < last and extra + least[i + 1] < best
        if not (apart or both < best) or at[i, LOAD] > room:
            continue
        begin = depart + to_s[a]
        if begin > due:
            continue
        depart = max(begin, opens) + stays
        if both < best and beside(data, k, d, b, depart + from_s[d]) <= at[i + 1, LATEST]:
            best, best_i, best_j = both, i, i
        if apart:
            cost, j = carry_on(data, state, k, d, i + 1, depart + from_s[b], room, best - extra, last)
            if j >= 0:
                best, best_i, best_j = extra + cost, i, j
    return best, best_i, best_j


@inlined
def beside(data: Data, k: int, d: int, b: int, begin: float) -> float:
    """Reckon when `b` is reached if `d` is reached at `begin`; inf: `d` is then closed."""
    if begin > data.nodes[d, DUE]:
        return np.inf
    return float(
        max(begin, data.nodes[d, READY])
        + data.nodes[d, SERVICE]
        + data.ways[data.fleet[k, SECONDS_FROM], d, b]
    )


@inlined
def carry_on(
    data: Data, state: State, k: int, d: int, j: int, begin: float, room: float, bound: float, last: int
) -> tuple[float, int]:
    """Drive on from position j, reached at `begin` with the load on board, and deliver it where it is cheapest.

    Return what the delivery adds and after which position; -1: nowhere below `bound`.
    """
    seq, at, out = state.seq[NOW, k], state.at[NOW, k], state.work
    due, opens, stays = data.nodes[d, DUE], data.nodes[d, READY], data.nodes[d, SERVICE]
    _, _, to_s, from_s = ways(data, k, d)
    found = -1
    while j <= last:
        if begin > at[j, LATEST] or at[j, LOAD] > room or out[LEAST, j] >= bound:
            break
        depart = max(begin, at[j, OPENS]) + at[j, STAYS]
        if depart > due:
            break
        if out[ALONE, j] < bound:
            reach = depart + to_s[seq[j]]
            if reach <= due and max(reach, opens) + stays + from_s[seq[j + 1]] <= at[j + 1, LATEST]:
                bound = out[ALONE, j]
                found = j
        begin = depart + at[j, SECONDS]
        j += 1
    return bound, found
