"""Which part of a long list is this, and where does the next one begin?"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.orm import InstrumentedAttribute, Session

from compliance.record.errors import N_, Invalid

DEFAULT_LIMIT = 50
MOST = 200

T = TypeVar("T")
R = TypeVar("R")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A part of a list; `next` is the cursor of the following part, absent at the end."""

    items: list[T]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last thing a reader has seen, newest first."""

    at: datetime
    id: UUID

    def text(self) -> str:
        """Return the cursor as the opaque text that readers send back."""
        return base64.urlsafe_b64encode(msgspec.json.encode((self.at, self.id))).decode().rstrip("=")


def cursor_of(text: str) -> Cursor:
    """Read a cursor that `Cursor.text` wrote; anything else is refused."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        at, key = msgspec.json.decode(raw, type=tuple[datetime, UUID])
    except (binascii.Error, msgspec.MsgspecError, ValueError, UnicodeDecodeError):
        raise Invalid(
            N_("This cursor is not one of ours."), field="cursor", way_out=N_("Start again without a cursor.")
        ) from None
    if at.tzinfo is None:
        raise Invalid(N_("This cursor is not one of ours."), field="cursor")
    return Cursor(at, key)


def page_of(
    session: Session,
    statement: Select[R],
    at: InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[UUID],
    view: Callable[[R], T],
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[T]:
    """Return the part of a list that follows a cursor, newest first; `view` turns a row into its answer.

    Rows that are added meanwhile neither shift nor repeat what follows.
    """
    rows = session.scalars(newest_of(statement, at, key, cursor=cursor, limit=limit)).all()
    return cut(rows, at, key, view, limit=limit)


def newest_of(
    statement: Select[R],
    at: InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[UUID],
    *,
    cursor: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Select[R]:
    """Return the statement for the part that follows a cursor, newest first, and one row more."""
    if cursor:
        statement = statement.where(_after(cursor_of(cursor), at, key))
    return statement.order_by(at.desc(), key.desc()).limit(_size(limit) + 1)


def cut(
    rows: Sequence[R],
    at: InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[UUID],
    view: Callable[[R], T],
    *,
    limit: int = DEFAULT_LIMIT,
    thing: Callable[[R], object] = lambda row: row,
) -> Page[T]:
    """Return the part that the rows of `newest_of` make; `thing` finds in a row what the list is of."""
    size = _size(limit)
    last = thing(rows[size - 1]) if len(rows) > size else None
    following = Cursor(getattr(last, at.key), getattr(last, key.key)).text() if last is not None else None
    return Page([view(row) for row in rows[:size]], following)


def _size(limit: int) -> int:
    return max(1, min(limit, MOST))


def _after(
    cursor: Cursor, at: InstrumentedAttribute[datetime], key: InstrumentedAttribute[UUID]
) -> ColumnElement[bool]:
    """Return the condition in the form in which an index on `at` finds its beginning."""
    return and_(at <= cursor.at, or_(at < cursor.at, key < cursor.id))
