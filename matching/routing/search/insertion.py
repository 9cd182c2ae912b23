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
from matching.routing.search.jit import njit


@njit
def ways(data: Data, k: int, a: int) -> tuple[F, F, F, F]:
    """Return metres to and from, seconds to and from `a` for vehicle `k`."""
    fleet = data.fleet[k]
    return (
        data.ways[fleet[METRES_TO], a],
        data.ways[fleet[METRES_FROM], a],
        data.ways[fleet[SECONDS_TO], a],
        data.ways[fleet[SECONDS_FROM], a],
    )


@njit
def deliveries(data: Data, state: State, k: int, d: int, out: F) -> int:
    """Write what the delivery `d` alone adds after each position (inf: it can't), and from each on the least.

    Return the last position after which it can be made in time.
    """
    seq, at = state.seq[NOW, k], state.at[NOW, k]
    due, opens, stays = data.nodes[d, DUE], data.nodes[d, READY], data.nodes[d, SERVICE]
    to_m, from_m, to_s, from_s = ways(data, k, d)
    n = state.row[k, LENGTH] - 1
    last = -1
    for j in range(n):
        depart = at[j, DEPART]
        if depart > due:
            break
        out[ALONE, j] = np.inf
        a, b = seq[j], seq[j + 1]
        begin = depart + to_s[a]
        if begin > due:
            continue
        if max(begin, opens) + stays + from_s[b] > at[j + 1, LATEST]:
            continue
        out[ALONE, j] = to_m[a] + from_m[b] - at[j, METRES]
        last = j
    least = np.inf
    for j in range(last, -1, -1):
        least = min(least, out[ALONE, j])
        out[LEAST, j] = least
    return last


@njit
def best_place(data: Data, state: State, r: int, k: int) -> None:
    """Find the cheapest feasible insertion of `r` into route `k` and keep it with the route's version."""
    seq, at, out = state.seq[NOW, k], state.at[NOW, k], state.work
    p, d = 2 * r, 2 * r + 1
    due, opens, stays = data.nodes[p, DUE], data.nodes[p, READY], data.nodes[p, SERVICE]
    room = data.capacity[k] - data.nodes[p, DEMAND] + 1e-9
    to_m, from_m, to_s, from_s = ways(data, k, p)
    last = deliveries(data, state, k, d, out)
    best = np.inf
    best_i = best_j = -1
    for i in range(min(last + 1, state.row[k, LENGTH] - 1)):
        depart = at[i, DEPART]
        if depart > due:
            break
        if at[i, LOAD] > room:
            continue
        a, b = seq[i], seq[i + 1]
        begin = depart + to_s[a]
        if begin > due:
            continue
        depart = max(begin, opens) + stays
        time = beside(data, k, d, b, depart + from_s[d])
        if time <= at[i + 1, LATEST]:
            delta = to_m[a] + from_m[d] + data.ways[data.fleet[k, METRES_FROM], d, b] - at[i, METRES]
            if delta < best:
                best, best_i, best_j = delta, i, i
        if i >= last:
            continue
        delta = to_m[a] + from_m[b] - at[i, METRES]
        if delta + out[LEAST, i + 1] >= best:
            continue
        cost, j = carry_on(data, state, k, d, i + 1, depart + from_s[b], room, best - delta, last)
        if j >= 0:
            best, best_i, best_j = delta + cost, i, j
    state.cached[r, k] = best
    state.found[r, k, 0] = best_i
    state.found[r, k, 1] = best_j
    state.found[r, k, 2] = state.row[k, VERSION]


@njit
def beside(data: Data, k: int, d: int, b: int, begin: float) -> float:
    """Reckon when `b` is reached if `d` is reached at `begin`; inf: `d` is then closed."""
    if begin > data.nodes[d, DUE]:
        return np.inf
    return float(
        max(begin, data.nodes[d, READY])
        + data.nodes[d, SERVICE]
        + data.ways[data.fleet[k, SECONDS_FROM], d, b]
    )


@njit
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
