"""Manifests over HTTP: the list, one with its whole chain of custody, and the acts that sign it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from compliance.manifests import queries, returns, statements
from compliance.manifests.handover import LegState, Means
from compliance.manifests.rules import Act, Party, Purpose, State
from compliance.manifests.service import Signing
from compliance.manifests.tables import Manifest
from compliance.receipts import queries as receipts
from compliance.record import ledger
from compliance.record.credential import Credential
from compliance.record.numbers import LARGEST_KG
from compliance.record.work import Work
from marketplace import loads
from marketplace.edge import problems
from marketplace.edge.api.documents import (
    CursorParameter,
    Latitude,
    LimitParameter,
    Longitude,
    Reason,
    told,
    versioned,
    view,
)
from marketplace.edge.api.receipts import ReceiptView
from marketplace.edge.api.record import EventView, event_view
from marketplace.edge.api.trips import TripView, tickets_of, trip_view
from marketplace.edge.api.weighings import WeighingView
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.oversight.filters import ANY, Wanted, matching
from marketplace.web import standings
from marketplace.web.translation import language_of
from tracking.alerts.kinds import Severity
from tracking.trips import queries as trips

DIVISION = "^([0-9]{2}|[0-9]{4}|[0-9]{6})$"


class AlertFilter(StrEnum):
    """Which alerts a manifest must have."""

    ANY = ANY
    ALARM = Severity.ALARM.value
    WARNING = Severity.WARNING.value
    NOTICE = Severity.NOTICE.value


class DirectAct(StrEnum):
    """The acts that sign a manifest directly; the others are steps of a trip, or the receipt."""

    ISSUE = Act.ISSUE.value
    CANCEL = Act.CANCEL.value
    KEEP_LOAD = Act.KEEP_LOAD.value
    END_RETURN = Act.END_RETURN.value
    TREAT = Act.TREAT.value
    CLOSE = Act.CLOSE.value


class NewAct(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """An act with where it was done and why, where that matters."""

    act: DirectAct
    lat: Latitude | None = None
    lon: Longitude | None = None
    reason: Reason = ""


class ManifestView(msgspec.Struct, frozen=True, kw_only=True):
    """One manifest; `number` is provisional until `national_number` stands beside it (M1)."""

    id: UUID
    version: int
    deal_id: UUID
    number: str | None
    national_number: str | None
    state: State
    mover_id: UUID
    carrier_id: UUID
    receiver_id: UUID
    origin_site_id: UUID
    destination_site_id: UUID
    vehicle_id: UUID
    plate: str
    driver_id: UUID | None
    escort_id: UUID | None
    code: str
    edition: str
    waste_name: str
    hazardous: bool
    mode: str
    planned_kg: int
    loaded_kg: int | None
    loaded_typed: bool
    """The loaded mass was typed by leave, not weighed."""
    accepted_kg: int | None
    received_kg: int | None
    refused_kg: int
    parent_id: UUID | None
    purpose: Purpose
    reason: str
    findings: dict[str, dict[str, object]] | None
    """What the receiver answered to each aspect it looked at: whether it agrees, and a note (M10, M12)."""
    created_at: datetime
    changed_at: datetime


class SignatureView(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed what, when, where and by what credential, and the hash of what was signed."""

    ordinal: int
    act: Act
    party: Party
    person_name: str
    organisation_id: UUID | None
    at: datetime
    lat: float | None
    lon: float | None
    document_hash: str
    form: int
    """In which form of the document: 1 did not cover the escort and what is stated."""
    label: str
    """The digital code that was read off a container before loading (M6)."""
    credential: Credential | None
    exception_id: UUID | None
    """By which leave it was signed."""


class PartyStated(msgspec.Struct, frozen=True):
    """A party as the manifest calls it; a carrier has no place."""

    name: str = ""
    contact: str = ""
    place: str = ""


class CrewStated(msgspec.Struct, frozen=True):
    """Driver or escort as called and certified when the loading, or the taking over, was signed."""

    name: str
    certificate: str = ""
    valid_to: str = ""


class StatementView(msgspec.Struct, frozen=True, kw_only=True):
    """What a manifest states: frozen by its first signature, and covered by every one of form 2.

    Before that it is what would be frozen now. `added`: it was filled in after the manifest had been signed.
    `crew` is named by the signature of the loading or the taking over; `sha256` is of all but the crew.
    """

    category: str
    hazards: str
    dg_class: str
    un_number: str
    packaging: str
    packages: int | None
    management_plan: str
    permit: str
    licence: str
    remarks: str
    facts: dict[str, str]
    mover: PartyStated
    carrier: PartyStated
    receiver: PartyStated
    crew: dict[str, CrewStated] = {}
    sha256: str
    frozen_at: datetime | None
    added: bool


def statement_view(work: Work, row: Manifest) -> StatementView:
    """Return what a manifest states, that the person may see."""
    known = statements.row_of(work, row.id)
    standing = {
        "sha256": statements.digest(work, row),
        "frozen_at": known.frozen_at if known else None,
        "added": known is not None and known.added,
    }
    return msgspec.convert(statements.content(work, row) | standing, StatementView)


