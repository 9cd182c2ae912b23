"""What happens to the rest of the market when one lot is admitted here, refused there, or set free again?

The rest stays an optimal flow around whatever was decided: each step ends with it mended.
"""

from __future__ import annotations

from matching.clearing.layout import (
    CLOSED,
    DECIDED,
    DROPPED,
    FREE,
    GAIN,
    HOLES,
    KG,
    LEAST,
    LOCKED,
    LOT,
    LOT_FROM,
    LOT_KG,
    LOTS,
    MODE,
    OPEN,
    PRICE,
    RESOURCE,
    REST,
    TOTAL,
)
from matching.clearing.market import Ints
from matching.clearing.residual import drain, put
from matching.kernels import compiled


@compiled
def _carry(net: Ints, state: Ints, work: Ints, pair: int, kg: int) -> int:
    """Set what a pair carries; return by how many kilograms that is more than before."""
    more = int(kg - state[net[KG] + pair])
    if more != 0:
        put(net, state, work, net[KG] + pair, kg)
        put(net, state, work, net[TOTAL], state[net[TOTAL]] + more * net[net[GAIN] + pair])
    return more


@compiled
def _mark(net: Ints, state: Ints, work: Ints, pair: int, mode: int) -> None:
    if state[net[MODE] + pair] not in (mode, DROPPED):
        put(net, state, work, net[MODE] + pair, mode)


@compiled
def _fill_holes(net: Ints, state: Ints, work: Ints, lot: int) -> bool:
    """Let others take what a lot has left free at each of its resources."""
    first = net[net[LOT_FROM] + lot]
    for pair in range(first, net[net[LOT_FROM] + lot + 1]):
        gone = work[net[HOLES] + pair - first]
        work[net[HOLES] + pair - first] = 0
        at = net[net[RESOURCE] + pair] + net[LOTS]
        if gone > 0 and not drain(net, state, work, at, gone, False, lot):
            return False
    return True


@compiled
def admit(net: Ints, state: Ints, work: Ints, pair: int) -> bool:
    """Send an all-or-nothing lot one way, or at least its least part; False: impossible, half done."""
    lot = net[net[LOT] + pair]
    lots = net[LOTS]
    if state[net[DECIDED] + lot] == 0:
        put(net, state, work, net[DECIDED] + lot, 1)
    if net[net[LEAST] + lot] < net[net[LOT_KG] + lot]:
        _mark(net, state, work, pair, OPEN)
        lacking = net[net[LEAST] + lot] - state[net[KG] + pair]
        if lacking <= 0:
            return True
        _carry(net, state, work, pair, net[net[LEAST] + lot])
        if not drain(net, state, work, net[net[RESOURCE] + pair] + lots, lacking, True, -1):
            return False
        return drain(net, state, work, lot, lacking, False, -1)
    first, last = net[net[LOT_FROM] + lot], net[net[LOT_FROM] + lot + 1]
    more = _carry(net, state, work, pair, net[net[LOT_KG] + lot])
    if state[net[REST] + lot] != 0:
        put(net, state, work, net[REST] + lot, 0)
    for other in range(first, last):
        _mark(net, state, work, other, LOCKED if other == pair else CLOSED)
        work[net[HOLES] + other - first] = 0 if other == pair else -_carry(net, state, work, other, 0)
    if more > 0 and not drain(net, state, work, net[net[RESOURCE] + pair] + lots, more, True, lot):
        return False
    return _fill_holes(net, state, work, lot)


@compiled
def refuse(net: Ints, state: Ints, work: Ints, pair: int) -> bool:
    """Forbid a pair; what it carried finds another way or rests."""
    lot = net[net[LOT] + pair]
    if state[net[DECIDED] + lot] == 0:
        put(net, state, work, net[DECIDED] + lot, 1)
    _mark(net, state, work, pair, CLOSED)
    gone = -_carry(net, state, work, pair, 0)
    if gone == 0:
        return True
    if not drain(net, state, work, lot, gone, True, -1):
        return False
    return drain(net, state, work, net[net[RESOURCE] + pair] + net[LOTS], gone, False, -1)


@compiled
def refuse_all(net: Ints, state: Ints, work: Ints, lot: int) -> bool:
    """Leave a lot where it is."""
    first, last = net[net[LOT_FROM] + lot], net[net[LOT_FROM] + lot + 1]
    if state[net[DECIDED] + lot] == 0:
        put(net, state, work, net[DECIDED] + lot, 1)
    for pair in range(first, last):
        _mark(net, state, work, pair, CLOSED)
        work[net[HOLES] + pair - first] = -_carry(net, state, work, pair, 0)
    if state[net[REST] + lot] != net[net[LOT_KG] + lot]:
        put(net, state, work, net[REST] + lot, net[net[LOT_KG] + lot])
    return _fill_holes(net, state, work, lot)


@compiled
def release(net: Ints, state: Ints, work: Ints, lot: int) -> bool:
    """Let a lot go wherever it earns most again, divided if need be."""
    first, last = net[net[LOT_FROM] + lot], net[net[LOT_FROM] + lot + 1]
    for pair in range(first, last):
        _mark(net, state, work, pair, FREE)
    if state[net[DECIDED] + lot] == 1:
        put(net, state, work, net[DECIDED] + lot, 0)
    return settle(net, state, work, lot)


@compiled
def settle(net: Ints, state: Ints, work: Ints, lot: int) -> bool:
    """Send a lot's kilograms to where they earn most, after its pairs or its mass have changed."""
    lots = net[LOTS]
    first, last = net[net[LOT_FROM] + lot], net[net[LOT_FROM] + lot + 1]
    best = 0
    for pair in range(first, last):
        if state[net[MODE] + pair] <= OPEN:
            best = min(best, state[net[PRICE] + net[net[RESOURCE] + pair] + lots] - net[net[GAIN] + pair])
    if state[net[PRICE] + lot] != best:
        put(net, state, work, net[PRICE] + lot, best)
    homeless = 0
    if best < 0 and state[net[REST] + lot] > 0:
        homeless = state[net[REST] + lot]
        put(net, state, work, net[REST] + lot, 0)
    # All that goes is taken away before anything is mended: a way must not lead over an arc that is wrong.
    holes = net[HOLES]
    for pair in range(first, last):
        at, gone = net[net[RESOURCE] + pair] + lots, 0
        if state[net[MODE] + pair] <= OPEN and state[net[PRICE] + at] - net[net[GAIN] + pair] > best:
            least = net[net[LEAST] + lot] if state[net[MODE] + pair] == OPEN else 0
            if state[net[KG] + pair] > least:
                gone = -_carry(net, state, work, pair, least)
        work[holes + pair - first] = gone
        homeless += gone
    for pair in range(first, last):
        gone = work[holes + pair - first]
        if gone > 0 and not drain(net, state, work, net[net[RESOURCE] + pair] + lots, gone, False, -1):
            return False
    return homeless == 0 or drain(net, state, work, lot, homeless, True, -1)
