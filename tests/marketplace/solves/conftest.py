"""Which solves do these tests ask for, and which process calculates for them?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from compliance.record.database import reading
from compliance.record.who import Who
from marketplace.solves import queries, service
from marketplace.solves.process import Calculator, Solver
from marketplace.solves.rules import Kind, Limits
from marketplace.solves.tables import Solve
from tests.factories.trade import Market

CHILD = """
import json, os, signal, sys, time
stop = []
signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
def say(kind, **more):
    sys.stdout.write(json.dumps({"type": kind, **more}) + chr(10))
    sys.stdout.flush()
held = sys.argv[1:]
while held and not os.path.exists(held[0]):
    time.sleep(0.02)
say("ready")
for line in sys.stdin:
    stop.clear()
    job = json.loads(line)
    said = job["problem"]["do"]
    if said == "answer":
        say("answered", result={"seed": job["seed"]})
    elif said == "refuse":
        say("refused", detail="window_order: L1.ready")
    elif said == "break":
        raise SystemExit(1)
    elif said == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    else:
        n = 0
        while said == "deaf" or not stop:
            n += 1
            progress = {"iteration": n, "seconds": n / 10, "cost_fen": 1000, "vehicles": 2, "unserved": 0}
            say("going", progress=progress)
            time.sleep(0.05)
        say("answered", result={"best": n})
"""
"""A calculation that does as its problem says: answers, refuses, breaks, dies, searches, or hears nothing."""


@dataclass
class Desk:
    """The queue of solves, with a solver whose child does as it is told."""

    market: Market
    wall_s: float = 1_000_000.0
    solvers: list[Solver] = field(default_factory=list)

    def wall(self) -> float:
        """Return the machine's seconds, as the test has set them."""
        return self.wall_s

    def solver(self, holder: str = "one", compiled: str = "") -> Solver:
        """Return a solver with a child of its own, which is ready once a file is there (`compiled`)."""
        calculator = Calculator([sys.executable, "-c", CHILD, *filter(None, [compiled])])
        found = Solver(self.market.engine, self.market.now, wall=self.wall, calculator=calculator)
        found.holder = holder
        self.solvers.append(found)
        return found

    def ask(self, what: str = "answer", who: str = "carrier", fill: str = "", **limits: object) -> UUID:
        """Ask for a plan of the day; `fill` makes it large."""
        problem = {"do": what, "fill": fill}
        with self.market.work(who) as work:
            return service.ask(work, Kind.PLAN_DAY, problem, Limits(**limits)).id  # type: ignore[arg-type]

    def cancel(self, solve_id: UUID, who: str | Who = "carrier") -> None:
        """Stop a solve."""
        with self.market.work(who) as work:
            service.cancel(work, solve_id)

    def get(self, solve_id: UUID) -> Solve:
        """Return a solve as it is stored, with its answer."""
        with reading(self.market.engine) as session:
            found = queries.solve(session, solve_id, self.market.parties["operator"].who)
            session.expunge_all()
            return found


@pytest.fixture
def desk(market: Market) -> Iterator[Desk]:
    """The queue on each database; no child outlives its test."""
    found = Desk(market)
    yield found
    for solver in found.solvers:
        solver.calculator.end()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """A way to wait for what another thread or process does, for ten seconds at most."""
    import time

    def wait(true: Callable[[], bool]) -> None:
        end = time.monotonic() + 10
        while not true():
            assert time.monotonic() < end, "nothing came of it"
            time.sleep(0.02)

    return wait
