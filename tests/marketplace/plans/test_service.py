"""Does an accepted plan move vehicles and drivers where the law lets it, and is there a way back?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from compliance.manifests.rules import Act as ManifestAct
from compliance.record.database import transaction
from compliance.record.errors import Conflict, Forbidden, NotFound, RuleBroken
from marketplace.deals.tables import Deal
from marketplace.plans import service
from marketplace.plans.rules import LockKind
from marketplace.plans.service import Wanted
from marketplace.plans.tables import Plan, PlanLock
from tests.marketplace.plans.conftest import Dispatch
from tracking.fleet.tables import Vehicle
from tracking.trips.rules import Act as TripAct
from tracking.trips.tables import Trip


def test_an_accepted_plan_moves_trip_manifest_and_deal(desk: Dispatch) -> None:
    """A driver would see another load than the paper names, or the market a vehicle that is free."""
    load, to = desk.others[0], desk.near
    proposed = desk.moved((load, to))
    assert proposed.after.fen["total"] < proposed.before.fen["total"], "one vehicle less costs less"
    plan_id = desk.accept(proposed)
    vehicle, trip, manifest = desk.market.get(Vehicle, to), desk.trip(load), desk.manifest(load)
    assert (trip.vehicle_id, trip.driver_id) == (to, vehicle.driver_id)
    assert (manifest.vehicle_id, manifest.plate, manifest.driver_id) == (to, vehicle.plate, vehicle.driver_id)
    assert desk.market.get(Deal, trip.deal_id).vehicle_id == to
    stop = proposed.pickup_of(load)
    assert stop is not None
    assert trip.due_at == (proposed.day.at + timedelta(seconds=stop.arrival_s)).replace(microsecond=0)
    assert desk.day().present[str(to)] == proposed.after.sequences[str(to)]
    assert str(load) in desk.day().present[str(to)]
    assert [one.kind for one in desk.market.events("ManifestReassigned", "PlanAccepted")] == [
        "ManifestReassigned",
        "PlanAccepted",
    ]
    assert desk.market.get(Plan, plan_id).figures["after"]["total"] == proposed.after.fen["total"]
    desk.market.idle()


def test_a_plan_is_taken_back_as_a_whole(desk: Dispatch) -> None:
    """A mistake would have to be undone load by load, from memory."""
    before = [
        (desk.trip(one).vehicle_id, desk.trip(one).driver_id, desk.trip(one).due_at) for one in desk.loads
    ]
    plan_id = desk.accept(desk.moved((desk.others[0], desk.near)))
    desk.undo(plan_id)
    after = [
        (desk.trip(one).vehicle_id, desk.trip(one).driver_id, desk.trip(one).due_at) for one in desk.loads
    ]
    assert after == before
    with pytest.raises(Conflict):
        desk.undo(plan_id)


def test_a_plan_seen_against_yesterdays_day_is_refused(desk: Dispatch) -> None:
    """Two dispatchers would overwrite each other without a word."""
    one, two = desk.others
    first, second = desk.moved((one, desk.near)), desk.moved((two, desk.near))
    desk.accept(first)
    with pytest.raises(Conflict) as refusal:
        desk.accept(second)
    assert refusal.value.code == "day_moved"


def test_a_plan_that_cannot_be_driven_is_refused(desk: Dispatch) -> None:
    """A load would be promised to a vehicle that cannot carry it."""
    load = desk.loads[0]
    other = desk.trip(desk.loads[1]).vehicle_id
    with transaction(desk.market.engine) as session:
        session.execute(update(Vehicle).where(Vehicle.id == other).values(capacity_kg=5_000))
    proposed = desk.moved((load, other))
    assert set(proposed.broken) >= {load}
    wanted = {key: list(loads) for key, loads in proposed.before.sequences.items()}
    for loads in wanted.values():
        if str(load) in loads:
            loads.remove(str(load))
    wanted[str(other)].append(str(load))
    with pytest.raises(Conflict) as refusal, desk.market.work("carrier") as work:
        service.accept(work, Wanted(wanted, proposed.day.mark))
    assert refusal.value.code == "plan_broken"


def test_the_law_is_asked_again_when_a_vehicle_changes(desk: Dispatch) -> None:
    """A load of hazardous waste would go to a driver whose certificate has run out (L9)."""
    load = desk.loads[0]
    other = desk.market.get(Vehicle, desk.trip(desk.loads[1]).vehicle_id)
    with desk.market.work("carrier") as work:
        from tracking.trips import service as trips

        row = work.session.scalars(select(Trip).where(Trip.manifest_id == load)).one()
        vehicle = work.session.get_one(Vehicle, other.id)
        vehicle.permit_to = desk.market.at.date() - timedelta(days=1)
        with pytest.raises(RuleBroken) as refusal:
            trips.reassign(work, row, vehicle, None)
        work.session.rollback()
    assert refusal.value.rule == "L9.vehicle_not_permitted"


def test_a_load_that_has_begun_keeps_its_vehicle(desk: Dispatch) -> None:
    """A signed loading would name a vehicle that never came."""
    load, market = desk.others[0], desk.market
    market.forward(minutes=30)
    deal = desk.trip(load).deal_id
    market.sign(deal, ManifestAct.ISSUE, "producer")
    other = desk.near
    assert desk.moved((load, other)).broken == {}, "issued, not loaded: the carrier's part is open (M7)"
    market.step(deal, TripAct.ARRIVE)
    own = str(desk.trip(load).vehicle_id)
    assert str(load) in desk.moved((load, other)).after.sequences[own]


@pytest.mark.parametrize("who", ["producer", "processor", "inspector", "operator"])
def test_only_a_dispatcher_accepts_locks_and_takes_back(desk: Dispatch, who: str) -> None:
    """Somebody else would order the carrier's vehicles about."""
    proposed = desk.moved((desk.others[0], desk.near))
    with pytest.raises(Forbidden):
        desk.accept(proposed, who)
    plan_id = desk.accept(proposed)
    with pytest.raises(Forbidden), desk.market.work(who) as work:
        service.undo(work, plan_id)
    with pytest.raises(Forbidden), desk.market.work(who) as work:
        service.lock(work, LockKind.LOAD, desk.loads[0], True)


