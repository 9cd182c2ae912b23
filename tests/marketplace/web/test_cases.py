"""Can anybody complain and read the answer, and do inspectors answer in time?"""

from __future__ import annotations

import re

from litestar.testing import TestClient
from sqlalchemy import select

from compliance.cases.tables import CaseFile
from compliance.deadlines.tables import Deadline
from tests.factories.site import Site, Visitor

TOLD = {
    "kind": "dumping",
    "text": "A truck tipped blue drums into the river.",
    "place": "青山区",
    "about": "鄂A12345",
}


def stranger(site: Site) -> Visitor:
    """Return the browser of somebody nobody knows."""
    client = TestClient(site.app)
    client.cookies.set("lang", "en")
    return Visitor(client)


def test_a_complaint_is_taken_in_looked_into_and_answered(site: Site) -> None:
    """Whoever saw drums in a river would not be heard, or never learn what became of it."""
    somebody = stranger(site)
    assert "You need not sign in" in somebody.get("/complaint")
    short = somebody.post("/complaint", kind="dumping", text="drums")
    assert (short.status_code, "10 to 4000" in short.text, "drums" in short.text) == (422, True, True)
    taken = somebody.post("/complaint", **TOLD)
    assert taken.status_code == 201
    number, code = re.findall(r'class="figure hash">\s*(\S+)\s*<', taken.text)
    assert number == "TS2026-000001"
    site.market.idle()
    (clock,) = site.market.rows(select(Deadline).where(Deadline.label == number))
    assert (clock.state, clock.due_on.isoformat()) == ("ahead", "2026-12-11")
    assert "no answer yet" in somebody.post("/complaint/answer", number=number, code=code).text
    assert somebody.post("/complaint/answer", number=number, code="WRONG").status_code == 404
    (row,) = site.market.rows(select(CaseFile))
    place = f"/cases/{row.id}"
    site.visitor("producer").get("/cases", status=403)
    site.visitor("producer").get(place, status=403)
    inspector = site.visitor("inspector")
    assert number in inspector.get("/cases")
    assert "¥200,000–2,000,000 · 生态环境法典 第1169条" in inspector.get(place)
    assert "cannot be moved" in inspector.post(f"{place}/close").text
    inspector.sent_to(f"{place}/assign")
    inspector.sent_to(f"{place}/notes", text="went there at noon")
    assert inspector.post(f"{place}/answer", outcome="confirmed", answer="yes").status_code == 422
    inspector.sent_to(
        f"{place}/answer", outcome="confirmed", answer="Three drums were secured and the carrier is heard."
    )
    told = somebody.post("/complaint/answer", number=number, code=code.lower()).text
    assert "Three drums were secured" in told
    assert "went there at noon" not in told
    inspector.sent_to(f"{place}/close")
    site.market.idle()
    (clock,) = site.market.rows(select(Deadline).where(Deadline.label == number))
    assert clock.state == "kept"
    kinds = ["ComplaintReceived", "CaseAssigned", "CaseAnswered", "CaseClosed"]
    assert [event.kind for event in site.market.events(*kinds)] == kinds
    assert all("drums" not in str(event.data) for event in site.market.events(*kinds))


def test_one_address_does_not_flood_the_desk(site: Site) -> None:
    """A script would bury the complaints that matter."""
    somebody = stranger(site)
    answers = [somebody.post("/complaint", **TOLD) for _ in range(6)]
    assert [one.status_code for one in answers] == [201] * 5 + [429]
    assert len(site.market.rows(select(CaseFile))) == 5
    forged = somebody.client.post("/complaint", data=TOLD | {"_csrf_token": "x"})
    assert forged.status_code == 403
