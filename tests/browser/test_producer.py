"""Can a producer at an office PC, or on a telephone, take a lot from the listing to the signed manifest?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.looking import looking, overflows, violations
from tests.factories.site import PASSWORD, Site
from tests.factories.trade import OIL

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def sign_in(page: Page, address: str, site: Site) -> None:
    """Sign in as the producer, through the form."""
    site.visitor("producer")
    person_id = site.market.parties["producer"].who.person_id
    assert person_id is not None
    page.goto(f"{address}/lots")
    page.fill("#login", f"login-{person_id.hex[-8:]}")
    page.fill("#password", PASSWORD)
    page.click("form[action='/sign-in'] button[type=submit]")
    page.wait_for_url(f"{address}/lots")


def sound(page: Page) -> None:
    """Insist that the page can be read aloud and fits its window."""
    assert violations(page) == []
    assert not overflows(page)


@pytest.mark.parametrize(("language", "width"), [("zh", 1280), ("en", 390)])
def test_a_lot_goes_from_the_form_to_the_signed_manifest(
    chromium: Browser, site: Site, address: str, language: str, width: int
) -> None:
    """A producer would be stuck halfway, or unable to read a page, with nobody in the office knowing why."""
    with looking(chromium, width=width) as (page, wrong):
        sign_in(page, address, site)
        sound(page)
        if language == "en":
            page.click("button[name=language]")
            page.wait_for_selector("html[lang=en]")
        page.click("a[href='/lots/new']")
        page.wait_for_load_state("domcontentloaded")
        page.locator("#code").press_sequentially("feikuangwuyou")
        page.click(f"#wastes [data-value='{OIL}']")
        page.wait_for_selector("#wastes .waste")
        assert page.input_value("#code") == OIL
        page.fill("#tonnes", "20")
        page.check("#payer-producer")
        page.fill("#amount", "2500")
        page.wait_for_selector("#guidance dl")
        page.click("#guidance summary")
        sound(page)
        page.click("form.sheet button[type=submit]")
        page.wait_for_url(re.compile(r"/lots/[0-9a-f-]{36}$"))
        site.market.idle()
        page.wait_for_selector("#matches .match", timeout=10_000)
        sound(page)
        page.click(".match form button >> nth=0")
        page.click("#confirm-dialog button[value=yes]")
        page.wait_for_url(re.compile("/deals/"))
        site.market.idle()
        page.wait_for_selector("form[action$='/issue']", timeout=10_000)
        page.click("form[action$='/issue'] button")
        page.click("#confirm-dialog button[value=yes]")
        page.wait_for_selector("#way li[data-state=done] >> nth=1")
        sound(page)
        assert wrong == []


def test_a_new_site_is_pointed_at_on_the_map(chromium: Browser, site: Site, address: str) -> None:
    """A producer would have to know the coordinates of the own yard."""
    with looking(chromium) as (page, wrong):
        sign_in(page, address, site)
        page.goto(f"{address}/lots/new")
        page.select_option("#site_id", "new")
        page.wait_for_selector("site-picker[loaded]", timeout=30_000)
        page.click("site-picker .map-frame", position={"x": 200, "y": 150})
        assert 29 < float(page.input_value("#lat")) < 32
        assert 112 < float(page.input_value("#lon")) < 116
        sound(page)
        assert wrong == []


def test_a_form_with_faults_keeps_what_was_typed(chromium: Browser, site: Site, address: str) -> None:
    """A producer would type everything again after one slip."""
    with looking(chromium) as (page, _):
        sign_in(page, address, site)
        page.goto(f"{address}/lots/new")
        page.fill("#code", "999-999-99")
        page.fill("#note", "drums with yellow lids")
        page.click("form.sheet button[type=submit]")
        page.wait_for_selector("#code-error")
        assert page.input_value("#note") == "drums with yellow lids"
        assert page.is_visible("#tonnes-error")
        sound(page)