def test_a_lock_is_put_and_taken_once(desk: Dispatch) -> None:
    """A double click would leave a lock that cannot be opened."""
    for locked, count in ((True, 1), (True, 1), (False, 0), (False, 0)):
        desk.lock(LockKind.LOAD, desk.loads[0], locked)
        assert len(desk.market.rows(select(PlanLock))) == count


@pytest.mark.parametrize("kind", list(LockKind))
def test_what_was_locked_since_is_not_taken_back(desk: Dispatch, kind: LockKind) -> None:
    """A lock would not hold against the one button that moves everything."""
    first, second = desk.others
    before = desk.trip(second).vehicle_id
    plan_id = desk.accept(desk.moved((first, desk.near)))
    desk.lock(kind, {LockKind.LOAD: first, LockKind.VEHICLE: desk.near}[kind])
    desk.undo(plan_id)
    assert (desk.trip(first).vehicle_id, desk.trip(second).vehicle_id) == (desk.near, before)


def test_a_plan_whose_loads_are_all_locked_is_not_taken_back(desk: Dispatch) -> None:
    """The plan would be called taken back, and nothing of it were."""
    plan_id = desk.accept(desk.moved((desk.others[0], desk.near)))
    for load in desk.loads:
        desk.lock(LockKind.LOAD, load)
    with pytest.raises(Conflict) as refusal:
        desk.undo(plan_id)
    assert refusal.value.code == "plan_locked"
    desk.lock(LockKind.LOAD, desk.others[0], locked=False)
    desk.undo(plan_id)
    assert desk.trip(desk.others[0]).vehicle_id != desk.near


def test_another_carriers_plan_is_not_there(desk: Dispatch) -> None:
    """A rival would take a plan back."""
    with pytest.raises(NotFound), desk.market.work("carrier") as work:
        service.undo(work, desk.loads[0])
