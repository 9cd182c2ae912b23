"""How is everything that solves need compiled ahead, so that the first of them waits for nothing?"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from matching.routing.model import (
    Compartment,
    Goal,
    HoursRule,
    Place,
    Problem,
    Request,
    Roads,
    Shift,
    Stop,
    Vehicle,
)

OLD_S = 30 * 24 * 3600.0


class NowhereToKeep(OSError):
    """No folder can be written in which compiled kernels would be kept."""


def prepare(workers: int | None = None) -> Iterator[tuple[str, float]]:
    """Compile every kernel that is not kept yet, in parallel processes; yield what is ready, and its seconds.

    What is kept already is loaded once, and takes a second. Raises `NowhereToKeep`.
    """
    for folder in kernel_folders():
        _forget_old(folder)
    workers = workers or _processors()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(_seconds, name): name for name in TASKS}
        for done in as_completed(waiting):
            yield waiting[done], done.result()


def kernel_folders() -> list[Path]:
    """Give the folders in which kernels are kept. Raises `NowhereToKeep`."""
    from matching.clearing import search as clearing
    from matching.kernels import cache_folder
    from matching.routing.search import anneal as routing

    folders = [cache_folder(Path(str(module.__file__)).parent) for module in (routing, clearing)]
    found = [one for one in folders if one is not None]
    if len(found) < len(folders):
        raise NowhereToKeep("compiled kernels can be kept nowhere: name a folder by NUMBA_CACHE_DIR")
    return found


def _processors() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _seconds(name: str) -> float:
    start = time.perf_counter()
    TASKS[name]()
    return time.perf_counter() - start


def _forget_old(folder: Path) -> None:
    """Remove the kernels of earlier sources that nobody has used for a month."""
    now = folder.stat().st_mtime  # a folder is written to whenever it is chosen
    for other in folder.parent.glob("kernel-*"):
        if other != folder and now - other.stat().st_mtime > OLD_S:
            shutil.rmtree(other, ignore_errors=True)


def _search_routes() -> None:
    """Have the plain search compiled, by a solve of two loads."""
    _solve(_two_loads())


def _search_rich_routes() -> None:
    """Have the search under all rules compiled."""
    _solve(replace(_two_loads(), hours=HoursRule()))


def _solve(problem: Problem) -> None:
    from matching.routing.search.limits import Limits
    from matching.routing.search.solve import solve

    solve(problem, Limits(iterations=6))


def _two_loads() -> Problem:
    apart = 1000.0 * (1.0 - np.eye(3))
    shift = Shift(0, 0, 0.0, 36_000.0)
    return Problem(
        places=tuple(Place(name) for name in "abc"),
        requests=tuple(Request(name, Stop(0), Stop(1 + n), (1.0,)) for n, name in enumerate("xy")),
        vehicles=tuple(Vehicle(name, (shift,), (Compartment((2.0,)),)) for name in "vw"),
        roads=(Roads(apart, apart / 10, "none", ""),),
        goal=Goal.VEHICLES,
    )


def _clear_markets() -> None:
    """Have the clearing compiled: a market of which lots are cut, decided, and then changed."""
    from matching.clearing import Limits, Lots, Market, Pairs, Resources, Takers, clear_market
    from matching.clearing.again import Standing
    from matching.clearing.exact import MOST_PAIRS

    lots = MOST_PAIRS // 2 + 1  # too many to be settled for good without a search
    lot, taker = np.repeat(np.arange(lots), 2), np.tile(np.arange(2), lots)
    market = Market(
        Pairs(lot, taker, taker, np.ones(2 * lots), np.linspace(90.0, 40.0, 2 * lots)),
        Lots(np.full(lots, 10.0), np.arange(lots) % 3 < 2, np.full(lots, 2.0)),
        Resources(np.arange(2), np.zeros(2, dtype=np.int64), np.array([15.0, 12.0])),
        Takers(np.array([15.0, 12.0])),
    )
    clear_market(market, "whole", Limits(iterations=1))
    clear_market(market, "batch", Limits(iterations=1))
    standing = Standing(market, "batch", Limits(iterations=1))
    standing.changed(replace(market, takers=Takers(np.array([14.0, 12.0]))))
    standing.quote(1.0, np.arange(2), np.array([90.0, 80.0]))


TASKS: dict[str, Callable[[], None]] = {
    "routes under all rules": _search_rich_routes,
    "clearing": _clear_markets,
    "routes": _search_routes,
}
"""What is compiled, the longest first."""
