"""Does every value of a position come back from the database as it went in?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from msgspec.structs import replace
from sqlalchemy import insert

from compliance.record.database import transaction
from devices.readings import Load, PositionReading
from tests.factories.positions import arrival
from tests.tracking.world import START, TRUCK, World
from tracking.positions import service
from tracking.positions.arrivals import Delivery
from tracking.positions.tables import Position

BARE = PositionReading(1, START, 30.6, 114.3)
FULL = PositionReading(
    seq=2**53 - 1,
    device_time=datetime(2026, 11, 20, 1, 2, 3, 4000, UTC),
    lat=-30.1234567,
    lon=1e-7,
    gnss_time=datetime(2026, 11, 20, 9, 2, 3, tzinfo=timezone(timedelta(hours=8))),
    altitude_m=-3,
    speed_kmh=0.1,
    course_deg=359,
    satellites=12,
    hdop=0.8,
    odometer_m=2**40,
    ignition=False,
    load=Load.HALF,
    status_bits=2**32 - 1,
    alarm_bits=5,
    replayed=True,
    extra={
        "text": 'tab\t newline\n return\r backslash\\ quote" \\N 环链 \x00',
        "list": [1, None, {"a": 0.5}],
    },
)


def values(row: Position) -> dict[str, object]:
    """Return what a stored position says."""
    return {column.name: getattr(row, column.name) for column in Position.__table__.columns}


def delivery(world: World, reading: PositionReading) -> Delivery:
    """Return a reading of the truck as the pipeline passes it on."""
    known = None if reading is BARE else world.vehicle_id
    one = arrival(reading, START, "stale" if reading is FULL else None)
    return Delivery(TRUCK, 1, known, [one])


@pytest.mark.parametrize("reading", [BARE, FULL, replace(FULL, seq=3, ignition=True, extra={})])
def test_a_position_comes_back_as_it_went_in(world: World, reading: PositionReading) -> None:
    """The quick way into the database must mean the same as the mapper that everybody reads by."""
    told = delivery(world, reading)
    [one] = told.arrivals
    with transaction(world.engine) as session:
        service.store(session, [told])
    quick = values(world.get(Position, (TRUCK, 1, reading.seq, reading.gnss_time or reading.device_time)))
    with transaction(world.engine) as session:
        session.execute(
            insert(Position).values(
                device_id="mapped",
                inc=1,
                seq=reading.seq,
                vehicle_id=told.vehicle_id,
                at=reading.gnss_time or reading.device_time,
                **{
                    name: value.value if isinstance(value, Load) else value
                    for name in reading.__struct_fields__
                    if (value := getattr(reading, name)) is not None and name not in ("seq", "extra")
                },
                extra=reading.extra or None,
                received_at=one.received_at,
                content_hash=one.content,
                excluded=one.excluded,
            )
        )
    mapped = world.get(Position, ("mapped", 1, reading.seq, reading.gnss_time or reading.device_time))
    assert quick | {"device_id": "mapped"} == values(mapped)


def test_a_stored_position_stays_as_it_is(world: World) -> None:
    """Nobody may rewrite where a truck was; a batch with a resend must still come in."""
    first, other = delivery(world, BARE), delivery(world, replace(BARE, lat=31.0))
    for several in ([first], [other, delivery(world, FULL)], []):
        with transaction(world.engine) as session:
            service.store(session, several)
    assert world.get(Position, (TRUCK, 1, 1, START)).lat == BARE.lat
    assert world.count(Position) == 2


def test_the_hash_of_a_content_is_the_one_that_was_stored_years_ago() -> None:
    """A resend after an upgrade would be told as a number given out twice."""
    told = replace(FULL, lon=114.25, extra={"b": [1, None, {"a": 0.5}], "a": "环"})
    assert arrival(told, START).content.hex() == (
        "c411ed24f2762770e35bdb1a799e5cbb0db404323d0677b9b55f8175300427c3"
    )
    assert arrival(replace(told, replayed=False), START).content == arrival(told, START).content
