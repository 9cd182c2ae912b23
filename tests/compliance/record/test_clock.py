"""Is a moment the same moment after it went through a database, and which day is it by law?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, MetaData, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from compliance.record import clock
from compliance.record.clock import ScaledClock, local_date, system_now
from compliance.record.moments import UtcDateTime
from tests.factories.parties import MORNING

zones = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=zones)  # noqa: DTZ001
modest = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class OwnTables(DeclarativeBase):
    metadata = MetaData()


class Tick(OwnTables):
    __tablename__ = "tick"
    key: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime | None] = mapped_column(UtcDateTime)


@pytest.fixture
def ticks(engine: Engine) -> Engine:
    """A database with a table of moments."""
    OwnTables.metadata.create_all(engine)
    return engine


@modest
@given(moment=moments)
def test_a_moment_comes_back_in_utc_to_the_microsecond(ticks: Engine, moment: datetime) -> None:
    """Hashes over times would not verify, and a signature would move by eight hours between databases."""
    with Session(ticks) as session:
        session.add(Tick(key=1, at=moment))
        session.flush()
        session.expire_all()
        back = session.get_one(Tick, 1).at
        assert session.scalars(select(Tick.key).where(Tick.at == moment)).all() == [1]
        session.rollback()
    assert back == moment
    assert back is not None
    assert back.utcoffset() == timedelta(0)
    assert back.tzinfo is UTC or str(back.tzinfo) in {"UTC", "Etc/UTC"}


def test_a_moment_without_a_zone_is_refused(ticks: Engine) -> None:
    """A programmer's slip would store Shanghai time as UTC, and nobody could tell later."""
    naive = datetime(2026, 11, 20, 9, 0)  # noqa: DTZ001 - the very thing that is refused
    with Session(ticks) as session:
        session.add(Tick(at=naive))
        with pytest.raises((ValueError, StatementError), match="time zone"):
            session.flush()


def test_no_moment_stays_none(ticks: Engine) -> None:
    """A deal that is not settled would look settled at some hour."""
    with Session(ticks) as session:
        session.add(Tick(key=1, at=None))
        session.flush()
        session.expire_all()
        assert session.get_one(Tick, 1).at is None


def test_moments_sort_by_time_whatever_zone_they_came_in(ticks: Engine) -> None:
    """Newest first would be wrong on SQLite, where a moment is text."""
    zone = timezone(timedelta(hours=8))
    with Session(ticks) as session:
        session.add(Tick(key=1, at=MORNING))
        session.add(Tick(key=2, at=(MORNING - timedelta(hours=1)).astimezone(zone)))
        session.add(Tick(key=3, at=MORNING + timedelta(microseconds=1)))
        session.flush()
        assert session.scalars(select(Tick.key).order_by(Tick.at)).all() == [2, 1, 3]


def test_the_legal_day_begins_in_shanghai() -> None:
    """An act at one in the morning would be judged by yesterday's law."""
    assert local_date(datetime(2026, 8, 14, 15, 59, 59, tzinfo=UTC)) == date(2026, 8, 14)
    assert local_date(datetime(2026, 8, 14, 16, 0, tzinfo=UTC)) == date(2026, 8, 15)
    assert system_now().tzinfo is UTC


@given(speed=st.floats(0.1, 3600), seconds=st.integers(0, 100_000))
def test_a_scaled_clock_runs_at_its_speed(speed: float, seconds: int) -> None:
    """A demonstration would jump, or run backwards after a restart."""
    anchor, shown = MORNING, MORNING + timedelta(days=30)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "system_now", lambda: anchor + timedelta(seconds=seconds))
        told = ScaledClock(anchor, shown, speed)()
    assert told.utcoffset() == timedelta(0)
    assert (told - shown).total_seconds() == pytest.approx(seconds * speed, abs=1e-5)
