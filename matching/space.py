"""Which of these places are nearest to each of those?"""

from __future__ import annotations

import math
from collections.abc import Sequence

from matching.distances import Point


def nearest(origins: Sequence[Point], targets: Sequence[Point], k: int) -> list[list[int]]:
    """List for each origin the indices of its `k` nearest targets on the great circle, in index order.

    A ball tree (haversine) is built only where there is something to choose: memory is origins x k.
    """
    if len(targets) <= k:
        return [list(range(len(targets)))] * len(origins)
    if not origins or k <= 0:
        return [[] for _ in origins]
    from sklearn.neighbors import BallTree

    tree = BallTree(_radians(targets), metric="haversine")
    found = tree.query(_radians(origins), k=k, return_distance=False)
    return [sorted(row) for row in found.tolist()]


def _radians(points: Sequence[Point]) -> list[tuple[float, float]]:
    return [(math.radians(p.lat), math.radians(p.lon)) for p in points]
