"""Does the solver process work solves out, follow a cancel at once, and outlive what calculates for it?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from marketplace.solves.process import GRACE_S
from marketplace.solves.rules import MOST_TRIES, Failure, State
from tests.marketplace.solves.conftest import Desk

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def stop() -> threading.Event:
    """What tells a solver to end."""
    return threading.Event()


def test_solves_are_answered_one_after_the_other(desk: Desk, stop: threading.Event) -> None:
    """A dispatcher would wait for a plan that never comes."""
    asked = [desk.ask(seed=seed) for seed in (3, 4)]
    solver = desk.solver()
    assert [solver.step(stop) for _ in range(3)] == [True, True, False]
    assert [desk.get(one).state for one in asked] == ["done", "done"]
    assert [desk.get(one).result for one in asked] == [{"seed": 3}, {"seed": 4}]
    assert desk.get(asked[0]).ended_at is not None


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_large_problem_waits_for_a_calculation_that_compiles_and_the_beat_goes_on(
    desk: Desk, stop: threading.Event, until: Until, tmp_path: Path, cancelled: bool
) -> None:
    """A pipe that is full would stop the beat, and another solver would take the same solve up."""
    compiled = tmp_path / "compiled"
    solve_id = desk.ask(fill="x" * 300_000)
    solver = desk.solver(compiled=str(compiled))
    runner = threading.Thread(target=solver.step, args=(stop,))
    runner.start()
    until(lambda: desk.get(solve_id).state == State.RUNNING.value)
    desk.wall_s += 100
    until(lambda: desk.get(solve_id).beat_s == desk.wall_s)
    if cancelled:
        desk.cancel(solve_id)
    else:
        compiled.touch()
    runner.join(10)
    assert not runner.is_alive()
    assert desk.get(solve_id).state == ("cancelled" if cancelled else "done")
    compiled.touch()
    after = desk.ask(seed=9)
    assert solver.step(stop)
    assert desk.get(after).result == {"seed": 9}


def test_a_problem_that_cannot_be_right_fails_with_its_fault(desk: Desk, stop: threading.Event) -> None:
    """Nobody would learn which figure has to be put right."""
    solve_id = desk.ask("refuse")
    desk.solver().step(stop)
    row = desk.get(solve_id)
    assert (row.state, row.failure, row.detail) == ("failed", "bad_problem", "window_order: L1.ready")


def test_a_calculation_that_breaks_fails_once(desk: Desk, stop: threading.Event) -> None:
    """A fault of ours would be tried again and again, or end the solver."""
    broken, sound = desk.ask("break"), desk.ask()
    solver = desk.solver()
    assert solver.step(stop)
    assert (desk.get(broken).state, desk.get(broken).failure) == ("failed", Failure.BROKE.value)
    assert solver.step(stop)
    assert desk.get(sound).state == State.DONE.value


def test_a_calculation_that_is_killed_is_tried_again_and_then_given_up(
    desk: Desk, stop: threading.Event
) -> None:
    """A kill for want of memory would lose the solve, or be repeated for ever."""
    solve_id = desk.ask("die")
    solver = desk.solver()
    for _ in range(MOST_TRIES):
        assert solver.step(stop)
        assert desk.get(solve_id).state == State.QUEUED.value
    assert solver.step(stop)
    assert (desk.get(solve_id).state, desk.get(solve_id).failure) == ("failed", "lost")


@pytest.mark.parametrize(("what", "best"), [("search", True), ("deaf", False)])
def test_a_cancel_ends_a_search_within_two_seconds(
    desk: Desk, stop: threading.Event, until: Until, what: str, best: bool
) -> None:
    """A dispatcher who has seen enough would sit before a bar that cannot be stopped."""
    solve_id = desk.ask(what)
    solver = desk.solver()
    runner = threading.Thread(target=solver.step, args=(stop,))
    runner.start()
    until(lambda: desk.get(solve_id).progress["iteration"] > 0)
    desk.cancel(solve_id)
    began = time.monotonic()
    runner.join(10)
    assert not runner.is_alive()
    assert time.monotonic() - began < GRACE_S + 1.5
    row = desk.get(solve_id)
    assert row.state == State.CANCELLED.value
    assert bool(row.result) is best
    desk.ask()
    assert solver.step(stop), "the next solve has a process again"


def test_a_solver_that_is_told_to_end_gives_its_solve_back(
    desk: Desk, stop: threading.Event, until: Until
) -> None:
    """A restart would lose what was being worked out, or count against it."""
    solve_id = desk.ask("search")
    runner = threading.Thread(target=desk.solver().run, args=(stop,))
    runner.start()
    until(lambda: desk.get(solve_id).state == State.RUNNING.value)
    stop.set()
    runner.join(10)
    assert not runner.is_alive()
    row = desk.get(solve_id)
    assert (row.state, row.tries) == (State.QUEUED.value, 0)
