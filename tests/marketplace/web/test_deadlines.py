"""Does a person see what must be done by when, and by which rule?"""

from __future__ import annotations

from datetime import date

from compliance.deadlines import service
from compliance.deadlines.rules import Kind
from compliance.deadlines.service import About
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
