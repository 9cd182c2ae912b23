"""Is the same road asked for once, and never told of another map or vehicle?"""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from matching.distances import LORRY, VAN, Cached, MemoryStore, NoDistances, Point, Trouble
from tests.matching.distances.test_fallback import Roads

A, B, C = Point(30.0, 114.0), Point(30.1, 114.1), Point(30.2, 114.2)


def test_a_road_is_asked_for_once() -> None:
    """Otherwise every page would ask the road server for the same roads."""
    network = Roads()
    cached = Cached(network, MemoryStore())
    first = cached.legs([A, A, A], [B, B, C])
    again = cached.legs([A, C], [B, A])
    assert network.asked == [2, 1]
    assert (first.metres.tolist(), again.metres.tolist()) == ([1000] * 3, [1000] * 2)
    assert cached.matrix([A, B]).metres.shape == (2, 2)
    assert network.asked == [2, 1, 3]
    assert (cached.source, cached.version) == ("network", "1")


def test_another_vehicle_hour_or_map_is_another_road() -> None:
    """Otherwise a van's road would be told of a tanker, or yesterday's of today."""
    network = Roads()
    cached = Cached(network, MemoryStore())
    heavy = replace(LORRY, weight_t=49.0)
    for profile in (LORRY, VAN, heavy, LORRY):
        cached.legs([A], [B], profile)
    assert len(network.asked) == 3
    cached.legs([A], [B], LORRY, datetime(2026, 11, 20, 8, tzinfo=UTC))
    assert len(network.asked) == 4
    network.version = "2"
    cached.legs([A], [B])
    assert len(network.asked) == 5


def test_a_map_without_a_name_is_always_asked() -> None:
    """Otherwise nobody could tell when the kept roads have become wrong."""
    network, store = Roads(version=""), MemoryStore()
    for _ in range(2):
        Cached(network, store).legs([A], [B])
    assert (len(network.asked), len(store)) == (2, 0)


def test_the_memory_is_bounded_and_keeps_what_is_used() -> None:
    """Otherwise a long-running process would fill up, or forget just what it needs."""
    network, store = Roads(), MemoryStore(limit=2)
    cached = Cached(network, store)
    for target in (A, B, A, C, A):
        cached.legs([B], [target])
    assert (len(store), len(network.asked)) == (2, 3)
    assert len(pickle.loads(pickle.dumps(store))) == 0


def test_a_failure_is_passed_on_and_not_kept() -> None:
    """Otherwise a short outage would last until the next restart."""
    network, store = Roads(Trouble.SILENT), MemoryStore()
    with pytest.raises(NoDistances):
        Cached(network, store).legs([A], [B])
    network.trouble = None
    assert Cached(network, store).legs([A], [B]).metres[0] == 1000


def test_no_pairs_ask_nobody() -> None:
    """Otherwise an empty market would wait for a road server."""
    network = Roads()
    assert Cached(network, MemoryStore()).legs([], []).metres.shape == (0,)
    assert network.asked == []
