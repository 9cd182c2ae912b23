"""Does the terminal in the cab do each step once, and say why one is refused?"""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from compliance.manifests.rules import Act as ManifestAct
from compliance.papers.rules import digital_code
from compliance.registry.tables import Organisation
from tests.factories.site import Site, Visitor
from tracking.fleet.tables import Vehicle
from tracking.trips import service as trips
from tracking.trips.tables import Trip


@pytest.fixture
def trip(site: Site) -> UUID:
    """The trip of a manifest that is issued."""
    deal = site.market.agree()
    site.market.sign(deal, ManifestAct.ISSUE, "producer")
    (row,) = site.market.rows(select(Trip.id).where(Trip.deal_id == deal))
    assert isinstance(row, UUID)
    return row


@pytest.fixture
def driver(site: Site, trip: UUID) -> Visitor:
    """The driver of that trip."""
    key = site.market.get(Trip, trip).driver_id
    return site.visitor(next(one for one in site.market.drivers if one.person_id == key))


def press(driver: Visitor, trip: UUID, step: str, intent: str = "", **more: str) -> int:
    """Press the big button and return the status."""
    fields = {"step": step, "intent": intent or str(uuid4())} | more
    return driver.post(f"/drive/{trip}/steps", **fields).status_code


def state(site: Site, trip: UUID) -> str:
    """Return where the trip stands."""
    found = site.market.get(Trip, trip).state
    assert isinstance(found, str)
    return found


def weigh(site: Site, trip: UUID) -> None:
    """Weigh the vehicle empty and loaded at the producer's."""
    plate = site.market.manifest(site.market.get(Trip, trip).deal_id).plate
    site.market.weigh("producer", plate, 12_000)
    site.market.weigh("producer", plate, 32_000)


def test_a_driver_sees_the_own_trips_only(site: Site, trip: UUID, driver: Visitor) -> None:
    """A driver would start another one's trip."""
    assert str(trip) in driver.get("/drive")
    other = next(one for one in site.market.drivers if one.person_id != site.market.get(Trip, trip).driver_id)
    colleague = site.visitor(other)
    assert "No trip for you now" in colleague.get("/drive")
    colleague.get(f"/drive/{trip}", status=404)
    assert press(colleague, trip, "arrived") == 404
    assert str(trip) in site.visitor("carrier").get("/drive")
    site.visitor("producer").get("/drive", status=403)


def test_the_steps_follow_each_other(site: Site, trip: UUID, driver: Visitor) -> None:
    """A driver could not sign for the load, and the receiver would turn the vehicle away."""
    assert "I have arrived" in driver.get(f"/drive/{trip}")
    assert press(driver, trip, "arrived") == 303
    weigh(site, trip)
    page = driver.get(f"/drive/{trip}")
    assert "20.000 t" in page
    assert press(driver, trip, "loaded", lat="30.6", lon="114.3") == 303
    assert press(driver, trip, "departed") == 303
    assert state(site, trip) == "under_way"
    (loaded,) = [one for one in site.market.events("ManifestSigned") if one.data["act"] == "load"]
    assert loaded.person_id == site.market.get(Trip, trip).driver_id


@pytest.mark.parametrize("reads", [True, False])
def test_a_label_is_read_before_loading_or_its_want_is_seen(
    site: Site, trip: UUID, driver: Visitor, reads: bool
) -> None:
    """A wrong drum would go along, or nobody would know that the labels were never looked at (M6)."""
    press(driver, trip, "arrived")
    weigh(site, trip)
    row = site.market.manifest(site.market.get(Trip, trip).deal_id)
    unit = site.market.get(Organisation, row.mover_id).uscc
    label = digital_code(unit, row.code, site.market.at.date(), 1)
    reasons = f"/api/v1/manifests/{row.id}/reasons"

    def warned(read: str) -> list[str]:
        asked = {"act": "load", "label": read}
        return [one["rule"] for one in driver.client.get(reasons, params=asked).json()["warnings"]]

    assert (warned(""), warned(label)) == (["M6.label_not_read"], [])
    assert press(driver, trip, "loaded", label="0" + label[1:]) == 422
    assert press(driver, trip, "loaded", label=label if reads else "") == 303
    shown = site.visitor("inspector").get(f"/manifests/{row.id}")
    assert (label in shown, "no label was read" in shown) == (reads, not reads)


