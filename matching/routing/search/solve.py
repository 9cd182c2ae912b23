"""What is the best plan that can be found for a routing problem within the limits?"""

from __future__ import annotations

import time
from collections.abc import Callable

from matching.routing.check import sound
from matching.routing.evaluate import evaluate
from matching.routing.fitness import unfit
from matching.routing.model import Goal, Problem, Tours, request_of
from matching.routing.plan import Plan
from matching.routing.search.compile import compile_problem
from matching.routing.search.limits import Budget, Clock, Limits, Progress
from matching.routing.search.parallel import ROUNDS, Team, team
from matching.routing.search.searcher import CHUNK, Draft, Searcher

FLEET_SHARE, FLEET_MOST, PATIENCE = 0.33, 0.6, 0.15
"""The parts of the limits spent on fewer vehicles: at least, at most, and after each vehicle taken away."""
TELL_EVERY_S = 0.1

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
    began: float | None = None,
) -> Plan:
    """Search for the best plan: as the problem's goal counts, and checked independently before it is given.

    It starts from `start`, else from the running plan, else from nothing. `cancelled` is asked some hundred
    times a second and ends the search with the best plan so far; `progress` is told about it. Raises NotSound
    where the fixed stops of the running plan break the rules, so that no plan can keep them. Time counts from
    the call, or by `clock` from `began` on; a tenth of it is kept for the search where it has to be compiled
    first, once on each machine.
    """
    if not problem.shifts or not problem.requests:
        return sound(problem, evaluate(problem, ((),) * len(problem.shifts)))
    called = clock() if began is None else began
    begun = _start(problem, start)
    searcher = Searcher(compile_problem(problem), limits.seed, begun)
    budget = Budget(limits, clock, called)
    ask, tell = cancelled or _never, progress or _nobody
    if limits.threads == 1:
        draft = _search(searcher, problem.goal, budget, ask, tell)
    else:
        tell(_progress(searcher.draft(), problem, 0, budget))
        with team(problem, limits, begun, lambda: ask() or _late(limits, budget)) as searchers:
            draft = _search_together(searchers, problem, limits, budget, ask, tell)
    return plan_of(problem, draft)


def plan_of(problem: Problem, draft: Draft) -> Plan:
    """Work a draft out into a plan. Raises NotSound if it breaks a rule."""
    booked = {node: begin for node, begin in enumerate(draft.begins) if begin > float("-inf")}
    return sound(problem, evaluate(problem, draft.tours, booked))


def _start(problem: Problem, start: Plan | None) -> Tours | None:
    running = problem.running
    tours = start.nodes if start is not None else running.tours if running is not None else None
    return None if tours is None else _fitting(problem, tours, () if running is None else running.fixed)


def _fitting(problem: Problem, tours: Tours, fixed: Tours) -> Tours:
    """Take off a vehicle what it may no longer carry and is not fixed on it: the search finds it a place."""
    held = {request_of(node) for tour in fixed for node in tour}

    def kept(tour: tuple[int, ...], vehicle: int) -> tuple[int, ...]:
        free = {request_of(node) for node in tour} - held
        gone = {one for one in free if unfit(problem, problem.requests[one], vehicle) is not None}
        return tuple(node for node in tour if request_of(node) not in gone)

    return tuple(kept(tour, vehicle) for (vehicle, _), tour in zip(problem.shifts, tours, strict=True))


def _search(searcher: Searcher, goal: Goal, budget: Budget, cancelled: Cancelled, tell: Tell) -> Draft:
    told = 0.0

    def report() -> bool:
        nonlocal told
        if tell is not _nobody and (budget.seconds - told >= TELL_EVERY_S or told == 0.0):
            told = budget.seconds
            tell(_progress(searcher.draft(), searcher.problem, budget.done, budget))
        return cancelled()

    stop = report()
    if goal is Goal.VEHICLES:
        stop = stop or _take_away(searcher, budget, report)
        searcher.settle_fleet()
    begun = budget.spent
    while not stop and budget.spent < 1.0:
        steps = budget.next_chunk(CHUNK)
        searcher.cool((budget.spent - begun) / (1.0 - begun), steps)
        budget.done += steps
        stop = report()
    return searcher.draft()


def _take_away(searcher: Searcher, budget: Budget, report: Cancelled) -> bool:
    """Try to get along with fewer vehicles, for longer where that still succeeds; tell whether to stop."""
    best, until = searcher.best, FLEET_SHARE
    more = True
    while more and budget.spent < until:
        steps = budget.next_chunk(CHUNK)
        more = searcher.reduce(steps)
        budget.done += steps
        if searcher.best < best:
            best, until = searcher.best, min(FLEET_MOST, max(until, budget.spent + PATIENCE))
        if report():
            return True
    return False


def _search_together(
    searchers: Team, problem: Problem, limits: Limits, budget: Budget, cancelled: Cancelled, tell: Tell
) -> Draft:
    """Have all search in rounds, the first of them for fewer vehicles where that is the goal."""
    searchers.hear(cancelled)
    first = round(ROUNDS * FLEET_SHARE) if problem.goal is Goal.VEHICLES else 0
    for n in range(ROUNDS):
        tell(_progress(searchers.best, problem, searchers.iterations, budget))
        if cancelled() or _late(limits, budget):
            break
        whole = ROUNDS - first
        begins, ends = (0.0, 0.0) if n < first else ((n - first) / whole, (n + 1 - first) / whole)
        seconds = None if limits.seconds is None else (limits.seconds - budget.seconds) / (ROUNDS - n)
        steps = None if limits.steps == float("inf") else max(1, int(limits.steps) // ROUNDS)
        searchers.set_to(n < first, begins, ends, steps, seconds)
        searchers.hear(cancelled)
    tell(_progress(searchers.best, problem, searchers.iterations, budget))
    return searchers.best


def _late(limits: Limits, budget: Budget) -> bool:
    return limits.seconds is not None and budget.seconds >= limits.seconds


def _progress(draft: Draft, problem: Problem, iterations: int, budget: Budget) -> Progress:
    vehicles = sum(bool(tour) for tour in draft.tours)
    served = sum(node % 2 for tour in draft.tours for node in tour)
    return Progress(iterations, draft.cost, vehicles, len(problem.requests) - served, budget.seconds)


def _never() -> bool:
    return False


def _nobody(progress: Progress) -> None:
    """Take no notice."""
