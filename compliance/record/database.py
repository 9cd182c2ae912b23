"""Which database holds the record, and how is it opened, changed and closed?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from compliance.record import functions, ledger

THREADS = 8
"""Handlers that may hold a connection at once; the pool never overflows (design.md, driver and pool)."""


def open_database(url: str, threads: int = THREADS) -> Engine:
    """Return an engine for `sqlite:///…` or `postgresql+psycopg://…`, ready for the record.

    A SQLite file's folder is made when missing. SQLite runs in WAL mode with full synchronisation:
    what a user was told is done survives a power cut.
    """
    place = make_url(url)
    if place.get_backend_name() == "sqlite":
        if place.database and place.database != ":memory:":
            Path(place.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(place, connect_args={"timeout": 30}, pool_size=threads, max_overflow=0)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    from compliance.record.cursor import PlainCursor  # an instance on SQLite does without the driver

    own = {"cursor_factory": PlainCursor}
    return create_engine(place, connect_args=own, pool_size=threads, max_overflow=0, pool_pre_ping=True)


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    raw: sqlite3.Connection = getattr(connection, "driver_connection", None) or connection  # type: ignore[assignment]
    raw.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "busy_timeout=30000",
        "cache_size=-32000",
    ):
        raw.execute(f"PRAGMA {pragma}")
    functions.register(raw)


def _begin_sqlite(connection: Any) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Yield a session; seal its events on the chain and commit, or leave no trace at all.

    This and `seal_and_commit` are the only places of the product that commit.
    """
    with Session(engine, expire_on_commit=False) as session:
        try:
            yield session
            seal_and_commit(session)
        except BaseException:
            session.rollback()
            raise


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Yield a session that only reads: it takes no write lock on SQLite and is never committed.

    What was read stays readable after the block.
    """
    with engine.connect().execution_options(reading=True) as connection, Session(connection) as session:
        yield session


def seal_and_commit(session: Session) -> None:
    """Write the remembered events onto the chain, last of all, and commit."""
    session.flush()
    ledger.seal(session)
    session.commit()