def test_a_load_that_was_not_weighed_is_refused_in_plain_words(
    site: Site, trip: UUID, driver: Visitor
) -> None:
    """A driver would stand at the gate without knowing that the scale is missing (M4)."""
    press(driver, trip, "arrived")
    answer = driver.post(f"/drive/{trip}/steps", step="loaded", intent=str(uuid4()))
    assert answer.status_code == 422
    assert "M4.not_weighed" in answer.text
    assert state(site, trip) == "at_origin"


def test_the_same_press_sent_again_is_done_once(site: Site, trip: UUID, driver: Visitor) -> None:
    """A terminal that lost the answer would either sign twice or show an error for a step that is done."""
    press(driver, trip, "arrived")
    weigh(site, trip)
    intent = str(uuid4())
    assert [press(driver, trip, "loaded", intent) for _ in range(3)] == [303, 303, 303]
    assert len(site.market.events("ManifestSigned")) == 1
    assert press(driver, trip, "loaded") == 409
    assert press(driver, trip, "departed", intent) == 409


def test_a_queued_step_is_answered_to_the_terminal(site: Site, trip: UUID, driver: Visitor) -> None:
    """The terminal would not know whether it may forget a step that it kept."""
    driver.get("/drive")
    headers = {"accept": "application/json", "x-csrftoken": driver.client.cookies["csrftoken"]}
    path = f"/drive/{trip}/steps"
    done = driver.client.post(path, data={"step": "arrived", "intent": str(uuid4())}, headers=headers)
    assert done.json() == {"done": True}
    refused = driver.client.post(path, data={"step": "loaded", "intent": str(uuid4())}, headers=headers)
    assert refused.status_code == 422
    assert refused.json()["rule"] == "M4.not_weighed"
    assert refused.json()["way_out"]


def test_a_place_that_cannot_be_read_stops_no_step(site: Site, trip: UUID, driver: Visitor) -> None:
    """A terminal with a broken receiver could never leave the gate."""
    assert press(driver, trip, "arrived", lat="nan", lon="east") == 303
    assert state(site, trip) == "at_origin"


def test_the_page_is_sent_again_only_when_something_changed(site: Site, trip: UUID, driver: Visitor) -> None:
    """The button would move away under a gloved thumb every two seconds."""
    seen = driver.get(f"/drive/{trip}").split('name="seen" value="')[1].split('"')[0]
    driver.get(f"/drive/{trip}/live?seen={seen}", status=204)
    press(driver, trip, "arrived")
    weigh(site, trip)
    assert "20.000 t" in driver.get(f"/drive/{trip}/live?seen={seen}")


def test_a_driver_puts_two_loads_on_one_drive(site: Site, trip: UUID, driver: Visitor) -> None:
    """A round of small producers would be driven once for each of them (M3)."""
    first = site.market.get(Trip, trip)
    second = site.market.agree()
    with site.market.work() as work:
        row = work.session.scalars(select(Trip).where(Trip.deal_id == second)).one()
        trips.reassign(work, row, work.session.get_one(Vehicle, first.vehicle_id), None)
        key = row.id
    page = f"/drive/{key}"
    assert f'value="{trip}"' in driver.get(page)
    assert driver.post(f"{page}/run", with_trip=str(key)).status_code == 409
    assert site.visitor("producer").post(f"{page}/run", with_trip=str(trip)).status_code == 403
    too_much = driver.post(f"{page}/run", with_trip=str(trip))
    assert too_much.status_code == 409
    with site.market.work() as work:
        work.session.get_one(Vehicle, first.vehicle_id).capacity_kg = 100_000
    assert driver.post(f"{page}/run", with_trip=str(trip)).status_code == 303
    shown = driver.get(page)
    assert f'href="/drive/{trip}"' in shown
    assert "by itself" in shown
    inspector = site.visitor("inspector")
    assert "1 other load" in inspector.get(f"/manifests/{first.manifest_id}")
    assert driver.post(f"{page}/run/leave").status_code == 303
    assert site.market.get(Trip, key).run_id == key
