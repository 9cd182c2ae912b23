"""Do a manifest's pages tell its whole story, to its parties alone, and notice a changed record?"""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.rules import State
from compliance.manifests.tables import Manifest
from marketplace.web.pages import custody, manifests
from tests.factories.site import Site, open_site, searchable_market
from tests.factories.snapshots import filled
from tests.factories.trade import Market
from tracking.alerts import service as alerts
from tracking.alerts.kinds import Kind
from tracking.alerts.rules import Subjects


@pytest.fixture
def told(engine: Engine) -> tuple[Market, UUID]:
    """A market with a load that was weighed at both ends and received, and that load's manifest."""

    def fill() -> tuple[Market, UUID]:
        market = searchable_market(engine, 2)
        deal = market.agree()
        market.deliver(deal, 20_000, 19_980)
        market.receive(deal, 19_980)
        manifest = market.manifest(deal).id
        market.engine = None  # type: ignore[assignment]
        return market, manifest

    market, manifest = filled(engine, ("received",), fill)
    market.engine = engine
    return market, manifest


@pytest.fixture
def site(request: pytest.FixtureRequest, engine: Engine) -> Site:
    """The pages on the small market; a load was received in it if that is asked for."""
    if "closed" in request.fixturenames:
        return Site(request.getfixturevalue("told")[0])
    return open_site(engine)


@pytest.fixture
def closed(told: tuple[Market, UUID]) -> UUID:
    """The manifest of a load that was weighed at both ends and received."""
    return told[1]


def test_the_page_tells_the_whole_chain_of_custody(site: Site, closed: UUID) -> None:
    """An inspector could not tell who had the load when, nor what it weighed at either end."""
    page = site.visitor("inspector").get(f"/manifests/{closed}")
    for words in (
        "provisional",
        "19.980 t",
        "20.000 t",
        "12.000 t",
        "20 kg apart (1.00 ‰",
        "allowed 59 kg",
        "Driver 0",
    ):
        assert words.lower() in page.lower(), words
    assert "Both weights agree" in page
    assert "The chain holds" in page
    signed = site.market.events("ManifestIssued", "ManifestSigned")
    assert len(signed) == 6
    assert all(str(event.data["document_hash"]) in page for event in signed)


def test_a_changed_record_is_said_to_be_broken(site: Site, closed: UUID) -> None:
    """Whoever can write to the database file could change the past, and the page would still look green."""
    with site.market.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER ledger_no_update"))
        changed = text("UPDATE ledger SET data = replace(data, '32000', '33000') WHERE kind = 'Weighed'")
        connection.execute(changed)
    page = site.visitor("inspector").get(f"/manifests/{closed}")
    assert "The chain is broken" in page
    assert "link--broken" in page


@pytest.mark.parametrize("place", ["", "/panel", "/track.json", "/qr.svg"])
def test_a_stranger_sees_nothing_of_a_manifest(site: Site, closed: UUID, place: str) -> None:
    """A competitor would read from whom a waste comes and where it goes."""
    site.visitor("neighbour").get(f"/manifests/{closed}{place}", status=404)
    site.visitor("processor").get(f"/manifests/{closed}{place}")


def test_the_qr_code_is_drawn_from_what_was_signed(site: Site, closed: UUID) -> None:
    """A roadside check would compare the paper with nothing."""
    picture = site.visitor("carrier").get(f"/manifests/{closed}/qr.svg")
    assert picture.startswith("<?xml")
    assert "<path" in picture
    assert manifests.svg("one") != manifests.svg("another")


def test_the_panel_is_not_sent_again_while_nothing_has_changed(site: Site, closed: UUID) -> None:
    """The panel would jump under the inspector's eyes every five seconds."""
    inspector = site.visitor("inspector")
    panel = inspector.get(f"/manifests/{closed}/panel")
    seen = panel.split("?seen=")[1].split('"')[0]
    inspector.get(f"/manifests/{closed}/panel?seen={seen}", status=204)


def test_the_list_is_filtered_by_state_and_by_words(site: Site, closed: UUID) -> None:
    """A search among a year's manifests would show them all."""
    other = site.market.agree("neighbour")
    site.market.sign(other, ManifestAct.ISSUE, "neighbour")
    waiting = site.market.manifest(other)
    inspector = site.visitor("inspector")
    found = {
        query: {key for key in (closed, waiting.id) if str(key) in inspector.get(f"/manifests?{query}")}
        for query in ("state=all", "state=issued", "state=all&q=neigh", f"q={waiting.number}", "q=nothing")
    }
    assert found["state=all"] == {closed, waiting.id}
    assert found["state=issued"] == found["state=all&q=neigh"] == found[f"q={waiting.number}"] == {waiting.id}
    assert found["q=nothing"] == set()
    assert "Nothing fits" in inspector.get("/manifests?q=nothing")
    assert "No load is on its way" in site.visitor("distant").get("/manifests")


