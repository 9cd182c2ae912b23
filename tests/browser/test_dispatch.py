"""Can a dispatcher move a load with mouse, finger or keys, see the cost first, and search for better?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from marketplace.solves import engines
from marketplace.solves.process import Solver
from tests.browser.looking import looking, overflows, violations
from tests.factories.dispatch import VEHICLES, open_day
from tests.factories.site import PASSWORD, Site
from tracking.trips.tables import Trip

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def site(engine: Engine) -> Site:
    """The pages on a market whose carrier has three vehicles and three loads."""
    return Site(open_day(engine)[0])


@pytest.fixture
def solver(site: Site) -> Iterator[threading.Thread]:
    """A solver that works beside the pages once it is started; compiled, for that may take a minute."""
    engines.warm_up()
    stop = threading.Event()
    runner = threading.Thread(target=Solver(site.market.engine, site.market.now).run, args=(stop,))
    yield runner
    stop.set()
    runner.join(20)


def sign_in(page: Page, address: str, site: Site, language: str) -> None:
    """Sign in as the dispatcher and open the desk."""
    site.visitor("carrier")
    person_id = site.market.parties["carrier"].who.person_id
    assert person_id is not None
    page.goto(f"{address}/dispatch")
    page.fill("#login", f"login-{person_id.hex[-8:]}")
    page.fill("#password", PASSWORD)
    page.click("form[action='/sign-in'] button[type=submit]")
    page.wait_for_url(f"{address}/dispatch")
    if language == "en":
        page.click("button[name=language]")
        page.wait_for_selector("html[lang=en]")
    page.wait_for_selector("plan-gantt .gantt__load--free")
    page.wait_for_selector("plan-map[loaded]", timeout=30_000)


def carriers(site: Site) -> dict[UUID, UUID]:
    """Return by load its vehicle as the record has it."""
    rows = site.market.rows(select(Trip))
    return {row.manifest_id: row.vehicle_id for row in rows}


def told(page: Page, words: str) -> None:
    """Wait until the cost is told, to the eye and to the ear."""
    page.locator(".gantt__tip", has_text=words).wait_for()
    page.locator(".gantt__said", has_text=words).wait_for(state="attached")


def sound(page: Page) -> None:
    """Insist that the page can be read aloud and fits its window."""
    assert violations(page) == []
    assert not overflows(page)


def middle(part: Locator) -> tuple[float, float]:
    """Return where a finger would touch a part."""
    box = part.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize(("language", "width"), [("zh", 1280), ("en", 820)])
def test_a_load_is_dragged_and_its_cost_told_before_it_stays(
    chromium: Browser, site: Site, address: str, language: str, width: int
) -> None:
    """A dispatcher would move a load blindly, or not at all on a tablet's width."""
    before = carriers(site)
    with looking(chromium, width=width) as (page, wrong):
        sign_in(page, address, site, language)
        sound(page)
        drawn = page.locator(".gantt__scroll svg")
        shown = drawn.bounding_box()
        assert shown is not None
        assert shown["width"] == float(drawn.get_attribute("width") or 0), "it scrolls and never shrinks"
        x, y = middle(page.locator(".gantt__load--free .gantt__box").nth(1))
        _, above = middle(page.locator(".gantt__ground").nth(0))
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 4, above, steps=5)
        told(page, "节省" if language == "zh" else "saves")
        page.mouse.up()
        page.wait_for_selector("form[action='/dispatch/accept']")
        assert carriers(site) == before, "nothing stays before it is accepted"
        page.locator(".gantt__before").nth(VEHICLES - 1).wait_for(state="attached")
        sound(page)
        page.click("form[action='/dispatch/accept'] button")
        page.wait_for_selector("form[action='/dispatch/undo']")
        assert len(set(carriers(site).values())) == 2
        page.click("form[action='/dispatch/undo'] button")
        page.click("#confirm-dialog button[value=yes]")
        page.wait_for_selector("form[action='/dispatch/undo']", state="detached")
        assert carriers(site) == before
        assert wrong == []


def test_a_load_is_moved_with_the_keys_alone(chromium: Browser, site: Site, address: str) -> None:
    """A dispatcher who cannot use a mouse would be shut out."""
    with looking(chromium) as (page, wrong):
        sign_in(page, address, site, "en")
        page.locator(".gantt__load--free").nth(1).focus()
        page.keyboard.press("ArrowUp")
        told(page, "saves")
        page.keyboard.press("Escape")
        assert page.text_content(".gantt__said") == ""
        page.keyboard.press("Enter")
        assert (page.evaluate("document.activeElement.id") or "").startswith("to-")
        page.locator(".gantt__load--free").nth(1).focus()
        page.keyboard.press("ArrowUp")
        told(page, "saves")
        page.keyboard.press("Enter")
        page.wait_for_selector("form[action='/dispatch/accept']")
        assert wrong == []


def test_a_load_is_dragged_with_a_finger(chromium: Browser, site: Site, address: str) -> None:
    """On a tablet the page would scroll away under the finger."""
    with looking(chromium, width=1024) as (page, wrong):
        sign_in(page, address, site, "en")
        x, y = middle(page.locator(".gantt__load--free .gantt__box").nth(1))
        _, above = middle(page.locator(".gantt__ground").nth(0))
        touch = page.context.new_cdp_session(page)

        def put(kind: str, *points: dict[str, float]) -> None:
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

        put("touchStart", {"x": x, "y": y})
        for step in range(1, 6):
            put("touchMove", {"x": x, "y": y + (above - y) * step / 5})
        told(page, "saves")
        put("touchEnd")
        page.wait_for_selector("form[action='/dispatch/accept']")
        assert wrong == []


@pytest.mark.timeout(300)
def test_a_search_shows_how_far_it_is_and_leads_to_its_answer(
    chromium: Browser, site: Site, address: str, solver: threading.Thread
) -> None:
    """A dispatcher would wait before a page that stands still, and never see the better plan."""
    with looking(chromium) as (page, wrong):
        sign_in(page, address, site, "zh")
        page.select_option("select[name=change_fen]", "0")
        page.click("form[action='/dispatch/solves'] button")
        page.wait_for_selector(".solve__bar")
        sound(page)
        solver.start()
        page.wait_for_url("**/dispatch?solve=*", timeout=60_000)
        page.wait_for_selector("form[action='/dispatch/accept']")
        sound(page)
        page.click("form[action='/dispatch/accept'] button")
        page.wait_for_selector("form[action='/dispatch/undo']")
        assert len(set(carriers(site).values())) == 2
        assert wrong == []
