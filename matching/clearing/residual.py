"""How is an optimal flow kept optimal while single amounts are pushed in, pulled out or forbidden?

Successive shortest paths (Ahuja, Magnanti, Orlin, Network Flows, 1993, section 9.7) on the four layers of a
market: lots, resources (a taker's room for one code), takers, and one sink in which all mass ends, moved or
not. The price of a node is what one more kilogram there costs everybody else until it has found its place;
no arc with room has a negative reduced cost. Each search stops at its nearest way out, so that it sees only
the neighbourhood of what changed. Forward searches lead from a node to the sink, backward ones from the sink
to it.
"""

from __future__ import annotations

from matching.clearing.layout import (
    CAME_BY,
    CAME_FROM,
    CUTOFF,
    DISTANCE,
    FAR,
    FREE,
    GAIN,
    HEAP,
    HOLES,
    KG,
    LEAST,
    LOAD,
    LOG_AT,
    LOG_OLD,
    LOG_ROOM,
    LOT,
    LOT_FROM,
    LOTS,
    MODE,
    MOVES,
    NEVER,
    OPEN,
    PLACE,
    PRICE,
    RESOURCE,
    RESOURCE_FROM,
    RESOURCE_PAIRS,
    RESOURCE_TAKER,
    RESOURCES,
    REST,
    ROOM,
    SEEN,
    TAKER_FROM,
    TAKER_RESOURCES,
    TAKERS,
    TOTAL,
)
from matching.clearing.market import Ints
from matching.kernels import compiled


@compiled
def put(net: Ints, state: Ints, work: Ints, at: int, value: int) -> None:
    """Write one number of the state and log the old one."""
    moves = work[net[MOVES]]
    work[net[LOG_AT] + moves] = at
    work[net[LOG_OLD] + moves] = state[at]
    work[net[MOVES]] = moves + 1
    state[at] = value


@compiled
def undo(net: Ints, state: Ints, work: Ints, back_to: int) -> None:
    """Take back everything written since the log had `back_to` entries."""
    for n in range(work[net[MOVES]] - 1, back_to - 1, -1):
        state[work[net[LOG_AT] + n]] = work[net[LOG_OLD] + n]
    work[net[MOVES]] = back_to


@compiled
def pop(net: Ints, work: Ints, size: int) -> int:
    """Take the nearest node off a heap of `size` entries."""
    heap, place, distance = net[HEAP], net[PLACE], net[DISTANCE]
    top, node, at = work[heap], work[heap + size - 1], 0
    size -= 1
    key = work[distance + node]
    while True:
        below = 2 * at + 1
        if below >= size:
            break
        child = work[heap + below]
        if below + 1 < size and work[distance + work[heap + below + 1]] < work[distance + child]:
            below += 1
            child = work[heap + below]
        if work[distance + child] >= key:
            break
        work[heap + at] = child
        work[place + child] = at
        at = below
    work[heap + at] = node
    work[place + node] = at
    work[place + top] = -2
    return int(top)


@compiled
def reach(net: Ints, work: Ints, node: int, via: int, by: int, distance: int, size: int, seen: int) -> int:
    """Note a way to a node if it is the shortest so far; return 1 if the node is new, else 0."""
    heap, place, far = net[HEAP], net[PLACE], net[DISTANCE]
    at = work[place + node]
    new = 1 if at == -1 else 0
    if new == 1:
        work[net[SEEN] + seen] = node
        at = size
    elif distance >= work[far + node]:
        return 0
    work[far + node] = distance
    work[net[CAME_FROM] + node] = via
    work[net[CAME_BY] + node] = by
    while at > 0:
        above = (at - 1) >> 1
        other = work[heap + above]
        if work[far + other] <= distance:
            break
        work[heap + at] = other
        work[place + other] = at
        at = above
    work[heap + at] = node
    work[place + node] = at
    return new


@compiled
def _way_out(net: Ints, state: Ints, node: int, forward: bool) -> int:
    """Give the reduced cost of going from a node to the sink at once (backward: from the sink), or FAR."""
    beyond = net[LOTS] + net[RESOURCES]
    price = state[net[PRICE] + node]
    if node < net[LOTS]:
        if forward:
            return int(-price)
        return price if state[net[REST] + node] > 0 else FAR
    if node < beyond:
        return FAR
    load = state[net[LOAD] + node - net[LOTS]]
    if forward:
        return -price if load < net[net[ROOM] + node - net[LOTS]] else FAR
    return price if load > 0 else FAR


