"""Does the straight line between two places cross a river or a lake, and where can one get over?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from matching.distances.model import Floats, Ints
from matching.distances.profiles import Profile

if TYPE_CHECKING:
    from pyproj import Geod
    from shapely import STRtree

EARTH_M = 6_371_009.0
AT_ONCE = 50_000
"""Pairs in one go: some ten megabytes, however many are asked for."""


class Kind(StrEnum):
    """How one gets to the other side."""

    BRIDGE = "bridge"
    TUNNEL = "tunnel"
    DAM = "dam"
    END = "end"
    """Where the water ends (or what is known of it), one drives around."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A place where a water can be crossed: approximate WGS-84 degrees."""

    lon: float
    lat: float
    name: str
    kind: Kind = Kind.BRIDGE
    lorries: bool = True
    hazmat: bool = True

    def lets(self, profile: Profile) -> bool:
        """Tell whether such a vehicle may pass."""
        return (self.lorries or not profile.lorry) and (self.hazmat or not profile.hazmat)


@dataclass(frozen=True, slots=True)
class Barrier:
    """A water as a line of (longitude, latitude), and every place where it can be crossed.

    Whoever crosses the line an odd number of times is on the other side.
    """

    name: str
    line: tuple[tuple[float, float], ...]
    crossings: tuple[Crossing, ...]

    def __post_init__(self) -> None:
        if len(self.line) < 2 or not any(one.lorries and one.hazmat for one in self.crossings):
            raise ValueError(f"barrier {self.name}: needs a line, and a crossing open to every vehicle")


def passages(barriers: tuple[Barrier, ...], a: Floats, b: Floats, profile: Profile) -> tuple[Ints, Floats]:
    """Find the pairs whose straight line crosses water, and the length of their way over the best crossings.

    `a`, `b`: (latitude, longitude) of shape (n, 2). Returns the places of those pairs among the n,
    rising, and geodesic metres from a over the crossings to b; the waters are taken in the order in
    which the straight line meets them.
    """
    if not barriers or not len(a):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float64)
    parts = [slice(start, start + AT_ONCE) for start in range(0, len(a), AT_ONCE)]
    found = [_passages(barriers, a[part], b[part], profile) for part in parts]
    rows = [some + part.start for part, (some, _) in zip(parts, found, strict=True)]
    return np.concatenate(rows), np.concatenate([lengths for _, lengths in found])


def _passages(barriers: tuple[Barrier, ...], a: Floats, b: Floats, profile: Profile) -> tuple[Ints, Floats]:
    rows, sequences = _sequences(barriers, a, b)
    lengths = np.zeros(len(rows), dtype=np.float64)
    kinds, which = np.unique(sequences, axis=0, return_inverse=True)
    for number, kind in enumerate(kinds):
        here = np.flatnonzero(which == number)
        stages = [_open(barriers[one], profile) for one in kind if one >= 0]
        lengths[here] = _over(stages, a[rows[here]], b[rows[here]])
    return rows, lengths


def _sequences(barriers: tuple[Barrier, ...], a: Floats, b: Floats) -> tuple[Ints, Ints]:
    """Return the pairs that change sides, and the barriers they meet in order, filled up with -1."""
    pair, barrier, along = _hits(barriers, a, b)
    width = len(barriers)
    count = np.bincount(pair * width + barrier, minlength=len(a) * width).reshape(len(a), width)
    place = np.bincount(pair * width + barrier, along, minlength=len(a) * width).reshape(len(a), width)
    odd = count % 2 == 1
    rows = np.flatnonzero(odd.any(axis=1))
    position = np.where(odd[rows], place[rows] / np.maximum(count[rows], 1), np.inf)
    order = np.argsort(position, axis=1, kind="stable")
    met = np.take_along_axis(np.isfinite(position), order, axis=1)
    return rows, np.where(met, order, -1)


