"""Which pages show what was agreed, and let the producer issue or cancel its manifest?"""

from __future__ import annotations

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from compliance.manifests import queries as manifests
from compliance.manifests import service as manifest_service
from compliance.manifests.rules import Act
from compliance.manifests.service import Signing
from compliance.record.errors import N_, Conflict, DomainError, NotFound
from compliance.record.who import Role
from compliance.record.work import Work
from marketplace.deals import queries as deals
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.web import deal_views

Answer = Response[str] | Response[bytes]
PARTIES = (Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER, Role.OPERATOR)
"""Deals are theirs; a driver has the manifest, an inspector sees no money."""


class Reasoned(Struct):
    """Why something is called off."""

    reason: str = ""


class Deals(Controller):
    """What was agreed."""

    path = "/deals"
    guards = (requires(*PARTIES),)
    include_in_schema = False

    @get("/", sync_to_thread=True)
    def mine(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the deals of the person's organisation."""
        with door.reading(request) as work:
            return page(request, "deals/deals.html", lines=deal_views.deals_of(work))

    @get("/{deal_id:uuid}", sync_to_thread=True)
    def look(self, request: Visit, door: NamedDependency[Door], deal_id: FromPath[UUID]) -> Response[str]:
        """Show one deal."""
        with door.reading(request) as work:
            return _deal(request, work, deal_id)

    @get("/{deal_id:uuid}/progress", sync_to_thread=True)
    def progress(self, request: Visit, door: NamedDependency[Door], deal_id: FromPath[UUID]) -> Response[str]:
        """Show how far a deal has come, alone: the page asks again while it moves."""
        with door.reading(request) as work:
            view = deal_views.deal_of(work, deal_id, reader(request))
            return page(request, "deals/_progress.html", view=view, refusals=[])

    @post("/{deal_id:uuid}/issue", guards=[requires(Role.PRODUCER)], sync_to_thread=True)
    def issue(self, request: Visit, door: NamedDependency[Door], deal_id: FromPath[UUID]) -> Answer:
        """Sign and issue the manifest of a deal."""
        said = N_("The manifest is signed and issued. The driver can come.")
        return _act(request, door, deal_id, Act.ISSUE, Signing(), said)

    @post("/{deal_id:uuid}/cancel", guards=[requires(Role.PRODUCER)], sync_to_thread=True)
    def cancel(
        self,
        request: Visit,
        door: NamedDependency[Door],
        deal_id: FromPath[UUID],
        data: URLEncodedBody[Reasoned],
    ) -> Answer:
        """Call a deal off before its load is loaded."""
        said = N_("The deal is cancelled. The lot goes back on the market.")
        return _act(request, door, deal_id, Act.CANCEL, Signing(reason=data.reason.strip()[:200]), said)


def _act(
    request: Visit, door: Door, deal_id: UUID, act: Act, signing: Signing, said: str
) -> Response[str] | Response[bytes]:
    try:
        with door.work(request) as work:
            row = manifests.by_deal(work.session, deals.deal(work.session, deal_id, work.who).id)
            if row is None:
                raise Conflict(N_("The manifest is still being drawn up. Try again in a moment."))
            manifest_service.act(work, row, act, signing)
    except NotFound:
        raise
    except DomainError as refusal:
        with door.reading(request) as work:
            return _deal(request, work, deal_id, refusal)
    return go(request, f"/deals/{deal_id}", said)


def _deal(request: Visit, work: Work, deal_id: UUID, refusal: DomainError | None = None) -> Response[str]:
    found = reasons_by_field(refusal, reader(request)) if refusal else {}
    return page(
        request,
        "deals/deal.html",
        refusal.status if refusal else 200,
        view=deal_views.deal_of(work, deal_id, reader(request)),
        refusals=[one for reasons in found.values() for one in reasons],
    )


ROUTES: list[ControllerRouterHandler] = [Deals]
