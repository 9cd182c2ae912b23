"""Does everybody see the file of a party as far as it is theirs to see, and how full a licence is?"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine

from compliance.manifests.rules import Act
from compliance.record.who import Role
from tests.factories.site import Site, open_site
from tests.marketplace.parties.knocking import OVERSEERS, Door, wrong_ways


@pytest.fixture
def door(engine: Engine) -> Iterator[Door]:
    """The small market."""
    site = open_site(engine)
    with TestClient(site.app) as client:
        yield Door(site, client)


def agreed(site: Site) -> UUID:
    """Agree on a load of 20 t and let it be loaded."""
    market = site.market
    deal = market.agree()
    market.sign(deal, Act.ISSUE, "producer")
    return deal


def test_a_file_shows_its_reader_what_is_theirs(door: Door) -> None:
    """A rival would read a competitor's trade, or an inspector miss half of it."""
    site = door.site
    deal = agreed(site)
    processor = site.market.parties["processor"]
    whole = door.get(site.market.parties["inspector"].who, f"/parties/{processor.id}").json()
    by_key = {one["key"]: one["entries"] for one in whole["sections"]}
    assert whole["reach"] == "whole"
    assert [one["href"] for one in by_key["deals"]] == [f"/deals/{deal}"]
    assert len(by_key["manifests"]) == 1
    assert [one["of"] for one in whole["checklists"]] == ["processor"]
    rival = door.get(site.market.parties["distant"].who, f"/parties/{processor.id}").json()
    assert (rival["reach"], rival["sections"], rival["checklists"]) == ("public", [], [])
    assert {one["number"] for one in rival["licences"]} == {"S42-001", "C42-001"}
    assert (
        door.get(site.market.parties["distant"].who, f"/parties/{processor.who.person_id}").status_code == 404
    )
    person = door.get(processor.who, f"/parties/{processor.who.person_id}").json()
    assert (person["organisation_id"], person["licences"]) == (str(processor.id), [])
    assert door.get(processor.who, f"/parties/{uuid4()}").status_code == 404


def test_the_pages_show_the_file_and_the_bars(door: Door) -> None:
    """A person would have to ask the operator what is left of the year."""
    site = door.site
    agreed(site)
    processor = site.market.parties["processor"]
    mine = site.visitor("processor")
    text = mine.get(f"/parties/{processor.id}")
    for part in ("Yearly quantities", "Checklist", "Deals", "Manifests", "Timeline", "agreed 20.000 t"):
        assert part in text, part
    assert "Suspend" not in text
    assert "980.000 t left of 1,000.000 t" in mine.get("/quotas")
    public = site.visitor("distant").get(f"/parties/{processor.id}")
    assert "S42-001" in public
    assert "Timeline" not in public
    driver = site.visitor(site.market.drivers[0])
    assert "dangerous" in driver.get(f"/parties/{site.market.parties['carrier'].id}")


def test_who_oversees_suspends_and_lifts_and_every_gate_hears_of_it(door: Door) -> None:
    """A suspended works would get its next load all the same."""
    site, market = door.site, door.site.market
    processor = market.parties["processor"]
    inspector = site.visitor("inspector")
    path = f"/parties/{processor.id}"
    unsaid = inspector.post(f"{path}/suspend", reason="")
    assert (unsaid.status_code, "Say why" in unsaid.text) == (422, True)
    assert inspector.sent_to(f"{path}/suspend", reason="stores too much") == path
    assert "stores too much" in inspector.get(path)
    lot = market.list_lot()
    market.idle()
    assert all(one.need_id != market.needs["processor"] for one in market.matches(lot))
    told = door.post(market.parties["operator"].who, f"{path}/lift", {"reason": "emptied"})
    assert (told.status_code, told.json()["suspended"]) == (200, None)


def test_the_quota_limits_are_the_operators_to_set(door: Door) -> None:
    """A processor would raise its own limit, or the warning come when it is too late."""
    site, market = door.site, door.site.market
    operator = site.visitor("operator")
    typed = {"warn_percent": "1", "block_percent": "100", "alarm_percent": "130"}
    refused = operator.post("/quotas/policy", **typed)
    assert (refused.status_code, "120 per cent" in refused.text) == (422, True)
    assert operator.sent_to("/quotas/policy", **(typed | {"alarm_percent": "120"})) == "/quotas"
    agreed(site)
    processor = market.parties["processor"]
    assert "S42-001" in operator.get("/quotas")
    (one,) = [
        line
        for line in door.get(processor.who, f"/parties/{processor.id}/quotas").json()["items"]
        if line["booked_kg"]
    ]
    assert (one["booked_kg"], one["percent"], one["level"]) == (20_000, 2, "quota_near")
    rival = market.parties["distant"].who
    assert door.get(rival, f"/parties/{processor.id}/quotas").status_code == 403


WAYS = {
    ("GET", "/api/v1/parties/{id}"): frozenset(Role),
    ("POST", "/api/v1/parties/{id}/suspend"): OVERSEERS,
    ("POST", "/api/v1/parties/{id}/lift"): OVERSEERS,
    ("GET", "/api/v1/quotas"): OVERSEERS,
    ("GET", "/api/v1/quotas/policy"): frozenset(Role),
    ("POST", "/api/v1/quotas/policy"): frozenset({Role.OPERATOR}),
    ("GET", "/parties/{id}"): frozenset(Role),
    ("GET", "/quotas"): frozenset({Role.PROCESSOR, Role.INSPECTOR, Role.OPERATOR}),
}


def test_every_way_lets_in_its_roles_and_nobody_else(door: Door) -> None:
    """A driver would suspend a works."""
    assert wrong_ways(door, WAYS) == []
