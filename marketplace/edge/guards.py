"""Which routes are open to whom?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from litestar import Litestar, Request
from litestar.concurrency import sync_to_thread
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import Guard

from compliance.record.errors import N_, Forbidden
from compliance.record.who import Role
from marketplace.edge import held_forms
from marketplace.edge.door import Door
from marketplace.edge.identity import SAFE, SESSION_COOKIE, Proof, identity_of, not_signed_in

PUBLIC = frozenset(
    {
        ("GET", "/healthz"),
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("POST", "/language"),
        ("GET", "/register"),
        ("POST", "/register"),
        ("POST", "/api/v1/registrations"),
        ("POST", "/api/v1/tokens"),
        ("POST", "/api/v1/devices/enrol"),
        ("GET", "/api/v1/anchors"),
        ("GET", "/complaint"),
        ("POST", "/complaint"),
        ("POST", "/complaint/answer"),
        ("POST", "/api/v1/complaints"),
        ("GET", "/collected"),
        ("GET", "/collected/{code:str}"),
        ("GET", "/api/v1/collected/{code:str}"),
        ("GET", "/api/asyncapi.json"),
        ("GET", "/api/schema"),
        ("GET", "/api/schema/openapi.json"),
        ("GET", "/api/schema/{path:str}"),
        ("GET", "/static/{file_path:path}"),
        ("HEAD", "/static/{file_path:path}"),
    }
)
"""Every route that answers people it does not know. A route is here or has a guard; a test walks them."""

MARK = "lets_in"
"""The attribute of a guard that names the roles it lets in; none: it lets in devices."""


async def signed_in(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Let in whoever is signed in; a form posted with an expired sign-in is kept for its sender."""
    identity = identity_of(connection)
    if identity.who is not None:
        return
    if connection.scope["path"].startswith("/api/"):
        raise not_signed_in(identity.proof)
    held = await _hold(connection) if identity.proof is Proof.OVER else None
    raise not_signed_in(identity.proof, next_path=page_path(connection), held=held)


setattr(signed_in, MARK, frozenset(Role))


def requires(*roles: Role) -> Guard:
    """Return a guard that lets in whoever is signed in and holds one of these roles."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        await signed_in(connection, handler)
        who = identity_of(connection).who
        if who is None or not who.has(*roles):
            raise Forbidden(N_("Your role does not allow this."), code="role")

    setattr(guard, MARK, frozenset(roles))
    return guard


def page_path(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Return the page to come back to: the one asked for, or the one that holds the posted form."""
    if connection.scope.get("method") in SAFE and "hx-request" not in connection.headers:
        query = connection.scope["query_string"].decode("latin-1")
        return same_site(connection.scope["path"] + (f"?{query}" if query else ""))
    headers = connection.headers
    parts = urlsplit(str(headers.get("hx-current-url") or headers.get("referer") or ""))
    return same_site(parts.path + (f"?{parts.query}" if parts.query else ""))


def same_site(path: str) -> str:
    """Return a path if it leads to a page of this site, else `/`: nobody is sent elsewhere after sign-in."""
    parts = urlsplit(path)
    foreign = parts.scheme or parts.netloc or not path.startswith("/") or path.startswith("//")
    strange = "\\" in path or any(ord(sign) < 32 for sign in path)
    return "/" if foreign or strange or len(path) > 1000 else path


async def _hold(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """Keep the fields of a posted form and return the secret under which they are given back."""
    if not isinstance(connection, Request) or connection.method in SAFE:
        return None
    form = await connection.form()
    fields = {name: [value for value in form.getall(name) if isinstance(value, str)] for name in form}
    door: Door = connection.app.state.door
    cookie = connection.cookies.get(SESSION_COOKIE, "")
    path = urlsplit(page_path(connection)).path
    return await sync_to_thread(held_forms.hold, door.engine, cookie, path, fields, door.wall())


def ways(app: Litestar) -> Iterator[tuple[str, str, frozenset[Role] | None]]:
    """Yield every (method, path, roles) of an application; roles are None where nobody stands guard."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            yield type(route).__name__, route.path_format, None
            continue
        for handler in route.route_handlers:
            lets_in = _roles_of(handler)
            for method in sorted(handler.http_methods):
                if method != "OPTIONS":
                    yield str(method), route.path, lets_in


def _roles_of(handler: BaseRouteHandler) -> frozenset[Role] | None:
    marks = [
        getattr(guard, MARK)
        for layer in handler.ownership_layers
        for guard in layer.guards or ()
        if hasattr(guard, MARK)
    ]
    return frozenset.intersection(*marks) if marks else None


def unguarded(app: Litestar) -> list[str]:
    """Return the routes that are neither guarded nor on the public list."""
    return [
        f"{method} {path}"
        for method, path, roles in ways(app)
        if roles is None and (method, path) not in PUBLIC
    ]