class LegView(msgspec.Struct, frozen=True, kw_only=True):
    """One hand-over between two carriers, as agreed and as it came about (M9)."""

    ordinal: int
    state: LegState
    from_carrier_id: UUID
    carrier_id: UUID
    means: Means
    place: str
    agreed_for: datetime
    plate: str
    offered_at: datetime
    ended_at: datetime | None


class PaperView(msgspec.Struct, frozen=True, kw_only=True):
    """Why a transfer ran on paper, and what was entered from it (M15)."""

    reason: str
    began_at: datetime
    paper_number: str
    loaded_at: datetime | None
    ended_at: datetime | None
    sender_kg: int | None
    receiver_kg: int | None
    evidence: str
    entered_at: datetime | None
    entered_by: str


class Custody(msgspec.Struct, frozen=True, kw_only=True):
    """The whole chain of custody of one load."""

    manifest: ManifestView
    statement: StatementView
    signatures: list[SignatureView]
    trip: TripView | None
    weighings: list[WeighingView]
    receipt: ReceiptView | None
    events: list[EventView]
    legs: list[LegView]
    paper: PaperView | None
    linked: list[ManifestView]
    """Every other manifest of the load, which a refusal sent back or onward."""


def custody(work: Work, row: Manifest) -> Custody:
    """Return everything that is on record about a load whose manifest the person may see."""
    session = work.session
    trip = trips.by_manifest(session, row.id)
    receipt = receipts.of_manifest(session, row.id)
    paper = queries.paper(session, row.id)
    subjects = [row.id, row.deal_id, *([trip.id] if trip else []), *([receipt.id] if receipt else [])]
    return Custody(
        manifest=view(row, ManifestView),
        statement=statement_view(work, row),
        signatures=[view(one, SignatureView) for one in queries.signatures(session, row.id)],
        trip=trip_view(trip) if trip else None,
        weighings=tickets_of(session, trip) if trip else [],
        receipt=view(receipt, ReceiptView) if receipt else None,
        events=[event_view(one) for one in ledger.about(session, subjects)],
        legs=[view(one, LegView) for one in queries.legs(session, row.id)],
        paper=view(paper, PaperView) if paper else None,
        linked=[view(one, ManifestView) for one in returns.family(work, row) if one.id != row.id],
    )


class Manifests(Controller):
    """Transfer manifests."""

    path = "/api/v1/manifests"
    tags = ("manifests",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="get_manifests")
    def manifests(
        self,
        request: Visit,
        door: NamedDependency[Door],
        standing: Annotated[State | None, QueryParameter(name="state")] = None,
        text: Annotated[
            str | None,
            QueryParameter(name="q", max_length=60, description="number, plate, code or party"),
        ] = None,
        division: Annotated[
            str | None, QueryParameter(pattern=DIVISION, description="where it comes from or goes to")
        ] = None,
        code: Annotated[
            str | None,
            QueryParameter(max_length=12, description="`900-214-08`, how it begins, `HW08`, `SW17`"),
        ] = None,
        alert: Annotated[
            AlertFilter | None, QueryParameter(description="with such an alert that still wants a look")
        ] = None,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[ManifestView]:
        """List the manifests the person may see, newest first."""
        with door.reading(request) as work:
            wanted = Wanted(
                frozenset({standing.value}) if standing else frozenset(),
                (text or "").strip(),
                division or "",
                code or "",
                alert.value if alert else "",
            )
            return page_of(
                work.session,
                matching(work.who, wanted),
                Manifest.created_at,
                Manifest.id,
                lambda row: view(row, ManifestView),
                cursor=cursor,
                limit=limit,
            )

    @get("/{manifest_id:uuid}", sync_to_thread=True, operation_id="get_manifest")
    def manifest(
        self, request: Visit, door: NamedDependency[Door], manifest_id: FromPath[UUID]
    ) -> Response[Custody]:
        """Show one manifest with its whole chain of custody."""
        with door.reading(request) as work:
            row = queries.manifest(work.session, manifest_id, work.who)
            return versioned(custody(work, row), row.version)

    @get("/{manifest_id:uuid}/reasons", sync_to_thread=True, operation_id="explain_act")
    def reasons(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        act: Annotated[
            Act | None, QueryParameter(description="without it, what the manifest waits for")
        ] = None,
        kg: Annotated[
            int | None,
            QueryParameter(
                ge=1, le=LARGEST_KG, description="the mass to be accepted; without it, all that was weighed"
            ),
        ] = None,
        label: Annotated[str, QueryParameter(max_length=60, description="a label's code that was read")] = "",
    ) -> problems.Standing:
        """Say why an act may not be signed today: all reasons at once, nothing is changed."""
        with door.reading(request) as work:
            row = queries.manifest(work.session, manifest_id, work.who)
            return standings.of_load(work, row, language_of(request), act, kg, label)

    @post(
        "/{manifest_id:uuid}/acts",
        guards=[keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="act_on_manifest",
        responses=told(ManifestView, 200),
    )
    def act(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[NewAct],
    ) -> Response[bytes]:
        """Sign an act: issue, cancel, end a return (mover); keep (carrier); treat, close (receiver)."""

        def act(work: Work) -> ManifestView:
            row = queries.manifest(work.session, manifest_id, work.who)
            signing = Signing(lat=data.lat, lon=data.lon, reason=data.reason)
            loads.sign(work, row, Act(data.act.value), signing)
            work.session.flush()
            return view(row, ManifestView)

        return door.once(request, act, status=200)
