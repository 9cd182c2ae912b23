"""What does the ground under the vehicles look like? Land and borders around China, cut from Natural Earth.

The result is a schematic backdrop, not a map of boundaries: land is one area, a border is drawn only where
two states' polygons share an arc, and none is drawn between the parts listed as one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shapely import (
    MultiLineString,
    clip_by_rect,
    from_geojson,
    line_merge,
    set_precision,
    simplify,
    to_geojson,
)
from shapely.geometry import LineString, box
from shapely.geometry.base import BaseGeometry

WEST, SOUTH, EAST, NORTH = 70.0, 14.0, 137.0, 56.0
TOLERANCE_DEG = 0.004
GRID_DEG = 0.0001
SMALLEST_RING = 4  # points, the first one repeated; a coarse grid folds tiny islands to less
UNDIVIDED = {"156", "158", "344", "446"}

Point = tuple[float, float]


def build_basemap(atlas: Path, target: Path) -> None:
    """Write land.geojson and borders.geojson into `target` from the TopoJSON in `atlas` (WGS-84)."""
    target.mkdir(parents=True, exist_ok=True)
    topology = json.loads((atlas / "countries-10m.json").read_text(encoding="utf-8"))
    arcs = decode_arcs(topology)
    land = [from_geojson(json.dumps(_as_geojson(g, arcs))) for g in topology["objects"]["land"]["geometries"]]
    _write(target / "land.geojson", [_cut(piece) for piece in land])
    shared = shared_arcs(topology["objects"]["countries"]["geometries"])
    lines = line_merge(MultiLineString([LineString(arcs[index]) for index in sorted(shared)]))
    _write(target / "borders.geojson", [_cut(lines)])


def decode_arcs(topology: dict[str, Any]) -> list[list[Point]]:
    """Undo TopoJSON's delta and grid coding of all arcs."""
    (scale_x, scale_y), (move_x, move_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    decoded = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append((x * scale_x + move_x, y * scale_y + move_y))
        decoded.append(points)
    return decoded


def shared_arcs(countries: list[dict[str, Any]]) -> set[int]:
    """Return the indexes of the arcs that two different states have in common."""
    owners: dict[int, set[str]] = {}
    for number, country in enumerate(countries):
        name = str(country.get("id", f"none-{number}"))
        for index in _flat(country.get("arcs", [])):
            owners.setdefault(index if index >= 0 else ~index, set()).add(name)
    return {index for index, names in owners.items() if len(names) > 1 and not names <= UNDIVIDED}


def _flat(nested: list[Any]) -> list[int]:
    return [i for item in nested for i in (_flat(item) if isinstance(item, list) else [item])]


def _as_geojson(geometry: dict[str, Any], arcs: list[list[Point]]) -> dict[str, Any]:
    parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    rings = [[_ring(indexes, arcs) for indexes in part] for part in parts]
    drawable = [[ring for ring in part if len(ring) >= SMALLEST_RING] for part in rings]
    return {"type": "MultiPolygon", "coordinates": [part for part in drawable if part]}


def _ring(indexes: list[int], arcs: list[list[Point]]) -> list[Point]:
    points: list[Point] = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(arc if not points else arc[1:])
    return points


def _cut(shape: BaseGeometry) -> BaseGeometry:
    window = box(WEST, SOUTH, EAST, NORTH)
    small = simplify(clip_by_rect(shape.buffer(0) if shape.area else shape, *window.bounds), TOLERANCE_DEG)
    return set_precision(small, GRID_DEG)


def _write(path: Path, shapes: list[BaseGeometry]) -> None:
    features = [
        {"type": "Feature", "properties": {}, "geometry": json.loads(to_geojson(shape))}
        for shape in shapes
        if not shape.is_empty
    ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    path.write_text(text, encoding="utf-8")
