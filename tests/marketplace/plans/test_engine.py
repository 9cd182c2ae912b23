"""Does the search find the better day, keep what it must, and say what it leaves out?"""

from __future__ import annotations

from uuid import UUID

import pytest

from marketplace.plans import day as days
from marketplace.plans import engine, proposal
from marketplace.plans.rules import LockKind
from marketplace.solves.rules import Limits, Progress
from tests.marketplace.plans.conftest import Dispatch

pytestmark = pytest.mark.usefixtures("compiled")


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
