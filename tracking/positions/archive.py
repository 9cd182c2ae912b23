"""How do positions become a file that can be trusted after they are gone from the database?

Parquet, written and read back by DuckDB (the optional extra `archive`). A file counts only when it says the
same as the database: as many rows, the same sum of numbers, the same sum over the hashes of their contents.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sqlalchemy import BigInteger, Boolean, Double, Integer, LargeBinary, Uuid

from compliance.record.errors import N_, Conflict, Invalid
from compliance.record.moments import UtcDateTime
from tracking.positions.tables import Position

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HASHED_BYTES = 7
"""How much of each content hash is added up: as much as fits a signed 64-bit number."""

_TYPES: Mapping[type, str] = {
    UtcDateTime: "TIMESTAMP",
    BigInteger: "BIGINT",
    Integer: "INTEGER",
    Double: "DOUBLE",
    Boolean: "BOOLEAN",
    Uuid: "UUID",
    LargeBinary: "BLOB",
}
COLUMNS: Mapping[str, str] = {
    column.name: _TYPES.get(type(column.type), "VARCHAR") for column in Position.__table__.columns
}
"""Each column and its type in the file; moments are UTC."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What database and file must agree on."""

    rows: int
    numbers: int
    """Sum of `seq`."""
    contents: int
    """Sum of the first bytes of `content_hash`."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A file that has been written, read back and found to be true."""

    file: str
    rows: int
    numbers: int
    contents: int
    sha256: str


def archive(name: str, folder: Path, proof: Proof, write_rows: Callable[[IO[bytes]], None]) -> Archived:
    """Write a Parquet file and a JSON beside it that says what is in it; raise `Conflict` if it is untrue.

    `write_rows` writes the rows as CSV with a heading: moments in UTC without a zone, hashes as hexadecimal
    digits. A file of that name that is there already is never touched: the new one gets a number.
    """
    duck = require_duck()
    folder.mkdir(parents=True, exist_ok=True)
    target = _free(folder, name)
    draft, rows = target.with_suffix(".part"), target.with_suffix(".csv")
    try:
        with rows.open("wb") as stream:
            write_rows(stream)
        _write(duck, rows, draft)
        found = _read_back(duck, draft)
        if found != proof:
            raise Conflict(
                N_("The archive {file} does not say what the database says; nothing was removed."),
                values={"file": str(target)},
            )
        done = Archived(target.name, **asdict(found), sha256=_digest(draft))
        _settle(draft, target, done)
    finally:
        rows.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
    return done


def require_duck() -> DuckDBPyConnection:
    """Return what writes Parquet; raise `Invalid` where it is not installed."""
    try:
        import duckdb
    except ImportError:
        raise Invalid(
            N_("Writing Parquet needs DuckDB, which is not installed."),
            field="archive",
            way_out=N_("Install the extra: pip install 'huanlian[archive]'."),
        ) from None
    return duckdb.connect()


def _free(folder: Path, name: str) -> Path:
    names = (name if number == 1 else f"{name}-{number}" for number in range(1, 10_000))
    return next(folder / f"{one}.parquet" for one in names if not (folder / f"{one}.parquet").exists())


def _write(duck: DuckDBPyConnection, rows: Path, target: Path) -> None:
    read = {name: "VARCHAR" if kind == "BLOB" else kind for name, kind in COLUMNS.items()}
    chosen = ", ".join(
        f'unhex("{name}") AS "{name}"' if kind == "BLOB" else f'"{name}"' for name, kind in COLUMNS.items()
    )
    source = (
        f"read_csv({_quoted(rows)}, header = true, auto_detect = false, delim = ',', quote = '\"', "
        f"escape = '\"', columns = {json.dumps(read).replace(chr(34), chr(39))})"
    )
    duck.execute(
        f"COPY (SELECT {chosen} FROM {source}) TO {_quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
    )


def _read_back(duck: DuckDBPyConnection, file: Path) -> Proof:
    row = duck.execute(
        "SELECT count(*), coalesce(sum(seq), 0), "
        f"coalesce(sum(('0x' || hex(content_hash)[1:{2 * HASHED_BYTES}])::BIGINT), 0) "
        f"FROM read_parquet({_quoted(file)})"
    ).fetchone()
    assert row is not None
    return Proof(*(int(value) for value in row))


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _settle(draft: Path, target: Path, done: Archived) -> None:
    """Put file and description in their places, and have the disk hold them before anybody deletes."""
    told = target.with_suffix(".json")
    told.write_text(json.dumps(asdict(done) | {"columns": dict(COLUMNS)}, indent=1) + "\n", encoding="utf-8")
    draft.replace(target)
    for path in (told, target, target.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
