"""Where in three plain arrays does a compiled kernel find the market, the flow and its own notes?

Kernels are handed three arrays of whole numbers and nothing else: `net` (the market, read), `state` (the
flow, of which every change is logged) and `work` (what a search writes on). `net` opens with a header that
says where each table begins. Few plain arguments are what keeps both compiling and calling quick.
"""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from matching.clearing.market import Flags, Ints, Market
from matching.clearing.units import Counted

LOTS, RESOURCES, TAKERS, PAIRS = 0, 1, 2, 3
"""How many there are."""

LOT, RESOURCE, GAIN = 4, 5, 6
"""In `net`, of each pair."""

LOT_FROM, RESOURCE_FROM, RESOURCE_PAIRS, RESOURCE_TAKER, TAKER_FROM, TAKER_RESOURCES = 7, 8, 9, 10, 11, 12
"""In `net`: where the pairs of a lot, of a resource, the resources of a taker begin, and which they are."""

LOT_KG, LEAST, ROOM = 13, 14, 15
"""In `net`: kilograms of a lot, of its least part, and room of each resource, then of each taker."""

KG, MODE, REST, LOAD, PRICE, DECIDED, TOTAL = 16, 17, 18, 19, 20, 21, 22
"""In `state`: kilograms and mode of a pair; what rests of a lot; load of resources, then takers; price of
each node (lots, resources, takers); whether a lot was decided; the gain of it all."""

DISTANCE, CAME_FROM, CAME_BY, HEAP, PLACE, SEEN = 23, 24, 25, 26, 27, 28
"""In `work`, of each node: the search for the shortest way."""

WAITING, NOTED, LOG_AT, LOG_OLD = 29, 30, 31, 32
"""In `work`: lots to be looked at, whether they are noted, and the log of changes."""

MOVES, LOG_ROOM, SEED, WAIT = 33, 34, 35, 36
"""In `work`: where these single numbers stand."""

CHOICES, RUINED, HOLES = 37, 38, 39
"""In `work`: the choices for one lot, the lots of one ruin, what was taken from each pair of one lot."""

CUTOFF = 40
"""In `work`, a single number: what falls below this gain is left at once."""

MOST_CHOICES, MOST_RUINED = 6, 64

HEADER = 48

FREE, OPEN, LOCKED, CLOSED, DROPPED = 0, 1, 2, 3, 4
"""A pair may carry anything; at least the least part; exactly the whole lot; nothing; nothing for ever."""

FAR = 1 << 60
NEVER = -(1 << 62)
"""A cutoff that nothing falls below."""


def network(market: Market, numbers: Counted) -> Ints:
    """Lay the market out as `net`."""
    lots, resources, takers, pairs = market.sizes
    owner, into, of = market.pairs.lot, market.pairs.resource, market.resources.taker
    tables = [
        (LOT, owner),
        (RESOURCE, into),
        (GAIN, numbers.gain),
        (LOT_FROM, _starts(owner, lots)),
        (RESOURCE_FROM, _starts(into, resources)),
        (RESOURCE_PAIRS, np.argsort(into, kind="stable")),
        (RESOURCE_TAKER, of),
        (TAKER_FROM, _starts(of, takers)),
        (TAKER_RESOURCES, np.argsort(of, kind="stable")),
        (LOT_KG, numbers.lot),
        (LEAST, numbers.least),
        (ROOM, np.concatenate([numbers.resource, numbers.taker])),
    ]
    header = np.zeros(HEADER, dtype=np.int64)
    header[:4] = lots, resources, takers, pairs
    _place(header, [slot for slot, _ in tables], [len(table) for _, table in tables], HEADER)
    nodes = lots + resources + takers
    _place(header, [KG, MODE, REST, LOAD, PRICE, DECIDED, TOTAL], _state_sizes(header), 0)
    _place(header, list(range(DISTANCE, LOG_AT)), [nodes] * 6 + [lots] * 2, 0)
    header[LOG_AT] = header[NOTED] + lots
    header[LOG_OLD] = header[LOG_AT] + _log_room(nodes)
    singles = [MOVES, LOG_ROOM, SEED, WAIT, CUTOFF, CHOICES, RUINED, HOLES]
    _place(
        header,
        singles,
        [1, 1, 1, 1, 1, MOST_CHOICES, MOST_RUINED, 0],
        int(header[LOG_OLD]) + _log_room(nodes),
    )
    return np.concatenate([header, *(table for _, table in tables)]).astype(np.int64, copy=False)


def state_of(net: Ints, kg: Ints, usable: Flags) -> Ints:
    """Take up a flow as `state`, without prices; pairs that are not `usable` are dropped for good."""
    lots, resources, takers, pairs = (int(n) for n in net[:4])
    state = np.zeros(sum(_state_sizes(net)), dtype=np.int64)
    owner, into = (net[net[slot] : net[slot] + pairs] for slot in (LOT, RESOURCE))
    load = _summed(into, kg, resources)
    of = net[net[RESOURCE_TAKER] : net[RESOURCE_TAKER] + resources]
    part(net, state, KG)[:] = kg
    part(net, state, MODE)[:] = np.where(usable, FREE, DROPPED)
    part(net, state, REST)[:] = net[net[LOT_KG] : net[LOT_KG] + lots] - _summed(owner, kg, lots)
    part(net, state, LOAD)[:] = np.concatenate([load, _summed(of, load, takers)])
    part(net, state, TOTAL)[0] = kg @ net[net[GAIN] : net[GAIN] + pairs]
    return state


def part(net: Ints, state: Ints, slot: int) -> Ints:
    """Show one table of `state`."""
    size = _state_sizes(net)[slot - KG] if slot != TOTAL else 1
    return state[net[slot] : net[slot] + size]


def work_for(net: Ints, seed: int) -> Ints:
    """Make the empty `work` of a search."""
    nodes = int(net[:3].sum())
    most_pairs = int(np.diff(net[net[LOT_FROM] : net[LOT_FROM] + net[LOTS] + 1]).max(initial=0))
    work = np.zeros(int(net[HOLES]) + most_pairs, dtype=np.int64)
    work[net[PLACE] : net[PLACE] + nodes] = -1
    work[net[LOG_ROOM]] = _log_room(nodes)
    work[net[CUTOFF]] = NEVER
    work[net[SEED]] = (seed * 2_654_435_761 + 88_172_645_463_325_252) % (1 << 62) or 1
    return work


def _state_sizes(net: Ints) -> list[int]:
    lots, resources, takers, pairs = (int(n) for n in net[:4])
    return [pairs, pairs, lots, resources + takers, lots + resources + takers, lots, 1]


def _log_room(nodes: int) -> int:
    return 12 * nodes + 65_536


def _place(header: Ints, slots: list[int], sizes: list[int], start: int) -> None:
    header[slots] = list(accumulate(sizes[:-1], initial=start))


def _starts(owner: Ints, owners: int) -> Ints:
    return np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=owners))]).astype(np.int64)


def _summed(owner: Ints, kg: Ints, owners: int) -> Ints:
    total = np.zeros(owners, dtype=np.int64)
    np.add.at(total, owner, kg)
    return total
