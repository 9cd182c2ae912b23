"""How do old positions leave the database, and never before their archive is proved true?

On PostgreSQL a whole week is detached, exported, verified and dropped; what lay beside the weeks goes the
same way. A run that was killed between two of these steps is taken up by the next. SQLite's rows of a week
are exported, verified and deleted.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any

import structlog
from sqlalchemy import Connection, Engine, Row, bindparam, delete, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from compliance.record.database import reading, transaction
from tracking.positions import partitions
from tracking.positions.archive import COLUMNS, HASHED_BYTES, Archived, Proof, archive, require_duck
from tracking.positions.partitions import REST, TABLE
from tracking.positions.tables import KeptFrom, Position
from tracking.positions.weeks import Week, week_of

GONE = f"{TABLE}_gone_"
"""What is detached and not yet archived is called by this and its week."""
ONE_AT_A_TIME = 0x68756C31
WAIT = "5s"
"""How long a detachment may keep everybody waiting for the table; then it is left for the next time."""

log = structlog.get_logger(__name__)


def retain(engine: Engine, now: datetime, keep: timedelta, folder: Path) -> list[Archived]:
    """Archive and remove the weeks that are over for longer than `keep`; return the files.

    Raises `Conflict` where an archive does not say what the database says: then nothing was removed.
    From when on everything is still here is noted first, so that nothing older is judged by what is left.
    """
    require_duck()
    oldest_kept = week_of(now - keep)
    _note_kept_from(engine, oldest_kept.start)
    if engine.dialect.name != "postgresql":
        return list(_from_sqlite(engine, oldest_kept, folder))
    with _alone(engine) as alone:
        if not alone:
            return []
        for week in _over(engine, oldest_kept):
            _set_apart(engine, week)
        _set_rest_apart(engine, oldest_kept)
        return [_archive_and_drop(engine, name, folder) for name in _set_apart_names(engine)]


def _note_kept_from(engine: Engine, start: datetime) -> None:
    """Note the first moment of which everything stays; it only moves on, for what is gone is gone."""
    put = (postgresql if engine.dialect.name == "postgresql" else sqlite).insert(KeptFrom)
    moved = put.on_conflict_do_update(
        index_elements=[KeptFrom.id], set_={"at": put.excluded.at}, where=put.excluded.at > KeptFrom.at
    )
    with transaction(engine) as session:
        session.execute(moved, [{"id": 1, "at": start}])


@contextmanager
def _alone(engine: Engine) -> Iterator[bool]:
    """Tell whether no other process is at it; keep others away while the block lasts."""
    with engine.connect() as connection:
        alone = bool(connection.scalar(select(func.pg_try_advisory_lock(ONE_AT_A_TIME))))
        try:
            yield alone
        finally:
            if alone:
                connection.execute(select(func.pg_advisory_unlock(ONE_AT_A_TIME)))


def _over(engine: Engine, oldest_kept: Week) -> list[Week]:
    with reading(engine) as session:
        return [week for week in partitions.existing(session.connection()) if week < oldest_kept]


def _set_apart(engine: Engine, week: Week) -> None:
    """Detach a week's partition; positions of it that come later open a new one."""
    name = partitions.partition_of(week)
    try:
        with transaction(engine) as session:
            session.execute(text(f"SET LOCAL lock_timeout = '{WAIT}'"))
            session.execute(text(f"ALTER TABLE {TABLE} DETACH PARTITION {name}"))
            session.execute(text(f"ALTER TABLE {name} RENAME TO {GONE}{week.name}"))
    except OperationalError as busy:
        log.warning("positions.week_is_busy", week=week.name, reason=str(busy.orig))


