"""Does a place come back as it was stored, and does the box query find it, on either database?"""

from __future__ import annotations

import sqlite3

import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, box
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine, MetaData, String, delete, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from compliance.record import functions
from compliance.record.shape import Shape, drop_statements, index_name, index_statements, inside_box

ROUNDING = 1e-4
"""Both indexes keep boxes in single precision and round outwards: about ten metres at these longitudes."""

lons, lats = st.floats(73, 135, allow_subnormal=False), st.floats(3, 54, allow_subnormal=False)
points = st.builds(Point, lons, lats)
boxes = st.tuples(lons, lats, st.floats(0.001, 20), st.floats(0.001, 20)).map(
    lambda p: box(p[0], p[1], p[0] + p[2], p[1] + p[3])
)
triangles = (
    st.lists(st.tuples(lons, lats), min_size=3, max_size=3, unique=True)
    .map(Polygon)
    .filter(lambda shape: shape.area > 0.01)
)
modest = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class OwnTables(DeclarativeBase):
    metadata = MetaData()


class Spot(OwnTables):
    """Something with a place: the tests' own noun."""

    __tablename__ = "spot"
    key: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), default="")
    place: Mapped[BaseGeometry | None] = mapped_column(Shape())


@pytest.fixture
def spots(engine: Engine) -> Engine:
    """A database with a table of spots and its spatial index."""
    OwnTables.metadata.create_all(engine)
    with engine.begin() as connection:
        for statement in index_statements("spot", "place", engine.dialect.name):
            connection.exec_driver_sql(statement)
    return engine


def put(session: Session, *places: BaseGeometry | None) -> list[int]:
    """Store some spots and return their keys."""
    rows = [Spot(place=place) for place in places]
    session.add_all(rows)
    session.flush()
    return [row.key for row in rows]


def found(session: Session, window: BaseGeometry) -> set[int]:
    """Return the keys of the spots whose box meets a window."""
    dialect = session.get_bind().dialect.name
    return set(session.scalars(select(Spot.key).where(inside_box(Spot.place, *window.bounds, dialect))))


@modest
@given(place=points | triangles)
def test_a_place_comes_back_to_the_last_bit(spots: Engine, place: BaseGeometry) -> None:
    """A site would wander a little with every save, and its geofence with it."""
    with Session(spots) as session:
        (key,) = put(session, place)
        session.expire_all()
        assert session.get_one(Spot, key).place == place
        session.rollback()


@modest
@given(places=st.lists(points | triangles, min_size=1, max_size=8), window=boxes)
def test_the_box_query_agrees_with_shapely(
    spots: Engine, places: list[BaseGeometry], window: Polygon
) -> None:
    """A map would miss vehicles near its edge, or show those of another province."""
    with Session(spots) as session:
        keys = dict(zip(put(session, *places), places, strict=True))
        hits = found(session, window)
        session.rollback()
    meets = {key for key, place in keys.items() if box(*place.bounds).intersects(window)}
    nearly = {key for key, place in keys.items() if box(*place.bounds).distance(window) <= ROUNDING}
    assert meets <= hits <= nearly


def test_the_box_query_uses_the_index(spots: Engine) -> None:
    """The live map would read every site there is, ten times a second."""
    dialect = spots.dialect.name
    condition = inside_box(Spot.place, 114.0, 30.0, 114.5, 30.5, dialect)
    compiler = {"sqlite": sqlite, "postgresql": postgresql}[dialect].dialect()
    query = str(
        select(Spot.key).where(condition).compile(dialect=compiler, compile_kwargs={"literal_binds": True})
    )
    with spots.connect() as connection:
        if dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
        plan = "\n".join(str(row) for row in connection.exec_driver_sql(explain + query))
    assert index_name("spot", "place") in plan
    if dialect == "sqlite":
        assert "VIRTUAL TABLE INDEX" in plan
        assert "SCAN spot" not in plan


