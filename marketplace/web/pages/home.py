"""Which page does a person see first?"""

from __future__ import annotations

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from compliance.record.who import Role
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page
from marketplace.web import home_views


@get("/", guards=[signed_in], sync_to_thread=True, include_in_schema=False)
def home(request: Visit, door: NamedDependency[Door]) -> Response[str] | Response[bytes]:
    """Show what needs this person now; a driver goes straight to the trips, an inspector to the map."""
    with door.reading(request) as work:
        straight = {Role.DRIVER: "/drive", Role.INSPECTOR: "/map"}
        if len(work.who.roles) == 1:
            target = straight.get(next(iter(work.who.roles)))
            if target is not None:
                return go(request, target)
        return page(request, "home.html", view=home_views.home_of(work))


ROUTES: list[ControllerRouterHandler] = [home]
