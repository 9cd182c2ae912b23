"""What do commands say that cannot be carried out?"""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner

from marketplace.cli import main


@pytest.mark.parametrize(
    "command", [["verify"], ["clear"], ["catalogue", "imports"], ["match", "explain", str(uuid4())]]
)
def test_a_database_without_a_market_is_one_line_and_status_two(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who forgot to migrate would get a page of Python instead of the way out."""
    monkeypatch.setenv("HUANLIAN_VAR", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    told = CliRunner().invoke(main, command)
    assert told.exit_code == 2
    (line,) = told.stderr.splitlines()
    assert line.startswith("Error: DATABASE_URL: no market is in this database (no such table: ")
    assert line.endswith("`huanlian migrate` makes one.")


def test_a_database_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong port is no reason for a page of Python."""
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/huanlian")
    told = CliRunner().invoke(main, ["verify"])
    assert told.exit_code == 2
    (line,) = told.stderr.splitlines()
    assert line.startswith("Error: DATABASE_URL: the database does not answer as it should: ")
