"""Does the lean cursor say of a result what SQLAlchemy and PEP 249 ask?"""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine

from compliance.record.cursor import PlainCursor
from tests.support import postgres


@pytest.mark.postgis
def test_columns_are_described_as_the_driver_does(postgres_server: postgres.Server) -> None:
    """A column under another name or type would be read as another value."""
    asked = "SELECT 1 AS one, 'x'::text AS \"名称\", NULL::timestamptz AS at, ARRAY[1.5] AS many"
    engine = create_engine(postgres_server.url("postgres"))
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        plain, usual = PlainCursor(driver), driver.cursor()
        for cursor in (plain, usual):
            assert cursor.description is None
            cursor.execute(asked)
        assert plain.description is not None
        assert [(*one[:2],) for one in plain.description] == [(one[0], one[1]) for one in usual.description]
        plain.execute("SET application_name = 'test'")
        assert plain.description is None
    engine.dispose()
