"""Which statements does a request of the whole application send to its database, and how are they sent again?

Two requests that differ in nothing but their ids are carried out in this process. What differs between their
statements is what each request makes anew; everything else is sent again as it was.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, event

from compliance.record.ids import new_id

Values = dict[str, Any] | tuple[Any, ...]
LINK = "the hash before"
BEGIN = ("BEGIN", "BEGIN IMMEDIATE")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement with its values; `fresh` are the places whose value each request makes anew."""

    text: str
    values: Values
    fresh: frozenset[Any] = frozenset()


@dataclass(slots=True)
class Recording:
    """The statements of one request in their order, as text."""

    statements: list[Statement] = field(default_factory=list)


@contextmanager
def recording(engine: Engine) -> Iterator[Recording]:
    """Note every statement that is sent while the block lasts, but for the beginnings of transactions."""
    found = Recording()

    def note(_c: object, _cursor: object, text: str, values: Any, _context: object, many: bool) -> None:
        rows = values if many else [values]
        if text not in BEGIN:
            found.statements += [Statement(text, _kept(row)) for row in rows]

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _kept(values: Any) -> Values:
    """Return a statement's values as they can be kept in a file."""
    if isinstance(values, dict):
        return {name: _plain(value) for name, value in values.items()}
    return tuple(_plain(value) for value in values)


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def with_fresh(first: Sequence[Statement], second: Sequence[Statement]) -> list[Statement]:
    """Return the second request's statements with the places marked in which it differs from the first.

    The hash that it takes over from the first, as the link of the chain, becomes `LINK`.
    """
    if [one.text for one in first] != [one.text for one in second]:
        raise SystemExit("two equal requests sent different statements")
    before = {value for one in first for _, value in _items(one.values) if _is_hash(value)}
    pairs = zip(first, second, strict=True)
    return [_marked(dict(_items(earlier.values)), later, before) for earlier, later in pairs]


def _marked(earlier: dict[Any, Any], later: Statement, before: set[str]) -> Statement:
    fresh = {
        place
        for place, value in _items(later.values)
        if earlier[place] != value and not isinstance(value, bytes)
    }
    values = {
        place: LINK if place in fresh and _is_hash(value) and value in before else value
        for place, value in _items(later.values)
    }
    same_shape = values if isinstance(later.values, dict) else tuple(values.values())
    return Statement(later.text, same_shape, frozenset(fresh))


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64


def _items(values: Values) -> list[tuple[Any, Any]]:
    return list(values.items() if isinstance(values, dict) else enumerate(values))


def send(connection: Connection, statements: Sequence[Statement]) -> None:
    """Send a request's statements again, with ids of its own and its place on the chain."""
    made: dict[Any, Any] = {}
    place = 0
    for one in statements:
        found = connection.exec_driver_sql(one.text, _filled(one, made, place))
        if not found.returns_rows:
            continue
        rows = found.fetchall()
        if "FROM ledger_head" in one.text:
            place, made[LINK] = rows[0][0] + 1, rows[0][1]


def _filled(one: Statement, made: dict[Any, Any], place: int) -> Values:
    if not one.fresh:
        return one.values
    values = dict(_items(one.values))
    for name in one.fresh:
        values[name] = place if isinstance(values[name], int) else _anew(values[name], made)
    return values if isinstance(one.values, dict) else tuple(values.values())


def _anew(old: Any, made: dict[Any, Any]) -> Any:
    """Return what a request would make in place of an id or a hash, the same for the same."""
    if old not in made:
        made[old] = _like(old)
    return made[old]


def _like(old: Any) -> Any:
    if isinstance(old, UUID):
        return new_id()
    if _is_hash(old):
        return hashlib.sha256(secrets.token_bytes(8)).hexdigest()
    if isinstance(old, str) and re.fullmatch("[0-9a-f]{32}", old):
        return new_id().hex
    return old