@compiled
def _from_lot(
    net: Ints, state: Ints, work: Ints, lot: int, forward: bool, limit: int, size: int, seen: int
) -> int:
    """Reach what a lot's pairs lead to by less than `limit`; return how many nodes are new."""
    lots, new = net[LOTS], 0
    here = work[net[DISTANCE] + lot]
    base = here + state[net[PRICE] + lot] if not forward else here - state[net[PRICE] + lot]
    for pair in range(net[net[LOT_FROM] + lot], net[net[LOT_FROM] + lot + 1]):
        if not forward and state[net[KG] + pair] <= 0:
            continue
        node = net[net[RESOURCE] + pair] + lots
        step = state[net[PRICE] + node] - net[net[GAIN] + pair]
        distance = base + step if forward else base - step
        if distance < limit and _has_room(net, state, pair, lot, forward):
            new += reach(net, work, node, lot, pair, distance, size + new, seen + new)
    return new


@compiled
def _from_resource(
    net: Ints, state: Ints, work: Ints, node: int, forward: bool, limit: int, size: int, seen: int
) -> int:
    """Reach what a resource's pairs, and the way to its taker, lead to by less than `limit`."""
    lots, new = net[LOTS], 0
    here, price, resource = work[net[DISTANCE] + node], state[net[PRICE] + node], node - net[LOTS]
    base = here - price if forward else here + price
    for n in range(net[net[RESOURCE_FROM] + resource], net[net[RESOURCE_FROM] + resource + 1]):
        pair = net[net[RESOURCE_PAIRS] + n]
        if forward and state[net[KG] + pair] <= 0:
            continue
        lot = net[net[LOT] + pair]
        step = state[net[PRICE] + lot] + net[net[GAIN] + pair]
        distance = base + step if forward else base - step
        if distance < limit and _has_room(net, state, pair, lot, not forward):
            new += reach(net, work, lot, node, pair, distance, size + new, seen + new)
    load, taker = state[net[LOAD] + resource], net[net[RESOURCE_TAKER] + resource] + lots + net[RESOURCES]
    step = state[net[PRICE] + taker]
    distance = base + step if forward else base - step
    fits = load < net[net[ROOM] + resource] if forward else load > 0
    if fits and distance < limit:
        new += reach(net, work, taker, node, -1, distance, size + new, seen + new)
    return new


@compiled
def _from_taker(
    net: Ints, state: Ints, work: Ints, node: int, forward: bool, limit: int, size: int, seen: int
) -> int:
    """Reach the resources of a taker that are less than `limit` away."""
    new, taker = 0, node - net[LOTS] - net[RESOURCES]
    here, price = work[net[DISTANCE] + node], state[net[PRICE] + node]
    base = here - price if forward else here + price
    for n in range(net[net[TAKER_FROM] + taker], net[net[TAKER_FROM] + taker + 1]):
        resource = net[net[TAKER_RESOURCES] + n]
        load = state[net[LOAD] + resource]
        if load > 0 if forward else load < net[net[ROOM] + resource]:
            other = resource + net[LOTS]
            step = state[net[PRICE] + other]
            distance = base + step if forward else base - step
            if distance < limit:
                new += reach(net, work, other, node, -1, distance, size + new, seen + new)
    return new


@compiled
def _has_room(net: Ints, state: Ints, pair: int, lot: int, comes: bool) -> bool:
    """Say whether a pair may carry more, or less."""
    mode = state[net[MODE] + pair]
    if comes or mode > OPEN:
        return bool(mode <= OPEN)
    return bool(mode == FREE or state[net[KG] + pair] > net[net[LEAST] + lot])


@compiled
def spread(
    net: Ints, state: Ints, work: Ints, node: int, forward: bool, limit: int, size: int, seen: int
) -> int:
    """Reach what a node leads to by less than `limit`; return how many nodes are new."""
    if node < net[LOTS]:
        return _from_lot(net, state, work, node, forward, limit, size, seen)
    if node < net[LOTS] + net[RESOURCES]:
        return _from_resource(net, state, work, node, forward, limit, size, seen)
    return _from_taker(net, state, work, node, forward, limit, size, seen)


@compiled
def shortest(net: Ints, state: Ints, work: Ints, source: int, forward: bool) -> int:
    """Find the cheapest way from a node to the sink (backward: from the sink to it) and mend the prices.

    Returns the last node before the sink, -1 where there is no way.
    """
    distance = net[DISTANCE]
    size = seen = reach(net, work, source, -1, -1, 0, 0, 0)
    best, last = FAR, -1
    while size > 0 and work[distance + work[net[HEAP]]] < best:
        node = pop(net, work, size)
        size -= 1
        out = _way_out(net, state, node, forward)
        if work[distance + node] + out < best:
            best, last = work[distance + node] + out, node
        new = spread(net, state, work, node, forward, best, size, seen)
        size += new
        seen += new
    for n in range(seen):
        node = work[net[SEEN] + n]
        work[net[PLACE] + node] = -1
        change = best - work[distance + node]
        if last >= 0 and change > 0:
            at = net[PRICE] + node
            put(net, state, work, at, state[at] + (change if forward else -change))
    return last


