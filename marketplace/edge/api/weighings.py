"""Weighings over HTTP: the signed tickets of the scales, what proves them, the instruments behind them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, TypeVar
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.record.who import Role
from compliance.record.work import Work
from devices.codecs.ticket_json import NoPhoto, Particulars, Source, particulars
from marketplace.edge.api.documents import CursorParameter, Kilograms, LimitParameter, told, view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from tracking.fleet import queries as fleet
from tracking.fleet.rules import DeviceKind
from tracking.fleet.tables import Device
from tracking.weighings import facts, instruments, photos, prints, proof, queries, voids
from tracking.weighings.tables import Weighing
from tracking.weighings.tolerance import Allowance

OVERSEERS = requires(Role.INSPECTOR, Role.OPERATOR)
Permille = Annotated[Decimal, msgspec.Meta(description="per mille, as text")]


class WeighingView(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket: what was weighed, when, where, and the proof; `unbound` says why it fits no trip."""

    id: UUID
    device_id: str
    site_id: UUID | None
    ticket_number: int
    plate: str
    kg: int
    at: datetime
    received_at: datetime
    trip_id: UUID | None
    manifest_id: UUID | None
    place: str | None
    role: str | None
    unbound: str | None
    voids_hash: str | None
    """The ticket that it makes void, by its hash."""
    voided_by: UUID | None
    """The ticket that makes it void."""
    previous_hash: str
    ticket_hash: str
    signature: str


