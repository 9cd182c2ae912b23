"""Do searches in several processes give one sound plan, and the same one every time?"""

from __future__ import annotations

import pytest

from matching.routing.check import check_plan
from matching.routing.plan import value
from matching.routing.search.limits import Limits, Progress
from matching.routing.search.parallel import team
from matching.routing.search.solve import solve
from tests.matching.routing.search.test_solve import fleet_day


def test_two_threads_give_the_same_sound_plan_again(capfd: pytest.CaptureFixture[str]) -> None:
    """Which process is quicker would decide who drives where, or fill the terminal with stack traces."""
    problem = fleet_day(11)
    limits = Limits(iterations=1_200, threads=2)
    one, other = solve(problem, limits), solve(problem, limits)
    assert one == other
    assert capfd.readouterr().err == ""
    assert check_plan(problem, one) == []
    assert value(problem, one) <= value(problem, solve(problem, Limits(iterations=0)))


def test_who_stops_while_processes_are_started_is_not_kept_waiting() -> None:
    """Ctrl-C would be heard only when the last of two hundred processes had come up."""
    problem = fleet_day(12)
    with team(problem, Limits(threads=200), None, lambda: True) as searchers:
        searchers.hear(lambda: True)
    assert len(searchers.drafts) == 1
    plan = solve(problem, Limits(iterations=10**8, threads=200), cancelled=lambda: True)
    assert check_plan(problem, plan) == []


def test_several_threads_can_be_cancelled() -> None:
    """Whoever stops the search would wait for processes that nobody ends."""
    told: list[Progress] = []
    problem = fleet_day(12)
    plan = solve(
        problem,
        Limits(iterations=100_000_000, threads=2),
        progress=told.append,
        cancelled=lambda: len(told) > 1,
    )
    assert check_plan(problem, plan) == []
    assert told[-1].unserved == 0
