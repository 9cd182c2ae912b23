"""Where between the stops of a route does a request fit in time, and what does it add?"""

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
    ROOM,
    SECONDS,
    SECONDS_FROM,
    SECONDS_TO,
    SERVICE,
    STAYS,
    Data,
    F,
    State,
)
from matching.routing.search.jit import inlined


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


@inlined
def pair(data: Data, state: State, r: int, k: int, best: float, last: int) -> tuple[float, int, int]:
    """Try each position for the pickup, and for each the deliveries that may be cheaper than `best`."""
    seq, at, least = state.seq[NOW, k], state.at[NOW, k], state.work[LEAST]
    p, d = 2 * r, 2 * r + 1
    due, opens, stays = data.nodes[p, DUE], data.nodes[p, READY], data.nodes[p, SERVICE]
    room = data.terms[k, ROOM] - data.nodes[p, DEMAND] + 1e-9
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
    """Drive on from position j, reached at `begin` with the load, and deliver it where it is cheapest.

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