def test_moving_and_deleting_keep_the_index_right(spots: Engine) -> None:
    """A site that moved would be found where it was, and a deleted one for ever."""
    here, there = box(114, 30, 115, 31), box(120, 40, 121, 41)
    with Session(spots) as session:
        stays, moves, goes, fades, appears = put(session, *[Point(114.5, 30.5)] * 4, None)
        assert found(session, here) == {stays, moves, goes, fades}
        session.get_one(Spot, moves).place = Point(120.5, 40.5)
        session.get_one(Spot, fades).place = None
        session.get_one(Spot, appears).place = Point(120.1, 40.1)
        session.get_one(Spot, stays).name = "renamed"
        session.execute(delete(Spot).where(Spot.key == goes))
        session.flush()
        session.expire_all()
        assert found(session, here) == {stays}
        assert found(session, there) == {moves, appears}
        assert session.get_one(Spot, fades).place is None


def test_no_place_is_no_hit_and_no_error(spots: Engine) -> None:
    """A party without a point would break the map for everybody."""
    with Session(spots) as session:
        (key,) = put(session, None)
        assert found(session, box(73, 3, 136, 54)) == set()
        assert session.get_one(Spot, key).place is None
        told = session.execute(select(func.ST_X(Spot.place), func.ST_AsText(Spot.place))).one()
        assert tuple(told) == (None, None)


@modest
@given(place=points, area=triangles)
def test_spatial_functions_agree_with_shapely(spots: Engine, place: Point, area: Polygon) -> None:
    """A geofence would open on one database and stay shut on the other."""
    with Session(spots) as session:
        put(session, place)
        told = session.execute(
            select(
                func.ST_X(Spot.place),
                func.ST_Y(Spot.place),
                func.ST_Distance(Spot.place, shape(spots, area)),
                func.ST_Intersects(Spot.place, shape(spots, area)),
            )
        ).one()
        session.rollback()
    assert (told[0], told[1]) == (place.x, place.y)
    assert told[2] == pytest.approx(place.distance(area), abs=1e-9)
    if place.distance(area.boundary) > 1e-9:
        assert bool(told[3]) == place.intersects(area)


def shape(engine: Engine, value: BaseGeometry) -> object:
    """Return a geometry as an expression of the dialect."""
    if engine.dialect.name == "postgresql":
        return func.ST_GeomFromText(value.wkt, 4326)
    return shapely.to_wkb(value)


def test_the_index_can_be_taken_away(spots: Engine) -> None:
    """A revision that drops a shape could not be run or taken back."""
    with spots.begin() as connection:
        for statement in drop_statements("spot", "place", spots.dialect.name):
            connection.exec_driver_sql(statement)
        connection.execute(text("INSERT INTO spot (name) VALUES ('still writable')"))


def test_the_lent_functions_take_text_and_nothing() -> None:
    """A query that runs on PostGIS would fail on SQLite."""
    plain = sqlite3.connect(":memory:")
    functions.register(plain)

    def ask(expression: str) -> object:
        return plain.execute(f"SELECT {expression}").fetchone()[0]

    assert ask("ST_X(ST_Point(114.3, 30.6))") == 114.3
    assert ask("ST_Y('SRID=4326;POINT (114.3 30.6)')") == 30.6
    assert ask("ST_Contains('POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))', ST_Point(1, 1))") == 1
    assert ask("ST_Within(ST_Point(9, 1), 'POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0))')") == 0
    assert ask("ST_Distance('POINT (0 0)', 'POINT (3 4)')") == 5
    assert ask("ST_AsGeoJSON(ST_Point(1, 2))") == '{"type":"Point","coordinates":[1.0,2.0]}'
    for name in ("ST_MinX", "ST_MaxY", "ST_X", "ST_AsText", "ST_AsGeoJSON"):
        assert ask(f"{name}(NULL)") is None
    for name in ("ST_Contains", "ST_Intersects", "ST_Within", "ST_Distance"):
        assert ask(f"{name}(NULL, ST_Point(1, 1))") is None
        assert ask(f"{name}(ST_Point(1, 1), NULL)") is None
    assert ask("ST_Point(NULL, 1)") is None
    plain.close()
