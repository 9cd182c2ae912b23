"""Do the simulated colleagues know whose turn it is?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from compliance.manifests.rules import State as ManifestState
from compliance.registry.tables import Organisation
from marketplace.accounts.tables import Account
from marketplace.demo.colleagues import Colleagues, open_loads
from marketplace.demo.steps import Load, Step, next_step
from marketplace.verification import verify
from tests.factories.trade import TARE_KG, Market
from tracking.trips.rules import State as TripState
from tracking.trips.tables import Trip

pytestmark = pytest.mark.sqlite_alone

FRESH = Load(ManifestState.DRAFT, TripState.PLANNED, False, False, False, False, False)
M, T = ManifestState, TripState


@pytest.mark.parametrize(
    ("load", "step"),
    [
        (FRESH, Step.ISSUE),
        (replace(FRESH, manifest=M.ISSUED), None),
        (replace(FRESH, manifest=M.ISSUED, at_origin=True), Step.ARRIVE),
        (replace(FRESH, manifest=M.ISSUED, trip=T.AT_ORIGIN, at_origin=True), None),
        (replace(FRESH, manifest=M.ISSUED, trip=T.AT_ORIGIN, source_weighed=True), Step.LOAD),
        (replace(FRESH, manifest=M.LOADED), Step.DEPART),
        (replace(FRESH, manifest=M.IN_TRANSIT), None),
        (replace(FRESH, manifest=M.IN_TRANSIT, at_destination=True), Step.DELIVER),
        (replace(FRESH, manifest=M.ARRIVED), None),
        (replace(FRESH, manifest=M.ARRIVED, receipt_drafted=True), Step.RECEIVE),
        (replace(FRESH, manifest=M.CONFIRMED, unpaid=True), Step.PAY),
        (replace(FRESH, manifest=M.CONFIRMED), Step.TREAT),
        (replace(FRESH, manifest=M.TREATED), Step.CLOSE),
        (replace(FRESH, manifest=M.CLOSED), None),
        (replace(FRESH, manifest=M.CANCELLED), None),
    ],
)
def test_whose_turn_it_is(load: Load, step: Step | None) -> None:
    """A demonstration would stand still, or a colleague act before the scale has spoken."""
    assert next_step(load) == step


def test_colleagues_carry_a_load_to_its_end(market: Market) -> None:
    """A visitor who only watches would never see a loop close."""
    deal_id = market.agree()
    plate = market.manifest(deal_id).plate

    def seconds() -> float:
        return market.at.timestamp()

    colleagues = Colleagues(market.engine, market.now, patience_s=1.0, seconds=seconds)

    def act(times: int) -> None:
        for _ in range(times):
            with market.work() as work:
                loads = open_loads(work.session, market.at)
            colleagues.act(loads)
            market.forward(minutes=1)
            market.idle()

    act(3)
    assert market.manifest(deal_id).state == M.ISSUED
    for kg in (TARE_KG, TARE_KG + 20_000):
        market.weigh("producer", plate, kg)
    drive_in(market, deal_id, "at_origin_at")
    act(8)
    assert market.manifest(deal_id).state == M.IN_TRANSIT
    for kg in (TARE_KG + 20_000, TARE_KG):
        market.weigh("processor", plate, kg)
    drive_in(market, deal_id, "arrived_at")
    act(12)
    assert market.manifest(deal_id).state == M.CLOSED
    assert market.standing(deal_id)[0] == "settled"
    assert verify(market.engine).holds


def drive_in(market: Market, deal_id: object, mark: str) -> None:
    """Let the satellites say that the truck is there."""
    with market.work() as work:
        trip = work.session.scalars(select(Trip).where(Trip.deal_id == deal_id)).one()
        setattr(trip, mark, market.at)


def test_colleagues_without_patience_settings_do_nothing(market: Market) -> None:
    """A visitor who switched the autopilot off would find the work done."""
    market.agree()
    with market.work() as work:
        loads = open_loads(work.session, market.at)
    assert [load.step for load in loads] == [Step.ISSUE]
    assert Colleagues(market.engine, market.now, patience_s=0).act(loads) == 0


def test_what_a_dispatchers_login_may_plan_waits_until_it_is_nearly_due(market: Market) -> None:
    """A visitor at the dispatch board would see every load drive off before a hand is lifted."""
    deal_id = market.agree(ready_from=market.at + timedelta(hours=4))
    open_login(market, "carrier")
    with market.work() as work:
        assert open_loads(work.session, market.at) == []
        market.forward(hours=2, minutes=31)
        (load,) = open_loads(work.session, market.at)
    assert load.manifest_id == market.manifest(deal_id).id


def test_a_visitors_own_load_is_not_kept_waiting(market: Market) -> None:
    """A visitor who lists a lot would wait for a truck that nobody sends."""
    market.agree(ready_from=market.at + timedelta(hours=4))
    for name in ("carrier", "producer"):
        open_login(market, name)
    with market.work() as work:
        assert len(open_loads(work.session, market.at)) == 1


def open_login(market: Market, name: str) -> None:
    """Give the person of a party a login."""
    with market.work() as work:
        row = Account(person_id=market.parties[name].who.person_id, login=name, password_hash="", failures=0)
        work.session.add(row)


def test_colleagues_leave_a_visitors_lots_alone(market: Market) -> None:
    """A visitor's lot would be sold from under the hand; parties that are not simulated never trade so."""
    market.list_lot()
    market.idle()
    assert Colleagues(market.engine, market.now, patience_s=1).trade(6) == 0
    with market.work() as work:
        for row in work.session.scalars(select(Organisation)):
            row.simulated = True
    assert Colleagues(market.engine, market.now, patience_s=1).trade(6) == 1
