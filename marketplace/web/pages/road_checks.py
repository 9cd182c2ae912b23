"""What does an inspector see at the roadside, on a phone?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.record.errors import DomainError
from compliance.record.who import Role
from marketplace.edge.api.road_checks import fault_in_words
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.web.forms import Form
from marketplace.web.road_check_words import MEANS, REMARKS, VERDICTS
from tracking.road_checks import queries, service
from tracking.road_checks.rules import Place
from tracking.road_checks.tables import RoadCheck

HOME = "/road-check"
LAST = 20


class CheckForm(msgspec.Struct):
    """What was typed or scanned, and where; a phone without a place sends none."""

    text: Annotated[str, msgspec.Meta(max_length=400)] = ""
    lat: str = ""
    lon: str = ""
    place: Annotated[str, msgspec.Meta(max_length=120)] = ""


class RoadChecks(Controller):
    """The road check."""

    path = HOME
    include_in_schema = False
    guards = (requires(Role.INSPECTOR, Role.OPERATOR),)

    @get("/", sync_to_thread=True)
    def ask(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Ask for a plate, a number or a QR code; the last checks stand below."""
        return self._form(request, door, {"text": request.query_params.get("text", "")[:400]})

    @post("/", sync_to_thread=True)
    def check(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[CheckForm]
    ) -> Response[str] | Response[bytes]:
        """Look it up, keep that it was asked, and go to the answer."""
        place = Place(_degrees(data.lat, 90), _degrees(data.lon, 180), data.place)
        try:
            with door.work(request) as work:
                key = service.check(work, data.text, place).id
        except DomainError as refusal:
            return self._form(request, door, {"text": data.text, "place": data.place}, refusal)
        return go(request, f"{HOME}/{key}")

    @get("/{check_id:uuid}", sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], check_id: FromPath[UUID]) -> Response[str]:
        """Show an answer as it was given."""
        with door.reading(request) as work:
            row = queries.road_check(work.session, check_id, work.who)
        return page(
            request,
            "road_checks/one.html",
            row=row,
            answer=service.answer_of(row),
            verdicts=VERDICTS,
            means=MEANS,
            remarks=REMARKS,
            in_words=lambda fault: fault_in_words(fault, reader(request)),
        )

    def _form(
        self, request: Visit, door: Door, values: Mapping[str, str], refusal: DomainError | None = None
    ) -> Response[str]:
        form = Form(values, reasons_by_field(refusal, reader(request)) if refusal else {})
        with door.reading(request) as work:
            statement = queries.visible_to(work.who).order_by(RoadCheck.at.desc(), RoadCheck.id)
            rows = work.session.scalars(statement.limit(LAST)).all()
        status = refusal.status if refusal else 200
        return page(request, "road_checks/ask.html", status, form=form, rows=rows, verdicts=VERDICTS)


def _degrees(text: str, most: float) -> float | None:
    """Return what the phone said of its place; anything else than degrees is no place."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if -most <= found <= most else None


ROUTES: list[ControllerRouterHandler] = [RoadChecks]
