"""How is a place stored, so that one model serves PostGIS and plain SQLite?"""

from __future__ import annotations

from typing import Any

import shapely
from geoalchemy2 import Geometry
from geoalchemy2.elements import WKBElement
from shapely.geometry.base import BaseGeometry
from sqlalchemy import ColumnElement, Dialect, LargeBinary, func, select, table
from sqlalchemy import column as sql_column
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeDecorator, TypeEngine

WGS84 = 4326


class Shape(TypeDecorator[BaseGeometry]):
    """A Shapely geometry in WGS-84: PostGIS `geometry` on PostgreSQL, WKB bytes on SQLite.

    On SQLite a companion R*Tree (`rtree_<table>_<column>`), kept by triggers, answers box queries;
    PostGIS answers the same through a GiST index. `inside_box` writes the query for either. A table with
    a shape has an integer primary key named `key`, since SQLite may renumber bare row ids.
    """

    impl = LargeBinary
    cache_ok = True
    spatial_index = False
    """GeoAlchemy2 must not make an index of its own beside ours."""

    def __init__(self, kind: str = "GEOMETRY") -> None:
        self.kind = kind
        super().__init__()

    def load_dialect_impl(self, dialect: Dialect | None) -> TypeEngine[Any]:
        """Choose the column type of the dialect; GeoAlchemy2 asks without one while it looks for its own."""
        if dialect is None or dialect.name != "postgresql":
            return LargeBinary()
        return dialect.type_descriptor(Geometry(self.kind, srid=WGS84, spatial_index=False))

    def process_bind_param(self, value: BaseGeometry | None, dialect: Dialect) -> bytes | str | None:
        """Write a geometry as the dialect wants it."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            return f"SRID={WGS84};{value.wkt}"
        return bytes(shapely.to_wkb(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> BaseGeometry | None:
        """Read a geometry back."""
        if value is None:
            return None
        data = value.data if isinstance(value, WKBElement) else value
        return shapely.from_wkb(data if isinstance(data, str) else bytes(data))


def inside_box(
    attribute: InstrumentedAttribute[Any],
    west: float,
    south: float,
    east: float,
    north: float,
    dialect: str,
) -> ColumnElement[bool]:
    """Return the condition that a shape's box meets a box in degrees, using the spatial index."""
    if dialect == "postgresql":
        box = func.ST_MakeEnvelope(west, south, east, north, WGS84)
        return attribute.op("&&", is_comparison=True)(box)
    owner = attribute.class_.__table__
    tree = table(
        index_name(owner.name, attribute.key),
        *(sql_column(name) for name in ("id", "min_x", "max_x", "min_y", "max_y")),
    )
    hit = select(tree.c.id).where(
        tree.c.max_x >= west, tree.c.min_x <= east, tree.c.max_y >= south, tree.c.min_y <= north
    )
    condition: ColumnElement[bool] = owner.c.key.in_(hit)
    return condition


def index_name(table_name: str, column: str) -> str:
    """Return the name of a shape's spatial index on either dialect."""
    return f"rtree_{table_name}_{column}"


def index_statements(table_name: str, column: str, dialect: str) -> list[str]:
    """Return the DDL that gives one shape column its spatial index; called by the migrations."""
    name = index_name(table_name, column)
    if dialect == "postgresql":
        return [f"CREATE INDEX {name} ON {table_name} USING gist ({column})"]
    box = f"ST_MinX(NEW.{column}), ST_MaxX(NEW.{column}), ST_MinY(NEW.{column}), ST_MaxY(NEW.{column})"
    put = f"INSERT INTO {name} SELECT NEW.key, {box} WHERE NEW.{column} IS NOT NULL;"
    drop = f"DELETE FROM {name} WHERE id = OLD.key;"
    return [
        f"CREATE VIRTUAL TABLE {name} USING rtree(id, min_x, max_x, min_y, max_y)",
        f"CREATE TRIGGER {name}_insert AFTER INSERT ON {table_name} BEGIN {put} END",
        f"CREATE TRIGGER {name}_update AFTER UPDATE OF {column} ON {table_name} BEGIN {drop} {put} END",
        f"CREATE TRIGGER {name}_delete AFTER DELETE ON {table_name} BEGIN {drop} END",
    ]


def drop_statements(table_name: str, column: str, dialect: str) -> list[str]:
    """Return the DDL that takes one shape column's spatial index away again."""
    name = index_name(table_name, column)
    if dialect == "postgresql":
        return [f"DROP INDEX {name}"]
    kinds = ("insert", "update", "delete")
    return [*(f"DROP TRIGGER {name}_{kind}" for kind in kinds), f"DROP TABLE {name}"]
