"""Do measured roads outlive a restart, and never a change of the map?"""

from __future__ import annotations

from pathlib import Path

from marketplace.roads.store import SqliteStore
from matching.distances import Cached, Estimate, Given, Point
from matching.distances.cached import Edition, Pair, Road

OLD: Edition = ("osrm", "map 1", "lorry")
NEW: Edition = ("osrm", "map 2", "lorry")
OTHER: Edition = ("valhalla", "map 1", "lorry")
HOME: Pair = ((3_000_000, 11_400_000), (3_001_000, 11_400_000))
BACK: Pair = (HOME[1], HOME[0])
ROAD: Road = (1200, 90)


def test_what_was_kept_is_found_after_a_restart(tmp_path: Path) -> None:
    """Otherwise each start would ask the road server for everything anew."""
    SqliteStore(tmp_path / "var" / "roads.db").keep(OLD, {HOME: ROAD})
    again = SqliteStore(tmp_path / "var" / "roads.db")
    assert again.find(OLD, [HOME, BACK]) == {HOME: ROAD}
    assert again.find(OTHER, [HOME]) == {}


def test_newer_data_drops_the_older_of_the_same_provider(tmp_path: Path) -> None:
    """Otherwise yesterday's roads would be told of today's map, and the file would grow for ever."""
    store = SqliteStore(tmp_path / "roads.db")
    store.keep(OLD, {HOME: ROAD})
    store.keep(OTHER, {HOME: (7, 7)})
    store.keep(NEW, {BACK: (1300, 95)})
    assert store.find(OLD, [HOME]) == {}
    assert store.find(NEW, [HOME, BACK]) == {BACK: (1300, 95)}
    assert store.find(OTHER, [HOME]) == {HOME: (7, 7)}


def test_thousands_of_roads_are_found_at_once(tmp_path: Path) -> None:
    """Otherwise a market's roads would be looked up one by one, or not at all."""
    store = SqliteStore(tmp_path / "roads.db")
    roads = {((a, b), (b, a)): (a + b, a) for a in range(60) for b in range(60)}
    store.keep(OLD, roads)
    store.keep(OLD, {((0, 0), (0, 0)): (5, 5)})
    assert store.find(OLD, list(roads)) == roads | {((0, 0), (0, 0)): (5, 5)}


def test_a_provider_behind_the_file_is_asked_once(tmp_path: Path) -> None:
    """Otherwise the cache would be a file that nobody reads."""
    points = (Point(30.0, 114.0), Point(30.1, 114.1))
    legs = Estimate().matrix(points)
    table = Given(points, legs.metres, legs.seconds, "1")
    first = Cached(table, SqliteStore(tmp_path / "roads.db")).matrix(points)
    nothing = Given((), legs.metres[:0, :0], legs.seconds[:0, :0], "1")
    again = Cached(nothing, SqliteStore(tmp_path / "roads.db")).matrix(points)
    assert again.metres.tolist() == first.metres.tolist() == legs.metres.tolist()
    assert (again.source, again.version) == ("file", "1")


def test_a_broken_file_is_as_good_as_none(tmp_path: Path) -> None:
    """A cache that a power cut tore would keep a carrier from its day."""
    file = tmp_path / "roads.db"
    file.write_bytes(b"torn" * 2000)
    points = (Point(30.0, 114.0), Point(30.1, 114.1))
    legs = Estimate().matrix(points)
    table = Given(points, legs.metres, legs.seconds, "1")
    assert Cached(table, SqliteStore(file)).matrix(points).metres.tolist() == legs.metres.tolist()
