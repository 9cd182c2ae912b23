"""Which people may every manifest test lean on?"""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.factories import parties
from tests.factories.parties import Cast


@pytest.fixture
def people(engine: Engine) -> Cast:
    """A producer, a carrier, a processor and others, all papers in order."""
    return parties.gathered(engine)
