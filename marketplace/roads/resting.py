"""How is a road server that does not answer left in peace for a while, so that no page waits for it again?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from matching.distances import LORRY, Distances, Legs, NoDistances, Point, Profile, Setback, Trouble

REST_S = 30.0

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Rest:
    """What is remembered of one server by all who ask it from this process."""

    until: float = 0.0
    setback: Setback | None = None


@dataclass(frozen=True, slots=True)
class Resting:
    """Asks `inner`, but for half a minute after it was silent answers with that silence at once."""

    inner: Distances
    rest: Rest = field(default_factory=Rest)
    clock: Callable[[], float] = time.monotonic

    @property
    def source(self) -> str:
        """Name the provider."""
        return self.inner.source

    @property
    def version(self) -> str:
        """Name the edition of its data. Raises `NoDistances`."""
        return self._asked(lambda: self.inner.version)

    def legs(
        self,
        origins: Sequence[Point],
        targets: Sequence[Point],
        profile: Profile = LORRY,
        depart: datetime | None = None,
    ) -> Legs:
        """Measure origin n to target n. Raises `NoDistances`."""
        return self._asked(lambda: self.inner.legs(origins, targets, profile, depart))

    def matrix(
        self, points: Sequence[Point], profile: Profile = LORRY, depart: datetime | None = None
    ) -> Legs:
        """Measure all pairs. Raises `NoDistances`."""
        return self._asked(lambda: self.inner.matrix(points, profile, depart))

    def _asked(self, question: Callable[[], Answer]) -> Answer:
        if self.rest.setback is not None and self.clock() < self.rest.until:
            raise NoDistances(self.source, self.rest.setback.trouble, self.rest.setback.detail)
        try:
            return question()
        except NoDistances as failure:
            if failure.setback.trouble is Trouble.SILENT:
                self.rest.setback, self.rest.until = failure.setback, self.clock() + REST_S
            raise
