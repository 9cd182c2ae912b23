"""What if the road network does not answer: who is asked instead, and how is that said?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from matching.distances.estimate import Estimate
from matching.distances.model import Distances, Legs, NoDistances, Point, Setback, Trouble, all_pairs
from matching.distances.profiles import LORRY, Profile

LOCAL = {Trouble.OFF_ROAD, Trouble.NOT_GIVEN}
"""Troubles of single points; all others are of the provider, and it is not asked again."""


@dataclass(slots=True)
class Fallback:
    """Ask `first`; where it has nothing, estimate, and say so. For one solve: make a new one for the next.

    An answer in which one single pair is estimated calls itself an estimate, and so does this provider
    from then on: nothing estimated passes for measured. A provider that once failed is not asked again,
    so that one solve does not wait for it a thousand times. What it measured before stays as it was: the
    check of a solution has to find the roads that the solution was made with.
    """

    first: Distances
    second: Distances = field(default_factory=Estimate)
    setbacks: tuple[Setback, ...] = ()
    _given_up: bool = False
    _measured: dict[tuple[Profile, datetime | None], dict[tuple[Point, Point], tuple[int, int]]] = field(
        default_factory=dict
    )

    @property
    def source(self) -> str:
        """Name the provider of the answers so far; the second's name as soon as it gave any."""
        return self.second.source if self.setbacks else self.first.source

    @property
    def version(self) -> str:
        """Name the edition of `source`."""
        if not self.setbacks:
            try:
                return self.first.version
            except NoDistances as failure:
                self._remember(failure.setback)
                self._given_up = True
        return self.second.version

    def legs(
        self,
        origins: Sequence[Point],
        targets: Sequence[Point],
        profile: Profile = LORRY,
        depart: datetime | None = None,
    ) -> Legs:
        """Measure origin n to target n, as far as `first` can; `setbacks` says what it could not."""
        if not self._given_up:
            try:
                answer = self.first.legs(origins, targets, profile, depart)
                roads = zip(answer.metres.tolist(), answer.seconds.tolist(), strict=True)
                pairs = zip(origins, targets, strict=True)
                self._measured.setdefault((profile, depart), {}).update(zip(pairs, roads, strict=True))
                return answer
            except NoDistances as failure:
                self._remember(failure.setback)
                if failure.setback.trouble in LOCAL:
                    return self._without(failure.setback, origins, targets, profile, depart)
                self._given_up = failure.setback.trouble is not Trouble.NO_PROFILE
        return self._marked(self._remembered(origins, targets, profile, depart))

    def matrix(
        self, points: Sequence[Point], profile: Profile = LORRY, depart: datetime | None = None
    ) -> Legs:
        """Measure all pairs, as far as `first` can."""
        n = len(points)
        flat = self.legs(*all_pairs(points), profile, depart)
        return replace(flat, metres=flat.metres.reshape(n, n), seconds=flat.seconds.reshape(n, n))

    def _without(
        self,
        setback: Setback,
        origins: Sequence[Point],
        targets: Sequence[Point],
        profile: Profile,
        depart: datetime | None,
    ) -> Legs:
        """Estimate the pairs of the points that `first` does not know, and ask it for the others."""
        strange = set(setback.points)
        lost = np.array([a in strange or b in strange for a, b in zip(origins, targets, strict=True)])
        asked: list[int] = np.flatnonzero(~lost).tolist() if lost.any() else []
        answer = self.second.legs(origins, targets, profile, depart)
        metres, seconds = answer.metres.copy(), answer.seconds.copy()
        if asked:
            known = self.legs([origins[n] for n in asked], [targets[n] for n in asked], profile, depart)
            metres[asked], seconds[asked] = known.metres, known.seconds
        return self._marked(replace(answer, metres=metres, seconds=seconds))

    def _remembered(
        self, origins: Sequence[Point], targets: Sequence[Point], profile: Profile, depart: datetime | None
    ) -> Legs:
        """Estimate all pairs but those that were measured before the provider failed."""
        answer = self.second.legs(origins, targets, profile, depart)
        known = self._measured.get((profile, depart))
        if not known:
            return answer
        metres, seconds = answer.metres.copy(), answer.seconds.copy()
        for n, pair in enumerate(zip(origins, targets, strict=True)):
            if pair in known:
                metres[n], seconds[n] = known[pair]
        return replace(answer, metres=metres, seconds=seconds)

    def _remember(self, setback: Setback) -> None:
        if setback not in self.setbacks:
            self.setbacks = (*self.setbacks, setback)

    def _marked(self, legs: Legs) -> Legs:
        return replace(legs, setbacks=self.setbacks)
