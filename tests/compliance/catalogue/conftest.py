"""A database of each dialect with nothing but the catalogue in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, Table
from sqlalchemy.orm import Session

from compliance.catalogue import service
from compliance.catalogue.tables import CatalogueEdition, CatalogueEntry, Division, ExemptionItem
from compliance.record.base import Base
from compliance.record.database import open_database
from compliance.record.who import SYSTEM
from compliance.record.work import Work
from tests.support import postgres

TABLES = (CatalogueEdition, CatalogueEntry, ExemptionItem, Division)
MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgis)])
def catalogue_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """One database a dialect, filled from the bundled files; tests leave it as it was."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('catalogue')}/catalogue.db"
    else:
        server: postgres.Server = request.getfixturevalue("postgres_server")
        server.execute("CREATE DATABASE catalogue")
        url = server.url("catalogue")
    engine = open_database(url)
    tables = [model.__table__ for model in TABLES]
    Base.metadata.create_all(engine, tables=[table for table in tables if isinstance(table, Table)])
    with Session(engine) as session:
        service.load(Work(session, MORNING, SYSTEM))
        session.commit()
    yield engine
    engine.dispose()


@pytest.fixture
def work(catalogue_engine: Engine) -> Iterator[Work]:
    """A unit of work that is rolled back."""
    with Session(catalogue_engine) as session:
        yield Work(session, MORNING, SYSTEM)
        session.rollback()
