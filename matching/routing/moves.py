"""How many stops of the running plan does a new one move?"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from matching.routing.model import Problem, Tours


def moved_stops(problem: Problem, tours: Tours) -> int:
    """Count the stops of the running plan that are off the common order of their tour; 0 without one."""
    return moved_between(problem.running.tours, tours) if problem.running is not None else 0


def moved_between(before: Tours, after: Tours) -> int:
    """Count the nodes of `before` off a longest common subsequence with the same tour of `after`."""
    later = (*after, *([()] * (len(before) - len(after))))
    return sum(len(old) - _common(old, new) for old, new in zip(before, later, strict=False))


def _common(old: Sequence[int], new: Sequence[int]) -> int:
    """Measure the longest common subsequence: nodes come once, so it is a longest rising one of ranks."""
    rank = {node: n for n, node in enumerate(old)}
    tails: list[int] = []
    for node in new:
        if node in rank:
            at = bisect_left(tails, rank[node])
            tails[at : at + 1] = [rank[node]]
    return len(tails)
