"""Was this intent already carried out, and what was the answer?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.serialization import decode_json, encode_json
from sqlalchemy import Table, and_, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from compliance.record.errors import Invalid
from marketplace.edge.problems import NO_NUL
from marketplace.edge.refusals import KeyRequired, KeyReused
from marketplace.edge.tables import IdempotencyKey

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEY_MAX = 200
_SCOPE_KEY = "huanlian.intent"
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""The character as JSON spells it; SQLite would keep it, PostgreSQL cannot."""

_TABLE = cast("Table", IdempotencyKey.__table__)
_ROW = _TABLE.c
_MINE = and_(_ROW.person_id == bindparam("who"), _ROW.key == bindparam("intent"))
_ANSWERED = select(_ROW.request_hash, _ROW.body, _ROW.status).where(_MINE)
_TAKE = {
    dialect.dialect.name: dialect.insert(_TABLE)
    .on_conflict_do_nothing()
    .execution_options(preserve_rowcount=True)
    for dialect in (postgresql, sqlite)
}
_KEEP = update(_TABLE).where(_MINE).values(status=bindparam("new_status"), body=bindparam("new_body"))
"""Built once: they run with every change over the API, and building them costs more than running them."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What a request means to do: the name its sender gave it and the digest of all it says."""

    key: str
    request_hash: str


async def keyed(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuse a request that moves state and names no intent, before its body is parsed.

    The guard of every POST of the API that goes through `Door.once`.
    """
    key = connection.headers.get(HEADER, "").strip()
    if not 1 <= len(key) <= KEY_MAX or not key.isprintable():
        raise KeyRequired
    assert isinstance(connection, Request)
    body = await connection.body()
    if _NUL.search(body):
        raise Invalid(NO_NUL)
    said = b"\0".join(
        (
            connection.method.encode(),
            connection.scope["path"].encode(),
            connection.scope["query_string"],
            body,
        )
    )
    _notes(connection)[_SCOPE_KEY] = Intent(key, hashlib.sha256(said).hexdigest())


def intent_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Intent:
    """Return the intent that `keyed` read."""
    found = _notes(connection).get(_SCOPE_KEY)
    if not isinstance(found, Intent):
        raise KeyRequired
    return found


def _notes(connection: ASGIConnection[Any, Any, Any, Any]) -> dict[str, Any]:
    """Return the request's own dictionary; `connection.state` would be a copy."""
    return cast("dict[str, Any]", connection.scope)


def answered(session: Session, person_id: UUID, intent: Intent) -> Response[bytes] | None:
    """Return the answer this intent was given, None for a new one; `KeyReused` for another request."""
    row = session.connection().execute(_ANSWERED, {"who": person_id, "intent": intent.key}).one_or_none()
    if row is None:
        return None
    if row.request_hash != intent.request_hash:
        raise KeyReused
    return answer(row.body, row.status, {REPLAYED: "true"})


def take(session: Session, person_id: UUID, intent: Intent, at: datetime) -> bool:
    """Take an intent before carrying it out, and tell whether it was still free.

    A second request with the same key waits here until the first has committed, and then finds its answer;
    if the first is rolled back, the second takes the intent.
    """
    statement = _TAKE[session.get_bind().dialect.name]
    row = {
        "person_id": person_id,
        "key": intent.key,
        "request_hash": intent.request_hash,
        "status": 0,
        "body": b"",
        "at": at,
    }
    return session.connection().execute(statement, row).rowcount == 1


def keep(session: Session, person_id: UUID, intent: Intent, body: bytes, status: int) -> None:
    """Keep the answer to an intent that was taken in this transaction."""
    told = {"who": person_id, "intent": intent.key, "new_status": status, "new_body": body}
    session.connection().execute(_KEEP, told)


def claim(session: Session, person_id: UUID, intent: Intent, at: datetime) -> IdempotencyKey:
    """Take an intent before carrying it out: a second request with the same key waits here.

    It waits on the unique key until the first commits, then fails with `IntegrityError` and reads the
    stored answer; if the first is rolled back, the key is free again.
    """
    row = IdempotencyKey(
        person_id=person_id, key=intent.key, request_hash=intent.request_hash, status=0, body=b"", at=at
    )
    session.add(row)
    session.flush()
    return row


def answer(body: bytes, status: int, headers: dict[str, str] | None = None) -> Response[bytes]:
    """Return an answer of JSON bytes as they are."""
    return Response(body, status_code=status, media_type="application/json", headers=headers or {})


def with_secret(stored: Response[bytes], secret: Mapping[str, str]) -> Response[bytes]:
    """Put what is shown once into an answer that was stored without it; a replayed one stays without.

    `secret` is empty when the act was not carried out now.
    """
    if not secret:
        return stored
    whole = decode_json(stored.content) | dict(secret)
    return answer(encode_json(whole), stored.status_code or 201)
