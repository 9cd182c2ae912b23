"""How long does a person wait until a page of the demonstration world can be used?

From the navigation to the `load` event with every island of the page at work, in a headless Chromium that
draws without a graphics card, with an empty cache each time.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.lines import Line, middle
from marketplace.demo.known import PASSWORD
from marketplace.demo.private import private_instance
from tools.parts import CHROMIUM_FLAGS, find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TIMES = 5
TARGET_S = 2.0
SPEED = 30.0


@dataclass(frozen=True, slots=True)
class View:
    """A page that somebody opens, and what must be there before it can be used."""

    name: str
    login: str
    path: str
    usable: str


VIEWS = (
    View("producer: my lots", "producer", "/lots", "main"),
    View("producer: list a lot", "producer", "/lots/new", "site-picker[loaded]"),
    View("inspector: live map", "inspector", "/map", "live-map[loaded]"),
)


def measure() -> Iterator[Line]:
    """Yield the median seconds of each page."""
    if find_chromium() is None:
        print("  Chromium is not installed here: the pages are not measured.", flush=True)
        return
    from playwright.sync_api import sync_playwright

    with private_instance(SPEED) as instance, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        for view in VIEWS:
            took = [_opened(browser, instance.url, view) for _ in range(TIMES)]
            yield Line(f"page, {view.name}", middle(took), "s", target=TARGET_S, note=view.path)
        browser.close()


def _opened(browser: Browser, url: str, view: View) -> float:
    """Sign in afresh and return the seconds until the page can be used."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
    cookie = _signed_in(browser, url, view.login)
    context.add_cookies(cookie)
    page = context.new_page()
    start = time.perf_counter()
    page.goto(url + view.path, wait_until="load")
    page.wait_for_selector(view.usable, state="attached", timeout=60_000)
    took = time.perf_counter() - start
    context.close()
    return took


def _signed_in(browser: Browser, url: str, login: str) -> list[dict[str, object]]:
    """Return the cookies of a sign-in made in another, forgotten window."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{url}/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda address: "/sign-in" not in address)
    cookies = context.cookies()
    context.close()
    return cookies
