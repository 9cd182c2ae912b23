"""Do two telephones hand a load over in one act, with a code that is good once and for five minutes?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from stdnum.cn import uscc

from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.tables import ManifestSignature
from compliance.record.who import Role, Who
from compliance.registry import service as registry
from compliance.registry.rules import LicenceKind, OrganisationKind
from compliance.registry.service import NewLicence, NewOrganisation
from marketplace.hand_codes.rules import TRIES, plain
from tests.factories.site import Site, Visitor
from tests.factories.traders import WUHAN
from tracking.fleet import service as fleet
from tracking.fleet.service import NewVehicle
from tracking.trips.rules import Act as TripAct
from tracking.trips.tables import Trip

CODE = "91420700MAXN09999" + uscc.calc_check_digit("91420700MAXN09999")
DIGITS = re.compile(r"(\d{4} \d{4} \d{4})")


@dataclass
class Gate:
    """A loaded vehicle on its way, and its driver."""

    site: Site
    deal: UUID
    driver: Visitor

    @property
    def manifest(self) -> UUID:
        """Return the manifest."""
        return self.site.market.manifest(self.deal).id

    def code(self, **form: str) -> str:
        """Let the driver's telephone show a code."""
        answer = self.driver.post("/hand-codes", manifest=str(self.manifest), lat="30.4", lon="114.9", **form)
        assert answer.status_code == 200, answer.text
        assert "<svg" in answer.text
        found = DIGITS.search(answer.text)
        assert found is not None
        return found[1]

    def signed(self) -> list[tuple[str, str, str | None]]:
        """Return who signed what after the departure, and by what."""
        rows = self.site.market.rows(select(ManifestSignature).order_by(ManifestSignature.ordinal))
        return [(one.act, one.person_name, one.credential) for one in rows[3:]]


@pytest.fixture
def gate(site: Site) -> Gate:
    """A load that has left the producer's gate."""
    market = site.market
    deal = market.agree()
    market.sign(deal, ManifestAct.ISSUE, "producer")
    market.step(deal, TripAct.ARRIVE)
    plate = market.manifest(deal).plate
    market.weigh("producer", plate, 12_000)
    market.weigh("producer", plate, 32_000)
    market.step(deal, TripAct.LOAD)
    market.step(deal, TripAct.DEPART)
    (trip,) = market.rows(select(Trip))
    driver = next(one for one in market.drivers if one.person_id == trip.driver_id)
    return Gate(site, deal, site.visitor(driver))


def test_driver_and_receiver_sign_a_delivery_in_one_act(gate: Gate) -> None:
    """The driver would drive off with one signature, and the receiver sign hours later or never."""
    market = gate.site.market
    plate = market.manifest(gate.deal).plate
    market.weigh("processor", plate, 31_980)
    market.weigh("processor", plate, 12_000)
    market.idle()
    first = gate.code(kind="delivery")
    code = gate.code(kind="delivery")
    receiver = gate.site.visitor("processor")
    assert "not good" in receiver.get(f"/take?code={plain(first)}", status=410), "a newer code ends it"
    assert 'value="19.980"' in receiver.get(f"/take?code={plain(code)}")
    refused = receiver.post("/take", code=code, tonnes="10", reason="")
    assert refused.status_code == 422
    assert market.manifest(gate.deal).state == "in_transit", "neither half without the other"
    assert receiver.sent_to("/take", code=code, tonnes="19.98") == f"/manifests/{gate.manifest}"
    driver, taker = gate.signed()[0][1], gate.signed()[1][1]
    assert gate.signed() == [
        ("arrive", driver, "password"),
        ("accept", taker, "password"),
        ("confirm", taker, "password"),
    ]
    assert driver != taker
    assert receiver.post("/take", code=code, tonnes="19.98").status_code == 410
    (event,) = market.events("HandedByCode")
    assert event.data["hand_over"] == "delivery"


