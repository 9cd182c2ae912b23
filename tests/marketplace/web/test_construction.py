"""Does a building site's plan go from its builder to the inspector and back, on pages and over the API?"""

from __future__ import annotations

from litestar.testing import TestClient
from sqlalchemy import select

from compliance.record.database import transaction
from compliance.record.work import Work
from tests.factories.parties import further
from tests.factories.site import Site
from tracking.fleet.tables import Vehicle


def test_a_plan_is_submitted_filed_and_seen_by_its_own_house(site: Site) -> None:
    """A builder would carry the plan to the office, and nobody else know what is left of it."""
    with transaction(site.market.engine) as session:
        further(Work(session, site.market.at, site.market.parties["inspector"].who), "SW70")
    producer, inspector = site.visitor("producer"), site.visitor("inspector")
    typed = {
        "site": str(site.market.parties["producer"].site_id),
        "project": "Metro line 12",
        "codes": "sw70",
        "tonnes": "100",
        "valid_from": "2026-11-01",
        "valid_to": "2027-11-01",
    }
    assert producer.post("/construction/plans", **(typed | {"codes": "SW99"})).status_code == 422
    producer.sent_to("/construction/plans", **typed)
    assert "Metro line 12" in producer.get("/construction")
    assert "Metro line 12" not in site.visitor("neighbour").get("/construction")
    (plan,) = inspector.client.get("/api/v1/construction/plans").json()
    assert (plan["state"], plan["left_kg"]) == ("submitted", 100_000)
    inspector.sent_to(f"/construction/plans/{plan['id']}", act="file", number="JZ-1")
    goal = str(site.market.parties["processor"].site_id)
    permit = {"subject": goal, "tonnes": "5000", "number": "XN-1", "valid_to": "2027-11-01"}
    inspector.sent_to("/construction/sites", **permit)
    assert "JZ-1" in producer.get("/construction")
    assert producer.client.get("/api/v1/construction/sites").json()[0]["left_kg"] == 5_000_000
    with transaction(site.market.engine) as session:
        vehicle = session.scalars(select(Vehicle.id)).first()
    closed = {"subject": str(vehicle), "number": "ZY-1", "valid_to": "2027-11-01"}
    site.visitor("carrier").sent_to("/construction/vehicles", **closed)
    assert len(site.visitor("carrier").client.get("/api/v1/construction/vehicles").json()) == 1
    assert producer.client.get("/api/v1/construction/vehicles").json() == []
    step = f"/api/v1/construction/plans/{plan['id']}/steps"
    program = TestClient(site.app)
    ends = program.post(step, json={"act": "end"}, headers=site.token("producer", "1"))
    assert (ends.status_code, ends.json()["state"]) == (200, "ended")
    loads = f"/api/v1/construction/plans/{plan['id']}/loads"
    for who, status in {"producer": 200, "neighbour": 404, "operator": 200}.items():
        assert site.visitor(who).client.get(loads).status_code == status, who
