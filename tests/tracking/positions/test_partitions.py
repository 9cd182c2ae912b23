"""Does a position find its week's partition, and come in where there is none?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, text

from compliance.record.database import open_database, reading, transaction
from devices.readings import PositionReading
from marketplace import schema
from tests.factories.positions import arrival
from tests.support.postgres import Server
from tests.tracking.world import START
from tracking.positions import partitions, queries, service
from tracking.positions.arrivals import Delivery
from tracking.positions.weeks import WEEK, Week, week_of, weeks_ahead, worth_partition

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
LATE = NOW - timedelta(days=200)
FIX = PositionReading(1, START, 30.6, 114.3)


@pytest.fixture
def parted(postgres_server: Server) -> Iterator[Engine]:
    """A fresh migrated PostgreSQL database."""
    name = f"parted{uuid4().hex}"
    postgres_server.execute(f"CREATE DATABASE {name} TEMPLATE template_huanlian")
    engine = open_database(postgres_server.url(name))
    yield engine
    engine.dispose()
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A fresh migrated SQLite database."""
    copy = tmp_path / "huanlian.db"
    shutil.copy(sqlite_template, copy)
    engine = open_database(f"sqlite:///{copy}")
    yield engine
    engine.dispose()


def store(engine: Engine, *moments: datetime, first: int = 1) -> None:
    """Store one position of each moment, received now."""
    with transaction(engine) as session:
        several = [replace(FIX, seq=first + n, device_time=moment) for n, moment in enumerate(moments)]
        service.store(
            session,
            [Delivery("d", 1, None, [arrival(one, NOW) for one in several])],
        )


def places(engine: Engine) -> list[str]:
    """Return in which table each position lies, by number."""
    with engine.connect() as connection:
        return [
            name.strip('"')
            for name in connection.scalars(text("SELECT tableoid::regclass::text FROM position ORDER BY seq"))
        ]


def test_weeks_begin_on_monday_in_utc_and_are_named_as_people_name_them() -> None:
    """Two processes that named a week otherwise would each make a table for it, and one would fail."""
    assert week_of(datetime(2027, 1, 3, 23, 59, 59, tzinfo=UTC)) == Week(datetime(2026, 12, 28, tzinfo=UTC))
    new_year = weeks_ahead(datetime(2026, 12, 31, tzinfo=UTC), 1)
    assert [week.name for week in new_year] == ["2026w53", "2027w01"]
    mad = [week_of(NOW + timedelta(days=3650)), week_of(NOW - timedelta(days=3650))]
    assert worth_partition([*mad, week_of(LATE)], NOW) == [week_of(LATE)]


@pytest.mark.postgis
def test_a_late_position_makes_its_week_and_a_mad_clock_makes_none(parted: Engine) -> None:
    """A truck that was offline for months would stop the ingest, or a broken clock fill the catalogue."""
    store(parted, LATE, NOW, datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC))
    week = partitions.partition_of(week_of(LATE))
    assert places(parted) == [week, "position_2026w48", partitions.REST, partitions.REST]
    with parted.connect() as connection:
        assert week_of(LATE) in partitions.existing(connection)


@pytest.mark.postgis
def test_what_found_no_partition_is_sorted_in_later(parted: Engine) -> None:
    """While somebody reads the whole table no partition can be made; the truck must not wait for that."""
    with parted.connect() as reader:
        reader.execute(text("SELECT count(*) FROM position"))
        store(parted, LATE)
        assert places(parted) == [partitions.REST]
        with transaction(parted) as session:
            partitions.keep_ready(session, NOW)
        assert places(parted) == [partitions.REST]
    with transaction(parted) as session:
        assert partitions.keep_ready(session, NOW) >= 1
    assert places(parted) == [partitions.partition_of(week_of(LATE))]
    with transaction(parted) as session:
        assert partitions.keep_ready(session, NOW) == 0


@pytest.mark.postgis
def test_a_resend_is_known_whatever_its_time(parted: Engine) -> None:
    """Another fix under a number already taken would be stored beside the first, in another partition."""
    store(parted, NOW, LATE)
    with reading(parted) as session:
        same = queries.content_hashes(session, {("d", 1, 1): NOW})
        other = queries.content_hashes(
            session, {("d", 1, 1): NOW + WEEK, ("d", 1, 2): NOW, ("d", 1, 3): NOW, ("e", 1, 1): NOW}
        )
    assert (set(same), set(other)) == ({("d", 1, 1)}, {("d", 1, 1), ("d", 1, 2)})


@pytest.mark.postgis
def test_a_year_of_one_vehicle_is_read_by_index(parted: Engine) -> None:
    """A trip's replay would read every fix of the whole fleet."""
    with parted.begin() as connection:
        partitions.make_room(connection, [NOW - WEEK * n for n in range(56)], NOW)
        connection.execute(
            text(
                "INSERT INTO position (device_id, inc, seq, vehicle_id, at, device_time, received_at, lat,"
                " lon, load, status_bits, alarm_bits, replayed, content_hash)"
                " SELECT 'd' || v, 1, n, lpad(v::text, 32, '0')::uuid, t, t, t, 30, 114, 'full', 0, 0, false,"
                " ''"
                " FROM generate_series(0, 49) v, generate_series(1, 1600) n,"
                " LATERAL (SELECT timestamptz '2026-11-25' - n * interval '5 hours 45 minutes' AS t) moment"
            )
        )
        connection.execute(text("ANALYZE position"))
        plan = "\n".join(
            connection.scalars(
                text(
                    "EXPLAIN SELECT at, seq, lat, lon, speed_kmh, course_deg FROM position WHERE vehicle_id ="
                    " '00000000000000000000000000000007' AND excluded IS NULL"
                    " AND at >= '2025-11-25' AND at < '2026-11-25' ORDER BY at, seq"
                )
            )
        )
    assert "Seq Scan" not in plan
    assert plan.count("vehicle_id_at") >= 52


@pytest.mark.postgis
def test_positions_outlive_the_way_into_partitions_and_back(parted: Engine) -> None:
    """An upgrade of a running instance would lose where its vehicles were."""
    store(parted, NOW, LATE, datetime(1970, 1, 1, tzinfo=UTC))
    schema.downgrade(parted, "0004")
    assert places(parted) == ["position"] * 3
    schema.upgrade(parted)
    week = partitions.partition_of(week_of(LATE))
    assert places(parted) == ["position_2026w48", week, partitions.REST]


def test_the_one_table_of_sqlite_outlives_the_new_key(sqlite_engine: Engine) -> None:
    """The same upgrade on the database of a demonstration or a small yard."""
    store(sqlite_engine, NOW, LATE)
    schema.downgrade(sqlite_engine, "0004")
    schema.upgrade(sqlite_engine)
    with reading(sqlite_engine) as session:
        wanted = {("d", 1, 1): NOW, ("d", 1, 2): LATE}
        assert set(queries.content_hashes(session, wanted)) == set(wanted)
