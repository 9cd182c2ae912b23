"""Is a table of distances used as it is, and refused where it cannot be?"""

from __future__ import annotations

import numpy as np
import pytest

from matching.distances import HAZMAT_LORRY, UNREACHABLE, VAN, Given, NoDistances, Point, Trouble

A, B, C = Point(30.0, 114.0), Point(30.1, 114.1), Point(30.2, 114.2)
METRES = np.array([[0, 10], [20, 0]], dtype=np.int64)
TABLE = Given((A, B), METRES, METRES * 2, "2026-11")


def test_each_pair_has_its_own_figure() -> None:
    """Otherwise a one-way street would be the same in both directions."""
    legs = TABLE.legs([A, B, A], [B, A, A])
    assert (legs.metres.tolist(), legs.seconds.tolist()) == ([10, 20, 0], [20, 40, 0])
    assert (legs.source, legs.version) == ("file", "2026-11")
    assert TABLE.matrix([B, A]).metres.tolist() == [[0, 20], [10, 0]]


def test_a_place_is_known_to_the_metre() -> None:
    """Otherwise a last decimal lost on the way would make a known place a strange one."""
    assert TABLE.legs([Point(30.000001, 114.000001)], [B]).metres[0] == 10
    with pytest.raises(NoDistances) as refused:
        TABLE.legs([A, C], [B, A])
    assert (refused.value.setback.trouble, refused.value.setback.points) == (Trouble.NOT_GIVEN, (C,))


def test_a_table_for_one_vehicle_does_not_speak_for_another() -> None:
    """Otherwise a tanker would get the roads of a car."""
    vans = Given((A, B), METRES, METRES, "1", profile="van")
    assert vans.legs([A], [B], VAN).metres[0] == 10
    for table in (vans, TABLE):
        with pytest.raises(NoDistances) as refused:
            table.legs([A], [B], HAZMAT_LORRY)
        assert refused.value.setback.trouble is Trouble.NO_PROFILE


@pytest.mark.parametrize(
    ("points", "metres", "seconds", "why"),
    [
        ((A,), METRES, METRES, "metres: shape"),
        ((A, B), METRES, METRES[:1], "seconds: shape"),
        ((A, B), METRES.astype(float), METRES, "whole numbers"),
        ((A, B), METRES - 1, METRES, "negative"),
        ((A, B), METRES + 1, METRES, "away from itself"),
        ((A, B), np.where(METRES == 10, UNREACHABLE, METRES), METRES, "without a road"),
        ((A, A), METRES, METRES, "less than a metre"),
    ],
)
def test_a_table_that_cannot_be_is_refused(
    points: tuple[Point, ...], metres: np.ndarray, seconds: np.ndarray, why: str
) -> None:
    """Otherwise a slip in a file would become somebody's freight."""
    with pytest.raises(ValueError, match=why):
        Given(points, metres, seconds, "1")
