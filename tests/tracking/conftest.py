"""Which world does every tracking test start from?"""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.tracking.world import World, build


@pytest.fixture
def world(engine: Engine) -> World:
    """One issued manifest with its trip planned, on each database."""
    return build(engine)
