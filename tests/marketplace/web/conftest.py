"""On which site do the tests of the pages knock? Pages are the same on both databases: SQLite will do."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.factories.site import Site, open_site


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """A fresh migrated SQLite database."""
    return sqlite_engine


@pytest.fixture
def site(engine: Engine) -> Site:
    """The pages on the small market."""
    return open_site(engine)
