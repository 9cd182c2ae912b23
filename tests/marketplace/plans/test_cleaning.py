"""Does a plan drive by a cleaning where the carrier's rules ask for one, count it, and say so?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from compliance.manifests.rules import Act as ManifestAct
from compliance.record.database import transaction
from compliance.record.errors import Conflict, DomainError, Forbidden, NotFound
from compliance.record.who import Who
from compliance.registry.rules import OrganisationKind
from marketplace.plans import board, cleaning, engine, proposal
from marketplace.plans import day as days
from marketplace.plans.cleaning_rules import Cleaning, CleaningPlace, CleaningRule, waste_meant
from marketplace.plans.proposal import Proposal
from marketplace.plans.tables import CarrierCleaning, VehicleCleaning
from marketplace.solves.rules import Limits
from marketplace.web.plan_words import words_for
from marketplace.web.translation import Language
from matching.reasons import ReasonCode
from matching.routing.relax import Step, cheapest_way_out
from tests.factories import parties
from tests.marketplace.plans.conftest import Dispatch
from tracking.fleet.tables import Vehicle
from tracking.trips.rules import Act as TripAct
from tracking.trips.tables import Trip

OIL = "900-214-08"
YARD = CleaningPlace("yard", None, None, 20, 30_000)
ALWAYS = CleaningRule("HW08", "HW08")


def state(desk: Dispatch, *rules: CleaningRule, places: tuple[CleaningPlace, ...] = (YARD,)) -> Cleaning:
    """State rules and places."""
    with desk.market.work("carrier") as work:
        return cleaning.set_cleaning(work, Cleaning(rules, places))


def record(desk: Dispatch, vehicle: UUID, who: str | Who = "carrier") -> UUID:
    """Record a cleaning."""
    with desk.market.work(who) as work:
        return cleaning.record(work, vehicle, " at the yard ").id


def two_on_one(desk: Dispatch) -> Proposal:
    """Return the day with two loads on the vehicle that has hours for them."""
    return desk.moved((desk.others[0], desk.near))


def stops(found: Proposal) -> list[board.StopView]:
    """Return the stops of the vehicle that has two loads."""
    words = words_for(found.day, Language.EN)
    view = board.plan_view(found.day, found.after, found.problem, words)
    return max((tour.stops for tour in view.tours), key=len)


@pytest.mark.parametrize(
    ("rule", "earlier", "later", "asks"),
    [
        (CleaningRule(), OIL, OIL, False),
        (CleaningRule(), OIL, "900-249-08", True),
        (CleaningRule("HW08"), OIL, "900-249-08", True),
        (CleaningRule("HW08"), "900-249-09", OIL, False),
        (CleaningRule("HW08", "HW09"), OIL, "900-007-09", True),
        (CleaningRule("HW08", "HW09"), OIL, "900-249-08", False),
        (CleaningRule(OIL, OIL), OIL, OIL, True),
        (CleaningRule("", "SW17"), OIL, "900-001-S17", True),
        (CleaningRule("SW17", ""), "900-001-S17", "900-002-S17", True),
    ],
)
def test_a_rule_means_what_it_says(rule: CleaningRule, earlier: str, later: str, asks: bool) -> None:
    """A tank would be cleaned for nothing, or not at all."""
    assert rule.asks(earlier, later) is asks
    assert Cleaning((rule,)).pairs([earlier], [later]) == (frozenset({(earlier, later)}) if asks else set())


@pytest.mark.parametrize(
    ("text", "meant"), [(" hw08", "HW08"), ("90021408", OIL), ("", ""), ("sw17", "SW17")]
)
def test_a_waste_is_read_as_people_write_it(text: str, meant: str) -> None:
    """A rule would never match what stands on the manifests."""
    assert waste_meant(text) == meant


def test_without_a_rule_nothing_changes(desk: Dispatch) -> None:
    """A carrier that never cleans would be sent to a wash."""
    before = days.problem_of(desk.day())
    state(desk)
    after = days.problem_of(desk.day())
    assert (after.segregation, after.places, after.vehicles) == (
        before.segregation,
        before.places,
        before.vehicles,
    )
    assert after.segregation.cleanings == ()


def test_a_cleaning_between_two_loads_is_shown_and_counted(desk: Dispatch) -> None:
    """A dispatcher would be told that the second load is cheap, and pay for the wash afterwards."""
    bare = two_on_one(desk)
    mark = desk.day().mark
    state(desk, ALWAYS)
    assert desk.day().mark != mark, "a plan that was looked at before the rule is stale"
    found = two_on_one(desk)
    assert found.broken == {}
    assert [one.act for one in stops(found)] == ["pickup", "delivery", "cleaning", "pickup", "delivery"]
    washed = stops(found)[2]
    assert (washed.place.name, washed.fee_fen, washed.wait_s) == ("yard", 30_000, 0)
    assert washed.departure - washed.begin == timedelta(minutes=20)
    assert washed.load_id == stops(found)[3].load_id, "it is told with the load before which it is needed"
    assert found.after.fen["cleaning"] == 30_000
    assert found.after.fen["total"] == sum(v for part, v in found.after.fen.items() if part != "total")
    assert found.after.fen["total"] >= bare.after.fen["total"] + 30_000
    assert found.after.plan.tours[0].paid_s >= bare.after.plan.tours[0].paid_s


def test_an_accepted_plan_keeps_its_cleaning(desk: Dispatch) -> None:
    """The wash would be gone from the plan as soon as it is accepted."""
    state(desk, ALWAYS)
    found = two_on_one(desk)
    desk.accept(found)
    outcome = proposal.present(desk.day())
    assert outcome.unserved == {}
    assert outcome.fen["cleaning"] == 30_000
    assert outcome.fen == found.after.fen


@pytest.mark.usefixtures("compiled")
@pytest.mark.sqlite_alone
def test_a_search_counts_cleanings(desk: Dispatch) -> None:
    """The search would put two loads on one vehicle to save a few yuan, and spend them on the wash."""

    def found() -> proposal.Outcome:
        told = days.snapshot(desk.day(), 0)
        answer = engine.answer(told, Limits(seconds=60, iterations=2000), lambda _: None, lambda: False)
        return proposal.propose(desk.day(), answer["sequences"]).after

    state(desk, ALWAYS)
    assert (found().vehicles, found().fen["cleaning"]) == (2, 30_000)
    state(desk, ALWAYS, places=(CleaningPlace("wash", 30.6, 114.3, 20, 1_000_000),))
    assert (found().vehicles, found().fen["cleaning"]) == (3, 0)


def test_a_load_without_a_place_to_clean_is_left_out_with_its_reason(desk: Dispatch) -> None:
    """A dispatcher would see a load fail and not that a wash has to be stated."""
    state(desk, ALWAYS, places=())
    found = two_on_one(desk)
    (reason,) = found.broken.values()
    assert reason.code is ReasonCode.NO_ROOM_IN_ROUTE
    told = words_for(found.day, Language.EN).tell(reason)
    assert told.endswith("It would fit but for the cleaning that your rules ask for.")


def loaded(desk: Dispatch) -> UUID:
    """Let the first load be loaded; return its vehicle."""
    market, load = desk.market, desk.loads[0]
    market.forward(hours=2)
    deal, plate = desk.trip(load).deal_id, desk.manifest(load).plate
    market.sign(deal, ManifestAct.ISSUE, "producer")
    market.step(deal, TripAct.ARRIVE)
    market.weigh("producer", plate, 12_000)
    market.weigh("producer", plate, 24_000)
    market.step(deal, TripAct.LOAD)
    return desk.trip(load).vehicle_id


def unload(desk: Dispatch) -> None:
    """Say that the first load's trip is over, as the record would after its delivery."""
    with transaction(desk.market.engine) as session:
        session.execute(update(Trip).where(Trip.manifest_id == desk.loads[0]).values(state="delivered"))


