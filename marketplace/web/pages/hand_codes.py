"""How does a load change hands between two telephones, one showing a code and the other reading it?"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.manifests import queries
from compliance.record.errors import N_, DomainError
from compliance.registry.rules import place_fault
from marketplace.accounts.rules import TooManyTries
from marketplace.edge.door import Door
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_of
from marketplace.hand_codes import service
from marketplace.hand_codes.api import CREW, TAKERS, counted, offered
from marketplace.hand_codes.rules import CodeOver, Kind, in_groups, plain
from marketplace.web.pages.typed import kilograms
from marketplace.web.qr import inline_svg

Text = Annotated[str, msgspec.Meta(max_length=400)]


class ShowForm(msgspec.Struct):
    """Which hand-over the giver signs for, and where."""

    manifest: UUID
    kind: Kind
    place: Text = ""
    lat: Text = ""
    lon: Text = ""


class TakeForm(msgspec.Struct):
    """What the taker adds to the code."""

    code: Text = ""
    plate: Text = ""
    tonnes: Text = ""
    reason: Text = ""
    lat: Text = ""
    lon: Text = ""


class HandCodes(Controller):
    """The giver's telephone."""

    path = "/hand-codes"
    include_in_schema = False
    guards = (CREW,)

    @post("/", sync_to_thread=True, status_code=200)
    def show(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[ShowForm]
    ) -> Response[str]:
        """Sign the giver's half and show its code, this once."""
        with door.work(request) as work:
            row = queries.manifest(work.session, data.manifest, work.who)
            giving = service.Giving(data.kind, data.place, *_spot(data.lat, data.lon))
            found, code = service.show(work, row, giving, door.wall())
        address = f"{str(request.base_url).rstrip('/')}/take?code={code}"
        return page(
            request,
            "hand_codes/shown.html",
            code=in_groups(code),
            row=found,
            manifest=row,
            picture=inline_svg(address),
        )

    @get("/{code_id:uuid}", sync_to_thread=True)
    def state(self, request: Visit, door: NamedDependency[Door], code_id: FromPath[UUID]) -> Response[str]:
        """Tell the giver's telephone whether the load was taken."""
        with door.reading(request) as work:
            row = service.own(work.session, code_id, work.who)
        return page(request, "hand_codes/state.html", row=row, over=row.expires_at <= door.wall())


class Take(Controller):
    """The taker's telephone."""

    path = "/take"
    include_in_schema = False
    guards = (TAKERS,)

    @get("/", sync_to_thread=True)
    def look(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Ask for a code, or show what one stands for."""
        text = request.query_params.get("code") or request.query_params.get("text") or ""
        return self._shown(request, door, TakeForm(code=text))

    @post("/", sync_to_thread=True)
    def take(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[TakeForm]
    ) -> Response[str] | Response[bytes]:
        """Take the load: both signatures land in one act, or neither."""
        try:
            accepted = kilograms(data.tonnes, "accepted_kg") if data.tonnes.strip() else None
            taking = service.Taking(data.plate, accepted, data.reason, *_spot(data.lat, data.lon))
            with counted(door, request), door.work(request) as work:
                row = service.take(work, data.code, taking, door.wall())
        except DomainError as refusal:
            return self._shown(request, door, data, refusal)
        said = N_("The load is yours: both signatures are on the manifest.")
        return go(request, f"/manifests/{row.id}", said)

    def _shown(
        self, request: Visit, door: Door, form: TakeForm, refusal: DomainError | None = None
    ) -> Response[str]:
        found = None
        if plain(form.code) and not isinstance(refusal, CodeOver | TooManyTries):
            try:
                found = offered(door, request, form.code)
            except DomainError as over:
                refusal = refusal or over
        return page(
            request,
            "hand_codes/take.html",
            refusal.status if refusal else 200,
            found=found,
            form=form,
            refused=reasons_of(refusal, reader(request)),
        )


def _spot(lat: str, lon: str) -> tuple[float | None, float | None]:
    """Return where a telephone is; a place that cannot be read is none."""
    try:
        found = float(lat), float(lon)
    except ValueError:
        return None, None
    return found if place_fault(*found) is None else (None, None)


ROUTES: list[ControllerRouterHandler] = [HandCodes, Take]
