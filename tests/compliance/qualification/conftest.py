"""On which database are documents shown? What they do is the same on both: SQLite will do."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine


@pytest.fixture
def engine(sqlite_engine: Engine) -> Engine:
    """A fresh migrated SQLite database."""
    return sqlite_engine
