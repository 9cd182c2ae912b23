"""Does the OSRM adapter get from a real server what a router of our own finds in the same town?"""

from __future__ import annotations

import numpy as np
import pytest

from marketplace.roads.osrm import Osrm
from matching.distances import (
    HAZMAT_LORRY,
    LORRY,
    UNREACHABLE,
    VAN,
    NoDistances,
    Point,
    Samples,
    Trouble,
    calibrate,
)
from tests.marketplace.roads.network import FAST, ISLAND, SLOW, corner, shortest
from tests.marketplace.roads.servers import DATA

pytestmark = pytest.mark.road_servers

TOWN = [corner(0, 0), corner(2, 3), corner(3, 5), corner(4, 3), corner(5, 0), corner(7, 2), corner(7, 6)]
FAR_OFF = Point(30.12, 114.03)


def test_every_pair_is_the_shortest_way_over_bridge_and_tunnel(osrm_url: str) -> None:
    """Otherwise freight would be priced by the wrong bridge, or by a one-way street driven backwards."""
    legs = Osrm({"": osrm_url}).matrix(TOWN)
    assert legs.metres == pytest.approx(shortest(TOWN), rel=0.005)
    assert (legs.source, legs.version, legs.setbacks) == ("osrm", DATA, ())
    assert np.all((legs.seconds > 0) == (legs.metres > 0))


def test_pairs_are_answered_in_their_order_whatever_the_tables(osrm_url: str) -> None:
    """Otherwise one lot would get the road of another as soon as there are more than fit into one table."""
    random = np.random.default_rng(3)
    picks = random.integers(0, len(TOWN), (200, 2))
    origins, targets = [TOWN[a] for a, _ in picks], [TOWN[b] for _, b in picks]
    small = Osrm({"": osrm_url}, side=2).legs(origins, targets)
    whole = Osrm({"": osrm_url}).matrix(TOWN)
    assert small.metres.tolist() == [int(whole.metres[a, b]) for a, b in picks]
    assert small.seconds.tolist() == [int(whole.seconds[a, b]) for a, b in picks]


def test_more_than_a_server_answers_at_once_is_asked_in_parts(osrm_url: str) -> None:
    """Otherwise a market of more than a hundred places would get no distances at all."""
    places = [Point(round(30.0 + n * 0.0001, 6), 114.0) for n in range(160)]
    legs = Osrm({"": osrm_url}).matrix(places)
    assert legs.metres.shape == (160, 160)
    assert np.all(np.diff(legs.metres[0]) > 0)


def test_a_table_larger_than_the_server_allows_is_a_refusal(osrm_url: str) -> None:
    """Otherwise a wrong setting would look like a town without roads."""
    places = [Point(round(30.0 + n * 0.0001, 6), 114.0) for n in range(120)]
    with pytest.raises(NoDistances, match="TooBig") as refused:
        Osrm({"": osrm_url}, side=200).matrix(places)
    assert refused.value.setback.trouble is Trouble.REFUSED


def test_a_faster_road_takes_less_time(osrm_url: str) -> None:
    """Otherwise arrivals would not heed speed limits."""
    legs = Osrm({"": osrm_url}).legs([corner(0, 7), corner(0, 0)], [FAST, SLOW])
    pace = legs.seconds / legs.metres
    assert pace[0] < pace[1] / 2


def test_an_island_is_unreachable_and_not_guessed(osrm_url: str) -> None:
    """Otherwise a lot would be sent across water where no bridge is."""
    legs = Osrm({"": osrm_url}, snap_m=50).legs([corner(0, 0), ISLAND[0]], [ISLAND[2], ISLAND[2]])
    assert legs.reachable.tolist() == [False, True]
    assert legs.metres[0] == legs.seconds[0] == UNREACHABLE


def test_a_point_far_from_any_road_is_refused_by_name(osrm_url: str) -> None:
    """Otherwise the road to the nearest street would be left out, however long."""
    with pytest.raises(NoDistances, match="1500 m") as refused:
        Osrm({"": osrm_url}).legs([corner(0, 0), corner(0, 1)], [FAR_OFF, corner(0, 0)])
    assert refused.value.setback.trouble is Trouble.OFF_ROAD
    assert refused.value.setback.points == (FAR_OFF,)
    assert Osrm({"": osrm_url}, snap_m=20_000).legs([corner(0, 0)], [FAR_OFF]).reachable.all()


def test_a_vehicle_is_asked_of_its_own_server(osrm_url: str, osrm_hazmat_url: str) -> None:
    """Otherwise a tanker would be planned through the tunnel that is closed to it."""
    both = Osrm({"": osrm_url, "hazmat_lorry": osrm_hazmat_url})
    a, b = corner(3, 3), corner(4, 3)
    lorry, tanker = (both.legs([a], [b], who).metres[0] for who in (LORRY, HAZMAT_LORRY))
    assert lorry == pytest.approx(shortest([a, b])[0, 1], rel=0.005)
    assert tanker == pytest.approx(shortest([a, b], "hazmat")[0, 1], rel=0.005)
    assert tanker > 4 * lorry


def test_a_network_for_all_does_not_speak_for_dangerous_goods(osrm_url: str) -> None:
    """Otherwise a network of cars would promise roads that dangerous goods may not use."""
    with pytest.raises(NoDistances) as refused:
        Osrm({"": osrm_url}).legs([corner(0, 0)], [corner(1, 1)], HAZMAT_LORRY)
    assert refused.value.setback.trouble is Trouble.NO_PROFILE
    assert Osrm({"": osrm_url}).legs([corner(0, 0)], [corner(1, 1)], VAN).reachable.all()


def test_no_pairs_need_no_answer(osrm_url: str) -> None:
    """Otherwise an empty market would fail."""
    assert Osrm({"": osrm_url}).matrix([]).metres.shape == (0, 0)


def test_a_servers_matrix_teaches_the_estimate(osrm_url: str) -> None:
    """Otherwise an operator's own network could not better the estimate that stands in for it."""
    places = [corner(row, column) for row in range(8) for column in range(0, 8, 2)]
    found = calibrate(Samples.of_matrix(places, Osrm({"": osrm_url}).matrix(places)))
    assert found.better
    assert found.after.seconds_median < found.before.seconds_median / 2
    assert found.estimate.version.startswith(f"fitted osrm {DATA}")
