"""What does a driver do next, and has the step arrived although the signal was bad?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from compliance.catalogue import queries as catalogue
from compliance.manifests import statements
from compliance.manifests.tables import Manifest
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.ids import new_id
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.rules import place_fault
from compliance.registry.tables import Organisation, Site
from marketplace.edge import once
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit, signed_in_who, wants_json
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_of
from marketplace.edge.terminals import press
from marketplace.web.pages import custody
from marketplace.web.pages.custody import Scale
from tracking.kept_acts import rules as kept_acts
from tracking.trips import queries, runs, service
from tracking.trips.rules import NEXT, OVER, STEPS, Act, State, next_step
from tracking.trips.tables import Trip

CREW = requires(Role.DRIVER, Role.DISPATCHER)


class StepForm(msgspec.Struct):
    """What the big button sends; `intent` names this one press, however often it is sent."""

    step: Act
    intent: Annotated[str, msgspec.Meta(min_length=8, max_length=100)]
    lat: Annotated[str, msgspec.Meta(max_length=30)] = ""
    lon: Annotated[str, msgspec.Meta(max_length=30)] = ""
    label: Annotated[str, msgspec.Meta(max_length=60)] = ""
    """The digital code read off a container before it is loaded (M6)."""

    def place(self) -> tuple[float | None, float | None]:
        """Return where it was pressed; a place that cannot be read is no reason to lose the step."""
        try:
            lat, lon = float(self.lat), float(self.lon)
        except ValueError:
            return None, None
        return (lat, lon) if place_fault(lat, lon) is None else (None, None)


@dataclass(frozen=True, slots=True)
class Stop:
    """One end of a trip: whose, what it is called, where it lies."""

    organisation: Organisation
    site: Site
    place: str


@dataclass(frozen=True, slots=True)
class Beside:
    """Another load of the same vehicle: its trip, its waste and whose it is."""

    trip: Trip
    manifest: Manifest
    mover: Organisation


@dataclass(frozen=True, slots=True)
class Ride:
    """One trip as the terminal shows it; `seen` changes with everything that is shown."""

    trip: Trip
    manifest: Manifest
    origin: Stop
    destination: Stop
    scales: tuple[Scale, ...]
    next_step: str
    steps_after: tuple[str, ...]
    together: tuple[Beside, ...]
    seen: str
    shown: str
    """The manifest as the terminal shows it, as JSON: what is signed without signal says what was seen."""

    @property
    def may_part(self) -> bool:
        """Tell whether the load may still leave its run."""
        return bool(self.together) and State(self.trip.state) in runs.BEFORE_LOADING


class TogetherForm(msgspec.Struct):
    """With which trip of the same vehicle a load goes together."""

    with_trip: UUID


class Driver(Controller):
    """The terminal in the cab."""

    path = "/drive"
    include_in_schema = False
    guards = (CREW,)

    @get("/", sync_to_thread=True)
    def today(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the trips that are not over, the one under way first, and the last that are."""
        with door.reading(request) as work:
            rows = queries.trips(work.session, work.who, limit=60)
            going = sorted((row for row in rows if State(row.state) not in OVER), key=queries.nearness)
            done = [row for row in rows if State(row.state) in OVER][:5]
            return page(
                request,
                "driver/today.html",
                rides=[ride(work, row) for row in going],
                done=[ride(work, row) for row in done],
            )

    @get("/{trip_id:uuid}", sync_to_thread=True)
    def trip(self, request: Visit, door: NamedDependency[Door], trip_id: FromPath[UUID]) -> Response[str]:
        """Show one trip with its manifest, its weighings and the next step."""
        return self._shown(request, door, trip_id)

    @get("/{trip_id:uuid}/live", sync_to_thread=True)
    def live(self, request: Visit, door: NamedDependency[Door], trip_id: FromPath[UUID]) -> Response[str]:
        """Return what changes on the trip's page; 204 when it is what the terminal shows already."""
        with door.reading(request) as work:
            found = ride(work, queries.trip(work.session, trip_id, work.who))
            if request.query_params.get("seen") == found.seen:
                return Response("", status_code=204)
            return page(request, "driver/live.html", ride=found, refused=[], intent=str(new_id()))

    @post("/{trip_id:uuid}/steps", sync_to_thread=True)
    def step(
        self,
        request: Visit,
        door: NamedDependency[Door],
        trip_id: FromPath[UUID],
        data: URLEncodedBody[StepForm],
    ) -> Response[str] | Response[bytes]:
        """Do a step once, however often the terminal sends it; refusals come back on the page."""
        try:
            take(door, request, trip_id, data)
        except DomainError as refusal:
            if wants_json(request):
                raise
            return self._shown(request, door, trip_id, refusal)
        if wants_json(request):
            return Response(b'{"done": true}', status_code=200, media_type="application/json")
        return go(request, f"/drive/{trip_id}", SAID[data.step])

    @post("/{trip_id:uuid}/run", sync_to_thread=True)
    def join(
        self,
        request: Visit,
        door: NamedDependency[Door],
        trip_id: FromPath[UUID],
        data: URLEncodedBody[TogetherForm],
    ) -> Response[str] | Response[bytes]:
        """Carry a load together with another one on the vehicle (M3)."""
        try:
            with door.work(request) as work:
                other = queries.trip(work.session, data.with_trip, work.who)
                runs.join(work, queries.trip(work.session, trip_id, work.who), other)
        except DomainError as refusal:
            return self._shown(request, door, trip_id, refusal)
        return go(request, f"/drive/{trip_id}", N_("These loads go together now."))

    @post("/{trip_id:uuid}/run/leave", sync_to_thread=True)
    def leave(
        self, request: Visit, door: NamedDependency[Door], trip_id: FromPath[UUID]
    ) -> Response[str] | Response[bytes]:
        """Let a load go by itself again."""
        try:
            with door.work(request) as work:
                runs.leave(work, queries.trip(work.session, trip_id, work.who))
        except DomainError as refusal:
            return self._shown(request, door, trip_id, refusal)
        return go(request, f"/drive/{trip_id}", N_("This load goes by itself again."))

    def _shown(
        self, request: Visit, door: Door, trip_id: UUID, refusal: DomainError | None = None
    ) -> Response[str]:
        with door.reading(request) as work:
            found = ride(work, queries.trip(work.session, trip_id, work.who))
            return page(
                request,
                "driver/trip.html",
                refusal.status if refusal else 200,
                ride=found,
                refused=reasons_of(refusal, reader(request)),
                intent=str(new_id()),
                open_to=_beside(work, runs.open_to(work.session, found.trip)),
            )


