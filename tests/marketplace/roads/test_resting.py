"""Is a silent road server left alone for half a minute, and asked again after it?"""

from __future__ import annotations

import pytest

from marketplace.roads.resting import REST_S, Rest, Resting
from matching.distances import NoDistances, Point, Trouble
from tests.matching.distances.test_fallback import Roads

A, B = Point(30.0, 114.0), Point(30.1, 114.1)


def test_a_silent_server_is_asked_again_after_a_rest() -> None:
    """Otherwise every page would wait for a dead server, or a restarted one would stay forgotten."""
    network, rest, clock = Roads(Trouble.SILENT), Rest(), [100.0]
    for _ in range(3):
        with pytest.raises(NoDistances, match="because"):
            Resting(network, rest, lambda: clock[0]).legs([A], [B])
    assert len(network.asked) == 1
    network.trouble = None
    clock[0] += REST_S
    assert Resting(network, rest, lambda: clock[0]).matrix([A, B]).metres.sum() == 4000
    assert Resting(network, rest, lambda: clock[0]).version == "1"


def test_a_refusal_is_no_silence() -> None:
    """Otherwise one place off the road would cut everybody off the network."""
    network, rest = Roads(Trouble.REFUSED), Rest()
    for _ in range(2):
        with pytest.raises(NoDistances):
            Resting(network, rest).legs([A], [B])
    assert len(network.asked) == 2
