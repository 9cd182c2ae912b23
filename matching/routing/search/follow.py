"""How does a route change under the rich rules, and where does a request fit best into it?"""

from __future__ import annotations

import numpy as np

from matching.routing.search.arrays import (
    ALONE,
    BEGIN,
    DEMAND,
    DEPART,
    DUE,
    FIXED_COST,
    FROZEN,
    HELD,
    LATEST,
    LEAST,
    LENGTH,
    LOAD,
    METRES,
    METRES_FROM,
    NOW,
    OPENS,
    READY,
    ROOM,
    SECONDS,
    SERVICE,
    STAYS,
    VERSION,
    Data,
    State,
)
from matching.routing.search.drive import in_common
from matching.routing.search.gaps import beside, deliveries, ways
from matching.routing.search.jit import inlined, njit
from matching.routing.search.rules import (
    AFTER,
    CHANGE_COST,
    COMPARTMENTS,
    DELAYED,
    DRIVE,
    EXCESS_COST,
    HOLDS,
    KEEPING,
    LOADING,
    METERS,
    MOST_MOVED,
    OFFERS,
    OLD_DELAYED,
    OLD_STOPS,
    OLD_TOUR,
    PAST,
    STOPS,
    TOLERANCE,
    Rules,
)
from matching.routing.search.slots import adopt, cancel
from matching.routing.search.units import call


def follow(data: Data, rules: Rules, state: State, k: int, first: int, _x: float) -> float:
    """Drive route `k` as it stands, keep its times, take its slots and return its cost. A unit.

    Up to stop `first` it is as it was.
    """
    n = state.row[k, LENGTH]
    cancel(rules, k)
    for i in range(n):
        node = state.seq[NOW, k, i]
        rules.trial[STOPS, i] = node
        loading = rules.limits[LOADING] > 0.0 and 0 < i < n - 1
        rules.times[HOLDS, i] = rules.begins[node] if loading else -np.inf
    rules.limits[KEEPING] = 1.0
    cost = call(rules.links[DRIVE], data, rules, state, k, n, float(first))
    rules.limits[KEEPING] = 0.0
    if cost < np.inf:
        delayed = 0
        for i in range(1, n - 1):
            state.at[NOW, k, i, BEGIN] = rules.times[AFTER, i]
            state.at[NOW, k, i, DEPART] = rules.times[AFTER, i] + state.at[NOW, k, i, STAYS]
            delayed |= rules.times[HOLDS, i] > -np.inf
        rules.tours[k, DELAYED] = delayed
    state.cost[NOW, k] = cost
    resume(rules, state, k)
    return cost


@njit
def copy_past(rules: Rules, state: State, k: int, source: int, target: int) -> None:
    """Copy how route `k` stands after each stop from one layer to the other."""
    for i in range(1, state.row[k, LENGTH] - 1):
        for m in range(PAST + METERS):
            rules.past[target, k, i, m] = rules.past[source, k, i, m]
        for c in range(1 + rules.tours[k, COMPARTMENTS]):
            rules.traces[target, k, i, c] = rules.traces[source, k, i, c]
    now, old = (DELAYED, OLD_DELAYED) if source == NOW else (OLD_DELAYED, DELAYED)
    rules.tours[k, old] = rules.tours[k, now]


@njit
def resume(rules: Rules, state: State, k: int) -> None:
    """Take the slots of route `k` and count what it has in common with the running tour."""
    adopt(rules, state, k)
    if rules.limits[OLD_STOPS] > 0.0:
        n = state.row[k, LENGTH]
        for i in range(1, n - 1):
            rules.trial[STOPS, i] = state.seq[NOW, k, i]
        rules.common[k] = in_common(rules, k, n)


@njit
def excess(rules: Rules) -> float:
    """Return what it costs that more stops of the running plan are moved than may be."""
    if rules.limits[OLD_STOPS] == 0.0:
        return 0.0
    moved = rules.limits[OLD_STOPS]
    for k in range(rules.common.shape[0]):
        moved -= rules.common[k]
    return float(max(0.0, moved - rules.limits[MOST_MOVED]) * rules.limits[EXCESS_COST])


@njit
def offer(rules: Rules, n: int, most: int, cost: float, i: int, j: int) -> int:
    """Add a pair of positions to the list of the `most` cheapest, in order; return how long it is."""
    offers = rules.offers
    at = min(n, most - 1)
    if n == most and offers[at, 0] <= cost:
        return n
    while at > 0 and offers[at - 1, 0] > cost:
        for c in range(3):
            offers[at, c] = offers[at - 1, c]
        at -= 1
    offers[at, 0] = cost
    offers[at, 1] = i
    offers[at, 2] = j
    return int(min(n + 1, most))