def _hits(barriers: tuple[Barrier, ...], a: Floats, b: Floats) -> tuple[Ints, Ints, Floats]:
    """Return every crossing of a straight line with a piece of water: pair, barrier, share of the way."""
    import shapely

    tree, pieces, owner = _index(barriers)
    start, end = a[:, ::-1], b[:, ::-1]
    lines = shapely.linestrings(np.stack([start, end], axis=1))
    pair, piece = tree.query(lines, predicate="intersects")
    p, q = pieces[piece, 0], pieces[piece, 1]
    s, e = start[pair], end[pair]
    side_p, side_q = _side(s, e, p), _side(s, e, q)
    side_s, side_e = _side(p, q, s), _side(p, q, e)
    # A shared corner of two pieces has one side only (0 counts as right), so it is never counted twice.
    cut = ((side_p > 0) != (side_q > 0)) & ((side_s > 0) != (side_e > 0))
    along = side_s[cut] / (side_s[cut] - side_e[cut])
    return pair[cut].astype(np.int64), owner[piece[cut]], along


def _side(p: Floats, q: Floats, x: Floats) -> Floats:
    """Tell on which side of the line p-q x lies: positive is left."""
    d, w = q - p, x - p
    side: Floats = d[:, 0] * w[:, 1] - d[:, 1] * w[:, 0]
    return side


@lru_cache(maxsize=8)
def _index(barriers: tuple[Barrier, ...]) -> tuple[STRtree, Floats, Ints]:
    import shapely

    pieces = np.array([pair for one in barriers for pair in pairwise(one.line)], dtype=np.float64)
    owner = np.repeat(np.arange(len(barriers)), [len(one.line) - 1 for one in barriers])
    return shapely.STRtree(shapely.linestrings(pieces)), pieces, owner.astype(np.int64)


def _open(barrier: Barrier, profile: Profile) -> Floats:
    """Return (latitude, longitude) of the crossings that let such a vehicle pass."""
    return np.array([(one.lat, one.lon) for one in barrier.crossings if one.lets(profile)], dtype=np.float64)


def _over(stages: list[Floats], a: Floats, b: Floats) -> Floats:
    """Return the geodesic metres of the shortest way from a to b with one crossing of each stage."""
    best = _chords(a, stages[0])
    back: list[Ints] = []
    for here, there in pairwise(stages):
        hop = _chords(here, there)
        reach = [best + hop[:, k] for k in range(len(there))]
        back.append(np.stack([one.argmin(axis=1) for one in reach], axis=1))
        best = np.stack([one.min(axis=1) for one in reach], axis=1)
    chosen = (best + _chords(b, stages[-1])).argmin(axis=1)
    path = [b, stages[-1][chosen]]
    for stage, came_from in zip(stages[-2::-1], back[::-1], strict=False):
        chosen = came_from[np.arange(len(chosen)), chosen]
        path.append(stage[chosen])
    path.append(a)
    return np.asarray(sum(geodesic(x, y) for x, y in pairwise(path)), dtype=np.float64)


def _chords(a: Floats, b: Floats) -> Floats:
    """Return straight metres through the sphere, shape (n, m): enough to choose by, and quick."""
    apart: Floats = np.maximum(2 - 2 * (_unit(a) @ _unit(b).T), 0)
    return EARTH_M * np.sqrt(apart)


def _unit(places: Floats) -> Floats:
    lat, lon = np.radians(places[:, 0]), np.radians(places[:, 1])
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def geodesic(a: Floats, b: Floats) -> Floats:
    """Return the WGS-84 geodesic metres from a to b, both (latitude, longitude) of shape (n, 2)."""
    _, _, metres = _geod().inv(a[:, 1], a[:, 0], b[:, 1], b[:, 0])
    return np.asarray(metres, dtype=np.float64)


@lru_cache(maxsize=1)
def _geod() -> Geod:
    from pyproj import Geod

    return Geod(ellps="WGS84")
