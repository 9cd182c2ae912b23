"""Along which line does a simulated truck drive from here to there?"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from devices.simulator.towns import ROADS, TOWNS

EARTH_M = 6_371_008.8
_SPACING_M = 4_000.0


class Point(NamedTuple):
    """A WGS-84 point in degrees, in the order (lon, lat)."""

    lon: float
    lat: float


Polyline = tuple[Point, ...]


def distance_m(a: Point, b: Point) -> float:
    """Return the great-circle distance in metres (haversine on the mean sphere)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    )
    return 2 * EARTH_M * math.asin(math.sqrt(half))


def bearing_deg(a: Point, b: Point) -> float:
    """Return the course from `a` to `b` in degrees clockwise from north, flat-earth (short steps only)."""
    east = (b.lon - a.lon) * math.cos(math.radians((a.lat + b.lat) / 2))
    return math.degrees(math.atan2(east, b.lat - a.lat)) % 360


def length_m(line: Sequence[Point]) -> float:
    """Return the length of a line in metres."""
    return sum(distance_m(a, b) for a, b in pairwise(line))


class RoadNetwork:
    """The schematic expressways of Hubei: towns joined by gently bending lines."""

    def __init__(self) -> None:
        self._links = [(road, a, b, _bend(road, a, b)) for road, towns in ROADS for a, b in pairwise(towns)]
        self._near: dict[Point, list[tuple[float, Point]]] = {}
        for _, _, _, line in self._links:
            for a, b in pairwise(line):
                step = distance_m(a, b)
                self._near.setdefault(a, []).append((step, b))
                self._near.setdefault(b, []).append((step, a))

    def route(self, start: Point, end: Point) -> Polyline:
        """Return the shortest line between two arbitrary points, joined to the nearest points of the network.

        Points nearer to each other than to the network are joined directly.
        """
        on, off = self._nearest(start), self._nearest(end)
        direct = distance_m(start, end)
        if on == off or direct <= distance_m(start, on) + distance_m(off, end):
            return (start, _midway(start, end), end) if direct > 0 else (start, end)
        return tuple(_without_repeats((start, *self._shortest(on, off), end)))

    def network_geojson(self) -> dict[str, object]:
        """Return the network as a GeoJSON FeatureCollection; every feature says that it is schematic."""
        features = [
            {
                "type": "Feature",
                "properties": {"road": road, "from": a, "to": b, "schematic": True, "simulated": True},
                "geometry": {
                    "type": "LineString",
                    "coordinates": [[round(p.lon, 5), round(p.lat, 5)] for p in line],
                },
            }
            for road, a, b, line in self._links
        ]
        return {"type": "FeatureCollection", "features": features}

    def _nearest(self, point: Point) -> Point:
        return min(self._near, key=lambda p: distance_m(p, point))

    def _shortest(self, start: Point, end: Point) -> list[Point]:
        """Dijkstra's algorithm with a binary heap."""
        best, before = {start: 0.0}, {}
        heap = [(0.0, start)]
        while heap:
            so_far, at = heapq.heappop(heap)
            if at == end:
                break
            if so_far > best[at]:
                continue
            for step, there in self._near[at]:
                if (total := so_far + step) < best.get(there, math.inf):
                    best[there], before[there] = total, at
                    heapq.heappush(heap, (total, there))
        line = [end]
        while line[-1] != start:
            line.append(before[line[-1]])
        return line[::-1]


@lru_cache(maxsize=1)
def hubei() -> RoadNetwork:
    """Return the network; it never changes, so it is built once."""
    return RoadNetwork()


def route(start: Point, end: Point) -> Polyline:
    """Return the road line between two points (see `RoadNetwork.route`)."""
    return hubei().route(start, end)


def network_geojson() -> dict[str, object]:
    """Return the road network as a map layer (see `RoadNetwork.network_geojson`)."""
    return hubei().network_geojson()


def _bend(road: str, start: str, end: str) -> Polyline:
    """Draw a gently bending line between two towns; the same two towns always get the same bends."""
    a, b = Point(*TOWNS[start]), Point(*TOWNS[end])
    chance = random.Random(f"{road}:{start}:{end}")  # noqa: S311 -- a drawing, not a secret
    waves = [chance.uniform(-0.05, 0.05), chance.uniform(-0.025, 0.025), chance.uniform(-0.012, 0.012)]
    pieces = max(3, round(distance_m(a, b) / _SPACING_M))
    line = [a]
    for i in range(1, pieces):
        t = i / pieces
        side = sum(wave * math.sin((k + 1) * math.pi * t) for k, wave in enumerate(waves))
        lon = a.lon + t * (b.lon - a.lon) - side * (b.lat - a.lat)
        lat = a.lat + t * (b.lat - a.lat) + side * (b.lon - a.lon)
        line.append(Point(round(lon, 6), round(lat, 6)))
    return (*line, b)


def _midway(a: Point, b: Point) -> Point:
    """Return a point a little beside the middle, so that a short way is no ruler line."""
    return Point((a.lon + b.lon) / 2 - 0.08 * (b.lat - a.lat), (a.lat + b.lat) / 2 + 0.08 * (b.lon - a.lon))


def _without_repeats(line: Sequence[Point]) -> Iterator[Point]:
    yield line[0]
    for a, b in pairwise(line):
        if a != b:
            yield b
