"""Which databases, clocks and people may every test lean on?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from hypothesis import settings
from sqlalchemy import Engine

from compliance.record.database import open_database
from marketplace import schema
from marketplace.accounts import passwords
from tests.support import postgres
from tests.support.places import Place

if not settings.default.derandomize:  # hypothesis has a profile of its own for continuous integration
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")
MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
Places = Callable[[], AbstractContextManager[Place]]


@pytest.fixture(autouse=True, scope="session")
def _quick_hashing() -> None:
    """Hash passwords by the same algorithm with its least effort."""
    passwords._HASHER = PasswordHasher.from_parameters(CHEAPEST)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that each test copies."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = open_database(f"sqlite:///{path}")
    schema.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """A private PostgreSQL server with a migrated template database."""
    with postgres.server() as server:
        server.execute("CREATE DATABASE template_huanlian")
        engine = open_database(server.url("template_huanlian"))
        schema.upgrade(engine)
        engine.dispose()
        yield server


DIALECTS = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgis))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what touches a database on both dialects, unless it is marked to be the same on both."""
    if "fresh_places" in metafunc.fixturenames:
        alone = metafunc.definition.get_closest_marker("sqlite_alone")
        metafunc.parametrize("fresh_places", DIALECTS[:1] if alone else DIALECTS, indirect=True)


@pytest.fixture
def fresh_places(request: pytest.FixtureRequest, tmp_path: Path) -> Places:
    """Places of each dialect, one after the other, where a fresh migrated database will be."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        return lambda: _files_in(tmp_path, template)
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return lambda: _databases_of(server)


@pytest.fixture
def database_place(fresh_places: Places) -> Iterator[Place]:
    """Where a fresh migrated database of each dialect will be."""
    with fresh_places() as place:
        yield place


@contextmanager
def _files_in(folder: Path, template: Path) -> Iterator[Place]:
    place = _file_in(folder, template)
    yield place
    for left in folder.glob("huanlian.db*"):
        left.unlink()


@contextmanager
def _databases_of(server: postgres.Server) -> Iterator[Place]:
    name = f"t{uuid4().hex}"
    yield Place(server.url(name), lambda: server.copy("template_huanlian", name))
    server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _file_in(folder: Path, template: Path) -> Place:
    copy = folder / "huanlian.db"
    return Place(f"sqlite:///{copy}", lambda: shutil.copy(template, copy))


@pytest.fixture
def sqlite_engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A fresh migrated SQLite database, for what is the same on both."""
    opened = _file_in(tmp_path, sqlite_template).opened()
    yield opened
    opened.dispose()


@pytest.fixture
def database_url(database_place: Place) -> str:
    """A fresh migrated database of each dialect, as an address."""
    database_place.make()
    return database_place.url


@pytest.fixture
def engine(database_place: Place) -> Iterator[Engine]:
    """A fresh migrated database of each dialect."""
    opened = database_place.opened()
    yield opened
    opened.dispose()


@pytest.fixture
def now() -> Callable[[], datetime]:
    """A clock that stands at nine in the morning, Shanghai, of 2026-11-20."""
    return lambda: MORNING
