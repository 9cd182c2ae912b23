"""Does a person see what must be done by when, and by which rule?"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from compliance.deadlines import service
from compliance.deadlines.rules import Kind
from compliance.deadlines.service import About
from compliance.deadlines.tables import Deadline
from compliance.manifests.rules import Act
from compliance.record.database import transaction
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from compliance.rulebook.workdays import Workdays
from tests.factories.site import Site


def test_the_receiver_sees_its_deadline_and_a_rival_does_not(site: Site) -> None:
    """A processor would confirm too late, or everybody would read that it has."""
    market = site.market
    manifest = market.manifest(market.agree())
    about = About(manifest.id, manifest.receiver_id, "20264201000001")
    with transaction(market.engine) as session:
        service.start(
            Work(session, market.now(), SYSTEM), Kind.CONFIRM, about, date(2026, 12, 28), Workdays()
        )
    page = site.visitor("processor").get("/deadlines")
    assert f'href="/manifests/{manifest.id}"' in page
    assert "20264201000001" in page
    assert "M11" in page
    assert "not published yet" in page
    assert "20264201000001" not in site.visitor("producer").get("/deadlines")
    assert "20264201000001" in site.visitor("inspector").get("/deadlines?every=true")
    assert "deadlines are ahead" in site.visitor("processor").get("/")


def test_the_year_of_stored_waste_is_put_off_by_who_oversees(site: Site) -> None:
    """An extension that was granted would still stand as overdue, or anybody could grant one (L8)."""
    market = site.market
    deal = market.agree()
    market.deliver(deal, 20_000, 19_980)
    market.receive(deal, 19_980)
    assert "L8" in site.visitor("processor").get("/deadlines")
    inspector = site.visitor("inspector")
    (row,) = market.rows(select(Deadline).where(Deadline.kind == Kind.STORE.value))
    assert row.due_on == date(2027, 11, 20)
    place = f"/deadlines/{row.id}/extend"
    assert site.visitor("processor").post(place, until="2028-01-31", reason="because").status_code == 403
    assert inspector.sent_to(place, until="2027-01-01", reason="too early") == "/deadlines"
    assert market.get(Deadline, row.id).due_on == date(2027, 11, 20)
    assert inspector.sent_to(place, until="2028-01-31", reason="E-2027-14 of the bureau") == "/deadlines"
    assert market.get(Deadline, row.id).due_on == date(2028, 1, 31)
    (fact,) = market.events("DeadlineExtended")
    assert fact.data["reason"] == "E-2027-14 of the bureau"
    market.sign(deal, Act.TREAT, "processor")
    market.idle()
    assert market.get(Deadline, row.id).state == "kept"
