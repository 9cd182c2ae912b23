"""What is the best plan that can be found for a routing problem within the limits?"""

from __future__ import annotations

import time
from collections.abc import Callable

from matching.routing.check import sound
from matching.routing.evaluate import evaluate
from matching.routing.model import Goal, Problem, Tours
from matching.routing.plan import Plan
from matching.routing.search.compile import compile_problem
from matching.routing.search.limits import Budget, Clock, Limits, Progress
from matching.routing.search.searcher import Draft, Searcher

FLEET_SHARE = 0.33
CHUNK = 200

Tell = Callable[[Progress], None]
Cancelled = Callable[[], bool]


def solve(
    problem: Problem,
    limits: Limits,
    *,
    start: Plan | None = None,
    progress: Tell | None = None,
    cancelled: Cancelled | None = None,
    clock: Clock = time.monotonic,
) -> Plan:
    """Search for the best plan: as the problem's goal counts, and checked independently before it is given.

    It starts from `start`, else from the running plan, else from nothing. `cancelled` is asked some hundred
    times a second and ends the search with the best plan so far; `progress` is told about it. Raises NotSound
    where the fixed stops of the running plan break the rules, so that no plan can keep them.
    """
    if not problem.shifts or not problem.requests:
        return sound(problem, evaluate(problem, ((),) * len(problem.shifts)))
    budget = Budget(limits, clock)
    searcher = Searcher(compile_problem(problem), limits.seed, _start(problem, start))
    _search(searcher, problem.goal, budget, cancelled or _never, progress or _nobody)
    return plan_of(problem, searcher.draft())


def plan_of(problem: Problem, draft: Draft) -> Plan:
    """Work a draft out into a plan. Raises NotSound if it breaks a rule."""
    booked = {node: begin for node, begin in enumerate(draft.begins) if begin > float("-inf")}
    return sound(problem, evaluate(problem, draft.tours, booked))


def _start(problem: Problem, start: Plan | None) -> Tours | None:
    if start is not None:
        return start.nodes
    return problem.running.tours if problem.running is not None else None


def _search(searcher: Searcher, goal: Goal, budget: Budget, cancelled: Cancelled, tell: Tell) -> None:
    def report() -> bool:
        budget.done = searcher.iterations
        tell(Progress(budget.done, searcher.best, searcher.vehicles, searcher.unserved, budget.seconds))
        return cancelled()

    stop = report()
    share = FLEET_SHARE if goal is Goal.VEHICLES else 0.0
    while not stop and budget.spent < share and searcher.vehicles > 1:
        searcher.reduce(budget.next_chunk(CHUNK))
        stop = report()
    if share:
        searcher.settle_fleet()
    begun = budget.spent
    while not stop and budget.spent < 1.0:
        searcher.cool((budget.spent - begun) / (1.0 - begun), budget.next_chunk(CHUNK))
        stop = report()


def _never() -> bool:
    return False


def _nobody(progress: Progress) -> None:
    """Take no notice."""
