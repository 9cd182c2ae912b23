"""Which of these places are nearest to each of those, and how far is the road between them?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from matching.distances import Distances, Floats, Ints, Legs, Point

FEW_CELLS = 20_000  # up to here looking at all is quicker than loading and building an index


def nearest(origins: Floats, targets: Floats, k: int) -> Ints:
    """Give for each origin the indices of its `k` nearest targets on the great circle, in index order.

    Places are rows of (lat, lon) degrees; the answer has shape (origins, min(k, targets)). Many places go
    through a k-d tree of points on the sphere: memory is origins x k, never origins x targets.
    """
    width = max(0, min(k, len(targets)))
    if width == len(targets) or len(origins) == 0 or width == 0:
        return np.tile(np.arange(width, dtype=np.int64), (len(origins), 1))
    here, there = _on_sphere(origins), _on_sphere(targets)
    if len(origins) * len(targets) <= FEW_CELLS:
        chord = np.sum((here[:, None, :] - there[None, :, :]) ** 2, axis=2)
        found = np.argsort(chord, axis=1, kind="stable")[:, :width]
    else:
        from scipy.spatial import cKDTree

        found = cKDTree(there).query(here, k=width)[1].reshape(len(origins), width)
    rows: Ints = np.sort(found.astype(np.int64), axis=1)
    return rows


@runtime_checkable
class ByDegrees(Protocol):
    """A provider that takes arrays as they are, which saves a point object for each end of each pair."""

    def legs_by_degrees(self, origins: Floats, targets: Floats) -> Legs:
        """Measure row n to row n of (lat, lon) degrees."""


def legs_between(distances: Distances, origins: Floats, targets: Floats) -> Legs:
    """Measure the road of each pair of rows of (lat, lon) degrees, n to n."""
    if isinstance(distances, ByDegrees):
        return distances.legs_by_degrees(origins, targets)
    return distances.legs(points(origins), points(targets))


def points(degrees: Floats) -> Sequence[Point]:
    """Turn rows of (lat, lon) into points."""
    return [Point(lat, lon) for lat, lon in degrees.tolist()]


def _on_sphere(degrees: Floats) -> Floats:
    """Put places on the unit sphere, where the straight line ranks as the great circle does."""
    lat, lon = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
