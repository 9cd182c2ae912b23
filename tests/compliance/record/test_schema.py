"""Do models, revisions and both databases agree?"""

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from marketplace import schema


def test_models_and_revisions_agree(engine: Engine) -> None:
    """A model changed without a revision would break every upgrade in the field."""
    schema.check(engine)


def test_up_down_up_is_clean(engine: Engine) -> None:
    """A revision that cannot be taken back leaves an operator stuck after a bad release."""
    schema.downgrade(engine)
    left = {name for name in inspect(engine).get_table_names() if name in schema.metadata().tables}
    assert left == set()
    schema.upgrade(engine)
    schema.check(engine)


def test_there_is_one_head() -> None:
    """Two heads would make `upgrade` refuse on every machine, and a misnamed one never be reached."""
    assert ScriptDirectory(str(schema.REVISIONS.parent)).get_heads() == [schema.newest()]


@pytest.mark.parametrize("table", ["ledger", "journal_line", "manifest_signature"])
def test_append_only_tables_have_their_guards(engine: Engine, table: str) -> None:
    """Without its trigger the past could be rewritten by any program with the password."""
    catalogue = {
        "sqlite": "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{}'",
        "postgresql": "SELECT count(*) FROM pg_trigger WHERE tgrelid = '{}'::regclass AND NOT tgisinternal",
    }[engine.dialect.name].format(table)
    with engine.connect() as connection:
        assert connection.exec_driver_sql(catalogue).scalar_one() >= 2
