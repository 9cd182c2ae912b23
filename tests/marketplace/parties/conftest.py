"""On which site do the tests of the parties knock? Pages are the same on both databases: SQLite will do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar.testing import TestClient
from sqlalchemy import Engine

from marketplace.settings import Settings
from tests.factories.rooms import application
from tests.factories.site import open_site
from tests.marketplace.parties.knocking import Door
from tests.marketplace.web.conftest import engine

__all__ = ["engine"]


@pytest.fixture(scope="session")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the one application that all these tests use."""
    return tmp_path_factory.mktemp("scans")


@pytest.fixture
def door(engine: Engine, scans: Path) -> Iterator[Door]:
    """The small market, its folder for scans empty."""
    shutil.rmtree(scans)
    scans.mkdir()
    site = open_site(engine)
    settings = Settings(demo=False, var=scans)
    site.app = application(settings, engine, site.market.now, wall=lambda: site.wall_at)
    with TestClient(site.app) as client:
        yield Door(site, client)
