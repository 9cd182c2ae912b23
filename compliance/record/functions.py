"""Which spatial functions does plain SQLite lack, and how does Shapely lend them?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import shapely
from shapely.geometry.base import BaseGeometry

Value = bytes | str | float | int | None


def _geometry(value: bytes | str | None) -> BaseGeometry | None:
    if value is None:
        return None
    if isinstance(value, str):
        return shapely.from_wkt(value.partition(";")[2] or value)
    return shapely.from_wkb(value)


def _of_one(measure: Callable[[BaseGeometry], Value]) -> Callable[[bytes | None], Value]:
    def call(value: bytes | None) -> Value:
        shape = _geometry(value)
        return None if shape is None else measure(shape)

    return call


def _of_two(
    relation: Callable[[BaseGeometry, BaseGeometry], Value],
) -> Callable[[bytes | None, bytes | None], Value]:
    def call(first: bytes | None, second: bytes | None) -> Value:
        one, other = _geometry(first), _geometry(second)
        return None if one is None or other is None else relation(one, other)

    return call


def _point(x: float | None, y: float | None) -> bytes | None:
    return None if x is None or y is None else shapely.to_wkb(shapely.Point(x, y))


def register(connection: sqlite3.Connection) -> None:
    """Give a SQLite connection the `ST_*` functions that the models and the R*Tree triggers call.

    Geometries are WKB in degrees WGS-84; `ST_Distance` is planar in degrees, as PostGIS has it for
    `geometry`. Every function returns NULL for NULL.
    """
    one: dict[str, Callable[[BaseGeometry], Value]] = {
        "ST_MinX": lambda shape: float(shape.bounds[0]),
        "ST_MinY": lambda shape: float(shape.bounds[1]),
        "ST_MaxX": lambda shape: float(shape.bounds[2]),
        "ST_MaxY": lambda shape: float(shape.bounds[3]),
        "ST_X": lambda shape: float(shapely.get_x(shape)),
        "ST_Y": lambda shape: float(shapely.get_y(shape)),
        "ST_AsText": lambda shape: str(shape.wkt),
        "ST_AsGeoJSON": lambda shape: str(shapely.to_geojson(shape)),
    }
    two: dict[str, Callable[[BaseGeometry, BaseGeometry], Value]] = {
        "ST_Contains": lambda a, b: int(a.contains(b)),
        "ST_Intersects": lambda a, b: int(a.intersects(b)),
        "ST_Within": lambda a, b: int(a.within(b)),
        "ST_Distance": lambda a, b: float(a.distance(b)),
    }
    for name, measure in one.items():
        connection.create_function(name, 1, _of_one(measure), deterministic=True)
    for name, relation in two.items():
        connection.create_function(name, 2, _of_two(relation), deterministic=True)
    connection.create_function("ST_Point", 2, _point, deterministic=True)
