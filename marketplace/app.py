"""How is the web application put together?"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from litestar import Litestar, MediaType, get
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler
from sqlalchemy import Engine

from compliance.record.clock import Now, system_now
from compliance.record.database import open_database
from marketplace.edge import api_tokens, entrance, headers
from marketplace.edge.answers import failed
from marketplace.edge.door import Door
from marketplace.edge.recognise import Recognise
from marketplace.edge.secret import shared_secret
from marketplace.edge.templating import template_config
from marketplace.settings import Settings

STATIC = Path(__file__).parent / "web" / "static"
API_VERSION = "1"
MOST_BYTES = 1_000_000
"""The largest request taken; forms and API calls are a few kilobytes."""

API: tuple[ControllerRouterHandler, ...] = (api_tokens.Tokens,)
PAGES = "marketplace.web.pages"
"""The module whose `ROUTES` are the pages."""


@get("/healthz", media_type=MediaType.TEXT, sync_to_thread=False, include_in_schema=False)
def healthz() -> str:
    """Say that the process answers."""
    return "ok\n"


def create_app(
    settings: Settings,
    engine: Engine | None = None,
    now: Now | None = None,
    *,
    wall: Now = system_now,
    more: Sequence[ControllerRouterHandler] = (),
) -> Litestar:
    """Return the application on a migrated database.

    `now` is the instance's clock, which a demonstration may run faster; `wall` is the machine's, by which
    sign-ins end. `more` are routes beside the product's own.
    """
    engine = engine or open_database(settings.database)
    door = Door(engine, now or system_now, settings, wall)
    return Litestar(
        route_handlers=[healthz, static_files(), entrance.Entrance, *API, *pages(), *more],
        dependencies={"door": Provide(lambda: door, sync_to_thread=False)},
        state=State({"door": door}, deep_copy=False),
        middleware=[Recognise(door)],
        before_send=[headers.before_send(production=settings.production)],
        exception_handlers={Exception: failed},
        csrf_config=csrf_config(engine, production=settings.production),
        openapi_config=openapi_config(),
        template_config=template_config(),
        request_max_body_size=MOST_BYTES,
        logging_config=None,
        debug=False,
    )


def pages() -> Sequence[ControllerRouterHandler]:
    """Return the routes of the pages."""
    if find_spec(PAGES) is None:
        return ()
    routes: Sequence[ControllerRouterHandler] = import_module(PAGES).ROUTES
    return routes


def csrf_config(engine: Engine, *, production: bool) -> CSRFConfig:
    """Guard the forms by a signed token sent twice; on the API no cookie moves anything."""
    return CSRFConfig(
        secret=shared_secret(engine, "csrf"),
        cookie_secure=production,
        cookie_samesite="lax",
        exclude=["^/api/"],
    )


def openapi_config() -> OpenAPIConfig:
    """Describe the API as OpenAPI 3.1 at `/api/schema`, without any viewer from elsewhere."""
    return OpenAPIConfig(
        title="Huanlian",
        version=API_VERSION,
        path="/api/schema",
        render_plugins=[JsonRenderPlugin(path=["/openapi.json"])],
        components=Components(
            security_schemes={"token": SecurityScheme(type="http", scheme="bearer", description="`hl_…`")}
        ),
        security=[{"token": []}],
    )


def static_files() -> ControllerRouterHandler:
    """Serve the browser's files; they are re-validated at each use and small."""
    return create_static_files_router(path="/static", directories=[STATIC], include_in_schema=False)
