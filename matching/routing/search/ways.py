"""Which roads lead from node to node, and what do they cost each vehicle?"""

from __future__ import annotations

import numpy as np

from matching.routing.model import Goal, Problem, Roads
from matching.routing.search.arrays import I4, I8, F

OPEN = -1


class Layers:
    """The matrices of all vehicles, from node to node; those that are equal are kept once.

    The nodes: two a request, then start and end of each kind of tour, then the cleaning places. `places` says
    where each is; an open end is nowhere, and no way from anywhere. `cleanings` is the first cleaning node.
    """

    def __init__(self, problem: Problem, kinds: tuple[tuple[int, ...], ...]) -> None:
        self.problem, self.kinds = problem, kinds
        places = [problem.stop(node).place for node in range(problem.nodes)]
        for kind in kinds:
            shift = problem.shifts[kind[0]][1]
            places += [shift.start_place, OPEN if shift.end_place is None else shift.end_place]
        self.cleanings = len(places)
        places += [one.place for one in problem.segregation.cleanings]
        self.places = np.array(places, np.int64)
        self._made: list[F] = []
        self._known: dict[tuple[int, float], tuple[int, int, int, int]] = {}
        self._rows = [self._layers(kind[0]) for kind in kinds]
        size = len(places)
        self.ways = np.stack(self._made) if self._made else np.zeros((1, size, size))

    def fleet(self) -> I8:
        """Write of each row its start and end node, its layers (from, to; metres, seconds), and its kind."""
        rows = []
        for n, (kind, layers) in enumerate(zip(self.kinds, self._rows, strict=True)):
            start = self.problem.nodes + 2 * n
            rows += [(start, start + 1, *layers, n)] * len(kind)
        return np.array(rows, np.int64).reshape(-1, 7)

    def near(self, most: int) -> I4:
        """List for each stop the stops nearest to it in driving time, itself first."""
        n = self.problem.nodes
        seconds = self.ways[self._rows[0][2] if self._rows else 0][:n, :n]
        return np.argsort(seconds, axis=1, kind="stable")[:, :most].astype(np.int32)

    def far(self) -> F:
        """Give of each request how far its ends are from where the first vehicle starts, in seconds."""
        n = self.problem.nodes
        if not self._rows:
            return np.zeros(n // 2)
        out = self.ways[self._rows[0][2]][n, :n]
        return np.asarray(out[0::2] + out[1::2], np.float64)

    def warmth(self) -> float:
        """Give the mean cost of the way from a stop to the five nearest, for the first vehicle."""
        n = self.problem.nodes
        if not self._rows or n < 2:
            return 1.0
        cost = self.ways[self._rows[0][0]][:n, :n] + self._per_second() * self.ways[self._rows[0][2]][:n, :n]
        return float(np.sort(cost, axis=1)[:, 1:6].mean()) or 1.0

    def _per_second(self) -> float:
        money = self.problem.goal is Goal.MONEY
        return max(one.per_hour_fen for one in self.problem.vehicles) / 3600 if money else 0.0

    def _layers(self, tour: int) -> tuple[int, int, int, int]:
        vehicle = self.problem.vehicles[self.problem.shifts[tour][0]]
        roads: Roads = self.problem.roads[vehicle.profile]
        rate = vehicle.per_km_fen / 1000 if self.problem.goal is Goal.MONEY else 1.0
        if (vehicle.profile, rate) not in self._known:
            metres, seconds = self._nodes(roads.metres) * rate, self._nodes(roads.seconds)
            metres_from, metres_to = self._keep(metres), self._keep(metres.T)
            self._known[vehicle.profile, rate] = (
                metres_from,
                metres_to,
                self._keep(seconds),
                self._keep(seconds.T),
            )
        return self._known[vehicle.profile, rate]

    def _nodes(self, matrix: F) -> F:
        """Spread a matrix from places to nodes; to and from nowhere it takes nothing."""
        spread = matrix[np.ix_(self.places, self.places)]
        spread[self.places == OPEN, :] = 0.0
        spread[:, self.places == OPEN] = 0.0
        return spread

    def _keep(self, layer: F) -> int:
        for n, made in enumerate(self._made):
            if np.array_equal(made, layer):
                return n
        self._made.append(np.ascontiguousarray(layer))
        return len(self._made) - 1
