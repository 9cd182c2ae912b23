"""On which site do the tests of the pages knock? Pages are the same on both databases: SQLite will do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from compliance.record.database import open_database
from tests.factories.site import Site, open_site


@pytest.fixture
def engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A fresh migrated SQLite database."""
    copy = tmp_path / "huanlian.db"
    shutil.copy(sqlite_template, copy)
    opened = open_database(f"sqlite:///{copy}")
    yield opened
    opened.dispose()


@pytest.fixture
def site(engine: Engine) -> Site:
    """The pages on the small market."""
    return open_site(engine)
