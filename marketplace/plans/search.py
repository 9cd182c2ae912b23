"""How long is a day searched for a better plan, and how is that told?"""

from __future__ import annotations

from collections.abc import Callable

from marketplace.solves.rules import Limits, Progress
from matching.routing import model
from matching.routing.plan import Plan

STEPS_A_LOAD = 2_000
"""A day of few loads is searched through long before the seconds are over: so many steps for each load."""


def search(
    problem: model.Problem,
    limits: Limits,
    tell: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> Plan:
    """Plan a day anew from the plan that runs; the best so far when a limit is met or somebody has asked."""
    from matching.routing.search.limits import Limits as SearchLimits
    from matching.routing.search.limits import Progress as Found
    from matching.routing.search.solve import solve

    def told(found: Found) -> None:
        """Tell how far it is; the cost only while nothing is left out, for that outweighs all money."""
        tell(
            Progress(
                iteration=found.iteration,
                seconds=round(found.seconds, 1),
                cost_fen=None if found.unserved else round(found.best),
                vehicles=found.vehicles,
                unserved=found.unserved,
            )
        )

    steps = limits.iterations or STEPS_A_LOAD * len(problem.requests)
    spent = SearchLimits(seconds=limits.seconds, iterations=steps, seed=limits.seed)
    return solve(problem, spent, progress=told, cancelled=cancelled)