def test_a_part_of_a_load_is_taken_by_code(gate: Gate) -> None:
    """A receiver with three leaking drums would have to take all of the load or send the driver away."""
    market = gate.site.market
    plate = market.manifest(gate.deal).plate
    market.weigh("processor", plate, 31_980)
    market.weigh("processor", plate, 12_000)
    market.idle()
    code = gate.code(kind="delivery")
    receiver = gate.site.visitor("processor")
    assert (
        receiver.sent_to("/take", code=code, tonnes="19", reason="三桶破损") == f"/manifests/{gate.manifest}"
    )
    assert [act for act, _, _ in gate.signed()] == ["arrive", "accept_part", "confirm"]
    findings = market.manifest(gate.deal).findings
    assert findings is not None
    assert findings["quantity"] == {"agrees": False, "note": "三桶破损"}
    assert findings["kind"]["agrees"]


def test_two_carriers_change_hands_on_the_road(gate: Gate) -> None:
    """A load would stand between two carriers while each waits for the other's office (M9)."""
    other = another_carrier(gate.site)
    assert gate.driver.post("/hand-codes", manifest=str(gate.manifest), kind="handover").status_code == 422
    code = gate.code(kind="handover", place="鄂州服务区")
    taker = gate.site.visitor(other)
    assert "鄂州服务区" in taker.get(f"/take?code={plain(code)}")
    assert taker.sent_to("/take", code=code, plate="鄂B80000") == f"/manifests/{gate.manifest}"
    assert [act for act, _, _ in gate.signed()] == ["hand_over", "take_over"]
    row = gate.site.market.manifest(gate.deal)
    assert (row.state, row.plate, row.carrier_id) == ("in_transit", "鄂B80000", other.organisation_id)


def test_a_code_runs_out_and_cannot_be_guessed(gate: Gate) -> None:
    """Whoever photographed the code would take the load tomorrow, or a program try all of them."""
    code = gate.code(kind="delivery")
    stranger = gate.site.visitor("distant")
    assert stranger.post("/take", code=code, tonnes="1").status_code in {403, 422}
    for number in range(0, TRIES, 2):
        assert stranger.client.get(f"/take?code={number:012d}").status_code == 410
        assert stranger.post("/take", code=f"{number:012d}", tonnes="1").status_code == 410
    assert stranger.client.get(f"/take?code={plain(code)}").status_code == 429
    assert stranger.post("/take", code=code, tonnes="1").status_code == 429
    gate.site.wall_at += timedelta(minutes=6)
    assert gate.site.visitor("processor").post("/take", code=code, tonnes="1").status_code == 410
    assert gate.site.market.manifest(gate.deal).state == "in_transit"


def another_carrier(site: Site) -> Who:
    """Register a second carrier with a permitted vehicle, driver and escort."""
    with site.market.work() as work:
        last = work.today + timedelta(days=200)
        kinds = (OrganisationKind.CARRIER,)
        new = NewOrganisation(CODE, "第二运输", "420700", kinds, insured_to=last, emergency_to=last)
        house = registry.register_organisation(work, new)
        days = timedelta(days=200)
        licence = NewLicence(
            number="D42-002",
            kind=LicenceKind.DANGEROUS_GOODS,
            valid_from=work.today - days,
            valid_to=work.today + days,
            classes=("3", "6"),
        )
        registry.add_licence(work, house.id, licence)
        registry.add_person(work, house.id, "押运员", [], None, last)
        driver = registry.add_person(work, house.id, "驾驶员", [Role.DRIVER], last)
        vehicle = NewVehicle(
            carrier_id=house.id,
            plate="鄂B80000",
            capacity_kg=30_000,
            home_lat=WUHAN[0],
            home_lon=WUHAN[1],
            driver_id=driver.id,
            dg_classes=("3", "6"),
            permit_to=last,
        )
        fleet.add_vehicle(work, vehicle)
        office = registry.add_person(work, house.id, "调度", [Role.DISPATCHER])
        return Who(office.id, "调度", house.id, frozenset({Role.DISPATCHER}))
