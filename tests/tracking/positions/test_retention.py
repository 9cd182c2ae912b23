"""Do old positions leave the database only once their archive is proved true?"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, select, text

from compliance.record.database import reading, transaction
from compliance.record.errors import Conflict
from devices.readings import PositionReading
from tests.factories.positions import arrival
from tracking.positions import archive, retention, service
from tracking.positions.arrivals import Delivery
from tracking.positions.tables import Position
from tracking.positions.weeks import week_of

duckdb = pytest.importorskip("duckdb")

NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
OLD = NOW - timedelta(days=380)
KEEP = timedelta(days=365)
FIX = PositionReading(1, OLD, 30.6, 114.3, speed_kmh=0.1, ignition=True, extra={"text": 'a "b", \\ 环\n'})


def store(engine: Engine, *readings: PositionReading) -> None:
    """Store positions as the ingest does."""
    with transaction(engine) as session:
        several = Delivery("d", 1, None, [arrival(one, NOW) for one in readings])
        service.store(session, [several])


def left(engine: Engine) -> list[int]:
    """Return the numbers of the positions in the database."""
    with reading(engine) as session:
        return list(session.scalars(select(Position.seq).order_by(Position.seq)))


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """A database with two positions of an old week, one of a broken clock and one of today."""
    moments = (OLD, OLD + timedelta(milliseconds=1), datetime(1970, 1, 5, tzinfo=UTC), NOW)
    store(engine, *(replace(FIX, seq=n, device_time=moment) for n, moment in enumerate(moments, 1)))
    return engine


def test_what_is_old_is_archived_and_gone(filled: Engine, tmp_path: Path) -> None:
    """The database would grow for ever, or a court would ask for what nobody has any more."""
    done = retention.retain(filled, NOW, KEEP, tmp_path)
    assert left(filled) == [4]
    assert sum(one.rows for one in done) == 3
    name = f"position-{week_of(OLD).name}.parquet"
    rows = duckdb.sql(
        f"SELECT seq, \"at\", lat, ignition, extra, content_hash FROM '{tmp_path / name}'"
    ).fetchall()
    second = replace(FIX, seq=2, device_time=OLD + timedelta(milliseconds=1))
    assert [row[0] for row in rows] == [1, 2]
    assert rows[1][1:4] == (second.device_time.replace(tzinfo=None), 30.6, True)
    assert json.loads(rows[1][4]) == FIX.extra
    assert rows[1][5] == arrival(second, NOW).content
    told = json.loads((tmp_path / name).with_suffix(".json").read_text())
    assert (told["rows"], told["file"]) == (2, name)
    assert retention.retain(filled, NOW, KEEP, tmp_path) == []


def test_a_late_position_of_an_archived_week_gets_a_file_of_its_own(filled: Engine, tmp_path: Path) -> None:
    """A second file in the first one's place would destroy the only copy of a week."""
    retention.retain(filled, NOW, KEEP, tmp_path)
    store(filled, replace(FIX, seq=9))
    assert left(filled) == [4, 9]
    (done,) = retention.retain(filled, NOW, KEEP, tmp_path)
    assert done.file == f"position-{week_of(OLD).name}-2.parquet"
    assert left(filled) == [4]


def test_a_file_that_is_untrue_removes_nothing(
    filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk or a broken library would cost the only copy."""
    real: Callable[..., archive.Proof] = archive._read_back

    def short(*what: object) -> archive.Proof:
        found = real(*what)
        return archive.Proof(found.rows - 1, found.numbers, found.contents)

    monkeypatch.setattr(archive, "_read_back", short)
    with pytest.raises(Conflict):
        retention.retain(filled, NOW, KEEP, tmp_path)
    assert not list(tmp_path.glob("position*"))
    monkeypatch.undo()
    assert sum(one.rows for one in retention.retain(filled, NOW, KEEP, tmp_path)) == 3
    assert left(filled) == [4]
    if filled.dialect.name == "postgresql":
        with filled.connect() as connection:
            names = connection.scalar(
                text("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'position_gone%'")
            )
        assert names == 0
