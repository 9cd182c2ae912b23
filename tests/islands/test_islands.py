"""Do the map, the site picker and the forms work in a real browser under the strict policy?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.islands.serving import STATIC, Handler, serving
from tools.parts import CHROMIUM_FLAGS, find_chromium

pytestmark = pytest.mark.browser
PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def said() -> list[str]:
    """What the browser complained of, and whom it asked outside."""
    return []


@pytest.fixture
def page(browser: Browser, said: list[str]) -> Iterator[Page]:
    """The page with the islands, its map drawn and live."""
    with serving() as address:
        opened = browser.new_page(viewport={"width": 700, "height": 800})
        opened.set_default_timeout(PATIENCE_MS)
        opened.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: said.append(str(error)))
        opened.on(
            "request", lambda r: said.append(r.url) if not r.url.startswith((address, "data:")) else None
        )
        opened.goto(address)
        opened.wait_for_selector("live-map[loaded][state=live]")
        yield opened
        opened.close()


def test_the_map_draws_under_the_strict_policy(page: Page, said: list[str]) -> None:
    """An inspector would see an empty rectangle, or an outside server would learn what is looked at."""
    page.wait_for_selector("site-picker[loaded]")
    page.select_option(".map-choice", "v1")
    assert page.get_attribute("live-map", "selected") == "v1"
    assert page.inner_text(".map-status") == "Live"
    assert said == []


def test_choosing_a_vehicle_tells_the_page(page: Page) -> None:
    """The manifest of the lorry that was pointed at would not open beside the map."""
    page.evaluate(
        "document.addEventListener('vehicle-selected', (event) => { window.chosen = event.detail })"
    )
    page.focus(".map-choice")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("window.chosen")
    assert page.evaluate("window.chosen.manifest_id") == "m1"


def test_a_cut_line_is_said_and_mends_itself(page: Page) -> None:
    """An inspector would watch vehicles that stand still only because nothing is heard any more."""
    Handler.cut.set()
    page.wait_for_selector("live-map[state=lost]")
    assert page.inner_text(".map-status") == "Connection lost"
    Handler.cut.clear()
    page.wait_for_selector("live-map[state=live]")


def test_a_site_is_picked_by_mouse_and_by_keyboard(page: Page) -> None:
    """A producer could not say where the waste lies without knowing its coordinates by heart."""
    page.wait_for_selector("site-picker[loaded]")
    page.click("site-picker canvas", position={"x": 200, "y": 120})
    lat, lon = float(page.input_value("#lat")), float(page.input_value("#lon"))
    assert 29 < lat < 32
    assert 112 < lon < 114.3
    page.focus("site-picker canvas")
    page.keyboard.press("Enter")
    assert page.input_value("#lon") == "114.300000"


def test_what_was_typed_comes_back_without_the_password(page: Page) -> None:
    """A session that ended in mid-form would cost the producer a quarter of an hour of typing."""
    page.fill("#lat", "30.5")
    page.fill("[name=password]", "secret")
    page.reload()
    page.wait_for_selector("[data-kept-note]:not([hidden])")
    assert page.input_value("#lat") == "30.5"
    assert page.input_value("[name=password]") == ""
    assert "secret" not in str(page.evaluate("JSON.stringify(sessionStorage)"))


def test_an_act_that_asks_first_is_not_sent_after_no(page: Page) -> None:
    """A slip of the finger would refuse a load or cancel a manifest."""
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.click("form .button[data-confirm]")
    assert page.url.endswith("/")


def test_a_hand_quicker_than_the_scripts_is_asked_too(page: Page) -> None:
    """On a slow line the act would be done before anybody could say no."""
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.route("**/islands/forms.js", lambda _: None)
    page.reload(wait_until="commit")
    page.click("form .button[data-confirm]")
    page.unroute_all()
    assert asked == ["Sure?"]
    assert page.url.endswith("/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_islands_are_accessible(page: Page, scheme: str) -> None:
    """A person with a screen reader or weak sight could not use the map or the form."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.evaluate((STATIC / "vendor" / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then((result) => result.violations.map((one) => one.id))")
    assert found == []