SAID = {
    Act.ARRIVE: N_("Noted: you are at the loading site."),
    Act.LOAD: N_("Signed: loaded."),
    Act.DEPART: N_("Signed: departed. Drive safely."),
    Act.DELIVER: N_("Signed: delivered. Thank you."),
}


def take(door: Door, request: Visit, trip_id: UUID, form: StepForm) -> None:
    """Carry a step out once per intent: the same press sent again finds it done and changes nothing."""
    if form.step not in STEPS:
        raise Invalid(N_("This is no step of a driver."), field="step")
    intent = press(form.intent, trip_id, form.step.value)
    person_id = signed_in_who(request).person_id
    assert person_id is not None
    try:
        with door.work(request) as work:
            if once.answered(work.session, person_id, intent) is not None:
                return
            row = once.claim(work.session, person_id, intent, work.now)
            trip = queries.trip(work.session, trip_id, work.who)
            service.advance(work, trip, form.step, *form.place(), form.label)
            row.status = 200
    except IntegrityError:
        with door.reading(request) as work:
            if once.answered(work.session, person_id, intent) is None:
                raise


def _beside(work: Work, trips: Sequence[Trip]) -> tuple[Beside, ...]:
    """Return other loads of the vehicle with what the terminal says of them."""
    movers = registry.organisations(work.session, {trip.mover_id for trip in trips})
    return tuple(
        Beside(trip, work.session.get_one(Manifest, trip.manifest_id), movers[trip.mover_id])
        for trip in trips
    )


def ride(work: Work, trip: Trip) -> Ride:
    """Gather what the terminal shows of a trip."""
    session = work.session
    manifest = session.get_one(Manifest, trip.manifest_id)
    sites = registry.sites(session, [trip.origin_site_id, trip.destination_site_id])
    owners = registry.organisations(session, {site.organisation_id for site in sites.values()})
    scales = custody.scales(session, trip, sites)
    following = steps_from(State(trip.state))
    mates = queries.mates(session, trip)
    shown = [trip.version, manifest.version, *(ticket.id for end in scales for ticket in end.tickets)]
    shown += [(mate.id, mate.state) for mate in mates]
    return Ride(
        trip=trip,
        manifest=manifest,
        origin=_stop(session, sites[trip.origin_site_id], owners),
        destination=_stop(session, sites[trip.destination_site_id], owners),
        scales=scales,
        next_step=following[0].value if following else "",
        steps_after=tuple(act.value for act in following),
        together=_beside(work, mates),
        shown=msgspec.json.encode(kept_acts.shown(manifest, statements.digest(work, manifest))).decode(),
        seen=hashlib.sha256(repr(shown).encode()).hexdigest()[:16],
    )


def steps_from(state: State) -> list[Act]:
    """Return the driver's steps that are still ahead, in order."""
    found: list[Act] = []
    while (act := next_step(state)) is not None and act not in found:
        found.append(act)
        state = NEXT[state, act]
    return found


def _stop(session: Session, site: Site, owners: dict[UUID, Organisation]) -> Stop:
    return Stop(owners[site.organisation_id], site, catalogue.full_name(session, site.division_code))


ROUTES: list[ControllerRouterHandler] = [Driver]
