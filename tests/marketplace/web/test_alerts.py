"""Can an inspector work through the alerts on the pages, and does a ticket show what proves it?"""

from __future__ import annotations

import re

from sqlalchemy import select

from compliance.manifests.rules import Act as ManifestAct
from compliance.record.database import reading, transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from tests.factories.site import Site
from tracking.alerts import service
from tracking.alerts.kinds import Kind
from tracking.alerts.rules import Subjects
from tracking.alerts.tables import Alert
from tracking.trips.rules import Act as TripAct
from tracking.weighings.tables import Weighing


def weighed(site: Site) -> Weighing:
    """Weigh an empty vehicle at its source and return the ticket."""
    market = site.market
    deal = market.agree()
    market.sign(deal, ManifestAct.ISSUE, "producer")
    market.step(deal, TripAct.ARRIVE)
    market.weigh("producer", market.manifest(deal).plate, 12_000)
    with reading(market.engine) as session:
        found = session.scalars(select(Weighing)).one()
        session.expunge_all()
        return found


def test_an_inspector_looks_into_an_alert_and_closes_it(site: Site) -> None:
    """What was noticed would be read by nobody, and what was found be kept nowhere."""
    row = weighed(site)
    about = Subjects(row.device_id, row.vehicle_id, row.trip_id, row.manifest_id, row.id, row.site_id)
    with transaction(site.market.engine) as session:
        work = Work(session, row.at, SYSTEM)
        told = service.raise_alert(work, Kind.WEIGHT_JUMP, about, row.at, evidence={"before_kg": 9_000})
        place = f"/alerts/{told.id}"
    inspector = site.visitor("inspector")
    queue = inspector.get("/alerts?severity=alarm")
    assert "Weight jumped while it stood still" in queue
    assert place in queue
    assert "Nothing here wants a look" in inspector.get("/alerts?severity=notice")
    assert "Nothing here wants a look" in site.visitor("producer").get("/alerts?state=all")
    site.visitor("producer").get(place, status=404)
    assert "before, kg" in inspector.get(place)
    assert inspector.sent_to(f"{place}/assign") == place
    assert "Close the alert" in inspector.get(place)
    inspector.sent_to(f"{place}/close", outcome="confirmed", reason="a box in the line")
    closed = inspector.get(place)
    for words in ("a box in the line", "given to inspector", "closed"):
        assert words in closed
    kinds = ["AlertRaised", "AlertAssigned", "AlertClosed"]
    assert [event.kind for event in site.market.events(*kinds)] == kinds
    assert "What was found in the last 90 days" in inspector.get("/alerts")
    file = inspector.client.get("/alerts.csv?state=closed").content.decode("utf-8-sig").splitlines()
    assert len(file) == 2
    assert "a box in the line" in file[1]
    with reading(site.market.engine) as session:
        assert session.scalars(select(Alert.state)).all() == ["closed"]
    assert "Alerts to look into" in inspector.get("/market")


def test_a_ticket_shows_its_frames_curve_chain_and_alerts(site: Site) -> None:
    """Whoever disputes a weight would have nothing to look at."""
    row = weighed(site)
    producer = site.visitor("producer")
    assert f"/weighings/{row.id}" in producer.get("/weighings")
    shown = producer.get(f"/weighings/{row.id}")
    for words in (row.frames[0], row.ticket_hash, "it is what the scale signed", "none on record"):
        assert words in shown
    assert re.search(r"<polyline", shown) is None
    with transaction(site.market.engine) as session:
        kept = session.get_one(Weighing, row.id)
        kept.extra = {"curve": [[0, 0], [1_000, 12_000], [2_000, 12_000]], "photos": {"front": "ab" * 32}}
    changed = producer.get(f"/weighings/{row.id}")
    assert "<polyline" in changed
    assert "ab" * 32 in changed
    assert "It is not what the scale signed" in changed
    assert row.plate in producer.get("/weighings?show=all")
