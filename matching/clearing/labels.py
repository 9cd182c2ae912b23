"""What does one more kilogram cost, or earn, at every place of a cleared market?"""

from __future__ import annotations

from matching.clearing.layout import (
    DISTANCE,
    FAR,
    GAIN,
    HEAP,
    KG,
    LOAD,
    LOT,
    LOT_FROM,
    LOTS,
    MODE,
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
    TAKER_FROM,
    TAKER_RESOURCES,
    TAKERS,
)
from matching.clearing.market import Ints
from matching.clearing.residual import pop, reach, spread
from matching.kernels import compiled, entry


@compiled
def _arcs_of(net: Ints, node: int) -> tuple[int, int]:
    """Give the first arc of a node and the one after its last."""
    lots, resources = net[LOTS], net[RESOURCES]
    if node < lots:
        return net[net[LOT_FROM] + node], net[net[LOT_FROM] + node + 1]
    if node < lots + resources:
        at = net[RESOURCE_FROM] + node - lots
        return net[at], net[at + 1] + 1
    at = net[TAKER_FROM] + node - lots - resources
    return net[at], net[at + 1]


@compiled
def _arc_into(net: Ints, state: Ints, node: int, n: int) -> tuple[int, int]:
    """Give the tail (-1: no room) and the cost of the n-th arc with room that ends in a node."""
    lots, beyond = net[LOTS], net[LOTS] + net[RESOURCES]
    if node < lots:  # from a resource, what was brought there is taken back
        return (net[net[RESOURCE] + n] + lots if state[net[KG] + n] > 0 else -1), net[net[GAIN] + n]
    if node >= beyond:
        resource = net[net[TAKER_RESOURCES] + n]
        return (resource + lots if state[net[LOAD] + resource] < net[net[ROOM] + resource] else -1), 0
    if n == net[net[RESOURCE_FROM] + node - lots + 1]:
        taker = net[net[RESOURCE_TAKER] + node - lots] + beyond
        return (taker if state[net[LOAD] + node - lots] > 0 else -1), 0
    pair = net[net[RESOURCE_PAIRS] + n]
    return (net[net[LOT] + pair] if state[net[MODE] + pair] <= OPEN else -1), -net[net[GAIN] + pair]


@entry
def find_prices(net: Ints, state: Ints, work: Ints) -> bool:
    """Give each node the cost of its cheapest way to the sink (label correcting, first in first out).

    Returns False if there is a cycle of negative cost: the flow was not optimal.
    """
    lots, beyond = net[LOTS], net[LOTS] + net[RESOURCES]
    nodes = beyond + net[TAKERS]
    price = state[net[PRICE] : net[PRICE] + nodes]
    queue = work[net[HEAP] : net[HEAP] + nodes]
    queued = work[net[PLACE] : net[PLACE] + nodes]
    passes = work[net[DISTANCE] : net[DISTANCE] + nodes]
    passes[:] = 0
    head, size = 0, 0
    for step in range(nodes):
        node = nodes - 1 - step
        room = node >= beyond and state[net[LOAD] + node - lots] < net[net[ROOM] + node - lots]
        price[node] = 0 if node < lots or room else FAR
        if price[node] == 0:
            queue[size], queued[node] = node, 1
            size += 1
    while size > 0:
        node = queue[head]
        head, size = (head + 1) % nodes, size - 1
        queued[node] = -1
        passes[node] += 1
        if passes[node] > nodes:
            queued[:] = -1
            return False
        start, end = _arcs_of(net, node)
        for n in range(start, end):
            tail, cost = _arc_into(net, state, node, n)
            if tail >= 0 and price[node] + cost < price[tail]:
                price[tail] = price[node] + cost
                if queued[tail] < 0:
                    queue[(head + size) % nodes], queued[tail] = tail, 1
                    size += 1
    return True


@entry
def earn(net: Ints, state: Ints, work: Ints) -> None:
    """Search from the sink to all nodes; `work` then holds reduced distances, FAR where there is no way."""
    lots, beyond = net[LOTS], net[LOTS] + net[RESOURCES]
    nodes, distance, place = beyond + net[TAKERS], net[DISTANCE], net[PLACE]
    size, seen = 0, 0
    for node in range(nodes):
        rests = node < lots and state[net[REST] + node] > 0
        if rests or (node >= beyond and state[net[LOAD] + node - lots] > 0):
            size += reach(net, work, node, -1, -1, state[net[PRICE] + node], size, seen)
            seen += 1
    while size > 0:
        node = pop(net, work, size)
        size -= 1
        new = spread(net, state, work, node, True, FAR, size, seen)
        size += new
        seen += new
    for node in range(nodes):
        if work[place + node] == -1:
            work[distance + node] = FAR
        work[place + node] = -1
