"""Who may ask for a solve, see it and stop it, and what becomes of one whose process is lost?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from compliance.record.database import transaction
from compliance.record.errors import Conflict, Forbidden, NotFound
from marketplace.solves import service
from marketplace.solves.rules import MOST_OPEN, MOST_TRIES, STALE_S, Failure, Kind, Limits, Progress, State
from marketplace.solves.tables import Solve
from tests.marketplace.solves.conftest import Desk


def take(desk: Desk, holder: str = "one") -> str | None:
    """Let a process take up the next solve and return the state it is in then."""
    with transaction(desk.market.engine) as session:
        row = service.take_up(session, holder, desk.market.at, desk.wall_s)
        return row.state if row else None


@pytest.mark.parametrize("who", ["producer", "processor", "inspector", "operator"])
def test_only_a_dispatcher_asks_for_a_plan_of_the_day(desk: Desk, who: str) -> None:
    """Somebody else would fill the carrier's queue."""
    with pytest.raises(Forbidden):
        desk.ask(who=who)


@pytest.mark.parametrize("who", ["producer", "processor", "inspector", "carrier"])
def test_only_an_operator_clears_the_market(desk: Desk, who: str) -> None:
    """A trader would read in the answer what everybody else has and asks for."""
    with pytest.raises(Forbidden), desk.market.work(who) as work:
        service.ask(work, Kind.CLEAR_MARKET, {}, Limits())


def test_a_clearing_is_not_shown_to_a_dispatcher(desk: Desk) -> None:
    """A carrier would read everybody's prices."""
    with desk.market.work("operator") as work:
        solve_id = service.ask(work, Kind.CLEAR_MARKET, {}, Limits()).id
    with pytest.raises(NotFound):
        desk.cancel(solve_id, "carrier")


def test_an_overseer_sees_a_carriers_solve_and_cannot_stop_it(desk: Desk) -> None:
    """An operator's slip would take a dispatcher's plan away."""
    solve_id = desk.ask()
    with pytest.raises(Forbidden):
        desk.cancel(solve_id, "operator")
    assert desk.get(solve_id).state == State.QUEUED.value


def test_the_queue_of_one_organisation_is_short(desk: Desk) -> None:
    """A dispatcher who presses again and again would keep everybody else waiting for an hour."""
    asked = [desk.ask() for _ in range(MOST_OPEN)]
    with pytest.raises(Conflict):
        desk.ask()
    desk.cancel(asked[0])
    desk.ask()


def test_what_is_asked_first_is_taken_up_first_and_once(desk: Desk) -> None:
    """Two solvers would work on the same solve, or a later one would push itself before."""
    first = desk.ask()
    desk.market.forward(seconds=1)
    second = desk.ask()
    assert [take(desk), take(desk, "two"), take(desk, "three")] == ["running", "running", None]
    assert [desk.get(one).holder for one in (first, second)] == ["one", "two"]


def test_a_cancelled_solve_is_not_taken_up(desk: Desk) -> None:
    """A solver would work for nobody."""
    solve_id = desk.ask()
    desk.cancel(solve_id)
    assert take(desk) is None
    with pytest.raises(Conflict):
        desk.cancel(solve_id)


def test_a_solve_whose_process_is_silent_is_taken_up_by_another(desk: Desk) -> None:
    """A solve would run for ever because a machine was switched off."""
    solve_id = desk.ask()
    take(desk)
    desk.wall_s += STALE_S - 1
    assert take(desk, "two") is None
    with transaction(desk.market.engine) as session:
        assert service.beat(session, solve_id, "one", Progress(iteration=7), desk.wall_s)
    desk.wall_s += STALE_S - 1
    assert take(desk, "two") is None
    desk.wall_s += 2
    assert take(desk, "two") == "running"
    with transaction(desk.market.engine) as session:
        assert not service.beat(session, solve_id, "one", Progress(), desk.wall_s)
        assert service.finish(session, solve_id, "one", {"late": True}, desk.market.at) is None
    assert (desk.get(solve_id).holder, desk.get(solve_id).result) == ("two", None)


def test_a_solve_that_loses_every_process_fails_in_the_end(desk: Desk) -> None:
    """A problem that eats all memory would kill one solver after the other, for ever."""
    solve_id = desk.ask()
    for _ in range(MOST_TRIES):
        assert take(desk) == "running"
        desk.wall_s += STALE_S + 1
    assert take(desk) == "failed"
    assert desk.get(solve_id).failure == Failure.LOST.value
    assert take(desk) is None


def test_the_best_of_a_cancelled_search_is_kept(desk: Desk) -> None:
    """A dispatcher who has waited long enough would have waited for nothing."""
    solve_id = desk.ask()
    take(desk)
    desk.cancel(solve_id)
    with transaction(desk.market.engine) as session:
        assert not service.beat(session, solve_id, "one", Progress(), desk.wall_s)
        service.finish(session, solve_id, "one", {"best": 1}, desk.market.at)
    assert (desk.get(solve_id).state, desk.get(solve_id).result) == ("cancelled", {"best": 1})


@pytest.mark.parametrize("end", ["finish", "cancel", "fail"])
def test_the_problem_of_a_solve_that_is_over_is_dropped(desk: Desk, end: str) -> None:
    """The table would grow by a whole market with every click."""
    solve_id = desk.ask(fill="x" * 1000)
    take(desk)
    assert desk.market.rows(select(Solve.problem))[0]["do"] == "answer"
    if end == "cancel":
        desk.cancel(solve_id)
    with transaction(desk.market.engine) as session:
        if end == "fail":
            service.fail(session, solve_id, "one", Failure.BROKE, "", desk.market.at)
        else:
            service.finish(session, solve_id, "one", {"best": 1}, desk.market.at)
    assert desk.market.rows(select(Solve.problem)) == [{}]


def test_old_solves_are_forgotten_and_open_ones_kept(desk: Desk) -> None:
    """Years of answers that nobody reads would fill the disk; or a search would vanish while it runs."""
    over, waiting = desk.ask(), desk.ask()
    desk.cancel(over)
    desk.market.forward(days=2)
    fresh = desk.ask()
    desk.cancel(fresh)
    with transaction(desk.market.engine) as session:
        service.forget(session, desk.market.at - timedelta(days=1))
    assert set(desk.market.rows(select(Solve.id))) == {waiting, fresh}