def test_the_one_whose_turn_it_is_signs_on_the_page(site: Site) -> None:
    """A producer would not find where to sign, or a receiver could sign in the producer's name."""
    deal = site.market.agree()
    place = f"/manifests/{site.market.manifest(deal).id}"
    assert "Sign and issue" in site.visitor("producer").get(place)
    assert "Sign and issue" not in site.visitor("processor").get(place)
    assert site.visitor("processor").post(f"{place}/acts", act="issue").status_code == 403
    assert site.visitor("carrier").post(f"{place}/acts", act="load").status_code == 400
    assert site.visitor("producer").sent_to(f"{place}/acts", act="issue") == place
    again = site.visitor("producer").post(f"{place}/acts", act="issue")
    assert again.status_code == 409
    assert "cannot be moved" in again.text


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_way_that_leads_to_it(state: State) -> None:
    """A page would break on the first refused or cancelled load."""
    way = custody.steps(state, ())
    assert way
    assert sum(step.look == "now" for step in way) <= 1
    if state in {State.ISSUED, State.ARRIVED}:
        assert [step.look for step in way if step.state == state] == ["now"]


def test_a_refused_load_ends_its_way_there(site: Site) -> None:
    """An inspector would wait for the treatment of a load that went back."""
    deal = site.market.agree()
    site.market.deliver(deal, 20_000, 19_980)
    site.market.refuse(deal)
    page = site.visitor("inspector").get(f"/manifests/{site.market.manifest(deal).id}")
    assert "the drums leak" in page
    assert 'data-state="bad"' in page
    assert "treated" not in page


def test_the_list_is_narrowed_by_division_code_and_alert_and_taken_home(site: Site, closed: UUID) -> None:
    """An inspector would page through a province to find the loads of one city that want a look."""
    other = site.market.agree("neighbour")
    waiting = site.market.manifest(other)
    about = Subjects(trip_id=waiting.id, manifest_id=waiting.id)
    with site.market.work() as work:
        alerts.raise_alert(work, Kind.OFF_ROUTE, about, site.market.at)
    inspector = site.visitor("inspector")

    def found(query: str) -> set[UUID]:
        page = inspector.get(f"/manifests?state=all&{query}")
        return {key for key in (closed, waiting.id) if f"/manifests/{key}" in page}

    assert found("division=420700") == found("division=42") == found("code=HW08") == {closed, waiting.id}
    assert found("division=420500") == found("code=SW17") == found("division=429000") == set()
    assert found("alert=any") == found("alert=warning") == {waiting.id}
    assert found("alert=alarm") == set()
    assert "alerts: 1" in inspector.get("/manifests?state=all")
    assert 'data-shown=""' in inspector.get("/map/table?division=42")
    file = inspector.client.get("/manifests.csv?state=all&alert=any")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    lines = file.content.decode("utf-8-sig").splitlines()
    assert (len(lines), lines[0].split(",")[2]) == (2, "State")
    assert "neighbour" in lines[1]
    assert site.visitor("distant").client.get("/manifests.csv?state=all").text.count("\n") == 1


def test_a_long_list_is_read_in_parts(site: Site, closed: UUID) -> None:
    """An inspector would see the newest fifty of a year and no more."""
    with site.market.work() as work:
        row = work.session.get_one(Manifest, closed)
        told = {column.key: getattr(row, column.key) for column in Manifest.__table__.columns}
        for number in range(60):
            fresh = {
                "id": work.new_id(),
                "deal_id": work.new_id(),
                "number": None,
                "national_number": f"N{number}",
            }
            work.session.add(Manifest(**(told | fresh)))
    inspector = site.visitor("inspector")
    first = inspector.get("/manifests?state=all")
    older = first.split("cursor=")[1].split('"')[0]
    second = inspector.get(f"/manifests?state=all&cursor={older}")
    ids = [set(re.findall(r'href="/manifests/([0-9a-f-]{36})"', page)) for page in (first, second)]
    assert [len(one) for one in ids] == [50, 11]
    assert not ids[0] & ids[1]
    assert "The newest" in second
    assert "The newest" not in inspector.get("/manifests?state=all&cursor=nonsense")
