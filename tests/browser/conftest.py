"""With which browser, and on which site, do the tests look at the pages?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine

from tests.factories.site import Site, open_site
from tests.support.serving import served
from tools.parts import CHROMIUM_FLAGS, find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium that draws maps and asks nobody outside; one at a time in a process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """A fresh migrated SQLite database."""
    return sqlite_engine


@pytest.fixture
def site(engine: Engine) -> Site:
    """The pages on the small market."""
    return open_site(engine)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    """Where the site is served."""
    with served(site.app) as place:
        yield place