def _set_rest_apart(engine: Engine, oldest_kept: Week) -> None:
    """Move what lies beside the weeks and is over into a table of its own."""
    with transaction(engine) as session:
        old = {"until": oldest_kept.start}
        if not session.scalar(text(f"SELECT EXISTS (SELECT FROM {REST} WHERE at < :until)"), old):
            return
        session.execute(text(f"CREATE TABLE IF NOT EXISTS {GONE}rest (LIKE {TABLE} INCLUDING DEFAULTS)"))
        session.execute(
            text(
                f"WITH moved AS (DELETE FROM {REST} WHERE at < :until RETURNING *)"
                f" INSERT INTO {GONE}rest SELECT * FROM moved"
            ),
            old,
        )


def _set_apart_names(engine: Engine) -> list[str]:
    with reading(engine) as session:
        found = session.scalars(
            text(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE :name"
            ),
            {"name": GONE.replace("_", r"\_") + "%"},
        )
        return sorted(found)


def _archive_and_drop(engine: Engine, name: str, folder: Path) -> Archived:
    with reading(engine) as session:
        connection = session.connection()
        proof = Proof(
            *connection.execute(
                text(
                    "SELECT count(*), coalesce(sum(seq), 0)::numeric, coalesce(sum(('x' || encode(substring("
                    f"content_hash FROM 1 FOR {HASHED_BYTES}), 'hex'))::bit({8 * HASHED_BYTES})::bigint), 0)"
                    f" FROM {name}"
                )
            ).one()
        )
        file = f"{TABLE}-{name.removeprefix(GONE)}"
        done = archive(file, folder, _whole(proof), partial(_copy_out, connection, name))
    with transaction(engine) as session:
        session.execute(text(f"DROP TABLE {name}"))
    log.info("positions.archived", file=done.file, rows=done.rows)
    return done


def _whole(proof: Proof) -> Proof:
    return Proof(int(proof.rows), int(proof.numbers), int(proof.contents))


def _copy_out(connection: Connection, name: str, stream: IO[bytes]) -> None:
    forms = {"TIMESTAMP": "{0} AT TIME ZONE 'UTC' AS {0}", "BLOB": "encode({0}, 'hex') AS {0}"}
    chosen = ", ".join(forms.get(kind, "{0}").format(f'"{column}"') for column, kind in COLUMNS.items())
    driver = connection.connection.driver_connection
    assert driver is not None
    query = f"COPY (SELECT {chosen} FROM {name} ORDER BY vehicle_id, at, seq) TO STDOUT (FORMAT csv, HEADER)"
    with driver.cursor() as cursor, cursor.copy(query) as copy:
        for block in copy:
            stream.write(block)


def _from_sqlite(engine: Engine, oldest_kept: Week, folder: Path) -> Iterator[Archived]:
    rows_of = select(Position.__table__).order_by(Position.vehicle_id, Position.at, Position.seq)
    while (week := _first_week(engine)) is not None and week < oldest_kept:
        with reading(engine) as session:
            rows = session.execute(rows_of.where(Position.at >= week.start, Position.at < week.end)).all()
        proof = Proof(
            len(rows),
            sum(row.seq for row in rows),
            sum(int.from_bytes(row.content_hash[:HASHED_BYTES]) for row in rows),
        )
        done = archive(f"{TABLE}-{week.name}", folder, proof, partial(_write_csv, rows))
        keys = [{"d": row.device_id, "i": row.inc, "s": row.seq, "t": row.at} for row in rows]
        with transaction(engine) as session:
            session.connection().execute(_FORGET, keys)
        yield done


def _first_week(engine: Engine) -> Week | None:
    with reading(engine) as session:
        first = session.scalar(select(func.min(Position.at)))
    return None if first is None else week_of(first)


def _write_csv(rows: Sequence[Row[Any]], stream: IO[bytes]) -> None:
    lines = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    writer = csv.writer(lines)
    writer.writerow(COLUMNS)
    writer.writerows([_plain(value) for value in row] for row in rows)
    lines.flush()
    lines.detach()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    if isinstance(value, bytes):
        return value.hex()
    return json.dumps(value) if isinstance(value, dict) else value


_FORGET = delete(Position).where(
    Position.device_id == bindparam("d"),
    Position.inc == bindparam("i"),
    Position.seq == bindparam("s"),
    Position.at == bindparam("t"),
)
