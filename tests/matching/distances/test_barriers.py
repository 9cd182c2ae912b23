"""Does a way across water lead over a crossing that is open to the vehicle?"""

from __future__ import annotations

import time
from itertools import product

import numpy as np
import pytest
from shapely import LineString
from shapely import Point as Place

from matching.distances import HAZMAT_LORRY, HUBEI_WATERS, LORRY, VAN, Estimate, Point, Profile
from matching.distances.barriers import Barrier, Crossing, geodesic, passages

RIVER = Barrier(
    "river",
    ((113.0, 30.0), (114.0, 30.0), (115.0, 30.0)),
    (
        Crossing(113.2, 30.0, "west bridge"),
        Crossing(114.5, 30.0, "tunnel", hazmat=False),
        Crossing(114.8, 30.0, "old bridge", lorries=False),
    ),
)
CANAL = Barrier("canal", ((112.5, 30.5), (115.5, 30.5)), (Crossing(113.8, 30.5, "lock"),))
SEATS = {
    # county seats by the bank of the Yangtze and of the Han they lie on
    "north of both": {"江岸": (30.600, 114.309), "天门": (30.663, 113.166), "樊城": (32.045, 112.136)},
    "between": {"汉阳": (30.554, 114.2186), "仙桃": (30.361, 113.4236), "荆州": (30.353, 112.190)},
    "south of the Yangtze": {"武昌": (30.554, 114.317), "嘉鱼": (29.971, 113.939), "石首": (29.721, 112.425)},
}


def legs_of(places: list[tuple[float, float]]) -> float:
    """Add up the geodesics of a way."""
    table = np.array(places)
    return float(geodesic(table[:-1], table[1:]).sum())


def brute(
    barriers: tuple[Barrier, ...], a: tuple[float, float], b: tuple[float, float], who: Profile
) -> float:
    """Try every combination of crossings of the barriers that the line meets oddly often."""
    line = LineString([a[::-1], b[::-1]])
    met = []
    for barrier in barriers:
        hits = line.intersection(LineString(barrier.line))
        points = [] if hits.is_empty else list(getattr(hits, "geoms", [hits]))
        if len(points) % 2:
            met.append((np.mean([Place(a[::-1]).distance(p) for p in points]), barrier))
    stages = [
        [(c.lat, c.lon) for c in barrier.crossings if c.lets(who)]
        for _, barrier in sorted(met, key=lambda one: one[0])
    ]
    return min(legs_of([a, *way, b]) for way in product(*stages)) if stages else 0.0


@pytest.mark.parametrize("who", [VAN, LORRY, HAZMAT_LORRY])
@pytest.mark.parametrize("barriers", [(RIVER, CANAL), HUBEI_WATERS[:4]])
def test_the_way_is_the_best_of_all_combinations(barriers: tuple[Barrier, ...], who: Profile) -> None:
    """Otherwise a lot across the river would be priced by a bridge far away, or by none."""
    random = np.random.default_rng(5)
    a, b = (np.column_stack([random.uniform(29.5, 31.5, 60), random.uniform(112.5, 115.5, 60)]) for _ in "ab")
    rows, lengths = passages(barriers, a, b, who)
    found = dict(zip(rows.tolist(), lengths.tolist(), strict=True))
    for n in range(60):
        wanted = brute(barriers, tuple(a[n]), tuple(b[n]), who)
        assert found.get(n, 0.0) == pytest.approx(wanted, rel=2e-4), n
    assert 10 < len(rows) < 60


def test_each_vehicle_takes_a_crossing_that_lets_it_pass() -> None:
    """Otherwise a tanker would be planned through a tunnel that is closed to it."""
    here = Estimate(waters=(RIVER,))
    a, b = [Point(29.9, 114.8)], [Point(30.1, 114.8)]
    van, lorry, tanker = (int(here.legs(a, b, who).metres[0]) for who in (VAN, LORRY, HAZMAT_LORRY))
    assert van == Estimate(waters=()).legs(a, b).metres[0]
    assert van < lorry < tanker / 2


def test_a_line_through_a_corner_of_the_river_crosses_it_once() -> None:
    """Otherwise a point exactly on the map's corner would seem to lie on the near bank."""
    a, b = np.array([[29.9, 114.0]]), np.array([[30.1, 114.0]])
    assert passages((RIVER,), a, b, LORRY)[0].tolist() == [0]


def test_a_bend_that_is_crossed_twice_is_no_barrier() -> None:
    """Otherwise two places on one bank would be sent over a bridge and back."""
    bend = Barrier("bend", ((113.0, 30.0), (114.0, 31.0), (115.0, 30.0)), (Crossing(113.0, 30.0, "bridge"),))
    a, b = np.array([[30.5, 113.0]]), np.array([[30.5, 115.0]])
    assert len(passages((bend,), a, b, LORRY)[0]) == 0


def test_a_water_that_nobody_can_cross_is_refused() -> None:
    """Otherwise a tanker would find no way at all, and the sum would be infinite."""
    with pytest.raises(ValueError, match="moat"):
        Barrier("moat", ((1.0, 1.0), (2.0, 2.0)), (Crossing(1.0, 1.0, "gate", hazmat=False),))


def across(waters: tuple[Barrier, ...], a: tuple[float, float], b: tuple[float, float]) -> bool:
    """Tell whether a water lies between two places."""
    return len(passages(waters, np.array([a]), np.array([b]), LORRY)[0]) == 1


def test_county_seats_lie_on_their_bank() -> None:
    """Otherwise the approximate rivers would send neighbours over a bridge, or let lorries swim."""
    yangtze, han = HUBEI_WATERS[:1], HUBEI_WATERS[1:2]
    north, between, south = (list(seats.values()) for seats in SEATS.values())
    assert not any(across(yangtze, a, b) for a in north + between for b in north + between)
    assert not any(across(yangtze, a, b) for a in south for b in south)
    assert all(across(yangtze, a, b) for a in north + between for b in south)
    assert all(across(han, a, b) for a in north for b in between)


@pytest.mark.parametrize("barrier", HUBEI_WATERS, ids=lambda one: one.name)
def test_every_crossing_lies_at_its_water(barrier: Barrier) -> None:
    """Otherwise a bridge of one town would be used from another; 0.03 degrees are some 3 km."""
    line = LineString(barrier.line)
    assert [one.name for one in barrier.crossings if line.distance(Place(one.lon, one.lat)) > 0.03] == []


def test_a_hundred_thousand_pairs_take_seconds_at_most() -> None:
    """Otherwise clearing the market would wait for its distances."""
    random = np.random.default_rng(2)
    a, b = (
        [
            Point(float(y), float(x))
            for y, x in zip(random.uniform(29, 33, n), random.uniform(109, 116, n), strict=True)
        ]
        for n in (100_000, 100_000)
    )
    start = time.process_time()
    legs = Estimate().legs(a, b)
    assert time.process_time() - start < 10
    assert legs.metres.min() > 0
