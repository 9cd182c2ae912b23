"""How long does it take to rank the takers of one lot, and to clear the live market, small and large?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.lines import Line, middle
from benchmarks.live_market import live_market
from benchmarks.worlds import seeded
from compliance.record.clock import system_now
from compliance.record.database import open_database, reading
from marketplace.lots import queries as lots
from marketplace.matches import market
from marketplace.settings import Settings
from matching.assign import clear, rank
from matching.problem import Lot
from matching.session import LiveMarket
from matching.solution import Solution

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

    yield from large()


def large() -> Iterator[Line]:
    """Yield CPU seconds for a market of a province, after a small one has warmed everything up."""
    small = live_market(50, 10, whole=0.3)
    clear(small)
    warm = LiveMarket(live_market(50, 10))
    warm.outlook("L0")
    _listed(warm, replace(small.lots[0], id="new"))
    problem = live_market(10_000, 500)
    yield Line("clear 10,000 lots x 500 takers", _cpu(lambda: clear(problem)), "s", note="split, checked")
    live = LiveMarket(problem)
    live.outlook(problem.lots[0].id)
    fresh = replace(problem.lots[0], id="new")
    yield Line("quote a new lot in it", _cpu(lambda: live.quote(fresh)), "s", note="whole mass, exact")
    yield Line(
        "list it: matches, prices and clearing", _cpu(lambda: _listed(live, fresh)), "s", note="mended"
    )
    tight = live_market(2_000, 300, whole=0.3)
    cleared: list[Solution] = []
    seconds = _cpu(lambda: cleared.append(clear(tight)))
    gap = f"30 % whole lots, gap {cleared[0].gap_percent:.4f} %"
    yield Line("clear 2,000 lots x 300 takers", seconds, "s", note=gap)


def _listed(live: LiveMarket, lot: Lot) -> None:
    after = live.with_lot(lot)
    after.outlook(lot.id)


def _cpu(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


def _ms(act: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        act()
        took.append(1000 * (time.perf_counter() - start))
    return middle(took)
