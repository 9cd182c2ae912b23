"""Which market does a test of the trade begin with?"""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from sqlalchemy import Engine

from marketplace.accounts import passwords
from tests.factories.trade import Market, open_market


@pytest.fixture
def market(engine: Engine) -> Market:
    """Two producers, two processors with open needs, one carrier with two trucks, on each database."""
    return open_market(engine)


@pytest.fixture(autouse=True, scope="session")
def _quick_hashing() -> None:
    """Hash passwords by the same algorithm with its least effort."""
    passwords._HASHER = PasswordHasher.from_parameters(CHEAPEST)