@compiled
def _room_on(net: Ints, state: Ints, work: Ints, node: int, forward: bool) -> int:
    """Give the kilograms that still fit on the arc by which a node was reached."""
    lots, beyond = net[LOTS], net[LOTS] + net[RESOURCES]
    pair, via = work[net[CAME_BY] + node], work[net[CAME_FROM] + node]
    if pair >= 0:
        if (via < lots) == forward:
            return FAR
        least = net[net[LEAST] + net[net[LOT] + pair]] if state[net[MODE] + pair] == OPEN else 0
        return int(state[net[KG] + pair] - least)
    resource = (via if node >= beyond else node) - lots
    load = state[net[LOAD] + resource]
    return int(net[net[ROOM] + resource] - load) if (node >= beyond) == forward else int(load)


@compiled
def _send(net: Ints, state: Ints, work: Ints, node: int, amount: int, forward: bool) -> None:
    """Change what the arc carries by which a node was reached."""
    lots, beyond = net[LOTS], net[LOTS] + net[RESOURCES]
    pair, via = work[net[CAME_BY] + node], work[net[CAME_FROM] + node]
    if pair >= 0:
        change = amount if (via < lots) == forward else -amount
        put(net, state, work, net[KG] + pair, state[net[KG] + pair] + change)
        put(net, state, work, net[TOTAL], state[net[TOTAL]] + change * net[net[GAIN] + pair])
    else:
        at = net[LOAD] + (via if node >= beyond else node) - lots
        put(net, state, work, at, state[at] + (amount if (node >= beyond) == forward else -amount))


@compiled
def push(net: Ints, state: Ints, work: Ints, last: int, amount: int, forward: bool) -> int:
    """Send up to `amount` kilograms along the way that was found; return how many went."""
    lots, came_from = net[LOTS], net[CAME_FROM]
    at = net[REST] + last if last < lots else net[LOAD] + last - lots
    if not forward:
        amount = min(amount, state[at])
    elif last >= lots:
        amount = min(amount, net[net[ROOM] + last - lots] - state[at])
    node = last
    while work[came_from + node] >= 0:
        amount = min(amount, _room_on(net, state, work, node, forward))
        node = work[came_from + node]
    put(net, state, work, at, state[at] + (amount if forward else -amount))
    node = last
    while work[came_from + node] >= 0:
        _send(net, state, work, node, amount, forward)
        node = work[came_from + node]
    return amount


@compiled
def _hope(net: Ints, state: Ints, work: Ints, source: int, amount: int, forward: bool, lot: int) -> int:
    """Give the most that all can earn once this much at a node, and what a lot left behind, is settled.

    Prices prove it (weak duality): each further kilogram costs no less, and earns no more, than they say.
    """
    price, holes = state[net[PRICE] + source], net[HOLES]
    if price >= FAR // 2:
        return NEVER if forward else FAR
    most = state[net[TOTAL]] + (-amount * price if forward else amount * price)
    first = net[net[LOT_FROM] + lot]
    for pair in range(first, net[net[LOT_FROM] + lot + 1]):
        hole = work[holes + pair - first]
        if hole > 0:
            most += hole * state[net[PRICE] + net[net[RESOURCE] + pair] + net[LOTS]]
    return int(most)


@compiled
def drain(net: Ints, state: Ints, work: Ints, source: int, amount: int, forward: bool, lot: int) -> bool:
    """Send `amount` kilograms from a node to the sink (backward: from the sink to it), as cheaply as can be.

    `lot`, if there is one, has left holes that are still to be filled. Returns False, with the work half
    done, where there is no way, the log is full or the gain must fall below the cutoff.
    """
    nodes = net[LOTS] + net[RESOURCES] + net[TAKERS]
    cutoff = work[net[CUTOFF]] if lot >= 0 else NEVER
    while amount > 0:
        if cutoff > NEVER and _hope(net, state, work, source, amount, forward, lot) < cutoff:
            return False
        if work[net[MOVES]] + 4 * nodes + 64 > work[net[LOG_ROOM]]:
            return False
        last = shortest(net, state, work, source, forward)
        if last < 0:
            return False
        amount -= push(net, state, work, last, amount, forward)
    return True
