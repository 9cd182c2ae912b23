"""How is the sender of a request recognised before any handler runs?"""

from __future__ import annotations

from typing import Any

from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send
from sqlalchemy import Connection

from marketplace.accounts import queries
from marketplace.accounts.rules import digest
from marketplace.edge.door import Door
from marketplace.edge.identity import SAFE, SESSION_COOKIE, Identity, Proof, bearer_of
from marketplace.web.translation import language_of, reading_language


class Recognise(ASGIMiddleware):
    """Put the `Identity` of a request in its scope, and its language where templates find it.

    Under `/api/` a token always counts and a cookie counts for reading only, so that no other site can
    move anything through a visitor's browser; elsewhere only the cookie counts.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, door: Door) -> None:
        self.door = door

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Recognise the person, then go on."""
        connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(scope)
        scope["user"] = await self.recognise(connection)
        token = reading_language.set(language_of(connection))
        try:
            await next_app(scope, receive, send)
        finally:
            reading_language.reset(token)

    async def recognise(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Identity:
        """Return who sends a request; asks the database only when there is something to ask."""
        bearer = bearer_of(connection)
        cookie = connection.cookies.get(SESSION_COOKIE)
        if connection.scope["path"].startswith("/api/"):
            if bearer is not None:
                return await sync_to_thread(self._by_token, bearer)
            if connection.scope.get("method") not in SAFE:
                return Identity(None, Proof.TOKEN_WANTED)
        if cookie:
            return await sync_to_thread(self._by_cookie, cookie)
        return Identity(None, Proof.NONE)

    def _connection(self) -> Connection:
        """Return a connection that only reads; a session would double the price of this look-up."""
        return self.door.engine.connect().execution_options(reading=True)

    def _by_token(self, text: str) -> Identity:
        with self._connection() as connection:
            who = queries.who_of_token(connection, digest(text), self.door.wall())
        return Identity(who, Proof.TOKEN if who else Proof.BAD_TOKEN)

    def _by_cookie(self, secret: str) -> Identity:
        with self._connection() as connection:
            known = queries.who_of_sign_in(connection, digest(secret), self.door.wall())
        return Identity(known.who, Proof.COOKIE, known.proven_at) if known else Identity(None, Proof.OVER)
