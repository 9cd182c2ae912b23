"""Is an inspector at the roadside told what stands behind a truck, and is it kept that it was asked?"""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.tables import Manifest, ManifestStatement
from compliance.registry import standing
from compliance.registry.tables import LicenceRow, Organisation, Person
from tests.factories.editions import drop_oil
from tests.factories.site import Site
from tests.factories.trade import WUHAN
from tests.marketplace.web.moves import drive
from tracking.road_checks.rules import Asked, By, Place, Verdict
from tracking.road_checks.service import look_up
from tracking.road_checks.tables import RoadCheck
from tracking.trips.rules import Act as TripAct


def under_way(site: Site) -> Manifest:
    """Let a load be on the road, with a position."""
    market = site.market
    deal = market.agree()
    row = market.manifest(deal)
    market.sign(deal, ManifestAct.ISSUE, "producer")
    market.step(deal, TripAct.ARRIVE)
    market.weigh("producer", row.plate, 12_000)
    market.weigh("producer", row.plate, 32_000)
    market.step(deal, TripAct.LOAD)
    market.step(deal, TripAct.DEPART)
    drive(market, row.vehicle_id, [WUHAN])
    return market.manifest(deal)


def test_a_truck_is_checked_by_plate_number_and_code(site: Site) -> None:
    """A patrol would let an expired load pass, or hold a good one, and nobody know who asked."""
    inspector, market = site.visitor("inspector"), site.market
    assert "has to be empty" in inspector.get(inspector.sent_to("/road-check", text="鄂A70000"))
    row = under_way(site)
    far = inspector.get(
        inspector.sent_to("/road-check", text=row.plate, lat="30.9", lon="114.3", place="G70")
    )
    for words in (
        "Valid",
        str(row.number),
        "20.000 t",
        "Driver 0",
        "D42-001",
        "copied plate",
        "G70",
        "km from here",
    ):
        assert words in far, words
    with market.work() as work:
        work.session.execute(
            update(Person).where(Person.name == "Driver 0").values(permit_to=date(2026, 1, 1))
        )
    expired = inspector.get(inspector.sent_to("/road-check", text=str(row.number)))
    assert "Expired" in expired
    assert "L9.driver_not_permitted" in expired
    assert "the sum is not on file here · 生态环境法典 第1175条第9项" in expired
    changed = f"http://x/manifests/{row.id} {row.number} {'ab' * 32}"
    assert "a changed paper" in inspector.get(inspector.sent_to("/road-check", text=changed))
    assert "None found" in inspector.get(inspector.sent_to("/road-check", text="鄂B99999"))
    assert inspector.post("/road-check", text="nonsense").status_code == 422
    kept = market.rows(select(RoadCheck).order_by(RoadCheck.at, RoadCheck.id))
    assert [one.verdict for one in kept] == ["none_found", "valid", "expired", "expired", "none_found"]
    told = market.events("RoadChecked")
    assert [event.data["verdict"] for event in told] == [one.verdict for one in kept]
    assert told[1].data["place"] == "G70"
    assert told[1].person_id == market.parties["inspector"].who.person_id


@pytest.mark.parametrize("name", ["producer", "carrier", "processor"])
def test_nobody_else_checks_a_truck(site: Site, name: str) -> None:
    """A rival would look up whose waste is on which truck."""
    visitor = site.visitor(name)
    visitor.get("/road-check", status=403)
    assert visitor.post("/road-check", text="鄂A70000").status_code == 403


def test_a_truck_is_judged_by_the_list_of_its_day(site: Site) -> None:
    """A patrol would get an error instead of an answer once an official file has dropped the code."""
    row, market = under_way(site), site.market
    with market.work("operator") as work:
        drop_oil(work, "HW2025", date(2025, 1, 1))
    with market.work("inspector") as work:
        assert look_up(work, Asked(By.NUMBER, str(row.number)), Place()).verdict is Verdict.VALID


def test_a_truck_is_held_to_what_the_loading_gate_asks(site: Site) -> None:
    """A patrol would wave on a suspended carrier, a load without an escort, or what nobody insures."""
    row, market = under_way(site), site.market

    def rules() -> set[str]:
        with market.work("inspector") as work:
            answer = look_up(work, Asked(By.NUMBER, str(row.number)), Place())
        return {fault.rule for paper in answer.papers for fault in paper.faults}

    assert rules() == set()
    with market.work("inspector") as work:
        standing.suspend(work, row.carrier_id, standing.Order("spill", work.today))
        work.session.get_one(Manifest, row.id).escort_id = None
        work.session.get_one(Organisation, row.carrier_id).insured_to = None
        statement = work.session.get_one(ManifestStatement, row.id)
        statement.stated = statement.stated | {"dg_class": "7"}
    crew = {"L9.escort_not_permitted", "L9.class_not_covered", "L9.vehicle_class_not_covered"}
    assert rules() == {"A1.suspended", "L14.not_insured", *crew}
    with market.work() as work:
        work.session.execute(
            update(LicenceRow)
            .where(LicenceRow.organisation_id == row.receiver_id)
            .values(valid_to=date(2026, 1, 1))
        )
    assert "L3.expired" in rules()
