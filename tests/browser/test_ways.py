"""Can a trip be replayed and an area be drawn by keyboard, in a real browser, on a telephone too?"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from tests.browser.looking import looking, overflows, violations
from tests.browser.test_inspector import await_true, enter
from tests.factories.site import Site
from tests.marketplace.web.test_ways import deal, trip_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
__all__ = ["deal"]
PATIENCE_MS = 60_000
SHOTS = os.environ.get("HUANLIAN_SHOTS", "")


def shoot(page: Page, name: str) -> None:
    """Keep a picture for whoever wants to look, where `HUANLIAN_SHOTS` names a folder."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(("language", "width"), [("zh", 390), ("en", 1440)])
def test_a_trip_is_replayed_and_an_area_drawn(
    chromium: Browser, site: Site, address: str, deal: UUID, language: str, width: int
) -> None:
    """An inspector without a mouse, or with a telephone at the roadside, would be left with a table."""
    trip = trip_of(site, deal)
    with looking(chromium, language, width) as (page, wrong):
        page.set_default_timeout(PATIENCE_MS)
        enter(page, site, "inspector", address)
        page.context.add_cookies([{"name": "lang", "value": language, "url": address}])
        page.goto(f"{address}/trips/{trip}/replay")
        page.wait_for_selector("trip-replay[loaded]")
        line = page.locator("trip-replay input[type=range]")
        before = page.locator(".replay__now").inner_text()
        line.focus()
        page.keyboard.press("End")
        after = page.locator(".replay__now").inner_text()
        assert after != before
        assert line.get_attribute("aria-valuetext") == after
        page.keyboard.press("Home")
        page.select_option("trip-replay select", "100")
        page.locator("trip-replay .button").first.click()
        await_true(page, "Number(document.querySelector('trip-replay input').value) > 5")
        page.locator("[data-seek]").last.click()
        assert violations(page) == []
        assert not overflows(page)
        shoot(page, f"replay-{language}-{width}")
        day = site.market.at.date().isoformat()
        page.goto(f"{address}/ways?vehicle={site.market.manifest(deal).vehicle_id}&day={day}")
        assert violations(page) == []
        assert not overflows(page)
        shoot(page, f"day-{language}-{width}")
        _draw(page, address, f"{language}-{width}")
        assert wrong == []
    [area] = json.loads(site.visitor("inspector").get("/api/v1/areas"))["items"]
    assert area["name"] == "江汉"


def _draw(page: Page, address: str, name: str) -> None:
    """Draw a triangle by the keyboard alone."""
    page.goto(f"{address}/areas")
    page.wait_for_selector("area-editor[loaded]")
    canvas = page.locator("area-editor canvas").first
    canvas.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press("Enter")
        page.keyboard.press(key)
        await_true(page, "!document.querySelector('area-editor').map.isMoving()")
    page.fill("#name", "江汉")
    assert violations(page) == []
    assert not overflows(page)
    shoot(page, f"areas-{name}")
    page.locator("form[action='/areas'] button[type=submit]").click()
    page.wait_for_selector("li a:has-text('江汉')")
