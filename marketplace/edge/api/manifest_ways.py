"""The ways of a load that is not simply sent and received: hand-over, return, paper, the national number."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.manifests import national, paper, queries, service, statements
from compliance.manifests.gates import Signing
from compliance.manifests.handover import Means
from compliance.receipts import service as receipts
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry.rules import Mode
from marketplace import loads
from marketplace.edge.api.documents import Kilograms, Latitude, Longitude, Reason, told, view
from marketplace.edge.api.manifests import LegView, ManifestView, StatementView, statement_view
from marketplace.edge.api.receipts import ReceiptView
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed

Place = Annotated[str, msgspec.Meta(max_length=200)]


class NewHandover(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which carrier takes the load over, by what, where and when, as both have agreed (M9)."""

    carrier: Annotated[str, msgspec.Meta(description="its Unified Social Credit Code")]
    means: Means = Means.BY_ROAD
    place: Place
    at: datetime
    lat: Latitude | None = None
    lon: Longitude | None = None


class NewTakeover(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """With which vehicle, vessel or wagon the load is taken over; on the road, by which driver and escort."""

    plate: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    driver_id: UUID | None = None
    escort_id: UUID | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None


class NewReturn(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Where a refused mass goes: without a site back to its origin; without a mass, the whole rest."""

    site_id: UUID | None = None
    mode: Mode | None = None
    kg: Kilograms | None = None
    reason: Reason = ""


class NewPaper(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Why the transfer runs on paper."""

    reason: Annotated[Reason, msgspec.Meta(min_length=1)]


class NewPaperEntry(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What stands on the paper manifest, and where the paper is kept."""

    number: Annotated[str, msgspec.Meta(max_length=40)]
    loaded_at: datetime
    ended_at: datetime
    sender_kg: Kilograms
    receiver_kg: Kilograms
    evidence: Reason


class NewNationalNumber(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The number that the national system gave this manifest: 14 digits."""

    number: Annotated[str, msgspec.Meta(max_length=40)]


class NewEscort(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Who of the carrier's own people rides along to watch over the load (L9)."""

    person_id: UUID


class NewPacking(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """How the load is packed, and which dangerous goods it is; what is left out stays as it stands."""

    packaging: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    packages: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    dg_class: (
        Annotated[str, msgspec.Meta(max_length=3, description="class or division, such as 6.1")] | None
    ) = None
    un_number: (
        Annotated[str, msgspec.Meta(max_length=7, description="four digits, with or without UN")] | None
    ) = None


class ManifestWays(Controller):
    """What happens to a load on its way."""

    path = "/api/v1/manifests/{manifest_id:uuid}"
    tags = ("manifests",)
    guards = (signed_in, keyed)

    @post(
        "/handover",
        sync_to_thread=True,
        operation_id="hand_over_load",
        responses=told(LegView),
    )
    def hand_over(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[NewHandover],
    ) -> Response[bytes]:
        """Hand the load over to another carrier, which has still to take it."""

        def act(work: Work) -> LegView:
            row = queries.manifest(work.session, manifest_id, work.who)
            handing = loads.Handing(data.carrier, data.means, data.place, data.at)
            leg = loads.hand_over(work, row, handing, Signing(lat=data.lat, lon=data.lon))
            return view(leg, LegView)

        return door.once(request, act)

    @post(
        "/takeover",
        sync_to_thread=True,
        status_code=200,
        operation_id="take_load_over",
        responses=told(LegView, 200),
    )
    def take_over(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[NewTakeover],
    ) -> Response[bytes]:
        """Take the load over from the carrier that offers it."""

        def act(work: Work) -> LegView:
            row = queries.manifest(work.session, manifest_id, work.who)
            signing = Signing(lat=data.lat, lon=data.lon)
            leg = loads.take_over(work, row, data.plate, data.driver_id, signing, data.escort_id)
            return view(leg, LegView)

        return door.once(request, act, status=200)

    @post(
        "/escort",
        guards=[requires(Role.DISPATCHER)],
        sync_to_thread=True,
        status_code=200,
        operation_id="name_escort",
        responses=told(ManifestView, 200),
    )
    def name_escort(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[NewEscort],
    ) -> Response[bytes]:
        """Name the escort, until the loading is signed."""

        def act(work: Work) -> ManifestView:
            row = queries.manifest(work.session, manifest_id, work.who)
            service.escort_by(work, row, data.person_id)
            work.session.flush()
            return view(row, ManifestView)

        return door.once(request, act, status=200)

    @post(
        "/statement",
        guards=[requires(Role.PRODUCER)],
        sync_to_thread=True,
        status_code=200,
        operation_id="state_packing",
        responses=told(StatementView, 200),
    )
    def state_packing(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[NewPacking],
    ) -> Response[bytes]:
        """Say how a draft's load is packed and which dangerous goods it is (M4, M6); signing freezes it."""

        def act(work: Work) -> StatementView:
            row = queries.manifest(work.session, manifest_id, work.who)
            said = statements.Packed(data.packaging, data.packages, data.dg_class, data.un_number)
            statements.pack(work, row, said)
            work.session.flush()
            return statement_view(work, row)

        return door.once(request, act, status=200)

    @post(
        "/returns",
        sync_to_thread=True,
        operation_id="send_refused_load_on",
        responses=told(ManifestView),
    )
    def send_on(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[NewReturn],
    ) -> Response[bytes]:
        """Send what was refused back, or onward to another receiver, under a new manifest."""

        def act(work: Work) -> ManifestView:
            row = queries.manifest(work.session, manifest_id, work.who)
            linked = loads.send_on(work, row, data.site_id, data.mode, data.kg, Signing(reason=data.reason))
            work.session.flush()
            return view(linked, ManifestView)

        return door.once(request, act)

    @post(
        "/paper",
        sync_to_thread=True,
        status_code=200,
        operation_id="go_on_paper",
        responses=told(ManifestView, 200),
    )
    def go_on_paper(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[NewPaper],
    ) -> Response[bytes]:
        """Say that the transfer runs on paper; its days for the entry begin to count."""

        def act(work: Work) -> ManifestView:
            row = queries.manifest(work.session, manifest_id, work.who)
            paper.go_on_paper(work, row, data.reason)
            work.session.flush()
            return view(row, ManifestView)

        return door.once(request, act, status=200)

    @post(
        "/paper-entry",
        sync_to_thread=True,
        status_code=200,
        operation_id="enter_paper",
        responses=told(ReceiptView, 200),
    )
    def enter_paper(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[NewPaperEntry],
    ) -> Response[bytes]:
        """Enter a transfer that ran on paper; the receiver accepts or refuses it next."""

        def act(work: Work) -> ReceiptView:
            row = queries.manifest(work.session, manifest_id, work.who)
            said = paper.Paper(
                data.number, data.loaded_at, data.ended_at, data.sender_kg, data.receiver_kg, data.evidence
            )
            receipt = receipts.enter_paper(work, row, said)
            work.session.flush()
            return view(receipt, ReceiptView)

        return door.once(request, act, status=200)

    @post(
        "/national-number",
        guards=[requires(Role.PRODUCER)],
        sync_to_thread=True,
        status_code=200,
        operation_id="enter_national_number",
        responses=told(ManifestView, 200),
    )
    def enter_number(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[NewNationalNumber],
    ) -> Response[bytes]:
        """Enter the number of the national system beside the provisional one; nothing is asked of it."""

        def act(work: Work) -> ManifestView:
            row = queries.manifest(work.session, manifest_id, work.who)
            national.enter(work, row, data.number)
            work.session.flush()
            return view(row, ManifestView)

        return door.once(request, act, status=200)
