"""Which of these places are nearest to each of those?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.distances import Floats, Point

FEW_CELLS = 20_000  # up to here looking at all is quicker than loading and building an index


def nearest(origins: Sequence[Point], targets: Sequence[Point], k: int) -> list[list[int]]:
    """List for each origin the indices of its `k` nearest targets on the great circle, in index order.

    Many places go through a ball tree (haversine): memory is origins x k, never origins x targets.
    """
    if len(targets) <= k:
        return [list(range(len(targets)))] * len(origins)
    if not origins or k <= 0:
        return [[] for _ in origins]
    here, there = _radians(origins), _radians(targets)
    if len(origins) * len(targets) <= FEW_CELLS:
        return [sorted(np.argsort(_squared_chord(one, there), kind="stable")[:k].tolist()) for one in here]
    from sklearn.neighbors import BallTree

    found = BallTree(there, metric="haversine").query(here, k=k, return_distance=False)
    return [sorted(row) for row in found.tolist()]


def _squared_chord(one: Floats, many: Floats) -> Floats:
    """Give the haversine of the angle from one place to many: grows with the distance."""
    half = np.sin((many - one) / 2) ** 2
    chord: Floats = half[:, 0] + np.cos(one[0]) * np.cos(many[:, 0]) * half[:, 1]
    return chord


def _radians(points: Sequence[Point]) -> Floats:
    return np.radians(np.array([(p.lat, p.lon) for p in points], dtype=np.float64))
