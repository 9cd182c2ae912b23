"""How does PostgreSQL's driver name the columns of a result at little cost?"""

from __future__ import annotations

from typing import Any, TypeAlias

from psycopg import Cursor
from psycopg.pq import ExecStatus

Described: TypeAlias = tuple[str, int, None, None, None, None, None]
ROWS = frozenset({ExecStatus.TUPLES_OK, ExecStatus.SINGLE_TUPLE, ExecStatus.TUPLES_CHUNK})


class PlainCursor(Cursor[Any]):
    """psycopg's cursor, which describes a column by its name and type alone (PEP 249 leaves out the rest).

    psycopg makes an object of every column of every result and looks its type up: a quarter of what a
    wide row costs the processor here, and nobody reads more than the name and the type's number.
    """

    @property
    def description(self) -> list[Described] | None:  # type: ignore[override]
        """Return name and type of each column, None where the statement has no rows to give."""
        found = self.pgresult
        if found is None or found.status not in ROWS:
            return None
        return [
            ((found.fname(n) or b"").decode(), found.ftype(n), None, None, None, None, None)
            for n in range(found.nfields)
        ]
