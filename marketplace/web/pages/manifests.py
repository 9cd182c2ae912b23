"""Which manifests concern me, and what is the whole story of one of them?"""

from __future__ import annotations

import io
from typing import Annotated, Literal
from uuid import UUID

import msgspec
import segno
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.manifests import incidents, queries, service
from compliance.manifests.rules import Act, Purpose, State, acts_from
from compliance.manifests.service import Signing
from compliance.manifests.tables import Manifest
from compliance.qualification.scans import MOST_BYTES
from compliance.record.errors import N_, DomainError, NotFound
from compliance.record.ids import new_id
from compliance.record.work import Work
from marketplace import loads
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit, wants_json
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.edge.terminals import first_press
from marketplace.scans import store_of
from marketplace.web.pages import custody, manifest_leave, manifest_list
from marketplace.web.pages.manifest_list import Asked
from marketplace.web.pages.manifest_ways import WAYS, WayForm, offered
from marketplace.web.profile_views import of_manifest
from marketplace.web.stock_views import of_load
from tracking.kept_acts import queries as kept_queries
from tracking.kept_acts import rules as kept_acts
from tracking.trips import queries as trips

OFFERED = (Act.ISSUE, Act.CANCEL, Act.KEEP_LOAD, Act.END_RETURN, Act.TREAT, Act.CLOSE)
"""What is signed on this page; the driver's steps and the receipt have pages of their own."""


class ActForm(msgspec.Struct):
    """What the buttons of a manifest's page send."""

    act: Literal["issue", "cancel", "keep_load", "end_return", "treat", "close"]
    reason: Annotated[str, msgspec.Meta(max_length=400)] = ""
    intent: Annotated[str, msgspec.Meta(max_length=100)] = ""
    """Names one press of a button that may be sent again, by a terminal without signal."""


