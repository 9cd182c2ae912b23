"""Which pages show what is owed, take a payment, and give a statement of the account?"""

from __future__ import annotations

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from compliance.record.errors import N_, DomainError, NotFound
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.settlements import service
from marketplace.web import money_views

PAYERS = (Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER)


class Settlements(Controller):
    """Money: owed, paid, booked."""

    path = "/settlements"
    guards = (requires(*PAYERS, Role.OPERATOR),)
    include_in_schema = False

    @get("/", sync_to_thread=True)
    def mine(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the settlements in which the person's organisation pays or is paid."""
        with door.reading(request) as work:
            return page(
                request,
                "settlements/settlements.html",
                views=money_views.settlements_of(work),
                statement=money_views.statement_of(work),
            )

    @get("/account", sync_to_thread=True)
    def statement(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the balances and the bookings."""
        with door.reading(request) as work:
            return page(request, "settlements/account.html", statement=money_views.statement_of(work))

    @get("/{settlement_id:uuid}", sync_to_thread=True)
    def look(
        self, request: Visit, door: NamedDependency[Door], settlement_id: FromPath[UUID]
    ) -> Response[str]:
        """Show one settlement with the lines that concern the reader."""
        with door.reading(request) as work:
            return _settlement(request, work, settlement_id)

    @post("/{settlement_id:uuid}/pay", guards=[requires(*PAYERS)], sync_to_thread=True)
    def pay(
        self, request: Visit, door: NamedDependency[Door], settlement_id: FromPath[UUID]
    ) -> Response[str] | Response[bytes]:
        """Pay everything that the person's organisation owes on a settlement."""
        try:
            with door.work(request) as work:
                row = service.pay(work, settlement_id)
        except NotFound:
            raise
        except DomainError as refusal:
            with door.reading(request) as work:
                return _settlement(request, work, settlement_id, refusal)
        return go(request, f"/settlements/{row.id}", N_("Paid and booked."))


def _settlement(
    request: Visit, work: Work, settlement_id: UUID, refusal: DomainError | None = None
) -> Response[str]:
    found = reasons_by_field(refusal, reader(request)) if refusal else {}
    return page(
        request,
        "settlements/settlement.html",
        refusal.status if refusal else 200,
        view=money_views.settlement_of(work, settlement_id),
        refusals=[one for reasons in found.values() for one in reasons],
    )


ROUTES: list[ControllerRouterHandler] = [Settlements]
