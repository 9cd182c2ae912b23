"""Which loads are coming to me, do their weights agree, and do I take them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.manifests import queries as manifests
from compliance.manifests import service as manifest_service
from compliance.manifests.rules import Act, State
from compliance.manifests.tables import Manifest
from compliance.receipts import service
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Site
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.web.forms import Form
from marketplace.web.pages import custody, manifest_list, needs
from marketplace.web.pages.looked import LookedForm
from marketplace.web.pages.manifest_list import Line
from marketplace.web.pages.typed import kilograms
from marketplace.web.profile_views import of_manifest
from matching.distances import Estimate, Point
from tracking.positions import queries as positions
from tracking.positions.tables import LastPosition
from tracking.trips import queries as trips
from tracking.trips.tables import Trip

GROUPS: Mapping[str, tuple[State, ...]] = {
    "arrived": (State.ARRIVED,),
    "under_way": (State.LOADED, State.IN_TRANSIT, State.HANDOVER, State.PAPER_BACKFILL),
    "expected": (State.DRAFT, State.ISSUED),
    "to_treat": (
        State.ACCEPTED,
        State.PARTLY_ACCEPTED,
        State.UNDER_CORRECTION,
        State.CONFIRMED,
        State.TREATED,
    ),
    "over": (State.CLOSED, State.REFUSED, State.RETURNING, State.CANCELLED),
}
SHOWN_OVER = 15


class ReceiptForm(LookedForm):
    """What the receipt form sends; tonnes as typed."""

    verdict: str = "accept"
    tonnes: str = ""
    reason: str = ""


class NextForm(msgspec.Struct):
    """What the buttons after the receipt send."""

    act: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One load as its receiver expects it; `eta` and `metres_left` are estimates."""

    line: Line
    trip: Trip | None
    origin: Site
    eta: datetime | None
    metres_left: int | None
    last: LastPosition | None


