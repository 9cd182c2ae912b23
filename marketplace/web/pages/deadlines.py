"""Which page shows what must be done by when?"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.deadlines import service
from compliance.record.errors import N_, DomainError
from compliance.record.who import Role
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, go_back, page
from marketplace.web import deadline_views

READERS = (Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER, Role.INSPECTOR, Role.OPERATOR)


class ExtendForm(msgspec.Struct):
    """A later last day, and why."""

    until: date
    reason: Annotated[str, msgspec.Meta(max_length=400)] = ""


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

    @post("/{deadline_id:uuid}/extend", guards=[requires(Role.INSPECTOR, Role.OPERATOR)], sync_to_thread=True)
    def extend(
        self,
        request: Visit,
        door: NamedDependency[Door],
        deadline_id: FromPath[UUID],
        data: URLEncodedBody[ExtendForm],
    ) -> Response[bytes]:
        """Put off a last day, with the paper or the decision that allows it."""
        try:
            with door.work(request) as work:
                service.extend(work, deadline_id, data.until, data.reason)
        except DomainError as refusal:
            return go_back(request, "/deadlines", refusal)
        return go(request, "/deadlines", N_("The last day was put off."))


ROUTES: list[ControllerRouterHandler] = [Deadlines]
