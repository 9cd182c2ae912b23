"""What does the process that calculates do? One job after the other, until its pipe closes.

It is a process of its own so that a solve can be ended at any moment, whatever it is in, and takes nothing
with it: not the beat, not the database, not the next solve. SIGTERM asks it to hand in the best it has.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import BinaryIO

from marketplace.solves import engines, wire
from marketplace.solves.rules import Limits, Progress
from matching.problem import BadProblem

NICE = 5
"""Pages and positions go before searches on the same machine."""
EVERY_S = 0.2
"""A search tells how far it is no more often than this."""


def main() -> None:
    """Answer the jobs that come in over standard input, on what was standard output."""
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # a library that prints must not break the lines
    os.nice(NICE)
    engines.warm_up()
    out.write(wire.line_of(wire.Ready()))
    for line in sys.stdin.buffer:
        asked.clear()
        out.write(wire.line_of(answer(wire.job(line), teller(out), lambda: bool(asked))))


def teller(out: BinaryIO) -> Callable[[Progress], None]:
    """Return how a search tells its progress: at once the first time, then every `EVERY_S`."""
    told_at = -EVERY_S

    def tell(progress: Progress) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= EVERY_S:
            told_at = time.monotonic()
            out.write(wire.line_of(wire.Going(progress)))

    return tell


def answer(
    job: wire.Job, tell: Callable[[Progress], None], cancelled: Callable[[], bool]
) -> wire.Answered | wire.Refused:
    """Work one job out; a problem that cannot be right is refused with the place of its fault."""
    try:
        limits = Limits(job.seconds, job.iterations, job.seed)
        return wire.Answered(engines.answer(job.kind, job.problem, limits, tell, cancelled))
    except BadProblem as fault:
        return wire.Refused(str(fault))


if __name__ == "__main__":
    main()
