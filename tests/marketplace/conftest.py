"""Which market does a test of the trade begin with?"""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.factories.trade import Market, open_market


@pytest.fixture
def market(engine: Engine) -> Market:
    """Two producers, two processors with open needs, one carrier with two trucks, on each database."""
    return open_market(engine)
