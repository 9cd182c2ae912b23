"""A small made-up town with everything that makes a road longer than it looks, as an OpenStreetMap extract.

Streets on a grid of 8 x 8, a hundredth of a degree apart, from (30.0, 114.0). Between rows 3 and 4 runs a
river: a bridge in column 1, a bridge in column 6 that is 3 m high, a tunnel in column 3 that is closed to
dangerous goods. The northern street is one-way to the east. From the southern corners lead a fast road and a
slow one. An island has streets of its own and no bridge.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import osmium
from osmium.osm import mutable
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from matching.distances import Floats, Point
from matching.distances.barriers import geodesic
from matching.distances.model import degrees

SIZE, STEP = 8, 0.01
BRIDGE, LOW_BRIDGE, TUNNEL, RIVER = 1, 6, 3, 3
ISLAND = (Point(30.20, 114.20), Point(30.20, 114.21), Point(30.21, 114.21), Point(30.21, 114.20))
FAST, SLOW = Point(29.99, 114.17), Point(29.99, 113.97)
Tags = dict[str, str]
STREET: Tags = {"highway": "secondary", "maxspeed": "60"}


def corner(row: int, column: int) -> Point:
    """Return where a row and a column meet; rows count from the south, columns from the west."""
    return Point(round(30 + row * STEP, 6), round(114 + column * STEP, 6))


def streets() -> list[tuple[list[Point], Tags]]:
    """List every piece of road with its tags."""
    found: list[tuple[list[Point], Tags]] = []
    for row in range(SIZE):
        for column in range(SIZE - 1):
            tags = STREET | ({"oneway": "yes"} if row == SIZE - 1 else {})
            found.append(([corner(row, column), corner(row, column + 1)], tags))
    over = {
        BRIDGE: {"bridge": "yes", "layer": "1"},
        LOW_BRIDGE: {"bridge": "yes", "layer": "1", "maxheight": "3"},
        TUNNEL: {"tunnel": "yes", "layer": "-1", "hazmat": "no"},
    }
    for column in range(SIZE):
        for row in range(SIZE - 1):
            if row != RIVER or column in over:
                tags = STREET | (over[column] if row == RIVER else {})
                found.append(([corner(row, column), corner(row + 1, column)], tags))
    found.append(([corner(0, SIZE - 1), FAST], {"highway": "trunk", "maxspeed": "90"}))
    found.append(([corner(0, 0), SLOW], {"highway": "tertiary", "maxspeed": "30"}))
    found += [([a, b], STREET) for a, b in zip(ISLAND, ISLAND[1:] + ISLAND[:1], strict=True)]
    return found


def write_extract(path: Path, *, without: str = "") -> None:
    """Write the town as OSM PBF, leaving out the ways that carry the tag `without`."""
    kept = [(line, tags) for line, tags in streets() if without not in tags]
    numbers = {p: n for n, p in enumerate(dict.fromkeys(p for line, _ in kept for p in line), start=1)}
    with osmium.SimpleWriter(str(path)) as writer:
        for point, n in numbers.items():
            writer.add_node(mutable.Node(id=n, version=1, location=(point.lon, point.lat), tags={}))
        for n, (line, tags) in enumerate(kept, start=1):
            writer.add_way(mutable.Way(id=n, version=1, nodes=[numbers[p] for p in line], tags=tags))


def shortest(points: list[Point], *closed: str) -> Floats:
    """Measure the shortest way between the town's corners, without ways of the `closed` tags; inf: none."""
    kept = [(line, tags) for line, tags in streets() if not set(closed) & set(tags)]
    numbers = {p: n for n, p in enumerate(dict.fromkeys(p for line, _ in kept for p in line))}
    ends = [(line[0], line[1]) for line, _ in kept]
    ends += [(b, a) for (a, b), (_, tags) in zip(ends, kept, strict=True) if "oneway" not in tags]
    lengths = geodesic(degrees([a for a, _ in ends]), degrees([b for _, b in ends]))
    rows, columns = ([numbers[end[side]] for end in ends] for side in (0, 1))
    graph = coo_array((lengths, (rows, columns)), shape=(len(numbers), len(numbers))).tocsr()
    wanted = [numbers[p] for p in points]
    found: Floats = dijkstra(graph, indices=wanted)[:, wanted]
    return np.asarray(found, dtype=np.float64)