class Manifests(Controller):
    """The manifest 转移联单 as everybody who is party to it sees it."""

    path = "/manifests"
    include_in_schema = False
    guards = (signed_in,)

    @get("/", sync_to_thread=True)
    def all(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """List the manifests that concern the person, by state."""
        with door.reading(request) as work:
            found = manifest_list.listing(work.session, work.who, Asked.read(request.query_params))
            return page(request, "manifests/list.html", listing=found)

    @get("/{manifest_id:uuid}", sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], manifest_id: FromPath[UUID]) -> Response[str]:
        """Show the whole chain of custody of one manifest."""
        return self._shown(request, door, manifest_id)

    @get("/{manifest_id:uuid}/panel", sync_to_thread=True)
    def panel(
        self, request: Visit, door: NamedDependency[Door], manifest_id: FromPath[UUID]
    ) -> Response[str]:
        """Show the same beside the live map; 204 when it is what the reader has already."""
        with door.reading(request) as work:
            story = custody.of(work.session, queries.manifest(work.session, manifest_id, work.who))
            if request.query_params.get("seen") == story.seen:
                return Response("", status_code=204)
            return page(request, "manifests/panel.html", custody=story)

    @get("/{manifest_id:uuid}/track.json", sync_to_thread=True)
    def track(
        self, request: Visit, door: NamedDependency[Door], manifest_id: FromPath[UUID]
    ) -> Response[dict[str, object]]:
        """Return the line that the vehicle drew with this load, as GeoJSON (WGS-84)."""
        with door.reading(request) as work:
            row = queries.manifest(work.session, manifest_id, work.who)
            trip = trips.by_manifest(work.session, row.id)
            line = [[fix.lon, fix.lat] for fix in trips.track(work.session, trip)] if trip else []
        shape = {"type": "LineString", "coordinates": line}
        features = [{"type": "Feature", "properties": {}, "geometry": shape}] if len(line) > 1 else []
        return Response(
            {"type": "FeatureCollection", "features": features}, media_type="application/geo+json"
        )

    @get("/{manifest_id:uuid}/qr.svg", sync_to_thread=True)
    def qr(self, request: Visit, door: NamedDependency[Door], manifest_id: FromPath[UUID]) -> Response[bytes]:
        """Return the QR code: this manifest's address, its number and the hash of the signed document."""
        with door.reading(request) as work:
            row = queries.manifest(work.session, manifest_id, work.who)
            content = qr_text(request, row, custody.signed_hash(work.session, row))
        return Response(svg(content), media_type="image/svg+xml")

    @post("/{manifest_id:uuid}/acts", sync_to_thread=True)
    def sign(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: URLEncodedBody[ActForm],
    ) -> Response[str] | Response[bytes]:
        """Sign an act; a refusal comes back on the same page with its rule and way out."""
        try:
            with door.work(request) as work:
                row = queries.manifest(work.session, manifest_id, work.who)
                if not data.intent or first_press(door, work, data.intent, row.id, data.act):
                    loads.sign(work, row, Act(data.act), Signing(reason=data.reason.strip()))
        except DomainError as refusal:
            if wants_json(request):
                raise
            return self._shown(request, door, manifest_id, refusal)
        if wants_json(request):
            return Response(b'{"done": true}', status_code=200, media_type="application/json")
        return go(request, f"/manifests/{manifest_id}", SAID[Act(data.act)])

    @post("/{manifest_id:uuid}/exception", sync_to_thread=True, request_max_body_size=MOST_BYTES + 200_000)
    def ask(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: MultipartBody[manifest_leave.ExceptionForm],
    ) -> Response[str] | Response[bytes]:
        """Ask leave for one act, with a photo or paper that shows why."""
        try:
            with door.work(request) as work:
                row = queries.manifest(work.session, manifest_id, work.who)
                store, within = store_of(door.settings), door.settings.hand_in_within
                manifest_leave.ask(work, row, data, store, within)
        except DomainError as refusal:
            return self._shown(request, door, manifest_id, refusal)
        return go(request, f"/manifests/{manifest_id}", LEAVE_ASKED)

    @post(
        "/{manifest_id:uuid}/exception/{exception_id:uuid}/evidence",
        sync_to_thread=True,
        request_max_body_size=MOST_BYTES + 200_000,
    )
    def hand_in(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        exception_id: FromPath[UUID],
        data: MultipartBody[manifest_leave.HandInForm],
    ) -> Response[str] | Response[bytes]:
        """Hand in the photo or scan that was outstanding."""
        try:
            with door.work(request) as work:
                row = queries.manifest(work.session, manifest_id, work.who)
                manifest_leave.hand_in(work, row, exception_id, data.file, store_of(door.settings))
        except DomainError as refusal:
            return self._shown(request, door, manifest_id, refusal)
        return go(request, f"/manifests/{manifest_id}", N_("Handed in; it stands beside the exception."))

    @post("/{manifest_id:uuid}/ways/{way:str}", sync_to_thread=True)
    def take_way(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        way: FromPath[str],
        data: URLEncodedBody[WayForm],
    ) -> Response[str] | Response[bytes]:
        """Do what one of the other forms says; a refusal comes back on the same page."""
        chosen = WAYS.get(way)
        if chosen is None:
            raise NotFound("page", way)
        try:
            with door.work(request) as work:
                chosen.do(work, queries.manifest(work.session, manifest_id, work.who), data)
        except DomainError as refusal:
            return self._shown(request, door, manifest_id, refusal)
        return go(request, f"/manifests/{manifest_id}", chosen.said)

    def _shown(
        self, request: Visit, door: Door, manifest_id: UUID, refusal: DomainError | None = None
    ) -> Response[str]:
        refused = reasons_by_field(refusal, reader(request)) if refusal else {}
        with door.reading(request) as work:
            row = queries.manifest(work.session, manifest_id, work.who)
            return page(
                request,
                "manifests/one.html",
                refusal.status if refusal else 200,
                custody=custody.of(work.session, row),
                acts=[act.value for act in acts_offered(work, row)],
                offered=offered(work, row),
                leave=manifest_leave.shown(work, row),
                incidents=incidents.of_manifest(work.session, row.id),
                refused=[one for several in refused.values() for one in several],
                address=address(request, row),
                aside=kept_queries.set_aside(work.session, row.id, work.who),
                seen=msgspec.json.encode(kept_acts.shown(row)).decode(),
                intent=str(new_id()),
                profile=of_manifest(work, row, reader(request)),
                ledger=of_load(work, row, reader(request)),
                settings=door.settings,
                now=work.now,
            )


LEAVE_ASKED = N_("Leave is asked. Whoever may give it is told, and sees it under Exceptions.")
SAID = {
    Act.ISSUE: N_("The manifest is issued and has its number."),
    Act.CANCEL: N_("The manifest is cancelled."),
    Act.TREAT: N_("The treatment is signed."),
    Act.CLOSE: N_("The manifest is closed."),
    Act.KEEP_LOAD: N_("The hand-over is called off."),
    Act.END_RETURN: N_("The manifest is closed: all of the load has come to a place again."),
}


def acts_offered(work: Work, row: Manifest) -> list[Act]:
    """Return the simple acts that this person may sign on this page now."""
    untreated = State(row.state) is State.CONFIRMED and row.purpose != Purpose.RETURN
    return [
        act
        for act in acts_from(State(row.state))
        if act in OFFERED
        and not (act is Act.CLOSE and untreated)
        and service.party_of(work, row, act) is not None
    ]


def address(request: Visit, row: Manifest) -> str:
    """Return a manifest's absolute address."""
    return f"{str(request.base_url).rstrip('/')}/manifests/{row.id}"


def qr_text(request: Visit, row: Manifest, document_hash: str) -> str:
    """Return what the QR code says: three lines that a person can read too."""
    return "\n".join((address(request, row), row.number or "-", document_hash or "-"))


def svg(content: str) -> bytes:
    """Draw a QR code (ISO/IEC 18004, error correction M) as an SVG of its own."""
    picture = io.BytesIO()
    segno.make(content, error="m", micro=False).save(picture, kind="svg", scale=4, border=2, nl=False)
    return picture.getvalue()


ROUTES: list[ControllerRouterHandler] = [Manifests]
