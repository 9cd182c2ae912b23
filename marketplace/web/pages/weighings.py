"""What did the scales write, how was each weight come by, and does its chain hold?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from sqlalchemy.orm import Session

from compliance.manifests.tables import Manifest
from compliance.qualification.scans import ScanStore, held
from compliance.record.clock import local_date
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Site
from devices.codecs.ticket_json import Particulars, Void, particulars
from devices.codecs.wire import from_millis
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page
from marketplace.scans import store_of
from marketplace.web.pages import alerts as alert_pages
from marketplace.web.translation import language_of
from tracking.alerts import queries as alerts
from tracking.alerts.queries import Wanted
from tracking.alerts.tables import Alert
from tracking.fleet.tables import Device
from tracking.trips.tables import Trip
from tracking.weighings import facts, photos, prints, proof, queries, voids
from tracking.weighings.curve import Sample
from tracking.weighings.proof import Proof
from tracking.weighings.tables import Scale, ScaleCertificate, TicketPrint, Weighing

HOME = "/weighings"
PER_PAGE = 50
ALL = "all"
UNBOUND = "unbound"
WIDTH, HEIGHT = 640, 200
SEES = requires(Role.INSPECTOR, Role.OPERATOR, Role.DISPATCHER, Role.PRODUCER, Role.PROCESSOR)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A weight curve as points of an SVG polyline, with what its axes reach: seconds and kilograms."""

    points: str
    seconds: float
    top_kg: int
    still_y: float


class Kept(StrEnum):
    """Where a picture is that a ticket names."""

    HERE = "photo_here"
    """Its bytes were read just now, and their hash is the one that the scale signed."""
    WAITING = "photo_waiting"
    LOST = "photo_lost"


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that a ticket names, or why there is none."""

    view: str
    sha256: str = ""
    kept: Kept | None = None
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """The load as whose ticket a reader sees it: its manifest, and who moves it."""

    manifest: Manifest
    carrier: str
    driver: str


@dataclass(frozen=True, slots=True)
class Struck:
    """The other ticket of a void, and what was said of it: by whom, and why."""

    other: Weighing | None
    said: Void


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket with everything that proves it."""

    row: Weighing
    told: Particulars
    load: Carried | None
    site: Site | None
    device: Device | None
    scale: Scale | None
    certificate: ScaleCertificate | None
    certified: bool
    drawing: Drawing | None
    axles: int | None
    proof: Proof
    photos: tuple[Photo, ...]
    how: tuple[tuple[str, str], ...]
    alerts: tuple[alert_pages.Line, ...]
    beside: tuple[Weighing, ...]
    prints: tuple[TicketPrint, ...]
    voids: Struck | None
    """The ticket that this one makes void."""
    voided: Struck | None
    """The ticket that makes this one void."""
    earlier: Weighing | None
    """The ticket that its stored empty weight was weighed by, where it is here."""

    @property
    def manifest_id(self) -> UUID | None:
        """Of the load as whose ticket the reader sees it."""
        return self.load.manifest.id if self.load is not None else None

    @property
    def plates(self) -> tuple[tuple[str, str], ...]:
        """Return the plate by each who named it; none where only one did."""
        told = self.told.plates
        if told is None:
            return ()
        said = (("plate_seen", told.seen), ("plate_typed", told.typed), ("plate_told", told.told))
        return tuple((who, plate) for who, plate in said if plate)

    @property
    def plates_differ(self) -> bool:
        """Tell whether they named different vehicles."""
        return len(facts.plates(self.row)) > 1

    @property
    def age_days(self) -> int | None:
        """Return how many days before the ticket its stored empty weight was weighed."""
        of = self.told.of
        return (self.row.at - from_millis(of.t)).days if of is not None else None


