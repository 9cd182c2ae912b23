"""Do map, table and market show an inspector everything that moves, and nobody else?"""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from sqlalchemy import select

from compliance.manifests.rules import Act as ManifestAct
from compliance.record.subscribers import Parked
from marketplace.web.pages.network import network
from marketplace.web.translation import Language
from tests.factories.site import Site
from tests.factories.trade import WUHAN
from tests.marketplace.web.moves import drive
from tracking.alerts import service as alerts
from tracking.alerts.kinds import Kind
from tracking.alerts.rules import Subjects
from tracking.fleet.tables import Device
from tracking.trips.rules import Act as TripAct

WAY = [WUHAN, (30.55, 114.45), (30.48, 114.65), (30.42, 114.80)]


@pytest.fixture
def deal(site: Site) -> UUID:
    """A load that is under way from Wuhan to Ezhou and tells where it is."""
    market = site.market
    deal = market.agree()
    market.sign(deal, ManifestAct.ISSUE, "producer")
    market.step(deal, TripAct.ARRIVE)
    plate = market.manifest(deal).plate
    market.weigh("producer", plate, 12_000)
    market.weigh("producer", plate, 32_000)
    market.step(deal, TripAct.LOAD)
    market.step(deal, TripAct.DEPART)
    drive(market, market.manifest(deal).vehicle_id, WAY)
    market.idle()
    return deal


@pytest.mark.parametrize("place", ["/map", "/map/table", "/market", "/market/now"])
def test_only_those_who_oversee_come_in(site: Site, place: str) -> None:
    """A carrier would watch its rivals' vehicles."""
    for name in ("producer", "processor", "carrier"):
        site.visitor(name).get(place, status=403)
    site.visitor("inspector").get(place)
    site.visitor("operator").get(place)


def test_everything_on_the_map_is_in_the_table(site: Site, deal: UUID) -> None:
    """Who cannot see the map, or has none, would know less than the others."""
    inspector = site.visitor("inspector")
    snapshot = json.loads(inspector.get("/api/v1/live/snapshot"))["items"]
    vehicles = inspector.get("/map/table?show=vehicles")
    assert [row["plate"] for row in snapshot] == [site.market.manifest(deal).plate]
    assert all(row["plate"] in vehicles for row in snapshot)
    manifests = inspector.get("/map/table?state=in_transit")
    assert str(site.market.manifest(deal).number) in manifests
    assert "60 km/h" in manifests


def test_the_chosen_load_opens_with_the_page(site: Site, deal: UUID) -> None:
    """An address sent to a colleague would show another load, or none."""
    row = site.market.manifest(deal)
    page = site.visitor("inspector").get(f"/map?manifest={row.id}")
    assert f'data-manifest="{row.id}"' in page
    assert f'track-url="/manifests/{row.id}/track.json"' in page
    assert 'aria-selected="true"' in page
    assert "data-close-panel" not in site.visitor("inspector").get("/map?manifest=nonsense")


def test_the_table_is_not_sent_again_while_nothing_has_changed(site: Site, deal: UUID) -> None:
    """The row under the inspector's finger would be swapped away every five seconds."""
    inspector = site.visitor("inspector")
    seen = inspector.get("/map/table").split('name="seen" value="')[1].split('"')[0]
    inspector.get(f"/map/table?seen={seen}", status=204)
    drive(site.market, site.market.manifest(deal).vehicle_id, [(30.41, 114.82)])
    inspector.get(f"/map/table?seen={seen}")


def test_the_track_is_the_line_that_the_vehicle_drew(site: Site, deal: UUID) -> None:
    """The map would draw a straight line where the truck made a detour."""
    track = json.loads(
        site.visitor("inspector").get(f"/manifests/{site.market.manifest(deal).id}/track.json")
    )
    line = track["features"][0]["geometry"]["coordinates"]
    assert line[0] == [WUHAN[1], WUHAN[0]]
    assert line[-1] == [114.80, 30.42]


def test_sites_are_those_that_a_person_may_see(site: Site, deal: UUID) -> None:
    """A producer would be handed every rival's address."""

    def names(who: str, query: str = "") -> set[str]:
        found = json.loads(site.visitor(who).get(f"/map/sites.json{query}"))
        return {feature["properties"]["name"] for feature in found["features"]}

    assert names("producer") == {"producer"}
    assert {"producer", "processor", "distant"} <= names("inspector")
    key = site.market.manifest(deal).id
    assert names("processor", f"?manifest={key}") == {"producer", "processor"}
    site.visitor("neighbour").get(f"/map/sites.json?manifest={key}", status=404)


def test_the_network_names_its_towns_in_the_readers_language(site: Site) -> None:
    """A Chinese inspector would read pinyin on the map."""
    towns = {
        feature["properties"]["name"]
        for feature in network(Language.EN)["features"]  # type: ignore[attr-defined]
        if feature["properties"]["kind"] == "town"
    }
    assert {"Wuhan", "Ezhou"} <= towns
    served = json.loads(
        site.visitor("driver" if "driver" in site.market.parties else "carrier").get("/map/network.json")
    )
    assert {feature["properties"]["kind"] for feature in served["features"]} == {"road", "river", "town"}
    assert all(feature["properties"]["schematic"] for feature in served["features"])


