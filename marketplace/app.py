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
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler
from sqlalchemy import Engine

from compliance.record.clock import Now, system_now
from compliance.record.database import open_database
from marketplace.edge import entrance, headers
from marketplace.edge.answers import failed
from marketplace.edge.api import ROUTES
from marketplace.edge.asyncapi import asyncapi
from marketplace.edge.door import Door
from marketplace.edge.housekeeping import Housekeeping
from marketplace.edge.live import LiveFeed, channels
from marketplace.edge.openapi import openapi_config
from marketplace.edge.proving import prove
from marketplace.edge.recognise import Recognise
from marketplace.edge.registering import Registering
from marketplace.edge.secret import shared_secret
from marketplace.edge.tally import Tally
from marketplace.edge.templating import template_config
from marketplace.settings import Settings

STATIC = Path(__file__).parent / "web" / "static"
MOST_BYTES = 1_000_000
"""The largest request taken; forms and API calls are a few kilobytes."""


ENTRANCES = (entrance.Entrance, Registering)
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
    tally = Tally(engine, now or system_now)
    door = Door(engine, now or system_now, settings, tally, wall)
    fan_out = channels()
    feed = LiveFeed(engine, fan_out)
    return Litestar(
        route_handlers=[healthz, asyncapi, static_files(), *ENTRANCES, *ROUTES, *pages(), *more],
        dependencies={
            "door": Provide(lambda: door, sync_to_thread=False),
            "feed": Provide(lambda: feed, sync_to_thread=False),
        },
        plugins=[fan_out],
        lifespan=[feed.running, Housekeeping(door)],
        state=State({"door": door}, deep_copy=False),
        middleware=[Recognise(door)],
        before_request=prove,
        before_send=[headers.before_send(production=settings.production)],
        on_startup=[tally.start],
        on_shutdown=[tally.stop],
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


def static_files() -> ControllerRouterHandler:
    """Serve the browser's files; they are re-validated at each use and small."""
    return create_static_files_router(path="/static", directories=[STATIC], include_in_schema=False)
