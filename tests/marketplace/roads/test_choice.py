"""Does an instance use the roads it is told to, and say when it cannot?"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import structlog
from structlog.testing import capture_logs

from compliance.record.errors import Invalid
from marketplace.roads import choice
from marketplace.roads.choice import addresses, distances_of, told
from marketplace.settings import Settings, read_settings
from matching.distances import HAZMAT_LORRY, Estimate, Point, Trouble
from tests.marketplace.roads.network import ISLAND, corner, shortest
from tests.marketplace.roads.servers import DATA

A, B = corner(0, 0), corner(1, 1)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Begin and end with nothing remembered."""
    choice._memory.cache_clear()
    choice._table.cache_clear()
    choice._rest.cache_clear()
    structlog.reset_defaults()
    yield
    choice._memory.cache_clear()


def instance(var: Path, roads: str = "", url: str = "") -> Settings:
    """Return the settings of an instance of its own."""
    return replace(Settings(), var=var, roads=roads, roads_url=url)


def test_without_a_setting_roads_are_estimates(tmp_path: Path) -> None:
    """Otherwise a newcomer's first run would look for a road server."""
    assert distances_of(instance(tmp_path)) == Estimate()


@pytest.mark.road_servers
def test_the_named_server_is_asked_and_remembered(tmp_path: Path, osrm_url: str, nobody: str) -> None:
    """Otherwise the setting would change nothing, or every page would ask the server again."""
    first = distances_of(instance(tmp_path, "osrm", osrm_url))
    legs = first.legs([A], [B])
    assert (legs.source, legs.version, first.source) == ("osrm", DATA, "osrm")
    assert legs.metres[0] == pytest.approx(shortest([A, B])[0, 1], rel=0.005)
    assert told(first) == ()
    assert (tmp_path / "roads.db").exists()


@pytest.mark.road_servers
def test_valhalla_is_asked_as_well(tmp_path: Path, valhalla_url: str) -> None:
    """Otherwise one of the two would only be named."""
    legs = distances_of(instance(tmp_path, "valhalla", valhalla_url)).legs([A], [B], HAZMAT_LORRY)
    assert (legs.source, legs.setbacks) == ("valhalla", ())


def test_a_server_that_is_away_is_an_estimate_and_said(tmp_path: Path, nobody: str) -> None:
    """Otherwise a stopped road server would stop the market, or estimates would pass for measured roads."""
    roads = distances_of(instance(tmp_path, "osrm", nobody))
    legs = roads.legs([A], [B])
    assert (legs.source, roads.source, roads.version) == ("estimate", "estimate", Estimate().version)
    assert [one.trouble for one in legs.setbacks] == [Trouble.SILENT]
    with capture_logs() as lines:
        assert told(roads) == legs.setbacks
    assert [(line["event"], line["provider"], line["trouble"]) for line in lines] == [
        ("roads.estimated", "osrm", "silent")
    ]


@pytest.mark.road_servers
def test_only_the_pairs_of_a_place_off_the_road_are_estimated(tmp_path: Path, osrm_url: str) -> None:
    """Otherwise one farm without a road would turn the whole market's roads into estimates."""
    farm = Point(30.12, 114.03)
    roads = distances_of(instance(tmp_path, "osrm", osrm_url))
    legs = roads.legs([A, A, farm], [B, farm, B])
    assert legs.metres[0] == pytest.approx(shortest([A, B])[0, 1], rel=0.005)
    assert legs.metres[1] == Estimate().legs([A], [farm]).metres[0]
    assert (legs.source, legs.setbacks[0].points) == ("estimate", (farm,))
    assert not roads.legs([A], [ISLAND[0]]).reachable.any()


def test_a_table_in_a_file_is_used(tmp_path: Path) -> None:
    """Otherwise roads measured elsewhere could not be used without a server."""
    metres = np.array([[0, 5000], [6000, 0]])
    path = tmp_path / "roads.npz"
    np.savez(path, points=np.array([[A.lat, A.lon], [B.lat, B.lon]]), metres=metres, seconds=metres / 10)
    roads = distances_of(instance(tmp_path, "file", str(path)))
    assert roads.legs([A, B], [B, A]).metres.tolist() == [5000, 6000]
    assert roads.source == "file"
    other = roads.legs([A, A], [B, corner(5, 5)])
    assert other.metres[0] == 5000
    assert (other.source, other.setbacks[0].trouble) == ("estimate", Trouble.NOT_GIVEN)


@pytest.mark.parametrize("text", [None, "no,table\n"])
def test_a_bad_file_is_an_estimate_and_said(tmp_path: Path, text: str | None) -> None:
    """Otherwise a deleted file would stop the market."""
    path = tmp_path / "roads.csv"
    if text is not None:
        path.write_text(text)
    roads = distances_of(instance(tmp_path, "file", str(path)))
    assert roads.version == Estimate().version
    legs = roads.legs([A], [B])
    assert legs.source == "estimate"
    assert str(path) in legs.setbacks[0].detail
    assert roads.matrix([A, B]).metres.tolist() == Estimate().matrix([A, B]).metres.tolist()


def test_a_provider_travels_to_other_processes(tmp_path: Path, nobody: str) -> None:
    """Otherwise the market could not be solved outside the web process."""
    roads = pickle.loads(pickle.dumps(distances_of(instance(tmp_path, "osrm", nobody))))
    assert roads.legs([A], [B]).source == "estimate"


def test_addresses_by_vehicle_are_read() -> None:
    """Otherwise tankers would be sent over the network of cars."""
    assert addresses("http://a:5000") == {"": "http://a:5000"}
    assert addresses("lorry=http://a, hazmat_lorry=https://b/x") == {
        "lorry": "http://a",
        "hazmat_lorry": "https://b/x",
    }
    assert addresses("http://a/?key=1,van=http://v") == {"": "http://a/?key=1", "van": "http://v"}


@pytest.mark.parametrize("text", ["a:5000", "tram=http://a", "lorry=a", "http://a:port", "http://"])
def test_a_wrong_address_is_refused(text: str) -> None:
    """Otherwise a mistyped setting would quietly mean estimates for ever."""
    with pytest.raises(Invalid) as refused:
        addresses(text)
    assert refused.value.field == "ROADS_URL"


@pytest.mark.parametrize("text", ["a:5000", "van=http://a", "http://a:port"])
def test_a_wrong_address_of_a_server_for_all_vehicles_is_refused(tmp_path: Path, text: str) -> None:
    """Every page that measures a road would end in a fault, or mean estimates without a word."""
    with pytest.raises(Invalid) as refused:
        distances_of(instance(tmp_path, "valhalla", text))
    assert refused.value.field == "ROADS_URL"


@pytest.mark.parametrize("env", [{"ROADS": "osrm"}, {"ROADS_URL": "http://a"}, {"ROADS": "google"}])
def test_half_a_setting_is_refused(env: dict[str, str]) -> None:
    """Otherwise an operator would believe in a road server that is never asked."""
    with pytest.raises(Invalid):
        read_settings(env)
    assert read_settings({"ROADS": "osrm", "ROADS_URL": "http://a"}).roads == "osrm"
