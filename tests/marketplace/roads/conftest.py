"""Which road servers may the tests of this folder ask?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from marketplace.ports import free_port
from tests.marketplace.roads import servers


@pytest.fixture(scope="session")
def osrm_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real OSRM server over the made-up town, for any vehicle."""
    with servers.osrm(tmp_path_factory.mktemp("osrm") / "all") as address:
        yield address


@pytest.fixture(scope="session")
def osrm_hazmat_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real OSRM server over the town without the ways that are closed to dangerous goods."""
    with servers.osrm(tmp_path_factory.mktemp("osrm") / "hazmat", without="hazmat") as address:
        yield address


@pytest.fixture(scope="session")
def valhalla_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valhalla server over the made-up town."""
    with servers.valhalla(tmp_path_factory.mktemp("valhalla") / "all") as address:
        yield address


@pytest.fixture
def nobody() -> str:
    """An address where nothing listens."""
    return f"http://127.0.0.1:{free_port()}"
