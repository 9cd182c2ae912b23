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
# Columns of `Data.fleet`: the nodes where a vehicle starts and ends, and the layers of `Data.ways` it drives by.
START, END, METRES_FROM, METRES_TO, SECONDS_FROM, SECONDS_TO, KIND = 0, 1, 2, 3, 4, 5, 6
# Columns of `Data.wants`: what leaving the request out costs, then the orders in which requests are put back.
PENALTY, ORDER = 0, 1
# Columns of `State.at`: leaves at the earliest, begins at the latest, load after, metres and seconds to the next,
# opens, service.
DEPART, LATEST, LOAD, METRES, SECONDS, OPENS, STAYS = 0, 1, 2, 3, 4, 5, 6
# Layers of `State.seq`, `State.at` and `State.cost`.
NOW, OLD, TOP = 0, 1, 2
# Columns of `State.row`, the first ones of each vehicle, the last two lists of vehicles.
LENGTH, VERSION, OLD_LENGTH, OLD_VERSION, TOP_LENGTH, SLOT, DIRTY, STEP, RUINED, USED, TOUCH = range(11)
# Rows of `State.lists`.
ROUTE, ABSENT, OLD_ABSENT, TODO, HOME = 0, 1, 2, 3, 4
# Rows of `State.work`.
ALONE, LEAST, KEY, ABSENCE = 0, 1, 2, 3
# Places in `State.count`: the random number, then how many, at most how many, and the step.
RANDOM, VERSIONS, ACTIVES, ABSENTS, OLD_ABSENTS, TODOS, TOUCHES, LIMIT, FRESH, STEPS, IMPROVED = range(11)
# Places in `State.sums`.
COST, BEST = 0, 1


class Data(NamedTuple):
    """A problem that does not change while it is searched.

    `ways[layer, a, b]` leads from a to b in metres or seconds, and in a layer of its own from b to a, so that
    both ways of one node lie together in memory. Layers may coincide.
    """

    nodes: F
    ways: F
    near: I4
    fleet: I8
    capacity: F
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
    count: I8
    sums: F


def new_state(data: Data, seed: int) -> State:
    """Make an empty state: nothing is served, every vehicle waits at its start."""
    requests, vehicles = data.wants.shape[0], data.fleet.shape[0]
    longest = 2 * requests + 2
    state = State(
        seq=np.empty((3, vehicles, longest), np.int32),
        at=np.empty((2, vehicles, longest, 8)),
        row=np.zeros((vehicles, 11), np.int64),
        cost=np.zeros((2, vehicles)),
        lists=np.full((5, data.nodes.shape[0]), -1, np.int64),
        cached=np.full((requests, vehicles), np.inf),
        found=np.full((requests, vehicles, 3), -1, np.int64),
        work=np.ones((4, longest)),
        count=np.zeros(11, np.int64),
        sums=np.zeros(2),
    )
    state.row[:, [STEP, RUINED, SLOT]] = -1
    state.row[:, DIRTY] = 1
    state.row[:, TOP_LENGTH] = 2
    state.lists[ABSENT, :requests] = np.arange(requests)
    state.count[RANDOM] = (seed * 2654435761 + 88172645463325252) % (1 << 62)
    state.count[ABSENTS] = requests
    state.count[LIMIT] = vehicles
    return state
