"""How does a test look at a page: as a person, as a reader aloud, and for what went wrong unseen?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marketplace.app import STATIC

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AXE = STATIC / "vendor" / "axe.min.js"


@contextmanager
def looking(chromium: Browser, language: str = "zh", width: int = 1280) -> Iterator[tuple[Page, list[str]]]:
    """Yield a page of a fresh browser and the list of everything that goes wrong in it.

    In the list: errors of scripts, whatever the page's own policy blocked, requests to anywhere else.
    """
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None
    )
    page.on("requestfailed", lambda asked: wrong.append(asked.url) if "127.0.0.1" not in asked.url else None)
    try:
        yield page, wrong
    finally:
        context.close()


def is_outside(url: str) -> bool:
    """Tell whether an address leads away from this machine."""
    return url.startswith("http") and not url.startswith("http://127.0.0.1:")


def violations(page: Page) -> list[tuple[str, Any]]:
    """Return what axe-core finds against WCAG on the page as it stands, as (rule, elements)."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]]


def overflows(page: Page) -> bool:
    """Tell whether the page is wider than its window, so that a reader has to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
