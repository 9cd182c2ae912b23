"""How is a statement that was built once read as plain rows, past the mapper?

What is asked with nearly every page is read so: to build a statement and to map its rows takes several
times as long as the database needs for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Executable, Row
from sqlalchemy.orm import Session

PlainRow: TypeAlias = Row[*tuple[Any, ...]]


def plain_rows(session: Session, statement: Executable, values: Mapping[str, object]) -> Sequence[PlainRow]:
    """Return the rows of a statement with its places filled; what the session still holds is written first.

    The rows are as the database has them: objects of the session are neither read nor made.
    """
    if session.autoflush:
        session.flush()
    return session.connection().execute(statement, dict(values)).all()
