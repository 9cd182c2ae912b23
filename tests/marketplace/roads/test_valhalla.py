"""Does the Valhalla adapter get from a real server the roads that are open to each vehicle?"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from marketplace.roads.valhalla import Valhalla
from matching.distances import HAZMAT_LORRY, LORRY, UNREACHABLE, VAN, NoDistances, Point, Trouble
from tests.marketplace.roads.network import FAST, ISLAND, SLOW, corner, shortest

pytestmark = pytest.mark.road_servers

TOWN = [corner(0, 0), corner(2, 3), corner(3, 5), corner(4, 2), corner(5, 0), corner(7, 2), corner(7, 6)]
FAR_OFF = Point(30.12, 114.03)


def test_a_van_takes_the_shortest_way(valhalla_url: str) -> None:
    """Otherwise freight would be priced by the wrong bridge, or by a one-way street driven backwards."""
    legs = Valhalla(valhalla_url).matrix(TOWN, VAN)
    assert legs.metres == pytest.approx(shortest(TOWN), rel=0.01)
    assert legs.source == "valhalla"
    assert np.all((legs.seconds > 0) == (legs.metres > 0))


def test_each_vehicle_takes_the_crossing_that_is_open_to_it(valhalla_url: str) -> None:
    """Otherwise a lorry would stand before a low bridge, and a tanker before a tunnel closed to it."""
    roads = Valhalla(valhalla_url)
    low = [corner(2, 6)], [corner(5, 6)]
    van, lorry = (int(roads.legs(*low, who).metres[0]) for who in (VAN, LORRY))
    assert van == pytest.approx(shortest([corner(2, 6), corner(5, 6)])[0, 1], rel=0.01)
    assert lorry == pytest.approx(shortest([corner(2, 6), corner(5, 6)], "maxheight")[0, 1], rel=0.01)
    deep = [corner(2, 3)], [corner(5, 3)]
    lorry, tanker = (int(roads.legs(*deep, who).metres[0]) for who in (LORRY, HAZMAT_LORRY))
    assert lorry == pytest.approx(shortest([corner(2, 3), corner(5, 3)])[0, 1], rel=0.01)
    around = shortest([corner(2, 3), corner(5, 3)], "hazmat", "maxheight")[0, 1]
    assert tanker == pytest.approx(around, rel=0.01)
    assert lorry < tanker


def test_pairs_are_answered_in_their_order_whatever_the_tables(valhalla_url: str) -> None:
    """Otherwise one lot would get the road of another as soon as there are more than fit into one table."""
    picks = np.random.default_rng(3).integers(0, len(TOWN), (60, 2))
    origins, targets = [TOWN[a] for a, _ in picks], [TOWN[b] for _, b in picks]
    small = Valhalla(valhalla_url, side=2).legs(origins, targets)
    whole = Valhalla(valhalla_url).matrix(TOWN)
    assert small.metres.tolist() == [int(whole.metres[a, b]) for a, b in picks]


def test_more_than_a_server_answers_at_once_is_asked_in_parts(valhalla_url: str) -> None:
    """Otherwise a market of more than fifty places would get no distances at all."""
    places = [Point(round(30.0 + n * 0.0003, 6), 114.0) for n in range(70)]
    legs = Valhalla(valhalla_url).matrix(places)
    assert legs.metres.shape == (70, 70)
    assert np.all(np.diff(legs.metres[0]) > 0)


def test_a_faster_road_takes_less_time(valhalla_url: str) -> None:
    """Otherwise arrivals would not heed speed limits."""
    legs = Valhalla(valhalla_url).legs([corner(0, 7), corner(0, 0)], [FAST, SLOW])
    pace = legs.seconds / legs.metres
    assert pace[0] < pace[1] / 1.5


def test_an_island_is_never_given_a_road(valhalla_url: str) -> None:
    """Otherwise a lot would be sent across water where no bridge is."""
    origins, targets = [corner(0, 0), corner(0, 0), ISLAND[0]], [ISLAND[2], corner(1, 1), ISLAND[2]]
    legs = Valhalla(valhalla_url).legs(origins, targets)
    assert legs.reachable.tolist() == [False, True, True]
    assert legs.metres[0] == legs.seconds[0] == UNREACHABLE


def test_a_point_far_from_any_road_is_refused_by_name(valhalla_url: str) -> None:
    """Otherwise the road to the nearest street would be left out, however long."""
    with pytest.raises(NoDistances, match="1500 m") as refused:
        Valhalla(valhalla_url).legs([corner(0, 0), corner(0, 1)], [FAR_OFF, corner(0, 0)])
    assert refused.value.setback.trouble is Trouble.OFF_ROAD
    assert refused.value.setback.points == (FAR_OFF,)


def test_what_is_beyond_the_servers_limits_is_a_refusal(valhalla_url: str) -> None:
    """Otherwise a market wider than the server's limit would look like one without roads."""
    with pytest.raises(NoDistances) as refused:
        Valhalla(valhalla_url, side=60).matrix([Point(30.0, round(114.0 + n * 0.0001, 6)) for n in range(60)])
    assert refused.value.setback.trouble is Trouble.REFUSED
    assert "150" in refused.value.setback.detail


def test_the_version_names_program_and_tiles(valhalla_url: str) -> None:
    """Otherwise roads of an old map would be taken from the cache after an update."""
    program, made = Valhalla(valhalla_url).version.split()
    assert program.count(".") == 2
    assert int(made) > 0


def test_an_hour_of_departure_is_understood(valhalla_url: str) -> None:
    """Otherwise plans for the morning could not ask for the morning's traffic."""
    at = datetime(2026, 11, 20, 8, 0)  # noqa: DTZ001 - the wall clock at the origin, as the interface says
    legs = Valhalla(valhalla_url).legs([corner(0, 0)], [corner(1, 1)], LORRY, at)
    assert legs.metres[0] == pytest.approx(shortest([corner(0, 0), corner(1, 1)])[0, 1], rel=0.01)
