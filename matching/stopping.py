"""When does a search that could go on for ever stop?"""

from __future__ import annotations

from dataclasses import dataclass

MOST_THREADS = 256
"""Each is a process: ten thousand of them would take the machine down before the first has begun."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a solver may spend.

    `work` is the CP-SAT's own deterministic measure, some seconds each; `rounds` how often a clearing of
    whole lots is taken apart and put together again. Both give the same answer on every machine. `seconds` of
    wall clock, where they are set, make the answer depend on the machine.
    """

    work: float = 10.0
    rounds: int = 2_000
    seconds: float | None = None

    def __post_init__(self) -> None:
        if not (self.work > 0 and self.rounds >= 0 and (self.seconds is None or self.seconds > 0)):
            raise ValueError(self)
