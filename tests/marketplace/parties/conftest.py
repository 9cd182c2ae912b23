"""On which site do the tests of the parties knock? Pages are the same on both databases: SQLite will do."""

from __future__ import annotations

from tests.marketplace.web.conftest import engine

__all__ = ["engine"]