class Processor(Controller):
    """The receiver's gate."""

    path = "/incoming"
    include_in_schema = False
    guards = (requires(Role.PROCESSOR),)

    @get("/", sync_to_thread=True)
    def all(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the loads that have arrived, are on the way, are expected, are to be treated, are over."""
        with door.reading(request) as work:
            template = "now.html" if "hx-request" in request.headers else "incoming.html"
            return page(request, f"processor/{template}", groups=groups(work))

    @get("/{manifest_id:uuid}", sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], manifest_id: FromPath[UUID]) -> Response[str]:
        """Show one load with both weights and, when it is the receiver's turn, the receipt."""
        return self._shown(request, door, manifest_id, held=door.held(request))

    @post("/{manifest_id:uuid}/receipt", sync_to_thread=True)
    def receive(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: URLEncodedBody[ReceiptForm],
    ) -> Response[str] | Response[bytes]:
        """Accept a load, whole or in part, or refuse it with a reason."""
        try:
            with door.work(request) as work:
                row = manifests.manifest(work.session, manifest_id, work.who)
                if data.verdict == "refuse":
                    service.refuse(work, row, data.reason.strip(), data.looked())
                else:
                    kg = kilograms(data.tonnes, "accepted_kg")
                    service.sign(work, row, kg, data.reason.strip(), data.looked())
        except DomainError as refusal:
            return self._shown(request, door, manifest_id, refusal, typed=typed_of(data))
        said = REFUSED if data.verdict == "refuse" else ACCEPTED
        return go(request, f"/incoming/{manifest_id}", said)

    @post("/{manifest_id:uuid}/acts", sync_to_thread=True)
    def after(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: URLEncodedBody[NextForm],
    ) -> Response[str] | Response[bytes]:
        """Sign that the waste was treated, or close the manifest."""
        try:
            if data.act not in NEXT_ACTS:
                raise Invalid(N_("This is no act of a receiver."), field="act")
            with door.work(request) as work:
                row = manifests.manifest(work.session, manifest_id, work.who)
                manifest_service.act(work, row, Act(data.act))
        except DomainError as refusal:
            return self._shown(request, door, manifest_id, refusal)
        return go(request, f"/incoming/{manifest_id}", NEXT_ACTS[data.act])

    def _shown(
        self,
        request: Visit,
        door: Door,
        manifest_id: UUID,
        refusal: DomainError | None = None,
        typed: Mapping[str, str] | None = None,
        held: Mapping[str, list[str]] | None = None,
    ) -> Response[str]:
        with door.reading(request) as work:
            row = manifests.manifest(work.session, manifest_id, work.who)
            story = custody.of(work.session, row)
            values = {name: " ".join(several) for name, several in (held or {}).items() if several}
            errors = reasons_by_field(refusal, reader(request)) if refusal else {}
            return page(
                request,
                "processor/load.html",
                refusal.status if refusal else 200,
                custody=story,
                profile=of_manifest(work, row, reader(request)),
                load=incoming(work, manifest_list.lines(work.session, [row]))[0],
                form=Form(prefilled(story) | values | dict(typed or {}), errors),
                refused=[one for field, several in errors.items() if field not in FIELDS for one in several],
                needs_verdict=State(row.state) is State.ARRIVED and story.balance is not None,
            )


FIELDS = frozenset({"accepted_kg", "reason", "differs"})
ACCEPTED = N_("The receipt is signed. The settlement is drawn up from it.")
REFUSED = N_("The load is refused. The producer and the carrier are told.")
NEXT_ACTS = {
    Act.TREAT.value: N_("The treatment is signed."),
    Act.CLOSE.value: N_("The manifest is closed."),
}


def typed_of(form: ReceiptForm) -> dict[str, str]:
    """Return what was typed, for the form that comes back."""
    typed: dict[str, str] = msgspec.to_builtins(form)
    return typed | {"differs": " ".join(form.ticked())}


def prefilled(story: custody.Custody) -> dict[str, str]:
    """Return the receipt form as it stands before anybody types: all that the own scale weighed."""
    net = story.balance.receiver_kg if story.balance else None
    return {"verdict": "accept", "tonnes": f"{net / 1000:.3f}" if net else "", "reason": ""}


def groups(work: Work) -> dict[str, list[Incoming]]:
    """Return the loads that come to the person's organisation, by what they wait for."""
    own = manifests.visible_to(work.who).where(Manifest.receiver_id == work.who.organisation_id)
    found: dict[str, list[Incoming]] = {}
    for name, states in GROUPS.items():
        statement = own.where(Manifest.state.in_([state.value for state in states]))
        rows = work.session.scalars(
            statement.order_by(Manifest.changed_at.desc()).limit(SHOWN_OVER if name == "over" else 100)
        ).all()
        found[name] = incoming(work, manifest_list.lines(work.session, rows))
    return found


def incoming(work: Work, lines: Sequence[Line]) -> list[Incoming]:
    """Return loads with where their vehicles are and when they may be here."""
    session = work.session
    rows = [line.manifest for line in lines]
    sites = registry.sites(session, {key for m in rows for key in (m.origin_site_id, m.destination_site_id)})
    moving = [m.vehicle_id for m in rows if m.state in GROUPS["under_way"]]
    last = positions.last_positions(session, moving)
    return [
        _incoming(
            line, trips.by_manifest(session, line.manifest.id), sites, last.get(line.manifest.vehicle_id)
        )
        for line in lines
    ]


def _incoming(
    line: Line, trip: Trip | None, sites: Mapping[UUID, Site], last: LastPosition | None
) -> Incoming:
    row = line.manifest
    origin, destination = sites[row.origin_site_id], sites[row.destination_site_id]
    if last is None or trip is None or trip.arrived_at is not None:
        return Incoming(line, trip, origin, None, None, last)
    goal = Point(lat=destination.location.y, lon=destination.location.x)
    legs = Estimate().legs([Point(lat=last.lat, lon=last.lon)], [goal])
    eta = last.at + timedelta(seconds=int(legs.seconds[0]))
    return Incoming(line, trip, origin, eta, int(legs.metres[0]), last)


ROUTES: list[ControllerRouterHandler] = [Processor, *needs.ROUTES]