def unit(desk: Dispatch, vehicle: UUID) -> days.Unit:
    """Return a vehicle as the day has it."""
    found = desk.day().unit(vehicle)
    assert found is not None
    return found


def test_what_was_carried_counts_until_a_cleaning_is_recorded(desk: Dispatch) -> None:
    """A clean tank would be washed again, or a dirty one filled."""
    vehicle = loaded(desk)
    assert unit(desk, vehicle).residue == frozenset(), "without a rule nobody asks"
    state(desk, ALWAYS)
    assert unit(desk, vehicle).residue == {OIL}
    with pytest.raises(Conflict) as refusal:
        record(desk, vehicle)
    assert refusal.value.code == "vehicle_loaded"
    unload(desk)
    dirty = desk.moved((desk.loads[1], vehicle))
    assert dirty.after.fen["cleaning"] == 30_000
    first, second = stops(dirty)[:2]
    assert first.act == "cleaning"
    assert first.departure <= second.arrival <= second.begin
    mark = desk.day().mark
    done = record(desk, vehicle)
    (row,) = desk.market.rows(select(VehicleCleaning))
    assert (row.vehicle_id, row.note, row.at) == (vehicle, "at the yard", desk.market.at)
    assert unit(desk, vehicle).residue == frozenset()
    assert desk.day().mark != mark
    assert desk.moved((desk.loads[1], vehicle)).after.fen["cleaning"] == 0
    with desk.market.work("carrier") as work:
        cleaning.take_back(work, done)
    assert unit(desk, vehicle).residue == {OIL}


