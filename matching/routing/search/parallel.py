"""How do several searches from different seeds help each other find a better plan?

Each runs in a process of its own, in rounds. After a round the worse half goes on from the best plan of all.
With a limit in iterations the rounds are as long as each other, and so the answer is the same every time.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

from matching.routing.model import Problem, Tours
from matching.routing.search.compile import compile_problem
from matching.routing.search.limits import Budget, Limits
from matching.routing.search.searcher import CHUNK, Draft, Searcher
from matching.signals import undisturbed

ROUNDS = 12
POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Round:
    """What a search does next: from this plan (None: its own), this part of the time, by steps or seconds."""

    adopt: Draft | None
    fleet: bool
    begins: float
    ends: float
    steps: int | None
    seconds: float | None


def work(pipe: Connection, stop: Event, problem: Problem, seed: int, start: Tours | None) -> None:
    """Search in a process of its own, round by round, until nobody asks any more."""
    searcher = Searcher(compile_problem(problem), seed, start)
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            pipe.send((searcher.draft(), searcher.iterations))
            _do(searcher, pipe.recv(), stop)


def _do(searcher: Searcher, task: Round, stop: Event) -> None:
    if task.adopt is not None:
        searcher.adopt(task.adopt)
    if not task.fleet and task.begins == 0.0:
        searcher.settle_fleet()
    budget = Budget(Limits(seconds=task.seconds, iterations=task.steps))
    while budget.spent < 1.0 and not stop.is_set():
        steps = budget.next_chunk(CHUNK)
        budget.done += steps
        if not task.fleet:
            searcher.cool(task.begins + budget.spent * (task.ends - task.begins), steps)
        elif not searcher.reduce(steps):
            return


class Team:
    """Searches in as many processes as there are threads; in fewer where `enough` says so meanwhile."""

    def __init__(
        self, problem: Problem, limits: Limits, start: Tours | None, enough: Callable[[], bool]
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._stop = context.Event()
        self._pipes: list[Connection] = []
        self._processes = []
        for n in range(limits.threads):
            if n > 0 and enough():
                break
            ours, theirs = context.Pipe()
            seed = limits.seed + n * 7919
            process = context.Process(
                target=work, args=(theirs, self._stop, problem, seed, start), daemon=True
            )
            with undisturbed():
                process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)
        self.drafts: list[Draft] = []
        self.iterations = 0

    @property
    def best(self) -> Draft:
        """Give the best plan of all, of equals the first."""
        return min(self.drafts, key=lambda draft: draft.cost)

    def hear(self, cancelled: Callable[[], bool]) -> None:
        """Wait until all have told their best plan; a cancelled search tells it soon."""
        told = []
        for pipe in self._pipes:
            while not pipe.poll(POLL_S):
                if cancelled():
                    self._stop.set()
            told.append(pipe.recv())
        self.drafts = [draft for draft, _ in told]
        self.iterations = sum(iterations for _, iterations in told)

    def set_to(
        self, fleet: bool, begins: float, ends: float, steps: int | None, seconds: float | None
    ) -> None:
        """Have all do their next round, the worse half from the best plan."""
        order = sorted(range(len(self.drafts)), key=lambda n: (self.drafts[n].cost, n))
        worse = set(order[(len(order) + 1) // 2 :])
        for n, pipe in enumerate(self._pipes):
            better = self.best if n in worse and self.drafts[n].cost > self.best.cost else None
            pipe.send(Round(better, fleet, begins, ends, steps, seconds))

    def close(self) -> None:
        """End the processes."""
        self._stop.set()
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.kill()
            process.join()


@contextmanager
def team(problem: Problem, limits: Limits, start: Tours | None, enough: Callable[[], bool]) -> Iterator[Team]:
    """Start the searches until there is `enough`, and end them whatever happens."""
    made = Team(problem, limits, start, enough)
    try:
        yield made
    finally:
        made.close()
