"""On which database are documents shown? What they do is the same on both: SQLite will do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from compliance.record.database import open_database


@pytest.fixture
def engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A fresh migrated SQLite database."""
    copy = tmp_path / "huanlian.db"
    shutil.copy(sqlite_template, copy)
    opened = open_database(f"sqlite:///{copy}")
    yield opened
    opened.dispose()
