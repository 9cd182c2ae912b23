"""Does a driver with gloves and a bad signal get every step through, once?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import select

from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.tables import Manifest
from marketplace.edge.identity import SESSION_COOKIE
from tests.browser.looking import looking, overflows, violations
from tests.factories.site import PASSWORD, Site
from tracking.trips.tables import Trip

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.browser
GLOVE_PX = 56
ACT = ".big-act button"
SMALL = """least => [...document.querySelectorAll('main a, main button, header button, header a')]
  .filter((one) => one.offsetParent && one.getBoundingClientRect().height < least)
  .map((one) => one.outerHTML)"""


@pytest.fixture
def trip(site: Site) -> UUID:
    """The trip of a manifest that is issued."""
    deal = site.market.agree()
    site.market.sign(deal, ManifestAct.ISSUE, "producer")
    (row,) = site.market.rows(select(Trip.id).where(Trip.deal_id == deal))
    assert isinstance(row, UUID)
    return row


@pytest.fixture
def cab(chromium: Browser, site: Site, address: str, trip: UUID) -> Iterator[tuple[Page, list[str]]]:
    """The terminal in the cab, on the page of the trip."""
    key = site.market.get(Trip, trip).driver_id
    visitor = site.visitor(next(one for one in site.market.drivers if one.person_id == key))
    with looking(chromium, width=360) as (page, wrong):
        page.set_default_timeout(20_000)
        for cookie in (SESSION_COOKIE, "lang"):
            value = visitor.client.cookies[cookie]
            page.context.add_cookies([{"name": cookie, "value": value, "url": address}])
        page.goto(f"{address}/drive/{trip}")
        yield page, wrong


def await_state(page: Page, site: Site, trip: UUID, wanted: str) -> None:
    """Wait until the record says that the trip stands somewhere."""
    for _ in range(100):
        if site.market.get(Trip, trip).state == wanted:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{site.market.get(Trip, trip).state}, not {wanted}")


def weigh(site: Site, trip: UUID) -> None:
    """Weigh the vehicle empty and loaded at the producer's."""
    plate = site.market.manifest(site.market.get(Trip, trip).deal_id).plate
    site.market.weigh("producer", plate, 12_000)
    site.market.weigh("producer", plate, 32_000)


def test_the_terminal_is_made_for_gloves(cab: tuple[Page, list[str]], address: str, trip: UUID) -> None:
    """A driver would hit the wrong button, or none, at the gate."""
    page, wrong = cab
    for width, height in ((360, 640), (1024, 600)):
        page.set_viewport_size({"width": width, "height": height})
        for place in ("/drive", f"/drive/{trip}"):
            page.goto(f"{address}{place}")
            assert violations(page) == []
            assert not overflows(page)
            assert page.evaluate(SMALL, GLOVE_PX) == []
    assert wrong == []


def test_the_weights_come_in_by_themselves(cab: tuple[Page, list[str]], site: Site, trip: UUID) -> None:
    """A driver would walk to the office to ask what the scale said."""
    page, wrong = cab
    page.click(ACT)
    page.wait_for_selector(f"{ACT}:has-text('Loaded')")
    weigh(site, trip)
    page.wait_for_selector(".weighed__net:has-text('20.000 t')")
    page.click(ACT)
    page.wait_for_selector(f"{ACT}:has-text('Departing')")
    await_state(page, site, trip, "loaded")
    assert wrong == []


def test_a_step_pressed_without_signal_is_kept_and_sent(
    cab: tuple[Page, list[str]], site: Site, trip: UUID
) -> None:
    """A driver in a valley would lose the signed step, or wait there for the signal."""
    page, _ = cab
    page.context.set_offline(True)
    page.click(ACT)
    page.wait_for_selector(".kept:has-text('Waiting for signal')")
    assert "saved at" in page.inner_text(".kept")
    assert "Loaded" in page.inner_text(ACT)
    assert site.market.get(Trip, trip).state == "planned"
    page.context.set_offline(False)
    await_state(page, site, trip, "at_origin")
    page.wait_for_selector(".kept", state="detached")


