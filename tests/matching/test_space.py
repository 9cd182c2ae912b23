"""Does the spatial index find the truly nearest?"""

from __future__ import annotations

import math
from random import Random

import pytest

from matching.distances import Estimate, Point
from matching.distances.model import degrees
from matching.space import ByDegrees, legs_between, nearest


def haversine(a: Point, b: Point) -> float:
    """Give the angle between two places."""
    p, q = math.radians(a.lat), math.radians(b.lat)
    h = math.sin((q - p) / 2) ** 2
    h += math.cos(p) * math.cos(q) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    return 2 * math.asin(math.sqrt(h))


@pytest.mark.parametrize("few_cells", [0, 20_000])
def test_the_index_agrees_with_looking_at_all(few_cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a lot could miss its neighbour, in a large market or in a small one."""
    monkeypatch.setattr("matching.space.FEW_CELLS", few_cells)
    rnd = Random(3)
    targets = [Point(rnd.uniform(29, 33), rnd.uniform(108, 116)) for _ in range(60)]
    origins = targets[:10]
    for origin, row in zip(origins, nearest(degrees(origins), degrees(targets), 7).tolist(), strict=True):
        by_hand = sorted(range(60), key=lambda n: haversine(origin, targets[n]))[:7]
        assert row == sorted(by_hand)


def test_few_targets_are_all_near() -> None:
    """Otherwise a small market would lose takers."""
    here = degrees([Point(30, 114)])
    two = degrees([Point(30, 114), Point(30, 114)])
    assert nearest(here, two, 5).tolist() == [[0, 1]]
    assert nearest(here[:0], two, 1).shape == (0, 1)
    assert nearest(here, two, 0).tolist() == [[]]


def test_a_provider_that_takes_arrays_answers_as_it_does_for_points() -> None:
    """Otherwise the market would be cleared over other distances than its answer is checked with."""
    rnd = Random(5)
    ends = [[Point(rnd.uniform(29, 33), rnd.uniform(108, 116)) for _ in range(50)] for _ in range(2)]
    quick = legs_between(Estimate(), degrees(ends[0]), degrees(ends[1]))
    plain = Estimate().legs(*ends)
    assert isinstance(Estimate(), ByDegrees)
    assert quick.metres.tolist() == plain.metres.tolist()
    assert quick.seconds.tolist() == plain.seconds.tolist()