def best_trial(data: Data, rules: Rules, state: State, r: int, k: int, bound: float) -> float:
    """Find the cheapest feasible insertion of `r` into route `k` below `bound` and keep it. A unit.

    Those that are cheap by road are driven in order: first the cheapest alone, mostly the answer.
    """
    state.found[r, k, 2] = state.row[k, VERSION]
    state.found[r, k, 0] = state.found[r, k, 1] = -1
    state.cached[r, k] = bound
    if state.cost[NOW, k] == np.inf:
        return bound
    gift = 2.0 * rules.limits[CHANGE_COST] if rules.old[2 * r + 1, OLD_TOUR] == k else 0.0
    sure = (data.terms[k, FIXED_COST] if state.row[k, LENGTH] == 2 else 0.0) - gift
    last = deliveries(data, state, k, 2 * r + 1, bound - sure)
    if last < state.row[k, FROZEN]:
        return bound
    if state.lists[HELD, r] > 0:
        n = 0
        for j in range(state.row[k, FROZEN], last + 1):
            if state.work[ALONE, j] < bound - sure:
                n = offer(rules, n, OFFERS, state.work[ALONE, j], -1, j)
        drive_offers(data, rules, state, r, k, n, sure)
    elif pairs(data, rules, state, r, k, bound - sure, last, 1) > 0:
        road = rules.offers[0, 0]
        drive_offers(data, rules, state, r, k, 1, sure)
        if road + sure < state.cached[r, k] - TOLERANCE:
            n = pairs(data, rules, state, r, k, state.cached[r, k] - sure, last, OFFERS)
            drive_offers(data, rules, state, r, k, n, sure)
    return float(state.cached[r, k])


@njit
def drive_offers(data: Data, rules: Rules, state: State, r: int, k: int, n: int, sure: float) -> None:
    """Drive the `n` offers, the cheapest by road first, as long as one may be better than what was found."""
    for q in range(n):
        if rules.offers[q, 0] + sure >= state.cached[r, k]:
            break
        i, j = int(rules.offers[q, 1]), int(rules.offers[q, 2])
        if i == state.found[r, k, 0] and j == state.found[r, k, 1]:
            continue
        stops, first = lay(rules, state, r, k, i, j), float(i if i >= 0 else j)
        cost = call(rules.links[DRIVE], data, rules, state, k, stops, first) - state.cost[NOW, k]
        if cost < state.cached[r, k]:
            state.cached[r, k] = cost
            state.found[r, k, 0] = i
            state.found[r, k, 1] = j


@inlined
def tighter(rules: Rules, n: int, most: int, bound: float) -> float:
    """Give the bound that holds now: a full list takes only what is cheaper than its last."""
    return float(rules.offers[most - 1, 0]) if n == most else bound


@njit
def lay(rules: Rules, state: State, r: int, k: int, i: int, j: int) -> int:
    """Write route `k` with `r` in it as the trial; return how many stops it has."""
    stops, seq = rules.trial[STOPS], state.seq[NOW, k]
    n = 0
    for m in range(state.row[k, LENGTH]):
        stops[n] = seq[m]
        rules.times[HOLDS, n] = -np.inf
        n += 1
        if m == i:
            stops[n] = 2 * r
            rules.times[HOLDS, n] = -np.inf
            n += 1
        if m == j:
            stops[n] = 2 * r + 1
            rules.times[HOLDS, n] = -np.inf
            n += 1
    return n


@njit
def pairs(data: Data, rules: Rules, state: State, r: int, k: int, bound: float, last: int, most: int) -> int:
    """List the `most` cheapest pairs of positions that may do and add less than `bound` by road, in order."""
    seq, at, least = state.seq[NOW, k], state.at[NOW, k], state.work[LEAST]
    p, d = 2 * r, 2 * r + 1
    due, opens, stays = data.nodes[p, DUE], data.nodes[p, READY], data.nodes[p, SERVICE]
    room = data.terms[k, ROOM] - data.nodes[p, DEMAND] + 1e-6
    to_m, from_m, to_s, from_s = ways(data, k, p)
    past_m = data.ways[data.fleet[k, METRES_FROM], d]
    n = 0
    for i in range(state.row[k, FROZEN], last + 1):
        depart = at[i, DEPART]
        if depart > due:
            break
        a, b = seq[i], seq[i + 1]
        way = to_m[a] - at[i, METRES]
        begin = depart + to_s[a]
        if at[i, LOAD] > room or begin > due:
            continue
        depart = max(begin, opens) + stays
        both = way + from_m[d] + past_m[b]
        if both < bound and beside(data, k, d, b, depart + from_s[d]) <= at[i + 1, LATEST]:
            n = offer(rules, n, most, both, i, i)
            bound = tighter(rules, n, most, bound)
        extra = way + from_m[b]
        if i < last and extra + least[i + 1] < bound:
            n = onward(data, rules, state, k, d, i, depart + from_s[b], extra, room, bound, last, n, most)
            bound = tighter(rules, n, most, bound)
    return n


@inlined
def onward(
    data: Data,
    rules: Rules,
    state: State,
    k: int,
    d: int,
    i: int,
    begin: float,
    extra: float,
    room: float,
    bound: float,
    last: int,
    n: int,
    most: int,
) -> int:
    """Drive on with the load on board, the next stop reached at `begin`; list where it may be delivered."""
    seq, at, alone, least = state.seq[NOW, k], state.at[NOW, k], state.work[ALONE], state.work[LEAST]
    due, opens, stays = data.nodes[d, DUE], data.nodes[d, READY], data.nodes[d, SERVICE]
    _, _, to_s, from_s = ways(data, k, d)
    for j in range(i + 1, last + 1):
        if begin > at[j, LATEST] or at[j, LOAD] > room or extra + least[j] >= bound:
            break
        depart = max(begin, at[j, OPENS]) + at[j, STAYS]
        if depart > due:
            break
        if extra + alone[j] < bound:
            reach = depart + to_s[seq[j]]
            if reach <= due and max(reach, opens) + stays + from_s[seq[j + 1]] <= at[j + 1, LATEST]:
                n = offer(rules, n, most, extra + alone[j], i, j)
                bound = tighter(rules, n, most, bound)
        begin = depart + at[j, SECONDS]
    return n
