"""Does the search find the better day, keep what it must, and say what it leaves out?"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from marketplace.plans import board, engine, proposal
from marketplace.plans import day as days
from marketplace.plans.rules import LockKind
from marketplace.solves.rules import Limits, Progress
from matching.routing import model
from tests.marketplace.plans.conftest import Dispatch

pytestmark = [pytest.mark.usefixtures("compiled"), pytest.mark.sqlite_alone]


def answered(desk: Dispatch, change_fen: int = 0, **limits: int) -> tuple[dict[str, object], list[Progress]]:
    """Return the answer to the day as it is, and what was told on the way."""
    told: list[Progress] = []
    stored = days.snapshot(desk.day(), change_fen)
    found = engine.answer(stored, Limits(seconds=60, **limits), told.append, lambda: False)  # type: ignore[arg-type]
    return found, told


def test_two_vehicles_do_what_three_did(desk: Dispatch) -> None:
    """A carrier would pay for a vehicle's day that nobody needs."""
    found, told = answered(desk)
    sequences = found["sequences"]
    assert isinstance(sequences, dict)
    assert sorted(len(loads) for loads in sequences.values()) == [0, 1, 2]
    proposed = proposal.propose(desk.day(), sequences)
    assert proposed.broken == {}
    assert proposed.after.fen["total"] < proposed.before.fen["total"]
    assert proposed.after.plan.feasible
    assert (told[0].vehicles, told[0].unserved) == (3, 0), "it begins with the day that runs"
    assert told[0].cost_fen == proposed.before.fen["total"]


def test_the_same_seed_and_steps_give_the_same_day(desk: Dispatch) -> None:
    """A dispatcher who asks twice would be told two stories."""
    one, _ = answered(desk, iterations=500, seed=5)
    other, _ = answered(desk, iterations=500, seed=5)
    assert one == other


def test_nothing_moves_that_does_not_save_its_worth(desk: Dispatch) -> None:
    """Drivers would be sent elsewhere for a few yuan."""
    found, _ = answered(desk, change_fen=10_000_000)
    assert found["moved"] == 0
    assert found["sequences"] == proposal.present(desk.day()).sequences


def test_a_locked_vehicle_keeps_its_day(desk: Dispatch) -> None:
    """A lock that the search does not heed is none."""
    vehicles = [desk.trip(load).vehicle_id for load in desk.loads]
    for vehicle in vehicles[:2]:
        desk.lock(LockKind.VEHICLE, vehicle)
    desk.lock(LockKind.LOAD, desk.loads[2])
    found, _ = answered(desk)
    assert found["sequences"] == desk.day().present


def test_a_load_too_late_is_left_out_with_its_reason(desk: Dispatch) -> None:
    """A dispatcher would be shown a plan that silently forgets a load."""
    desk.market.forward(hours=8, minutes=1)
    found, _ = answered(desk)
    (out,) = found["unserved"]  # type: ignore[misc]
    assert (UUID(out["load"]), out["code"]) == (desk.loads[0], "pickup_window_missed")


def test_a_stopped_search_hands_in_the_day_it_began_with(desk: Dispatch) -> None:
    """A dispatcher who stops at once would be left without any plan."""
    day = desk.day()
    found = engine.answer(days.snapshot(day, 0), Limits(), lambda _: None, lambda: True)
    assert sum(len(loads) for loads in found["sequences"].values()) == len(desk.loads)


def test_a_vehicle_that_is_late_whatever_happens_does_not_keep_the_others_from_being_planned(
    desk: Dispatch,
) -> None:
    """One overdue load on a locked vehicle, or one driver over her hours, would end every search."""
    late = desk.trip(desk.loads[0]).vehicle_id
    desk.lock(LockKind.VEHICLE, late)
    desk.market.forward(hours=8, minutes=1)
    found, _ = answered(desk)
    sequences = found["sequences"]
    assert isinstance(sequences, dict)
    assert sequences[str(late)] == [str(desk.loads[0])]
    assert sorted(load for loads in sequences.values() for load in loads) == sorted(map(str, desk.loads))
    proposed = proposal.propose(desk.day(), sequences)
    assert proposed.broken == {}
    shown = board.plan_view(proposed.day, proposed.after, proposed.problem, board.Words(str, str))
    assert [tour.vehicle_id for tour in shown.tours if not tour.kept] == [late]


def test_what_is_tied_to_a_vehicle_that_is_late_stays_with_it(desk: Dispatch) -> None:
    """A locked load would be handed to whatever vehicle has the locked one's number afterwards."""
    problem = engine.problem_of(days.snapshot(desk.day(), 0))
    first, *others = problem.requests
    overdue = replace(first, vehicle=0, pickup=replace(first.pickup, windows=(model.Span(-7200.0, -3600.0),)))
    tied = replace(others[0], vehicle=0)
    moved = replace(others[1], vehicle=2)
    bare = replace(problem, requests=(overdue, tied, moved), running=None)
    ids = [vehicle.id for vehicle in bare.vehicles]
    present = {ids[0]: [first.id, tied.id], ids[1]: [], ids[2]: [moved.id]}
    running = engine.with_running(bare, present, {ids[0]: [first.id]}, 0.0)
    rest, stuck = engine.without_stuck(running)
    assert stuck == {ids[0]: [first.id]}
    assert [vehicle.id for vehicle in rest.vehicles] == ids[1:]
    assert [(one.id, one.vehicle) for one in rest.requests] == [(moved.id, 1)]
    assert rest.running is not None
    assert engine.sequences_of(rest, rest.running.tours) == {ids[1]: [], ids[2]: [moved.id]}
