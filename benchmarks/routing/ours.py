"""What does our own search find, asked as the peers are? `… ours ours FILE SECONDS SEED GOAL`"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks.routing.peers import say, started
from matching.routing.instances import parse_instance, read_instance
from matching.routing.model import Goal
from matching.routing.search.limits import Limits
from matching.routing.search.solve import solve

TINY = "2 9 1\n0 0 0 0 0 99 0 0 0\n1 3 4 5 0 50 0 0 2\n2 6 8 -5 0 60 0 1 0\n"


def warm() -> None:
    """Load the compiled search from its cache, as a server has it; that is timed apart."""
    for goal in Goal:
        solve(parse_instance(TINY, "tiny", goal).problem, Limits(iterations=10))


def main() -> None:
    _, file, seconds, seed, goal = sys.argv[1:]
    instance = read_instance(Path(file), Goal(goal))
    warm()
    started()
    limits = Limits(seconds=float(seconds), seed=int(seed))
    plan = solve(instance.problem, limits, clock=time.process_time)
    if not plan.left_out:
        say(instance.named(plan.nodes))


if __name__ == "__main__":
    main()
