"""How is a flow mended when a room, a worth or a mass changes, and what would one more lot earn in it?"""

from __future__ import annotations

from matching.clearing.compiled import compiled, entry
from matching.clearing.decide import refuse, release, settle
from matching.clearing.layout import (
    DECIDED,
    DROPPED,
    FREE,
    GAIN,
    KG,
    LEAST,
    LOAD,
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
    TOTAL,
)
from matching.clearing.market import Ints
from matching.clearing.residual import drain, push, shortest, undo

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
    if rest < 0 and not drain(net, state, work, lot, -rest, False):
        return False
    return settle(net, state, work, lot)


@compiled
def _set_room(net: Ints, state: Ints, work: Ints, at: int, kg: int) -> bool:
    """Give a resource, or after the resources a taker, another room."""
    lots, resources = net[LOTS], net[RESOURCES]
    net[net[ROOM] + at] = kg
    load = state[net[LOAD] + at]
    taker = net[net[RESOURCE_TAKER] + at] + lots + resources if at < resources else -1
    beyond = state[net[PRICE] + taker] if taker >= 0 else 0
    price = state[net[PRICE] + lots + at]
    if load < kg and net[net[ROOM] + at] > 0 and price > beyond:
        more = kg - load
        if load == 0 and _nobody_comes(net, state, at):
            state[net[PRICE] + lots + at] = beyond
            return True
    elif load > kg:
        more = kg - load
    else:
        return True
    state[net[LOAD] + at] = kg
    # More through the arc lacks before it and is too much behind it; less, the other way round.
    if not drain(net, state, work, lots + at, abs(more), more < 0):
        return False
    return taker < 0 or drain(net, state, work, taker, abs(more), more > 0)


@compiled
def _nobody_comes(net: Ints, state: Ints, at: int) -> bool:
    """Tell whether a room's price was never found, since it had no room at all."""
    return bool(state[net[PRICE] + net[LOTS] + at] >= 1 << 59)


@entry
def worth_of(net: Ints, state: Ints, work: Ints, resources: Ints, gains: Ints, kg: int) -> tuple[int, int]:
    """Give what one more lot, free to divide, would earn in all and how many kilograms of it would move.

    Everybody else answers with the best flow; nothing stays changed. A price is only known to be no higher
    than it says until its way has been searched: the cheapest is searched first, and taken if it stays so.
    """
    work[net[MOVES]] = 0
    price = net[PRICE] + net[LOTS]
    before, moved, earned = state[net[TOTAL]], 0, 0
    while moved < kg:
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
            last = shortest(net, state, work, resources[best] + net[LOTS], True)
            if last < 0:
                best, cheapest = -1, -1
                break
        if cheapest < 0:
            break
        last = shortest(net, state, work, resources[best] + net[LOTS], True)
        sent = push(net, state, work, last, kg - moved, True)
        moved += sent
        earned += sent * gains[best]
    earned += state[net[TOTAL]] - before
    undo(net, state, work, 0)
    return earned, moved