class Weighings(Controller):
    """The tickets that concern a person."""

    path = HOME
    include_in_schema = False
    guards = (SEES,)

    @get("/", sync_to_thread=True)
    def shown(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """List the tickets, newest first; all, or those without a trip."""
        shows = UNBOUND if request.query_params.get("show") == UNBOUND else ALL
        number = request.query_params.get("page", "1")
        at = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
        with door.reading(request) as work:
            statement = queries.visible_to(work.who).order_by(Weighing.at.desc(), Weighing.id)
            if shows == UNBOUND:
                statement = statement.where(Weighing.trip_id.is_(None))
            rows = work.session.scalars(statement.offset((at - 1) * PER_PAGE).limit(PER_PAGE + 1)).all()
            sites = registry.sites(work.session, {row.site_id for row in rows if row.site_id})
            return page(
                request,
                "weighings/list.html",
                rows=rows[:PER_PAGE],
                sites=sites,
                shows=shows,
                at=at,
                has_more=len(rows) > PER_PAGE,
            )

    @get("/{weighing_id:uuid}", sync_to_thread=True)
    def one(self, request: Visit, door: NamedDependency[Door], weighing_id: FromPath[UUID]) -> Response[str]:
        """Show one ticket: weight, frames, curve, chain, photographs' hashes, instrument, alerts."""
        with door.reading(request) as work:
            row = queries.weighing(work.session, weighing_id, work.who)
            found = ticket(work, row, store_of(door.settings))
            return page(request, "weighings/one.html", found=found)

    @post("/{weighing_id:uuid}/prints", sync_to_thread=True)
    def printed(
        self, request: Visit, door: NamedDependency[Door], weighing_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Note one more print of the ticket, and show it as PDF."""
        with door.work(request) as work:
            made = prints.record(work, queries.weighing(work.session, weighing_id, work.who))
        language = language_of(request).value
        return go(request, f"/api/v1/weighings/{weighing_id}/prints/{made.id}/ticket.pdf?lang={language}")


def ticket(work: Work, row: Weighing, store: ScanStore) -> Ticket:
    """Gather what proves a ticket, its pictures read anew."""
    session = work.session
    day = local_date(row.at)
    certificates = queries.certificates(session, [row.device_id]).get(row.device_id, [])
    valid = [one for one in certificates if one.verified_on <= day <= one.valid_to]
    seen = facts.curve(row)
    shape = facts.shape_of(row)
    wanted = alerts.matching(work.who, Wanted(weighing_id=row.id)).order_by(Alert.raised_at, Alert.id)
    trip = queries.told_as(session, work.who, row)
    beside = queries.of_trip(session, trip.id) if trip is not None else ()
    told = particulars(row.extra)
    return Ticket(
        row,
        told,
        _carried(work, trip) if trip is not None else None,
        registry.sites(session, [row.site_id]).get(row.site_id) if row.site_id else None,
        session.get(Device, row.device_id),
        queries.scales(session, [row.device_id]).get(row.device_id),
        max(valid or certificates, key=lambda one: one.verified_on, default=None),
        bool(valid),
        drawing(seen, row.kg) if seen else None,
        shape.axles_on if shape is not None else None,
        proof.of(session, row),
        _photos(session, row, told, store),
        tuple((key, str(value)) for key, value in told.how.items()),
        alert_pages.lines(session, tuple(session.scalars(wanted))),
        tuple(one for one in beside if one.place == row.place and one.id != row.id),
        tuple(prints.of(session, row)),
        Struck(voids.struck(session, row), told.void) if told.void is not None else None,
        Struck(*struck) if (struck := voids.making_void(session, row)) is not None else None,
        queries.by_hash(session, row.device_id, told.of.hash) if told.of is not None else None,
    )


def _carried(work: Work, trip: Trip) -> Carried:
    manifest = work.session.get_one(Manifest, trip.manifest_id)
    names = registry.names(work.session, [trip.carrier_id])
    drivers = registry.people(work.session, [trip.driver_id]) if trip.driver_id is not None else {}
    driver = drivers.get(trip.driver_id) if trip.driver_id is not None else None
    return Carried(manifest, names.get(trip.carrier_id, ""), driver.name if driver is not None else "")


def _photos(session: Session, row: Weighing, told: Particulars, store: ScanStore) -> tuple[Photo, ...]:
    """Return the pictures of a ticket, each read and compared with what was signed, and what lacks."""
    named = photos.named(session, row)
    arrived = {sha256 for _, sha256, one in named if one is not None and one.received_at is not None}
    whole = {name.partition(".")[0] for name in held(store, arrived)}
    found = [
        Photo(view, sha256, _kept(arrived=sha256 in arrived, whole=sha256 in whole))
        for view, sha256, _ in named
    ]
    return (*found, *(Photo(view, lacks=code.value) for view, code in sorted(told.lacks.items())))


def _kept(*, arrived: bool, whole: bool) -> Kept:
    if not arrived:
        return Kept.WAITING
    return Kept.HERE if whole else Kept.LOST


def drawing(samples: Sequence[Sample], still_kg: int) -> Drawing:
    """Return a curve as an SVG polyline of 640 by 200."""
    first, last = samples[0].ms, samples[-1].ms
    span = max(1, last - first)
    top = max(1, still_kg, *(one.kg for one in samples))

    def height(kg: int) -> float:
        return round(HEIGHT - 8 - max(0, kg) / top * (HEIGHT - 16), 1)

    points = " ".join(f"{(one.ms - first) / span * WIDTH:.1f},{height(one.kg)}" for one in samples)
    return Drawing(points, span / 1000, top, height(still_kg))


ROUTES: list[ControllerRouterHandler] = [Weighings]
