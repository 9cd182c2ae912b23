"""What does it cost to drive a trial order of stops, to the second and under all rules?

It means what `matching.routing.evaluate` means; a stop that can't be served makes the cost inf.
"""

from __future__ import annotations

import numpy as np

from matching.routing.search.arrays import (
    DUE,
    END,
    FIXED_COST,
    METRES_FROM,
    NOW,
    READY,
    SECONDS_FROM,
    SERVICE,
    START,
    Data,
    State,
)
from matching.routing.search.cargo import aboard_at, berth, board, load, unload
from matching.routing.search.jit import inlined, njit
from matching.routing.search.rules import (
    AFTER,
    BEGINS,
    BERTH,
    BREAK_S,
    CHANGE_COST,
    CLOCK,
    COMPARTMENTS,
    COSTS,
    DAY_S,
    DELAYED,
    DRIVE_S,
    DRIVEN,
    DRIVEN_BEFORE,
    HOLDS,
    IDLE,
    KEEPING,
    METERS,
    OLD_RANK,
    OLD_TOUR,
    OPEN_END,
    PAST,
    PER_SECOND,
    PICKED,
    RIDES,
    SINCE,
    SINCE_BEFORE,
    STOPS,
    TAILS,
    TOLERANCE,
    TYPE,
    WASH_COST,
    WASH_S,
    Rules,
)
from matching.routing.search.slots import free_from

ROUNDS = 50


@njit
def move(data: Data, rules: Rules, k: int, a: int, b: int) -> float:
    """Drive from a to b, held until the road opens, with the breaks that fall due; return how long held."""
    meter = rules.meter
    seconds = data.ways[data.fleet[k, SECONDS_FROM], a, b]
    lasts = seconds
    meter[SINCE] += seconds
    if seconds > 0.0 and meter[SINCE] - TOLERANCE > rules.hours[DRIVE_S]:
        breaks = np.ceil((meter[SINCE] - TOLERANCE) / rules.hours[DRIVE_S]) - 1.0
        lasts += breaks * rules.hours[BREAK_S]
        meter[SINCE] -= breaks * rules.hours[DRIVE_S]
    leaves = meter[CLOCK]
    if rules.leg_of.shape[0] > 1 and rules.leg_of[a, b] > 0:
        leaves = clear_of(rules, rules.leg_of[a, b], rules.tours[k, TYPE], leaves, lasts)
    held = leaves - meter[CLOCK]
    meter[CLOCK] = leaves + lasts
    meter[DRIVEN] += seconds
    meter[COSTS] += data.ways[data.fleet[k, METRES_FROM], a, b]
    return float(held)


@inlined
def clear_of(rules: Rules, closure: int, kind: int, moment: float, lasts: float) -> float:
    """Find the first moment from which a leg can be driven without being on it at a closed hour."""
    for s in range(rules.leg_at[closure, kind, 0], rules.leg_at[closure, kind, 1]):
        if moment < rules.spans[s, 1] - TOLERANCE and moment + lasts > rules.spans[s, 0] + TOLERANCE:
            moment = rules.spans[s, 1]
    return moment


@inlined
def opens(rules: Rules, k: int, node: int, moment: float, lasts: float) -> float:
    """Find the first moment from this one on at which service may begin and a dock is free; inf: none."""
    kind = rules.tours[k, TYPE]
    dock = rules.docks[node] if lasts > 0.0 else -1
    s = rules.span_at[node, kind, 0]
    while s < rules.span_at[node, kind, 1]:
        if moment > rules.spans[s, 1] + TOLERANCE:
            s += 1
            continue
        moment = max(moment, rules.spans[s, 0])
        free = free_from(rules, dock, k, moment, lasts) if dock >= 0 else moment
        if free == moment:
            return moment
        moment = free
    return np.inf


@njit
def wash(data: Data, rules: Rules, k: int, here: int, there: int) -> tuple[int, float]:
    """Drive by the cleaning place with the least detour; return its node and for how long held before."""
    seconds = data.ways[data.fleet[k, SECONDS_FROM]]
    best = 0
    for w in range(1, rules.wash_nodes.shape[0]):
        a, b = rules.wash_nodes[w], rules.wash_nodes[best]
        if seconds[here, a] + seconds[a, there] < seconds[here, b] + seconds[b, there]:
            best = w
    held = move(data, rules, k, here, rules.wash_nodes[best])
    rules.meter[CLOCK] += rules.wash[best, WASH_S]
    rules.meter[COSTS] += rules.wash[best, WASH_COST]
    for c in range(rules.tours[k, COMPARTMENTS]):
        rules.soiled[c] = 0
    return int(rules.wash_nodes[best]), held


@inlined
def note(rules: Rules, k: int, i: int, begin: float) -> None:
    """Write down when stop `i` begins; if the drive is the route's own, also how the vehicle stands then."""
    rules.times[AFTER, i] = begin
    if rules.limits[KEEPING] == 0.0:
        return
    rules.past[NOW, k, i, BEGINS] = begin
    for m in range(METERS):
        rules.past[NOW, k, i, PAST + m] = rules.meter[m]
    rules.traces[NOW, k, i, 0] = rules.trial[BERTH, rules.trial[STOPS, i] >> 1]
    for c in range(rules.tours[k, COMPARTMENTS]):
        rules.traces[NOW, k, i, 1 + c] = rules.soiled[c]


