"""How long does it take to rank the takers of one lot, and to clear the demonstration's whole market?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.lines import Line, middle
from benchmarks.worlds import seeded
from compliance.record.clock import system_now
from compliance.record.database import open_database, reading
from marketplace.lots import queries as lots
from marketplace.matches import market
from marketplace.settings import Settings
from matching.assign import clear, rank

ROUNDS = 5


def measure() -> Iterator[Line]:
    """Yield milliseconds; the problem is built from the database beforehand, and that is timed apart."""
    with TemporaryDirectory(prefix="huanlian-bench-") as folder:
        engine = open_database(seeded(Settings(var=Path(folder) / "sqlite")).database)
        now = system_now()
        with reading(engine) as session:
            listed = lots.listed(session, now)
            problem = market.problem_of(session, listed, now)
            built = _ms(lambda: market.problem_of(session, listed, now))
        engine.dispose()
    size = f"{len(problem.lots)} lots, {len(problem.takers)} takers, {len(problem.vehicles)} vehicles"
    yield Line("read the demo market", built, "ms", note=size)
    one = problem.lots[0].id
    yield Line("rank the takers of one lot", _ms(lambda: rank(problem, one)), "ms")
    solution = clear(problem)
    yield Line(
        "clear the demo market",
        _ms(lambda: clear(problem)),
        "ms",
        note=f"{len(solution.assignments)} assignments",
    )


def _ms(act: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        act()
        took.append(1000 * (time.perf_counter() - start))
    return middle(took)
