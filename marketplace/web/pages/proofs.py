"""How does an inspector prove a record back to what was published?"""

from __future__ import annotations

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler
from sqlalchemy.orm import Session

from compliance.anchors import queries
from compliance.anchors.tables import Anchor
from compliance.record.errors import DomainError
from compliance.record.who import Role
from marketplace import anchoring, record_proofs
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.record_proofs import Proved
from marketplace.web.forms import Form
from marketplace.web.pages.custody import EVENTS

SHOWN = 30


class Proofs(Controller):
    """The audit proof."""

    path = "/proof"
    include_in_schema = False
    guards = (requires(Role.INSPECTOR, Role.OPERATOR),)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the anchors, and the proof of what the address names."""
        text = request.query_params.get("record", "").strip()[:60]
        found: list[Proved] = []
        refusal: DomainError | None = None
        with door.reading(request) as work:
            try:
                found = _proved(work.session, door, text) if text else []
            except DomainError as failure:
                refusal = failure
            rows = work.session.scalars(queries.anchors().order_by(Anchor.last_seq.desc()).limit(SHOWN)).all()
            stamps = queries.stamps(work.session, [row.id for row in rows])
            return page(
                request,
                "proofs/proof.html",
                refusal.status if refusal else 200,
                form=Form({"record": text}, reasons_by_field(refusal, reader(request)) if refusal else {}),
                found=found,
                anchors=rows,
                stamps=stamps,
                told=EVENTS,
            )


def _proved(session: Session, door: Door, text: str) -> list[Proved]:
    authority = anchoring.checker_of(door.settings)
    return [record_proofs.proved(session, one, authority) for one in record_proofs.look_up(session, text)]


ROUTES: list[ControllerRouterHandler] = [Proofs]