def test_a_vehicle_without_a_load_says_so(site: Site) -> None:
    """A click on an empty truck would open nothing."""
    drive(site.market, site.market.vehicles[1], [WUHAN])
    inspector = site.visitor("inspector")
    page = inspector.get(f"/map/vehicles/{site.market.vehicles[1]}")
    assert "carries no load" in page
    assert "<html" in page
    part = inspector.client.get(f"/map/vehicles/{site.market.vehicles[1]}", headers={"hx-request": "true"})
    assert "<html" not in part.text


def test_money_is_for_the_operator_only(site: Site) -> None:
    """An inspector would read what the parties pay each other."""
    deal = site.market.agree()
    site.market.deliver(deal, 20_000, 20_000)
    site.market.receive(deal, 20_000)
    assert "Due" in site.visitor("operator").get("/market")
    page = site.visitor("inspector").get("/market")
    assert "¥" not in page
    assert "20.000 t" in page


def test_what_was_set_aside_is_shown_with_its_reason(site: Site) -> None:
    """An operator would not learn why a load never got its manifest."""
    with site.market.work() as work:
        parked = Parked(
            name="trips",
            seq=7,
            kind="ManifestDrafted",
            subject=work.new_id(),
            reason="ValueError: x",
            at=work.now,
        )
        work.session.add(parked)
    page = site.visitor("operator").get("/market/now")
    assert "ValueError: x" in page
    assert "#7" in page


def test_the_record_is_verified_on_demand(site: Site, deal: UUID) -> None:
    """An operator would need a shell to know whether the record holds."""
    answer = site.visitor("operator").post("/market/verify")
    assert answer.is_success
    assert "The record holds" in answer.text


def test_refused_requests_and_frames_are_shown(site: Site) -> None:
    """Bad input would be refused and nobody would know how often."""
    market = site.market
    with market.work() as work:
        device = work.session.scalars(select(Device).order_by(Device.id)).first()
        assert device is not None
        device.counted = {"frames": 9, "refused_bad_checksum": 3}
    site.visitor("producer").get("/lots/00000000-0000-0000-0000-000000000000", status=404)
    site.app.state.door.tally.flush()
    page = site.visitor("operator").get("/market")
    assert "wrong checksum" in page
    assert "people and programs" in page


def test_a_vehicle_with_an_alarm_is_marked_and_can_be_picked_out(site: Site, deal: UUID) -> None:
    """An inspector would look for the one lorry in trouble among a thousand that drive on."""
    market, inspector = site.market, site.visitor("inspector")
    vehicle = market.manifest(deal).vehicle_id
    before = json.loads(inspector.get("/api/v1/live/snapshot"))
    assert before["items"][0]["alert"] is None
    assert 'data-shown=""' in inspector.get("/map/table?show=vehicles&alert=any")
    with market.work() as work:
        about = Subjects(vehicle_id=vehicle, trip_id=deal)
        raised = alerts.raise_alert(work, Kind.RESTRICTED_AREA, about, market.at)
    market.idle()
    after = json.loads(inspector.get("/api/v1/live/snapshot"))
    assert after["items"][0]["alert"] == "alarm"
    assert after["version"] > before["version"], "open maps are not told"
    assert f'data-shown="{vehicle}"' in inspector.get("/map/table?show=vehicles&alert=alarm")
    assert 'data-shown=""' in inspector.get("/map/table?show=vehicles&alert=silence")
    assert f"/alerts?vehicle={vehicle}" in inspector.get("/map/table?show=vehicles")
    assert f"/alerts/{raised.id}" in inspector.get(f"/alerts?vehicle={vehicle}&state=all")
    assert f"/alerts/{raised.id}" not in inspector.get(f"/alerts?vehicle={deal}&state=all")


NARROWED = {
    "": None,
    "state=all": None,
    "state=in_transit": True,
    "state=draft": False,
    "division=420100": True,
    "division=43": False,
    "code=HW08": True,
    "code=900-249-08": False,
    "state=in_transit&code=900-214-08&division=42": True,
    "state=issued&code=900-214-08&division=42": False,
    "q=PLATE": True,
    "q=NUMBER": True,
    "q=nobody": False,
}
"""A filter, and whether it keeps the one vehicle under way; None: the filter narrows nothing."""


def test_the_map_is_narrowed_as_the_table_is(site: Site, deal: UUID) -> None:
    """An inspector would choose a state or a district, and still see every vehicle of the province."""
    row, inspector = site.market.manifest(deal), site.visitor("inspector")
    for asked, kept in NARROWED.items():
        query = asked.replace("PLATE", row.plate[-4:]).replace("NUMBER", row.number or "")
        table = inspector.get(f"/map/table?show=vehicles&{query}")
        assert (row.plate in table) is (kept is not False), asked
        if kept is None:
            assert "data-shown" not in table, asked
        else:
            assert f'data-shown="{row.vehicle_id if kept else ""}"' in table, asked
