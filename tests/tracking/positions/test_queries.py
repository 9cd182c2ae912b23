"""Are the positions of several vehicles, read in one look, those that each has by itself?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine

from compliance.record.database import reading, transaction
from devices.readings import PositionReading
from tests.factories.positions import arrival
from tests.tracking.world import START
from tracking.positions import queries, service
from tracking.positions.arrivals import Delivery

FIRST, SECOND, LATE = (UUID(int=number) for number in (1, 2, 3))
MINUTE = timedelta(minutes=1)


def delivery(vehicle_id: UUID) -> Delivery:
    """A fix a minute for half an hour, the first of which is not believed."""
    arrivals = []
    for number in range(30):
        told = PositionReading(number + 1, START + number * MINUTE, 30.6, 114.3)
        why = None if number else "stale"
        arrivals.append(arrival(told, START, why))
    return Delivery(f"veh-{vehicle_id.int}", 1, vehicle_id, arrivals)


@pytest.mark.parametrize("most", [2, 15, 1000])
def test_several_vehicles_are_read_as_each_alone(engine: Engine, most: int) -> None:
    """A vehicle would be judged by another's way, or by half of its own."""
    with transaction(engine) as session:
        service.store(session, [delivery(one) for one in (FIRST, SECOND, LATE)])
    since = {FIRST: START + 20 * MINUTE, SECOND: START + 25 * MINUTE, LATE: START}
    with reading(engine) as session:
        found = queries.fixes_since(session, since, most)
        alone = {key: queries.fixes(session, key, moment, None, most) for key, moment in since.items()}
        assert queries.fixes_since(session, {}, most) == {}
    assert found == alone
    assert [len(found[one]) for one in (FIRST, SECOND, LATE)] == [min(most, n) for n in (10, 5, 29)]