@njit
def serve(data: Data, rules: Rules, k: int, here: int, i: int) -> bool:
    """Drive to stop `i` of the trial and load or unload there; False: it can't be."""
    meter, node = rules.meter, rules.trial[STOPS, i]
    c, held, cleaned = -1, 0.0, False
    if node & 1 == 0:
        c, cleaned = berth(rules, k, node >> 1)
        if c < 0:
            return False
        if cleaned:
            here, held = wash(data, rules, k, here, node)
    on_way = move(data, rules, k, here, node)
    arrival = meter[CLOCK]
    lasts = data.nodes[node, SERVICE]
    begin = opens(rules, k, node, max(arrival, rules.times[HOLDS, i]), lasts)
    if begin == np.inf:
        return False
    if i == 1:
        meter[IDLE] = begin - arrival + (held if cleaned else on_way)
    if begin - arrival >= rules.hours[BREAK_S] - TOLERANCE:
        meter[SINCE] = 0.0
    meter[CLOCK] = begin + lasts
    if c >= 0:
        load(rules, node >> 1, c)
        rules.trial[PICKED, node >> 1] = i
    else:
        unload(rules, node >> 1)
    note(rules, k, i, begin)
    return True


@njit
def set_off(data: Data, rules: Rules, k: int, i: int) -> int:
    """Begin a trial drive after stop `i`, up to which it is as the vehicle's route; return where that is."""
    meter, start = rules.meter, data.fleet[k, START]
    if i > 0:
        aboard_at(rules, k, i)
        for m in range(METERS):
            meter[m] = rules.past[NOW, k, i, PAST + m]
        for m in range(1, i + 1):
            rules.times[AFTER, m] = rules.past[NOW, k, m, BEGINS]
        return int(rules.trial[STOPS, i])
    board(rules, k)
    meter[CLOCK] = data.nodes[start, READY]
    meter[SINCE] = rules.cards[k, SINCE_BEFORE]
    meter[DRIVEN] = rules.cards[k, DRIVEN_BEFORE]
    meter[COSTS] = data.terms[k, FIXED_COST]
    return int(start)


@njit
def once(data: Data, rules: Rules, k: int, n: int, first: int) -> float:
    """Drive the trial of `n` stops, start and end included, on from stop `first`; return its cost."""
    meter, end = rules.meter, data.fleet[k, END]
    here = set_off(data, rules, k, first)
    for i in range(first + 1, n - 1):
        if not serve(data, rules, k, here, i):
            return np.inf
        here = rules.trial[STOPS, i]
    if rules.tours[k, OPEN_END] == 0:
        move(data, rules, k, here, end)
    if meter[CLOCK] > data.nodes[end, DUE] + TOLERANCE or meter[DRIVEN] > rules.hours[DAY_S] + TOLERANCE:
        return np.inf
    paid = meter[CLOCK] - data.nodes[data.fleet[k, START], READY] - meter[IDLE]
    return float(meter[COSTS] + paid * rules.cards[k, PER_SECOND])


@inlined
def put_off(data: Data, rules: Rules, n: int, first: int) -> bool:
    """Put pickups off whose loads, delivered after stop `first`, ride for too long; False: there are none."""
    late = False
    for i in range(first + 1, n - 1):
        node = rules.trial[STOPS, i]
        at = rules.trial[PICKED, node >> 1]
        if node & 1 and at > 0:
            left = rules.times[AFTER, at] + data.nodes[node - 1, SERVICE]
            over = rules.times[AFTER, i] - left - rules.goods[node >> 1, rules.goods.shape[1] - 1]
            if over > TOLERANCE:
                rules.times[HOLDS, at] = rules.times[AFTER, at] + over
                late = True
    return late


def drive(data: Data, rules: Rules, _state: State, k: int, n: int, first: float) -> float:
    """Drive the trial of `n` stops with every ride short enough; return its cost, less the worth of keeping.

    A unit.
    Up to stop `first` it is as the vehicle's route. `times[HOLDS]` says before when a stop may not begin. An
    empty trial costs nothing.
    """
    if n == 2:
        return 0.0
    begun = 0 if rules.tours[k, DELAYED] else int(first)
    cost = once(data, rules, k, n, begun)
    if rules.limits[RIDES] > 0.0:
        for _ in range(ROUNDS):
            if cost == np.inf or not put_off(data, rules, n, begun):
                break
            begun = 0
            cost = once(data, rules, k, n, 0)
        if cost < np.inf and put_off(data, rules, n, begun):
            return np.inf
    if rules.limits[CHANGE_COST] > 0.0 and cost < np.inf:
        cost -= rules.limits[CHANGE_COST] * in_common(rules, k, n)
    return cost


@njit
def in_common(rules: Rules, k: int, n: int) -> int:
    """Measure the longest common subsequence of the trial and the running tour: the longest rising ranks."""
    tails = rules.trial[TAILS]
    size = 0
    for i in range(1, n - 1):
        node = rules.trial[STOPS, i]
        if rules.old[node, OLD_TOUR] != k:
            continue
        rank = rules.old[node, OLD_RANK]
        at = size
        while at > 0 and tails[at - 1] >= rank:
            at -= 1
        tails[at] = rank
        size = max(size, at + 1)
    return size
