"""Every route has a guard, or is public on purpose."""

from __future__ import annotations

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from sqlalchemy import Engine

from compliance.record.clock import system_now
from marketplace.edge.guards import PUBLIC, unguarded, ways
from marketplace.edge.once import keyed
from marketplace.edge.openapi import UNKEYED
from marketplace.settings import Settings
from tests.factories.rooms import application
from tests.marketplace.edge.house import House
from tests.support.places import Place

pytestmark = pytest.mark.sqlite_alone


def test_every_route_is_guarded_or_public_on_purpose(house: House) -> None:
    """A forgotten guard would show everybody's data to anybody."""
    assert unguarded(house.app) == []


@pytest.fixture
def whole(database_place: Place, engine: Engine) -> Litestar:
    """The application with its pages."""
    database_place.make()
    return application(Settings(), engine, system_now)


def test_every_page_is_guarded_or_public_on_purpose(whole: Litestar) -> None:
    """A forgotten guard on a page would show everybody's data to anybody."""
    assert unguarded(whole) == []


def test_the_public_list_names_only_routes_that_are_there(whole: Litestar) -> None:
    """A stale entry would open a later route of the same name."""
    assert {(method, path) for method, path, _ in ways(whole)} >= PUBLIC


def test_every_post_of_the_api_that_moves_state_wants_a_key(house: House) -> None:
    """A retry would be carried out twice (trading.md 1.7)."""
    missing = [
        route.path
        for route in house.app.routes
        if isinstance(route, HTTPRoute) and route.path.startswith("/api/v1") and route.path not in UNKEYED
        for handler in route.route_handlers
        if "POST" in handler.http_methods
        and not any(keyed in (layer.guards or ()) for layer in handler.ownership_layers)
    ]
    assert missing == []


def test_the_api_describes_itself(house: House) -> None:
    """A programmer would have to guess."""
    with house.client() as client:
        schema = client.get("/api/schema").json()
    assert schema["openapi"].startswith("3.1")
    operations = [one for path in schema["paths"].values() for one in path.values()]
    assert all(one.get("summary") and one.get("operationId") for one in operations)
