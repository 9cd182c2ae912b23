"""Which page shows what must be done by when?"""

from __future__ import annotations

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from litestar.types import ControllerRouterHandler

from compliance.record.who import Role
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import page
from marketplace.web import deadline_views

READERS = (Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER, Role.INSPECTOR, Role.OPERATOR)


class Deadlines(Controller):
    """What has to be done in time."""

    path = "/deadlines"
    guards = (requires(*READERS),)
    include_in_schema = False

    @get("/", sync_to_thread=True)
    def mine(
        self, request: Visit, door: NamedDependency[Door], *, every: FromQuery[bool] = False
    ) -> Response[str]:
        """Show the deadlines of the person's organisation, or of all for who oversees."""
        with door.reading(request) as work:
            views = deadline_views.deadlines_of(work, open_only=not every)
            return page(request, "deadlines.html", views=views, every=every)


ROUTES: list[ControllerRouterHandler] = [Deadlines]
