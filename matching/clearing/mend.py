"""How is a flow mended when a room, a worth or a mass changes, and what would one more lot earn in it?"""

from __future__ import annotations

from matching.clearing.decide import refuse, release, settle
from matching.clearing.layout import (
    DECIDED,
    DROPPED,
    FAR,
    FREE,
    GAIN,
    KG,
    LEAST,
    LOAD,
    LOG_ROOM,
    LOT,
    LOT_KG,
    LOTS,
    MODE,
    MOVES,
    PRICE,
    RESOURCE_TAKER,
    RESOURCES,
    REST,
    ROOM,
    TAKER_FROM,
    TAKER_RESOURCES,
    TAKERS,
    TOTAL,
)
from matching.clearing.market import Ints
from matching.clearing.residual import drain, push, put, shortest, undo
from matching.kernels import compiled, entry

RELEASE, DROP, SET_ROOM, SET_GAIN, SET_LOT, SET_LEAST, ADMIT = 0, 1, 2, 3, 4, 5, 6


@entry
def mend(net: Ints, state: Ints, work: Ints, act: int, at: Ints, values: Ints) -> bool:
    """Do one kind of change to many lots, pairs or rooms, the flow being optimal again after each.

    False: there was no way; the flow is then spoilt.
    """
    for n in range(len(at)):
        work[net[MOVES]] = 0
        one, value, done = at[n], values[n], True
        if act == RELEASE:
            done = release(net, state, work, one)
        elif act == DROP:
            done = refuse(net, state, work, one)
            state[net[MODE] + one] = DROPPED
            state[net[DECIDED] + net[net[LOT] + one]] = 0
        elif act == SET_ROOM:
            done = _set_room(net, state, work, one, value)
        elif act == SET_GAIN:
            state[net[TOTAL]] += state[net[KG] + one] * (value - net[net[GAIN] + one])
            net[net[GAIN] + one] = value
            done = settle(net, state, work, net[net[LOT] + one])
        elif act == SET_LOT:
            done = _set_lot(net, state, work, one, value)
        elif act == SET_LEAST:
            net[net[LEAST] + one] = value
        else:
            state[net[MODE] + one] = FREE
            done = settle(net, state, work, net[net[LOT] + one])
        work[net[MOVES]] = 0
        if not done:
            return False
    return True


@compiled
def _set_lot(net: Ints, state: Ints, work: Ints, lot: int, kg: int) -> bool:
    """Give a lot another mass."""
    rest = state[net[REST] + lot] + kg - net[net[LOT_KG] + lot]
    net[net[LOT_KG] + lot] = kg
    state[net[REST] + lot] = max(rest, 0)
    if rest < 0 and not drain(net, state, work, lot, -rest, False, -1):
        return False
    return settle(net, state, work, lot)


@compiled
def _set_room(net: Ints, state: Ints, work: Ints, at: int, kg: int) -> bool:
    """Give a resource, or after the resources a taker, another room."""
    lots, resources = net[LOTS], net[RESOURCES]
    gone = state[net[LOAD] + at] - kg
    if gone < 0 and state[net[PRICE] + lots + at] >= FAR // 2:
        taker = net[net[RESOURCE_TAKER] + at] + resources if at < resources else -1
        net[net[ROOM] + at] = kg
        _first_price(net, state, at, state[net[PRICE] + lots + taker] if taker >= 0 else 0)
        return True
    if gone < 0:
        return _widen_room(net, state, work, at, kg)
    net[net[ROOM] + at] = kg
    if gone == 0:
        return True
    state[net[LOAD] + at] = kg
    if not drain(net, state, work, lots + at, gone, True, -1):
        return False
    if at >= resources:
        return True
    return drain(net, state, work, net[net[RESOURCE_TAKER] + at] + lots + resources, gone, False, -1)


@compiled
def _widen_room(net: Ints, state: Ints, work: Ints, at: int, kg: int) -> bool:
    """Let into a wider room what earns by coming, and open it once nobody does any more.

    Until then it stays full, so that no search finds an arc on which it would earn by going round.
    """
    lots, resources = net[LOTS], net[RESOURCES]
    node = lots + at
    taker = net[net[RESOURCE_TAKER] + at] + lots + resources if at < resources else -1
    load, price = net[LOAD] + at, net[PRICE]
    while state[load] < kg:
        if state[price + node] <= (state[price + taker] if taker >= 0 else 0):
            break
        net[net[ROOM] + at] = state[load]
        work[net[MOVES]] = 0
        last = shortest(net, state, work, node, False)
        beyond = state[price + taker] if taker >= 0 else 0
        if last < 0:
            state[price + node] = beyond
        elif state[price + node] > beyond:
            come = push(net, state, work, last, kg - state[load], False)
            state[load] += come
            net[net[ROOM] + at] = state[load]
            if taker >= 0 and not drain(net, state, work, taker, come, True, -1):
                return False
    net[net[ROOM] + at] = kg
    return True


@compiled
def _first_price(net: Ints, state: Ints, at: int, beyond: int) -> None:
    """Price a room that had none before, and with a taker its resources: whoever comes finds it empty."""
    lots, resources = net[LOTS], net[RESOURCES]
    state[net[PRICE] + lots + at] = beyond
    if at >= resources:
        for n in range(net[net[TAKER_FROM] + at - resources], net[net[TAKER_FROM] + at - resources + 1]):
            resource = net[net[TAKER_RESOURCES] + n]
            if state[net[PRICE] + lots + resource] >= FAR // 2 and net[net[ROOM] + resource] > 0:
                state[net[PRICE] + lots + resource] = beyond


@entry
def worth_of(net: Ints, state: Ints, work: Ints, resources: Ints, gains: Ints, kg: int) -> tuple[int, int]:
    """Give what one more lot, free to divide, would earn in all and how many kilograms of it would move.

    Everybody else answers with the best flow; nothing stays changed. A price is only known to be no higher
    than it says until its way has been searched: the cheapest is searched first, and taken if it stays so.
    """
    work[net[MOVES]] = 0
    price = net[PRICE] + net[LOTS]
    before, moved, earned = state[net[TOTAL]], 0, 0
    nodes = net[LOTS] + net[RESOURCES] + net[TAKERS]
    while moved < kg and work[net[MOVES]] + 4 * nodes + 64 < work[net[LOG_ROOM]]:
        best = -1
        while True:
            least, cheapest = 0, -1
            for n in range(len(resources)):
                cost = state[price + resources[n]] - gains[n]
                if cost < least or (cost == least and n == best and cost < 0):
                    least, cheapest = cost, n
            if cheapest < 0 or cheapest == best:
                break
            best = cheapest
            if work[net[MOVES]] + 4 * nodes + 64 > work[net[LOG_ROOM]]:
                break
            if shortest(net, state, work, resources[best] + net[LOTS], True) < 0:
                put(net, state, work, price + resources[best], FAR)  # nobody there can give way
                best = -1
        if cheapest < 0:
            break
        last = shortest(net, state, work, resources[best] + net[LOTS], True)
        sent = push(net, state, work, last, kg - moved, True)
        moved += sent
        earned += sent * gains[best]
    earned += state[net[TOTAL]] - before
    undo(net, state, work, 0)
    return earned, moved
