"""Can an inspector follow a load on the map, in the table and by keyboard, and read its whole story?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import Select, select

from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.tables import Manifest
from marketplace.edge.identity import SESSION_COOKIE
from tests.browser.looking import looking, overflows, violations
from tests.factories.site import Site
from tests.factories.trade import WUHAN
from tests.marketplace.web.moves import drive
from tracking.trips.rules import Act as TripAct

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
PATIENCE_MS = 30_000
WAY = [WUHAN, (30.55, 114.45), (30.48, 114.65)]
DRAWN = "document.querySelector('live-map').map.queryRenderedFeatures({{layers: ['{}']}}).length"
LIVE = "live-map[loaded][state=live]"


@pytest.fixture
def manifest(site: Site) -> UUID:
    """The manifest of a load under way that tells where it is."""
    market = site.market
    deal = market.agree()
    market.sign(deal, ManifestAct.ISSUE, "producer")
    market.step(deal, TripAct.ARRIVE)
    row = market.manifest(deal)
    market.weigh("producer", row.plate, 12_000)
    market.weigh("producer", row.plate, 32_000)
    market.step(deal, TripAct.LOAD)
    market.step(deal, TripAct.DEPART)
    drive(market, row.vehicle_id, WAY)
    market.idle()
    return row.id


@pytest.fixture
def inspector(
    chromium: Browser, site: Site, address: str, manifest: UUID
) -> Iterator[tuple[Page, list[str]]]:
    """The inspector's browser, signed in."""
    with looking(chromium, width=1440) as (page, wrong):
        page.set_default_timeout(PATIENCE_MS)
        enter(page, site, "inspector", address)
        yield page, wrong


def enter(page: Page, site: Site, name: str, address: str) -> None:
    """Give a browser the sign-in of one of the people, and English."""
    cookies = site.visitor(name).client.cookies
    for cookie in (SESSION_COOKIE, "lang"):
        page.context.add_cookies([{"name": cookie, "value": cookies[cookie], "url": address}])


def await_true(page: Page, expression: str) -> None:
    """Wait until an expression holds; the page's policy lets no waiting script be made from text."""
    for _ in range(150):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(200)
    raise AssertionError(expression)


def test_a_load_is_chosen_by_keyboard_and_its_story_read(
    inspector: tuple[Page, list[str]], address: str, manifest: UUID
) -> None:
    """An inspector who cannot use a mouse, or sees no map, would be shut out."""
    page, wrong = inspector
    page.goto(f"{address}/map")
    page.wait_for_selector(LIVE)
    await_true(page, DRAWN.format("vehicles"))
    assert violations(page) == []
    page.focus(f"#m-{manifest}")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel article")
    assert "The chain holds" in page.inner_text("#panel")
    assert page.get_attribute("#beside tbody tr", "aria-selected") == "true"
    assert str(manifest) in page.url
    await_true(page, DRAWN.format("track"))
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.wait_for_selector("#panel", state="hidden")
    assert page.evaluate("document.activeElement.id") == f"m-{manifest}"
    assert wrong == []


def test_a_vehicle_pointed_at_opens_its_load_and_moves_by_itself(
    inspector: tuple[Page, list[str]], site: Site, address: str, manifest: UUID
) -> None:
    """An inspector would watch a picture of an hour ago."""
    page, wrong = inspector
    page.goto(f"{address}/map")
    page.wait_for_selector(LIVE)
    page.select_option(".map-choice", index=1)
    page.wait_for_selector(f"#panel article[data-manifest='{manifest}']")
    where = "[...document.querySelector('live-map').fleet.vehicles.values()][0].position.lon"
    assert page.evaluate(where) == pytest.approx(114.65)
    vehicle = site.market.rows(manifest_of(manifest))[0].vehicle_id
    drive(site.market, vehicle, [(30.45, 114.75)], kmh=47)
    await_true(page, f"{where} > 114.7")
    page.wait_for_selector("#beside :has-text('47 km/h')")
    page.wait_for_selector("#beside tr[aria-selected=true]")
    assert wrong == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_fit_a_telephone_and_can_be_read_aloud(
    inspector: tuple[Page, list[str]], address: str, manifest: UUID, theme: str
) -> None:
    """An inspector at the roadside would scroll sideways, or guess words from their colour."""
    page, wrong = inspector
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 844})
    for place in (f"/map?manifest={manifest}", f"/manifests/{manifest}", "/manifests?state=all", "/market"):
        page.goto(f"{address}{place}")
        page.wait_for_selector("main h1", state="attached")
        if place.startswith("/map"):
            page.wait_for_selector(LIVE)
        assert violations(page) == [], place
        assert not overflows(page), place
    assert wrong == []


def manifest_of(manifest_id: UUID) -> Select[Manifest]:
    """Return the statement for one manifest."""
    return select(Manifest).where(Manifest.id == manifest_id)
