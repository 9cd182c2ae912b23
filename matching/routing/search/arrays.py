"""In which arrays does the search keep a problem and its routes?

A request `r` has the nodes `2r` (pickup) and `2r + 1` (delivery); above them come the start and end nodes of
the vehicles. A route is a row of `seq`, from the start node to the end node, with eight figures a position.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float64]
I4 = NDArray[np.int32]
I8 = NDArray[np.int64]

# Columns of `Data.nodes`.
READY, DUE, SERVICE, DEMAND = 0, 1, 2, 3
# Columns of `Data.fleet`: the nodes where a vehicle starts and ends, and its layers of `Data.ways`.
START, END, METRES_FROM, METRES_TO, SECONDS_FROM, SECONDS_TO, KIND = range(7)
# Columns of `Data.terms`: what fits in, and what it costs to use the vehicle at all.
ROOM, FIXED_COST = 0, 1
# Columns of `Data.kinds`: vehicles of a kind are alike and stand together; where to look for an empty one.
FIRST, BEYOND, LOOK = 0, 1, 2
# Columns of `Data.wants`: what leaving the request out costs, whether that is a last resort,
# then the orders in which requests are put back.
PENALTY, MANDATORY, ORDER = 0, 1, 2
# Columns of `State.at`: leaves at the earliest, begins at the latest, load after, metres and seconds to the
# next stop, opens, service, begins.
DEPART, LATEST, LOAD, METRES, SECONDS, OPENS, STAYS, BEGIN = range(8)
# Layers of `State.seq`, `State.at` and `State.cost`.
NOW, OLD, TOP = 0, 1, 2
# Columns of `State.row`, of each vehicle (`FROZEN`: so many first stops stay); the last two list vehicles.
LENGTH, VERSION, OLD_LENGTH, OLD_VERSION, TOP_LENGTH, SLOT = range(6)
DIRTY, STEP, RUINED, FROZEN, USED, TOUCH = range(6, 12)
# Rows of `State.lists`. `HELD`: its pickup is behind it, only the delivery is placed (1), or neither (2).
ROUTE, ABSENT, OLD_ABSENT, WAITING, HOME, HELD = range(6)
# Rows of `State.work`.
ALONE, LEAST, KEY, ABSENCE = 0, 1, 2, 3
# Places in `State.tally`: the random number, then how many, at most how many, and the step.
RANDOM, VERSIONS, ACTIVES, ABSENTS, OLD_ABSENTS, WAITERS, TOUCHES, LIMIT, STEPS, IMPROVED = range(10)
# Places in `State.sums`.
COST, BEST, BLINK = 0, 1, 2


class Data(NamedTuple):
    """A problem that does not change while it is searched.

    `ways[layer, a, b]` leads from a to b in metres or seconds, and in a layer of its own from b to a, so that
    both ways of one node lie together in memory. Layers may coincide.
    """

    nodes: F
    ways: F
    near: I4
    fleet: I8
    terms: F
    kinds: I8
    allowed: I8
    wants: F


class State(NamedTuple):
    """The routes of now, what they were before this step, and the best there have been."""

    seq: I4
    at: F
    row: I8
    cost: F
    lists: I8
    cached: F
    found: I8
    work: F
    tally: I8
    sums: F


def new_state(data: Data, seed: int) -> State:
    """Make an empty state: nothing is served, every vehicle waits at its start."""
    requests, vehicles = data.wants.shape[0], data.fleet.shape[0]
    longest = 2 * requests + 2
    state = State(
        seq=np.empty((3, vehicles, longest), np.int32),
        at=np.empty((2, vehicles, longest, 8)),
        row=np.zeros((vehicles, 12), np.int64),
        cost=np.zeros((2, vehicles)),
        lists=np.full((6, data.nodes.shape[0]), -1, np.int64),
        cached=np.full((requests, vehicles), np.inf),
        found=np.full((requests, vehicles, 3), -1, np.int64),
        work=np.ones((4, longest)),
        tally=np.zeros(10, np.int64),
        sums=np.zeros(3),
    )
    state.row[:, [STEP, RUINED, SLOT]] = -1
    state.row[:, DIRTY] = 1
    state.row[:, TOP_LENGTH] = 2
    state.lists[ABSENT, :requests] = np.arange(requests)
    state.lists[HELD] = 0
    state.seq[TOP, :, :2] = data.fleet[:, [START, END]]
    state.tally[RANDOM] = (seed * 2654435761 + 88172645463325252) % (1 << 62)
    state.tally[ABSENTS] = requests
    state.tally[LIMIT] = vehicles
    return state
