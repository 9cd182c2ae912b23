"""How does a test get the application without four hundred routes being registered anew for it?

An application is built once and moves from database to database, with an engine of its own and two clocks
that can be turned. It is free again when the engine of the test before was disposed of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Litestar
from litestar.types import ControllerRouterHandler
from sqlalchemy import Engine, event

from compliance.record.clock import Now, system_now
from compliance.record.database import open_database
from marketplace.app import create_app
from marketplace.settings import Settings
from tests.support.places import share_statements


@dataclass
class Clocks:
    """Which clocks are read just now."""

    now: Now
    wall: Now

    def instance(self) -> datetime:
        """Return the instance's time."""
        return self.now()

    def machine(self) -> datetime:
        """Return the machine's time."""
        return self.wall()


@dataclass(eq=False)
class Room:
    """An application, whose database and clocks it serves just now, and by which engine of its own."""

    app: Litestar
    own: Engine
    tenant: Engine | None
    clocks: Clocks

    def move_in(self, tenant: Engine, now: Now, wall: Now) -> Litestar:
        """Serve this database by these clocks."""
        self.tenant, self.own.url = tenant, tenant.url
        self.clocks.now, self.clocks.wall = now, wall
        return self.app

    def move_out(self) -> None:
        """Leave nothing of the test behind."""
        self.app.state["door"].tally._counts.clear()
        self.own.dispose()
        self.tenant = None


_rooms: dict[object, list[Room]] = {}


def application(
    settings: Settings,
    engine: Engine,
    now: Now,
    *,
    wall: Now = system_now,
    more: Sequence[ControllerRouterHandler] = (),
) -> Litestar:
    """Return the application on a database, as `create_app` does."""
    rooms = _rooms.setdefault((settings, tuple(more), engine.dialect.name), [])
    for room in rooms:
        if room.tenant is None:
            return room.move_in(engine, now, wall)
    own, clocks = _follower(engine), Clocks(now, wall)
    app = create_app(settings, own, clocks.instance, wall=clocks.machine, more=more)
    rooms.append(Room(app, own, engine, clocks))
    return app


def _follower(engine: Engine) -> Engine:
    """Return an engine that connects to wherever its `url` says at that moment."""
    own = open_database(engine.url.render_as_string(hide_password=False))

    @event.listens_for(own, "do_connect")
    def _(dialect: Any, _record: object, words: list[Any], named: dict[str, Any]) -> None:
        places, names = dialect.create_connect_args(own.url)
        words[:] = places
        named.update(names)

    share_statements(own)
    return own


@event.listens_for(Engine, "engine_disposed")
def _disposed(engine: Engine) -> None:
    for rooms in _rooms.values():
        for room in rooms:
            if room.tenant is engine:
                room.move_out()