class PhotoView(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that the ticket names by its hash, and since when it is here; or why there is none.

    Its bytes are at `/api/v1/weighings/{id}/photos/{view}`.
    """

    view: str
    sha256: str | None
    received_at: datetime | None
    lacks: NoPhoto | None


class VoidView(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a ticket void: the scale's ticket that says so, why, by whom, and when."""

    weighing_id: UUID
    ticket_number: int
    reason: str
    by: str
    at: datetime


class ProofView(msgspec.Struct, frozen=True, kw_only=True):
    """What was checked just now; null where the neighbour in the chain is not here."""

    holds: bool
    content: bool
    signature: bool
    before: bool | None
    after: bool | None


class WeighingDetail(WeighingView, frozen=True, kw_only=True):
    """One ticket with its raw frames, how it stood still, its curve (milliseconds, kg) and its proof."""

    inc: int
    seq: int
    vehicle_id: UUID | None
    division_kg: int
    stability: str
    shadow: bool
    frames: list[str]
    extra: dict[str, object] | None
    source: Source
    """How the weight came about: `stored` and `typed` are preset tares, and marked."""
    photos: list[PhotoView]
    void: VoidView | None
    prints: int
    """How often it was printed, at the gate and here."""
    curve: list[tuple[int, int]]
    axles: int | None
    proof: ProofView


class CertificateView(msgspec.Struct, frozen=True, kw_only=True):
    """One verification of a scale."""

    id: UUID
    number: str
    issued_by: str
    verified_on: date
    valid_to: date


class ScaleView(msgspec.Struct, frozen=True, kw_only=True):
    """A scale: its instrument where it is on record, and its verifications; is one valid today?"""

    device_id: str
    site_id: UUID | None
    division_kg: int | None
    max_kg: int | None
    serial: str
    indicator: str
    certificates: list[CertificateView]
    certified: bool


class Instrument(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What the instrument's plate says; kilograms."""

    division_kg: Kilograms
    max_kg: Kilograms
    serial: Annotated[str, msgspec.Meta(max_length=60)] = ""
    indicator: Annotated[str, msgspec.Meta(max_length=60)] = ""


class NewCertificate(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A verification as its certificate says."""

    number: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    issued_by: Annotated[str, msgspec.Meta(max_length=120)] = ""
    verified_on: date
    valid_to: date


class NewAllowance(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a contract (a deal) or a receiving site allows two nets to differ, in per mille and kilograms."""

    scope: instruments.Scope
    subject_id: UUID
    fixed_permille: Permille | None = None
    moisture_permille: Permille = Decimal(1)
    fuel_kg: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 20


class Weighings(Controller):
    """Tickets of the scales."""

    path = "/api/v1/weighings"
    tags = ("weighings",)

    @get("/", guards=[signed_in], sync_to_thread=True, operation_id="get_weighings")
    def weighings(
        self,
        request: Visit,
        door: NamedDependency[Door],
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[WeighingView]:
        """List the tickets the person may see, newest first."""
        with door.reading(request) as work:
            return page_of(
                work.session,
                queries.visible_to(work.who),
                Weighing.at,
                Weighing.id,
                lambda row: _as_told(work, view(row, WeighingView), row),
                cursor=cursor,
                limit=limit,
            )

    @get("/{weighing_id:uuid}", guards=[signed_in], sync_to_thread=True, operation_id="get_weighing")
    def weighing(
        self, request: Visit, door: NamedDependency[Door], weighing_id: FromPath[UUID]
    ) -> WeighingDetail:
        """Show one ticket with everything that proves it, checked just now."""
        with door.reading(request) as work:
            row = queries.weighing(work.session, weighing_id, work.who)
            return _as_told(work, _detail(work, row), row)


class Scales(Controller):
    """The instruments, their verifications, and what nets may differ."""

    path = "/api/v1/scales"
    tags = ("weighings",)

    @get("/", guards=[signed_in], sync_to_thread=True, operation_id="get_scales")
    def scales(self, request: Visit, door: NamedDependency[Door]) -> list[ScaleView]:
        """List the scales the person may see, with instrument and verifications."""
        with door.reading(request) as work:
            statement = fleet.devices_visible_to(work.who).where(Device.kind == DeviceKind.SCALE.value)
            return [_scale(work, row) for row in work.session.scalars(statement.order_by(Device.id))]

    @post(
        "/{device_id:str}/instrument",
        guards=[OVERSEERS, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="register_scale",
        responses=told(ScaleView, 200),
    )
    def register(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: JSONBody[Instrument],
    ) -> Response[bytes]:
        """Put a scale's instrument on record, or correct it."""

        def act(work: Work) -> ScaleView:
            new = instruments.NewScale(data.division_kg, data.max_kg, data.serial, data.indicator)
            instruments.register(work, device_id, new)
            work.session.flush()
            return _scale(work, work.session.get_one(Device, device_id))

        return door.once(request, act, status=200)

    @post(
        "/{device_id:str}/certificates",
        guards=[OVERSEERS, keyed],
        sync_to_thread=True,
        operation_id="certify_scale",
        responses=told(ScaleView),
    )
    def certify(
        self,
        request: Visit,
        door: NamedDependency[Door],
        device_id: FromPath[str],
        data: JSONBody[NewCertificate],
    ) -> Response[bytes]:
        """Enter a verification; takes back the alerts of days that it turns out to cover."""

        def act(work: Work) -> ScaleView:
            new = instruments.NewCertificate(data.number, data.issued_by, data.verified_on, data.valid_to)
            instruments.certify(work, device_id, new)
            work.session.flush()
            return _scale(work, work.session.get_one(Device, device_id))

        return door.once(request, act)

    @post(
        "/allowances",
        guards=[OVERSEERS, keyed],
        sync_to_thread=True,
        operation_id="allow_difference",
        responses=told(NewAllowance),
    )
    def allow(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewAllowance]
    ) -> Response[bytes]:
        """Set what a contract or a receiving site allows two nets to differ."""

        def act(work: Work) -> NewAllowance:
            fixed = None if data.fixed_permille is None else Fraction(data.fixed_permille)
            allowed = Allowance(fixed, Fraction(data.moisture_permille), data.fuel_kg)
            instruments.allow(work, data.scope, data.subject_id, allowed)
            return data

        return door.once(request, act)


V = TypeVar("V", bound=WeighingView)


def _as_told(work: Work, told: V, row: Weighing) -> V:
    """Name the reader's own trip where several loads share the ticket (M3)."""
    trip = queries.told_as(work.session, work.who, row)
    named = {"trip_id": trip.id, "manifest_id": trip.manifest_id} if trip is not None else {}
    return msgspec.structs.replace(told, **({"trip_id": None, "manifest_id": None} | named))


def _detail(work: Work, row: Weighing) -> WeighingDetail:
    seen, checked = facts.curve(row), proof.of(work.session, row)
    shape = facts.shape_of(row)
    columns = {name: getattr(row, name, None) for name in WeighingDetail.__struct_fields__}
    said = particulars(row.extra)
    return msgspec.convert(
        columns
        | {
            "source": said.source,
            "photos": _photos(work, row, said),
            "void": _void(work, row),
            "prints": len(prints.of(work.session, row)),
            "curve": [(one.ms, one.kg) for one in seen],
            "axles": shape.axles_on if shape is not None else None,
            "proof": ProofView(
                holds=checked.holds,
                content=checked.content,
                signature=checked.signature,
                before=checked.before,
                after=checked.after,
            ),
        },
        WeighingDetail,
    )


def _photos(work: Work, row: Weighing, said: Particulars) -> list[PhotoView]:
    named = [
        PhotoView(
            view=name,
            sha256=sha256,
            received_at=one.received_at if one is not None else None,
            lacks=None,
        )
        for name, sha256, one in photos.named(work.session, row)
    ]
    lacking = [
        PhotoView(view=name, sha256=None, received_at=None, lacks=why)
        for name, why in sorted(said.lacks.items())
    ]
    return named + lacking


def _void(work: Work, row: Weighing) -> VoidView | None:
    found = voids.making_void(work.session, row)
    if found is None:
        return None
    by, said = found
    return VoidView(
        weighing_id=by.id, ticket_number=by.ticket_number, reason=said.reason, by=said.by, at=by.at
    )


def _scale(work: Work, device: Device) -> ScaleView:
    row = queries.scales(work.session, [device.id]).get(device.id)
    certificates = queries.certificates(work.session, [device.id]).get(device.id, [])
    return ScaleView(
        device_id=device.id,
        site_id=device.site_id,
        division_kg=row.division_kg if row is not None else None,
        max_kg=row.max_kg if row is not None else None,
        serial=row.serial if row is not None else "",
        indicator=row.indicator if row is not None else "",
        certificates=[view(one, CertificateView) for one in certificates],
        certified=any(one.verified_on <= work.today <= one.valid_to for one in certificates),
    )
