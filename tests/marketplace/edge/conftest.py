"""Which house do these tests knock at?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import Engine

from marketplace import app as application
from tests.marketplace.edge.house import House, open_house


@pytest.fixture
def house(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> House:
    """The front door on a fresh database of each dialect, without the pages behind it."""
    monkeypatch.setattr(application, "pages", tuple)
    return open_house(engine)


@pytest.fixture
def browser(house: House) -> Iterator[TestClient[Litestar]]:
    """A browser that has not been here before."""
    with house.client() as client:
        yield client
