"""How long may a search for the best clearing go on?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, process_time

from matching.stopping import MOST_THREADS


@dataclass(frozen=True, slots=True)
class Limits:
    """What a clearing may spend; `split` needs no limit, it is proven optimal.

    `iterations` of ruin and recreate, for each independent market: with them alone the answer is the same on
    every machine for one `seed`. `seconds` of wall clock from the call, where they are set, make the
    answer depend on the machine; with `processor` they are seconds that this process was at work, which
    others who use the same machine take nothing from. `threads` solve independent markets at the same
    time; the answer does not depend on them.
    """

    seconds: float | None = None
    iterations: int | None = None
    seed: int = 1
    threads: int = 1
    processor: bool = False

    def __post_init__(self) -> None:
        if self.seconds is not None and not 0 < self.seconds < float("inf"):
            raise ValueError(f"seconds: {self.seconds} is not a positive number")
        if self.iterations is not None and self.iterations < 0:
            raise ValueError(f"iterations: {self.iterations} is negative")
        if not 1 <= self.threads <= MOST_THREADS:
            raise ValueError(f"threads: {self.threads} is not from 1 to {MOST_THREADS}")

    @property
    def clock(self) -> Callable[[], float]:
        """Give the clock that the seconds are read from."""
        return process_time if self.processor else perf_counter

    @property
    def rounds(self) -> int | None:
        """Give the limit in iterations: 2,000 where nothing else was asked for."""
        return 2_000 if self.iterations is None and self.seconds is None else self.iterations


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a clearing has come: its `stage`, `welfare` and `bound` so far in CNY."""

    stage: str
    seconds: float
    iterations: int
    welfare: float
    bound: float

    @property
    def gap_percent(self) -> float:
        """Give the gap to the bound in per cent of it."""
        return 100 * (self.bound - self.welfare) / self.bound if self.bound > 0 else 0.0
