"""Which partitions of the positions does PostgreSQL have, and how do they come into being?

`position` is parted by week; what no week holds lies in `position_rest`. Nobody who stores positions ever
waits for a partition or fails for want of one: it is made where that is possible at once, and the rest is
sorted in later. SQLite keeps one table, and nothing here does anything to it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tracking.positions.tables import Position
from tracking.positions.weeks import Week, week_of, weeks_ahead, worth_partition

TABLE = Position.__tablename__
REST = f"{TABLE}_rest"
"""The default partition."""

_known: WeakKeyDictionary[Engine, frozenset[Week]] = WeakKeyDictionary()
"""The weeks that were seen to have a partition; a hint only, for one that is gone is what the rest is for."""


def partition_of(week: Week) -> str:
    """Return the name of a week's table."""
    return f"{TABLE}_{week.name}"


def existing(connection: Connection) -> list[Week]:
    """Return the weeks that have a partition, oldest first."""
    names = connection.scalars(
        text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = CAST(:parent AS regclass)"),
        {"parent": TABLE},
    )
    found = [name.removeprefix(f"{TABLE}_") for name in names if name != REST]
    return sorted(week_of(datetime.strptime(f"{name}1 +0000", "%Gw%V%u %z")) for name in found)


def make_room(connection: Connection, moments: Collection[datetime], now: datetime) -> None:
    """Give the weeks of these moments their partitions, as far as that needs no waiting.

    Called within the transaction that stores the positions. A week that is left out goes to the rest.
    """
    first, last = week_of(min(moments)), week_of(max(moments))
    every = {first} if first == last else {week_of(moment) for moment in moments}
    weeks = frozenset(worth_partition(every, now))
    if weeks <= _known.get(connection.engine, frozenset()):
        return
    there = frozenset(existing(connection))
    _known[connection.engine] = there
    for week in sorted(weeks - there):
        _make(connection, week)


def keep_ready(session: Session, now: datetime) -> int:
    """Make the weeks to come and sort in what lies in the rest; return how many partitions were made.

    The work of a worker. A week that somebody else holds is left for the next time.
    """
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return 0
    lying = connection.scalars(text(f"SELECT DISTINCT date_trunc('week', at, 'UTC') FROM {REST}"))  # noqa: S608
    wanted = worth_partition({*weeks_ahead(now), *(week_of(moment) for moment in lying)}, now)
    missing = sorted(set(wanted) - set(existing(connection)))
    return sum(_make(connection, week) for week in missing)


def _make(connection: Connection, week: Week) -> bool:
    """Make one partition and move what the rest holds of it; return False where a lock is not free."""
    name = partition_of(week)
    bounds = {"start": week.start, "end": week.end}
    try:
        with connection.begin_nested():
            for statement in _statements(name, week):
                connection.execute(text(statement), bounds if ":start" in statement else {})
    except DBAPIError as failure:
        if _state(failure) in _BUSY:
            return False
        raise
    return True


def _statements(name: str, week: Week) -> Sequence[str]:
    """Return what makes a partition; the locks are taken first and at once, or not at all."""
    span = f"FROM ('{week.start.isoformat()}') TO ('{week.end.isoformat()}')"
    return (
        f"LOCK TABLE ONLY {TABLE} IN SHARE UPDATE EXCLUSIVE MODE NOWAIT",
        f"LOCK TABLE {REST} IN ACCESS EXCLUSIVE MODE NOWAIT",
        f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)",
        f"WITH moved AS (DELETE FROM {REST} WHERE at >= :start AND at < :end RETURNING *) "  # noqa: S608
        f"INSERT INTO {name} SELECT * FROM moved",
        f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES {span}",
    )


_BUSY = {"55P03", "42P07", "40P01"}
"""Lock not available, the table is there already (somebody else was quicker), deadlock."""


def _state(failure: DBAPIError) -> str | None:
    return getattr(failure.orig, "sqlstate", None)
