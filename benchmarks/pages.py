"""How long does a person wait until a page of the demonstration world does what it is for?

From the navigation, with an empty cache each time, in a headless Chromium that draws without a graphics
card, until the page has answered the first thing a person does there: the list is read, a code is looked up,
a vehicle's story is open. Beside it the moment at which the page's map is complete, as the page itself tells.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.lines import Line, middle
from marketplace.demo.known import PASSWORD
from marketplace.demo.private import private_instance
from tools.parts import CHROMIUM_FLAGS, find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, StorageState

TIMES = 5
TARGET_S = 2.0
SPEED = 30.0
AUTOPILOT_S = 20.0
"""As `make run` has it."""
FIRST_ROW = "#beside tbody a[data-panel]"
FIRST_LOAD_MS = 300_000
DRAWN = """addEventListener('DOMContentLoaded', () => new MutationObserver((_, watch) => {
  if (!document.querySelector('[loaded]')) return;
  window.drawn = performance.now() / 1000;
  watch.disconnect();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ['loaded'] }));"""
"""Has a page tell when its map was complete: asking from outside waits for a frame more."""


@dataclass(frozen=True, slots=True)
class View:
    """A page that somebody opens, the first thing done there, and what answers it."""

    name: str
    login: str
    path: str
    use: Callable[[Page], None]
    answer: str
    map: bool = False


def _read(_page: Page) -> None:
    """Do nothing: the page is there to be read."""


def _look_up(page: Page) -> None:
    page.type("#code", "900-214")


def _open_first(page: Page) -> None:
    page.click(FIRST_ROW)


VIEWS = (
    View("producer: my lots", "producer", "/lots", _read, "main table, main .empty"),
    View("producer: list a lot, a code looked up", "producer", "/lots/new", _look_up, "#wastes li", map=True),
    View("inspector: live map, a story", "inspector", "/map", _open_first, "#panel article", map=True),
)


def measure() -> Iterator[Line]:
    """Yield the median seconds of each page."""
    if find_chromium() is None:
        print("  Chromium is not installed here: the pages are not measured.", flush=True)
        return
    from playwright.sync_api import sync_playwright

    with private_instance(SPEED, AUTOPILOT_S) as instance, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        _await_first_load(browser, instance.url)
        for view in VIEWS:
            used = middle([_opened(browser, instance.url, view, _used) for _ in range(TIMES)])
            yield Line(f"page, {view.name}", used, "s", target=TARGET_S, note=view.path)
            if view.map:
                drawn = middle([_opened(browser, instance.url, view, _drawn) for _ in range(TIMES)])
                yield Line(f"page, {view.name}: its map complete", drawn, "s", note="software drawing")
        browser.close()


def _await_first_load(browser: Browser, url: str) -> None:
    """Wait for the first load of the demonstration's people: before it there is nothing to open."""
    context = browser.new_context(storage_state=_signed_in(browser, url, "inspector"))
    page = context.new_page()
    page.goto(f"{url}/map")
    page.wait_for_selector(FIRST_ROW, timeout=FIRST_LOAD_MS)
    context.close()


def _opened(browser: Browser, url: str, view: View, wait: Callable[[Page, View, float], float]) -> float:
    """Open a page signed in, and return the seconds that `wait` finds from the navigation on."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900},
        locale="zh-CN",
        storage_state=_signed_in(browser, url, view.login),
    )
    page = context.new_page()
    page.add_init_script(DRAWN)
    start = time.perf_counter()
    page.goto(url + view.path, wait_until="domcontentloaded")
    took = wait(page, view, start)
    context.close()
    return took


def _used(page: Page, view: View, start: float) -> float:
    view.use(page)
    page.wait_for_selector(view.answer, timeout=60_000)
    return time.perf_counter() - start


def _drawn(page: Page, _view: View, _start: float) -> float:
    page.wait_for_selector("[loaded]", state="attached", timeout=60_000)
    return float(page.evaluate("window.drawn"))


def _signed_in(browser: Browser, url: str, login: str) -> StorageState:
    """Return what the browser keeps of a sign-in made in another, forgotten window."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    state = context.storage_state()
    context.close()
    return state
