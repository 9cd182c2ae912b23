"""How long may a search for routes go on, and how far has it come?"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from matching.stopping import MOST_THREADS

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a search may spend.

    With `iterations` alone the answer is the same on every machine for one `seed` and one number of
    `threads`. `seconds` by the clock, where they are set, make the answer depend on the machine.
    """

    seconds: float | None = None
    iterations: int | None = None
    seed: int = 1
    threads: int = 1

    def __post_init__(self) -> None:
        if self.seconds is not None and not 0 < self.seconds < math.inf:
            raise ValueError(f"seconds: {self.seconds} is not a positive number")
        if self.iterations is not None and self.iterations < 0:
            raise ValueError(f"iterations: {self.iterations} is negative")
        if self.seed < 0:
            raise ValueError(f"seed: {self.seed} is negative")
        if not 1 <= self.threads <= MOST_THREADS:
            raise ValueError(f"threads: {self.threads} is not from 1 to {MOST_THREADS}")

    @property
    def steps(self) -> float:
        """Give the limit in iterations: 20,000 where nothing else was asked for."""
        if self.iterations is None:
            return 20_000.0 if self.seconds is None else math.inf
        return float(self.iterations)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search has come: its best plan's cost, tours and requests left out, and the seconds spent."""

    iteration: int
    best: float
    vehicles: int
    unserved: int
    seconds: float


LEAST_SHARE = 0.1
"""Of the seconds is left to the search, however long it took to compile it or to read the problem."""


class Budget:
    """A clock and a counter that say which part of the limits is spent, from now or from `began` on."""

    def __init__(self, limits: Limits, clock: Clock = time.monotonic, began: float | None = None) -> None:
        self._limits, self._clock = limits, clock
        now = clock()
        latest = now - (1.0 - LEAST_SHARE) * (limits.seconds or 0.0)
        self._began = now if began is None else max(began, latest)
        self.done = 0

    @property
    def seconds(self) -> float:
        """Give how long it has been."""
        return self._clock() - self._began

    @property
    def spent(self) -> float:
        """Give the part that is spent, 1 when all is."""
        steps = self._limits.steps
        part = 1.0 if self.done >= steps else self.done / steps
        if self._limits.seconds is not None:
            part = max(part, self.seconds / self._limits.seconds)
        return min(1.0, part)

    def next_chunk(self, most: int) -> int:
        """Give how many iterations to do before asking again."""
        return int(min(most, max(1.0, self._limits.steps - self.done)))
