"""Does a producer get its waste across the border over the pages, and does the market then know of it?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from compliance.approvals.tables import Approval, ApprovalDraw
from compliance.deadlines.tables import Deadline
from compliance.registry import service as registry
from marketplace.matches.tables import Match
from tests.factories.site import Site, Visitor
from tests.factories.trade import OIL, Market

CHANGSHA = "430102"


def _decided(market: Market, inspector: Visitor, key: UUID) -> None:
    """Let the authorities take every step, each within its clock."""
    market.idle()
    (clock,) = market.rows(select(Deadline).where(Deadline.subject_id == key))
    assert (clock.kind, clock.due_on.isoformat()) == ("x_notice", "2026-11-27")
    steps = f"/approvals/{key}/steps"
    for act in ("take_up", "consult", "reply"):
        inspector.sent_to(steps, act=act, note="letter")
    inspector.sent_to(steps, act="grant", number="E2026-7")
    market.idle()
    assert {row.state for row in market.rows(select(Deadline).where(Deadline.subject_id == key))} == {"kept"}


def _told_by_when(site: Site, place: str) -> None:
    """Insist that mover and receiver learn by which day the authority is to speak, and what it means."""
    for who in ("producer", "distant"):
        assert "counts as taken up" in site.visitor(who).get(place)
        assert "answer due by 27 " in site.visitor(who).get("/approvals")
        told = site.visitor(who).client.get(f"/api/v1{place}").json()["approval"]["awaited"]
        assert (told["kind"], told["owner"], told["due_on"]) == ("x_notice", "origin_province", "2026-11-27")


def test_waste_crosses_once_the_authorities_have_said_so(site: Site) -> None:
    """The market would offer a way over the border that the gate refuses, or hide an open one (X1, X4)."""
    market = site.market
    with market.work() as work:
        owner = market.parties["distant"].id
        beyond = registry.add_site(work, owner, "Beyond", 28.2, 113.0, CHANGSHA).id
    need = market.open_need("distant", site_id=beyond)
    first = market.list_lot()
    market.idle()
    assert need not in {match.need_id for match in market.matches(first)}
    producer, inspector = site.visitor("producer"), site.visitor("inspector")
    producer.get("/approvals/new")
    form = {
        "origin": str(market.parties["producer"].site_id),
        "destination": str(beyond),
        "code": OIL,
        "mode": "use",
        "tonnes": "30",
        "asked_from": market.at.date().isoformat(),
        "asked_to": (market.at.date() + timedelta(days=90)).isoformat(),
    }
    assert producer.post("/approvals", **(form | {"tonnes": "0"})).status_code == 422
    place = producer.sent_to("/approvals", **form)
    assert producer.post(f"{place}/steps", act="submit").status_code == 422
    for paper in ("receiver_licence", "method_statement", "contract"):
        producer.sent_to(f"{place}/steps", paper=paper, where="folder 3")
    producer.sent_to(f"{place}/steps", act="submit")
    assert producer.post(f"{place}/steps", act="grant", number="1").status_code == 403
    key = UUID(place.rsplit("/", 1)[1])
    market.idle()
    _told_by_when(site, place)
    _decided(market, inspector, key)
    assert "E2026-7" in producer.get("/approvals")
    assert "Answer due by" not in producer.get(place)
    second = market.list_lot()
    market.idle()
    (match,) = [one for one in market.matches(second) if one.need_id == need]
    market.accept(match.id)
    assert [one.kg for one in market.rows(select(ApprovalDraw))] == [market.get(Match, match.id).kg]
    assert "Loads that drew on it" in producer.get(place)
    assert market.get(Approval, key).kg == 30_000
