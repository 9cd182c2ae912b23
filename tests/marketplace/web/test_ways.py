"""Can those who may read what a vehicle did, replay its trip and draw where it may not be?"""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from uuid import UUID

import pytest

from compliance.manifests.rules import Act as ManifestAct
from compliance.registry.service import circle
from tests.factories.site import Site
from tests.factories.trade import WUHAN
from tests.marketplace.web.moves import drive
from tests.tracking.judgement.ways import Way
from tracking.judgement.reports import thinned
from tracking.trips.rules import Act as TripAct

ROAD = [WUHAN, (30.55, 114.45), (30.48, 114.65), (30.42, 114.80)]
WAY = [
    (start[0] + (end[0] - start[0]) * step / 15, start[1] + (end[1] - start[1]) * step / 15)
    for start, end in pairwise(ROAD)
    for step in range(1, 16)
]


@pytest.fixture
def deal(site: Site) -> UUID:
    """A load that is under way from Wuhan to Ezhou and tells where it is."""
    market = site.market
    deal = market.agree()
    market.sign(deal, ManifestAct.ISSUE, "producer")
    drive(market, market.manifest(deal).vehicle_id, [WUHAN, WUHAN, WUHAN], kmh=0)
    market.idle()
    market.step(deal, TripAct.ARRIVE)
    plate = market.manifest(deal).plate
    market.weigh("producer", plate, 12_000)
    market.weigh("producer", plate, 32_000)
    market.step(deal, TripAct.LOAD)
    market.step(deal, TripAct.DEPART)
    drive(market, market.manifest(deal).vehicle_id, WAY)
    market.idle()
    return deal


CROSSED = [[114, 30], [114.1, 30.1], [114.1, 30], [114, 30.1], [114, 30]]


def trip_of(site: Site, deal: UUID) -> str:
    """Return the id of a deal's trip."""
    trips = json.loads(site.visitor("inspector").get("/api/v1/trips"))["items"]
    return next(one["id"] for one in trips if one["deal_id"] == str(deal))


def test_a_day_is_read_by_the_carrier_and_those_who_oversee(site: Site, deal: UUID) -> None:
    """A producer that reads a truck's whole day knows the carrier's other customers."""
    vehicle = site.market.manifest(deal).vehicle_id
    day = site.market.at.date().isoformat()
    for name in ("carrier", "inspector", "operator"):
        visitor = site.visitor(name)
        told = json.loads(visitor.get(f"/api/v1/vehicles/{vehicle}/day?day={day}"))
        assert told["drives"]
        page = visitor.get(f"/ways?vehicle={vehicle}&day={day}")
        assert site.market.manifest(deal).plate in page
        assert f"/trips/{trip_of(site, deal)}/replay" in page
        rows = list(csv.DictReader(io.StringIO(visitor.get(f"/api/v1/vehicles/{vehicle}/day.csv?day={day}"))))
        assert {row["kind"] for row in rows} <= {"drive", "stop"}
        assert rows
        found = json.loads(visitor.get(f"/api/v1/vehicles/{vehicle}/episodes"))["items"]
        assert {"drive"} <= {one["kind"] for one in found}
    for name in ("producer", "processor"):
        site.visitor(name).get(f"/ways?vehicle={vehicle}", status=403)
        site.visitor(name).get(f"/api/v1/vehicles/{vehicle}/day", status=403)
    site.visitor("carrier").get("/api/v1/vehicles/0190f000-0000-7000-8000-000000000001/day", status=404)
    bad = "/episodes?since=2026-01-01T00:00:00Z&until=2026-12-01T00:00:00Z"
    site.visitor("carrier").get(f"/api/v1/vehicles/{vehicle}{bad}", status=422)


def test_a_party_replays_its_trip_and_no_more(site: Site, deal: UUID) -> None:
    """The producer asks where its load went; what the truck did before is not its business."""
    trip = trip_of(site, deal)
    for name in ("producer", "processor", "carrier", "inspector"):
        visitor = site.visitor(name)
        played = json.loads(visitor.get(f"/api/v1/trips/{trip}/replay"))
        assert len(played["fixes"]) == played["of"]
        assert played["fixes"][-1]["lat"] == pytest.approx(30.42)
        assert played["route"]["estimated"] is True
        assert played["arrival"]["estimated"] is True
        assert 0 < played["arrival"]["left_m"] < played["route"]["distance_m"]
        began = played["fixes"][0]["at"]
        assert all(one["since"] >= began for one in played["episodes"])
        page = visitor.get(f"/trips/{trip}/replay")
        assert "trip-replay" in page
        assert "estimate from the straight line" in page
    site.visitor("carrier").get("/trips/0190f000-0000-7000-8000-000000000001/replay", status=404)


