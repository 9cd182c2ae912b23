"""What is a PostGIS filled with that looks like years of manifests? All invented, by the server itself.

Companies, sites, vehicles, drivers and licences in proportion to the manifests; for every manifest five
signatures, one trip, four weigh tickets, one receipt and eight events. The events' hashes are no chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine

PER_COMPANY = 500
"""Manifests of one producer."""

SCRIPTS = Path(__file__).parents[1] / "data" / "oversight"


def fill(engine: Engine, size: int) -> Iterator[str]:
    """Put so many manifests with all that belongs to them into an empty database; yield what is done."""
    companies = max(100, size // PER_COMPANY // 10 * 10)
    places = {
        "size": size,
        "companies": companies,
        "carriers": companies // 10,
        "tens": companies // 10,
        "vehicles": max(100, size // 200),
        "tickets": companies,
        "per": PER_COMPANY,
    }
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE ledger DISABLE TRIGGER USER")
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
        for name in ("parties.sql", "loads.sql"):
            script = (SCRIPTS / name).read_text(encoding="utf-8")
            yield from _run(connection, script.format(**places))
        connection.exec_driver_sql(
            "UPDATE ledger_head SET (seq, hash) = (SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1)"
        )
        connection.exec_driver_sql("ALTER TABLE ledger ENABLE TRIGGER USER")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


def _run(connection: Connection, script: str) -> Iterator[str]:
    for statement in script.split(";\n"):
        if statement.strip():
            connection.connection.cursor().execute(statement)
            yield " ".join(statement.split()[:3])
