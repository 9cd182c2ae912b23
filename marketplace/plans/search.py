"""How is a day planned anew? Loads go, one by one, to where they cost least, until nothing is gained."""

from __future__ import annotations

import time
from collections.abc import Callable

from marketplace.plans import engine
from marketplace.solves.rules import Limits, Progress
from matching.routing import model
from matching.routing.plan import Plan, value


def search(
    problem: model.Problem,
    limits: Limits,
    tell: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> Plan:
    """Plan a day, starting from the plan that runs, until nothing is gained or a limit is met."""
    began = time.monotonic()
    running = problem.running
    assert running is not None
    best = engine.sequences_of(problem, running.tours)
    plan = engine.driven(problem, best)
    iteration, better = 0, True
    while better:
        better = False
        for request in problem.requests:
            for vehicle in problem.vehicles:
                iteration += 1
                over = limits.iterations is not None and iteration > limits.iterations
                if over or cancelled() or time.monotonic() - began > limits.seconds:
                    return plan
                tell(progress(plan, iteration, time.monotonic() - began))
                moved = engine.placed(problem, best, request.id, vehicle.id)
                tried = engine.driven(problem, moved)
                if tried.feasible and value(problem, tried) < value(problem, plan):
                    best, plan, better = moved, tried, True
    return plan


def progress(plan: Plan, iteration: int, seconds: float) -> Progress:
    """Return how far a search is as people read it."""
    return Progress(
        iteration=iteration,
        seconds=round(seconds, 1),
        cost_fen=round(plan.costs.total_fen),
        vehicles=len(plan.driven),
        unserved=len(plan.left_out),
    )