def test_a_long_trip_is_thinned_and_keeps_what_happened() -> None:
    """A day of fixes would choke a telephone; the moment of an alarm must stay."""
    fixes = Way(every_s=1.0).go(9_000, 60).fixes
    kept = thinned(fixes, {fixes[4_321].at}, 2_000)
    assert len(kept) <= 2_002
    assert (kept[0], kept[-1]) == (fixes[0], fixes[-1])
    assert fixes[4_321] in kept
    assert thinned(fixes[:10], (), 2_000) == tuple(fixes[:10])


def test_the_inspector_draws_changes_and_frees_an_area(site: Site) -> None:
    """A restriction that only a programmer can enter is not entered."""
    inspector = site.visitor("inspector")
    shape = json.dumps(circle(30.6, 114.3, 2_000.0).__geo_interface__)
    days = {"weekdays": "4"}
    assert "area-editor" in inspector.get("/areas")
    assert inspector.post("/areas", name="", boundary="", **days).status_code == 422
    refused = inspector.post("/areas", name="City", boundary="{", **days)
    assert "There is no boundary yet." in refused.text
    assert 'value="City"' in refused.text
    assert inspector.sent_to(
        "/areas", name="City", boundary=shape, hour_from="07:00", hour_to="20:30", **days
    )
    [area] = json.loads(inspector.get("/api/v1/areas"))["items"]
    assert (area["name"], area["minute_from"], area["minute_to"], area["weekdays"]) == (
        "City",
        420,
        1230,
        [4],
    )
    path = f"/areas/{area['id']}"
    assert "07:00" in inspector.get(path)
    inspector.sent_to(path, name="Centre", boundary=shape, hour_from="00:00", hour_to="24:00", **days)
    assert json.loads(inspector.get(f"/api/v1{path}"))["version"] == 2
    days_of = {"valid_from": "2026-11-20", "valid_to": "2026-11-21"}
    inspector.sent_to(f"{path}/approvals", plate="鄂A·1", number="7", **days_of)
    [approval] = json.loads(inspector.get(f"/api/v1{path}/approvals"))["items"]
    assert "鄂A·1" in inspector.get(path)
    inspector.sent_to(f"{path}/approvals/{approval['id']}/withdraw")
    assert "Centre" in inspector.get("/areas/areas.json")
    inspector.sent_to(f"{path}/end")
    assert json.loads(inspector.get("/api/v1/areas"))["items"] == []
    inspector.get(path, status=404)


@pytest.mark.parametrize(
    ("boundary", "said"),
    [
        ({"type": "Point", "coordinates": [114, 30]}, "no polygon"),
        ({"type": "Polygon", "coordinates": [[[2, 48], [3, 48], [3, 49], [2, 48]]]}, "outside China"),
        ({"type": "Polygon", "coordinates": [[[110, 28], [116, 28], [116, 33], [110, 28]]]}, "wider"),
        ({"type": "Polygon", "coordinates": "x"}, "cannot be read"),
        ({"type": "Polygon", "coordinates": [CROSSED]}, "crosses"),
        ({"type": "FeatureCollection", "features": [7]}, "no polygon"),
    ],
)  # fmt: skip
def test_a_boundary_that_is_none_is_refused_with_the_reason(
    site: Site, boundary: dict[str, object], said: str
) -> None:
    """A file from another program is rarely right at first."""
    answer = site.visitor("operator").post("/areas", name="X", boundary=json.dumps(boundary), weekdays="1")
    assert answer.status_code == 422
    assert said in answer.text


def test_only_those_who_oversee_draw(site: Site) -> None:
    """A carrier would draw its rival's road shut."""
    for name in ("producer", "processor", "carrier"):
        site.visitor(name).get("/areas", status=403)
        assert site.visitor(name).post("/areas", name="X").status_code == 403
        site.visitor(name).get("/api/v1/areas")
