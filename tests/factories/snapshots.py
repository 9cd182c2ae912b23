"""How does a test begin with a database that was filled once, not row by row before every test?"""

from __future__ import annotations

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import Engine, func, select

from compliance.catalogue.tables import CatalogueEdition
from compliance.registry.tables import Organisation
from tests.support.places import Place, unmade
from tests.support.postgres import Server

T = TypeVar("T")
Where = tuple[object, ...]

_taken: dict[Where, tuple[str, object]] = {}
"""Where a filled database is kept (a file, or a database of the same server), and what its maker returned."""

_folder: list[Path] = []


def filled(engine: Engine, key: Where, fill: Callable[[], T]) -> T:
    """Fill an empty database, or put a copy of one that was filled the same way in its place.

    `fill` returns what the test needs to know of it, and nothing that holds on to the engine. A database
    that is not empty is filled as it is.
    """
    where = (engine.dialect.name, engine.url.host, engine.url.port, *key)
    place = unmade(engine)
    if where in _taken and (place or _is_empty(engine)):
        kept, known = _taken[where]
        _put(engine, kept, place)
        return deepcopy(known)  # type: ignore[return-value]
    if place is None and not _is_empty(engine):
        return fill()
    made = fill()
    _taken[where] = (_take(engine), deepcopy(made))
    return made


def _is_empty(engine: Engine) -> bool:
    with engine.connect() as connection:
        counts = [
            connection.scalar(select(func.count()).select_from(one))
            for one in (Organisation, CatalogueEdition)
        ]
    return not any(counts)


def _take(engine: Engine) -> str:
    """Keep a copy of a database as it is."""
    engine.dispose()
    if engine.dialect.name == "sqlite":
        place = str(_home() / f"{uuid4().hex}.db")
        with sqlite3.connect(str(engine.url.database)) as source, sqlite3.connect(place) as copy:
            source.backup(copy)
        source.close()
        copy.close()
        return place
    name = f"filled_{uuid4().hex}"
    _server(engine).copy(str(engine.url.database), name)
    return name


def _put(engine: Engine, kept: str, place: Place | None) -> None:
    """Put a kept copy in a database's place."""
    engine.dispose()
    if place is not None:
        place.made = True
    if engine.dialect.name == "sqlite":
        target = Path(str(engine.url.database))
        for beside in ("-wal", "-shm"):
            target.with_name(target.name + beside).unlink(missing_ok=True)
        shutil.copy(kept, target)
        return
    if place is None:
        _server(engine).execute(f"DROP DATABASE {engine.url.database} WITH (FORCE)")
    _server(engine).copy(kept, str(engine.url.database))


def _server(engine: Engine) -> Server:
    assert engine.url.port is not None
    return Server(engine.url.port)


def _home() -> Path:
    if not _folder:
        _folder.append(Path(tempfile.mkdtemp(prefix="huanlian-filled-")))
        atexit.register(shutil.rmtree, _folder[0], ignore_errors=True)
    return _folder[0]