def test_a_lost_answer_does_not_double_a_step(cab: tuple[Page, list[str]], site: Site, trip: UUID) -> None:
    """The server has signed but the terminal never heard it: the load would be signed for twice."""
    page, _ = cab
    page.click(ACT)
    await_state(page, site, trip, "at_origin")
    weigh(site, trip)
    page.wait_for_selector(".weighed__net")
    lost: list[int] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/steps", lose)
    page.click(ACT)
    page.wait_for_selector(f"{ACT}:has-text('Departing')")
    page.wait_for_selector(".kept", state="detached")
    assert lost == [200]
    assert len(site.market.events("ManifestSigned")) == 1


def test_a_double_tap_presses_one_step(cab: tuple[Page, list[str]], site: Site, trip: UUID) -> None:
    """A gloved hand that bounces would sign for the load when it only meant to arrive."""
    page, _ = cab
    weigh(site, trip)
    page.dblclick(ACT)
    await_state(page, site, trip, "at_origin")
    page.wait_for_selector(f"{ACT}:has-text('Loaded'):enabled")
    assert site.market.get(Trip, trip).state == "at_origin"
    assert page.locator(".kept").count() == 0


def test_a_refusal_says_the_rule_and_the_way_out(cab: tuple[Page, list[str]], site: Site, trip: UUID) -> None:
    """A driver would press again and again without knowing that the scale is missing."""
    page, wrong = cab
    page.click(ACT)
    await_state(page, site, trip, "at_origin")
    page.wait_for_selector(f"{ACT}:has-text('Loaded')")
    page.click(ACT)
    page.wait_for_selector(".kept--refused:has-text('M4.not_weighed')")
    assert violations(page) == []
    page.click(".kept--refused .button--quiet")
    page.wait_for_selector(f"{ACT}:has-text('Loaded')")
    assert wrong == []


def test_a_step_is_signed_without_signal_and_never_over_another_version(
    cab: tuple[Page, list[str]], site: Site, trip: UUID, address: str
) -> None:
    """A driver in a valley could not sign, or would overwrite what the office changed meanwhile."""
    page, _ = cab
    weigh(site, trip)
    page.click("terminal-key summary")
    page.fill("terminal-key input[name=label]", "鄂A 平板")
    page.fill("terminal-key input[type=password]", PASSWORD)
    page.click("terminal-key button")
    page.wait_for_selector("terminal-key:has-text('This terminal signs without signal: 鄂A 平板')")
    page.context.set_offline(True)
    page.click(ACT)
    page.wait_for_selector(".kept:has-text('Signed on this terminal')")
    page.click(f"{ACT}:has-text('Loaded'):enabled")
    page.wait_for_function("document.querySelectorAll('.kept').length === 2")
    page.wait_for_selector(f"{ACT}:has-text('Departing'):enabled")
    assert site.market.get(Trip, trip).state == "planned"
    page.context.set_offline(False)
    await_state(page, site, trip, "loaded")
    page.wait_for_selector(".kept", state="detached")
    (load,) = [one for one in site.market.events("ManifestSigned") if one.data["act"] == "load"]
    assert load.data["credential"] == "device"
    page.wait_for_selector(f"{ACT}:has-text('Departing'):enabled")
    page.context.set_offline(True)
    page.click(ACT)
    page.wait_for_selector(".kept:has-text('Signed on this terminal')")
    manifest = site.market.get(Trip, trip).manifest_id
    with site.market.work() as work:
        work.session.get_one(Manifest, manifest).planned_kg = 26_000
    page.context.set_offline(False)
    page.wait_for_selector(".kept:has-text('the manifest had changed')")
    assert site.market.get(Trip, trip).state == "loaded"
    page.click(".kept a")
    page.wait_for_selector(".versions__differs:has-text('20.000 t'):has-text('26.000 t')")
    assert violations(page) == []