def test_a_dirty_vehicle_without_a_place_has_a_way_out(desk: Dispatch) -> None:
    """A dispatcher would be told no, and not that washing the vehicle would do."""
    vehicle = loaded(desk)
    unload(desk)
    state(desk, ALWAYS, places=())
    with transaction(desk.market.engine) as session:
        session.execute(update(Vehicle).where(Vehicle.id != vehicle).values(capacity_kg=5_000))
    found = desk.moved((desk.loads[1], vehicle))
    reason = found.broken[desk.loads[1]]
    assert reason.code is ReasonCode.NOT_CLEAN
    assert "there is no place for it" in words_for(found.day, Language.EN).tell(reason)
    number = [one.id for one in found.problem.requests].index(str(desk.loads[1]))
    way_out = cheapest_way_out(found.problem, found.after.plan, number)
    assert way_out is not None
    assert way_out.step is Step.CLEAN_VEHICLE


@pytest.mark.parametrize("who", ["producer", "processor", "inspector", "operator"])
def test_only_the_carriers_people_state_and_record(desk: Dispatch, who: str) -> None:
    """A customer would call a dirty tank clean."""
    with pytest.raises(Forbidden), desk.market.work(who) as work:
        cleaning.set_cleaning(work, Cleaning())
    with pytest.raises(Forbidden):
        record(desk, desk.near, who)


def test_a_driver_records_the_vehicle_she_drives_alone(desk: Dispatch) -> None:
    """A driver would have to ring the office, or vouch for a colleague's tank."""
    driver = desk.market.drivers[0]
    own = next(unit for unit in desk.day().units if unit.vehicle.driver_id == driver.person_id)
    other = next(unit for unit in desk.day().units if unit.vehicle.driver_id != driver.person_id)
    done = record(desk, own.id, driver)
    with pytest.raises(NotFound):
        record(desk, other.id, driver)
    with pytest.raises(Forbidden), desk.market.work(driver) as work:
        cleaning.take_back(work, done)


def test_a_driver_of_todays_trip_records_it_too(desk: Dispatch) -> None:
    """A driver who drives a colleague's vehicle today could not say that it was cleaned."""
    driver, load = desk.market.drivers[0], desk.others[0]
    with transaction(desk.market.engine) as session:
        values = {"driver_id": driver.person_id}
        session.execute(update(Trip).where(Trip.manifest_id == load).values(values))
    assert record(desk, desk.trip(load).vehicle_id, driver)


def test_another_carriers_vehicles_and_cleanings_are_not_there(desk: Dispatch) -> None:
    """A rival would call a tank clean, or dirty again."""
    with desk.market.work() as work:
        other = parties.organisation(work, OrganisationKind.CARRIER).id
        rival = parties.as_who(parties.person(work, other, *desk.market.parties["carrier"].who.roles))
    done = record(desk, desk.near)
    with pytest.raises(NotFound):
        record(desk, desk.near, rival)
    with pytest.raises(NotFound), desk.market.work(rival) as work:
        cleaning.take_back(work, done)
    state(desk, ALWAYS)
    with desk.market.work(rival) as work:
        assert cleaning.cleaning_of(work) == Cleaning()


@pytest.mark.parametrize(
    ("stated", "field"),
    [
        (Cleaning((CleaningRule("HW99"),)), "after"),
        (Cleaning((CleaningRule("", "oil"),)), "before"),
        (Cleaning((CleaningRule(),) * 101), "rules"),
        (Cleaning((), (YARD, YARD)), "name"),
        (Cleaning((), (CleaningPlace(" ", None, None, 1, 1),)), "name"),
        (Cleaning((), (CleaningPlace("w", 30.0, None, 1, 1),)), "lon"),
        (Cleaning((), (CleaningPlace("w", 114.3, 30.6, 1, 1),)), "location"),
        (Cleaning((), (CleaningPlace("w", None, None, 481, 1),)), "minutes"),
        (Cleaning((), (CleaningPlace("w", None, None, 1, -1),)), "fee_fen"),
    ],
)
def test_what_cannot_be_right_is_refused_by_its_field(desk: Dispatch, stated: Cleaning, field: str) -> None:
    """A plan would be reckoned with a place in the sea."""
    with pytest.raises(DomainError) as refusal, desk.market.work("carrier") as work:
        cleaning.set_cleaning(work, stated)
    assert refusal.value.field == field
    assert desk.market.rows(select(CarrierCleaning)) == []


def test_rules_stated_twice_are_one(desk: Dispatch) -> None:
    """A list would grow with every double click."""
    assert state(desk, CleaningRule("hw08"), CleaningRule("HW08")).rules == (CleaningRule("HW08"),)
    assert desk.day().cleaning.rules == (CleaningRule("HW08"),)


def test_a_stored_day_keeps_its_cleanings(desk: Dispatch) -> None:
    """The solver would plan another day than the one the dispatcher sees."""
    state(desk, ALWAYS)
    problem = days.problem_of(desk.day(), 500)
    again = engine.problem_of(engine.stored(problem))
    assert again.segregation == problem.segregation
    assert again.segregation.not_after == {(OIL, OIL)}
