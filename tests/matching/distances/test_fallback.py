"""Is an estimate in place of a measured road always called one, with the reason?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from matching.distances import (
    HAZMAT_LORRY,
    LORRY,
    Estimate,
    Fallback,
    Legs,
    NoDistances,
    Point,
    Profile,
    Trouble,
)
from matching.distances.model import all_pairs

A, B, FARM = Point(30.0, 114.0), Point(30.1, 114.1), Point(30.5, 114.5)


@dataclass
class Roads:
    """A network on which every road is a kilometre; it fails as it is told to, and counts its questions."""

    trouble: Trouble | None = None
    strange: tuple[Point, ...] = ()
    source: str = "network"
    version: str = "1"
    asked: list[int] = field(default_factory=list)

    def legs(
        self,
        origins: Sequence[Point],
        targets: Sequence[Point],
        profile: Profile = LORRY,
        depart: datetime | None = None,
    ) -> Legs:
        """Measure, or fail."""
        self.asked.append(len(origins))
        if self.trouble is Trouble.NO_PROFILE and not profile.hazmat:
            return self._answer(len(origins))
        if self.trouble is Trouble.OFF_ROAD and not set(self.strange) & {*origins, *targets}:
            return self._answer(len(origins))
        if self.trouble:
            raise NoDistances(self.source, self.trouble, "because", self.strange)
        return self._answer(len(origins))

    def _answer(self, n: int) -> Legs:
        return Legs(np.full(n, 1000), np.full(n, 60), self.source, self.version)

    def matrix(
        self, points: Sequence[Point], profile: Profile = LORRY, depart: datetime | None = None
    ) -> Legs:
        """Measure all pairs."""
        return self.legs(*all_pairs(points), profile, depart)


def test_while_the_network_answers_it_alone_speaks() -> None:
    """Otherwise measured roads would be called estimates."""
    roads = Fallback(Roads())
    legs = roads.matrix([A, B])
    assert legs.metres.shape == (2, 2)
    assert (legs.source, roads.source, roads.version, roads.setbacks) == ("network", "network", "1", ())


def test_a_network_that_failed_is_not_asked_again() -> None:
    """Otherwise one solve would wait for the same dead server a thousand times."""
    network = Roads(Trouble.SILENT)
    roads = Fallback(network)
    for _ in range(3):
        legs = roads.legs([A], [B])
    assert len(network.asked) == 1
    assert legs == roads.legs([A], [B])
    assert (legs.source, roads.source, roads.version) == ("estimate", "estimate", Estimate().version)
    assert [(one.provider, one.trouble) for one in legs.setbacks] == [("network", Trouble.SILENT)]


def test_what_was_measured_before_the_failure_stays() -> None:
    """Otherwise a solution would be found unsound by its own check, because the server died in between."""
    network = Roads()
    roads = Fallback(network)
    assert roads.legs([A], [B]).metres[0] == 1000
    network.trouble = Trouble.SILENT
    legs = roads.legs([A, A, A], [B, FARM, B])
    assert legs.metres.tolist() == [1000, Estimate().legs([A], [FARM]).metres[0], 1000]
    assert (legs.source, len(legs.setbacks)) == ("estimate", 1)
    assert roads.legs([A], [B], HAZMAT_LORRY).metres[0] == Estimate().legs([A], [B], HAZMAT_LORRY).metres[0]


def test_a_vehicle_the_network_does_not_know_is_estimated_alone() -> None:
    """Otherwise one tanker would turn every lorry's road into an estimate."""
    roads = Fallback(Roads(Trouble.NO_PROFILE))
    assert roads.legs([A], [B], HAZMAT_LORRY).source == "estimate"
    legs = roads.legs([A], [B], LORRY)
    assert (legs.source, legs.metres[0]) == ("network", 1000)
    assert roads.source == "estimate"


def test_only_pairs_with_a_strange_place_are_estimated() -> None:
    """Otherwise one farm without a road would spoil the whole market."""
    roads = Fallback(Roads(Trouble.OFF_ROAD, (FARM,)))
    legs = roads.legs([A, A, FARM], [B, FARM, B])
    assert legs.metres.tolist() == [1000, *Estimate().legs([A, FARM], [FARM, B]).metres]
    assert (legs.source, legs.setbacks[0].points) == ("estimate", (FARM,))


def test_a_network_that_blames_other_places_is_given_up() -> None:
    """Otherwise it would be asked the same question for ever."""

    class Confused(Roads):
        def legs(self, *_: object, **__: object) -> Legs:
            self.asked.append(1)
            raise NoDistances("network", Trouble.OFF_ROAD, "", (FARM,))

    network = Confused()
    assert Fallback(network).legs([A], [B]).source == "estimate"
    assert len(network.asked) == 1
