"""What did the scales write, how was each weight come by, and does its chain hold?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from compliance.record.clock import local_date
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Site
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import page
from marketplace.web.pages import alerts as alert_pages
from tracking.alerts import queries as alerts
from tracking.alerts.queries import Wanted
from tracking.alerts.tables import Alert
from tracking.fleet.tables import Device
from tracking.weighings import facts, proof, queries
from tracking.weighings.curve import Sample
from tracking.weighings.proof import Proof
from tracking.weighings.tables import Scale, ScaleCertificate, Weighing

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


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket with everything that proves it."""

    row: Weighing
    manifest_id: UUID | None
    """Of the load as whose ticket the reader sees it."""
    site: Site | None
    device: Device | None
    scale: Scale | None
    certificate: ScaleCertificate | None
    certified: bool
    drawing: Drawing | None
    axles: int | None
    proof: Proof
    photos: tuple[tuple[str, str], ...]
    how: tuple[tuple[str, str], ...]
    alerts: tuple[alert_pages.Line, ...]
    beside: tuple[Weighing, ...]


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
            return page(request, "weighings/one.html", found=ticket(work, row))


def ticket(work: Work, row: Weighing) -> Ticket:
    """Gather what proves a ticket."""
    session = work.session
    day = local_date(row.at)
    certificates = queries.certificates(session, [row.device_id]).get(row.device_id, [])
    valid = [one for one in certificates if one.verified_on <= day <= one.valid_to]
    seen = facts.curve(row)
    shape = facts.shape_of(row)
    wanted = alerts.matching(work.who, Wanted(weighing_id=row.id)).order_by(Alert.raised_at, Alert.id)
    trip = queries.told_as(session, work.who, row)
    beside = queries.of_trip(session, trip.id) if trip is not None else ()
    extra = row.extra or {}
    photos, how = extra.get("photos"), extra.get("how")
    return Ticket(
        row,
        trip.manifest_id if trip is not None else None,
        registry.sites(session, [row.site_id]).get(row.site_id) if row.site_id else None,
        session.get(Device, row.device_id),
        queries.scales(session, [row.device_id]).get(row.device_id),
        max(valid or certificates, key=lambda one: one.verified_on, default=None),
        bool(valid),
        drawing(seen, row.kg) if seen else None,
        shape.axles_on if shape is not None else None,
        proof.of(session, row),
        tuple((str(key), str(value)) for key, value in photos.items()) if isinstance(photos, dict) else (),
        tuple((str(key), str(value)) for key, value in how.items()) if isinstance(how, dict) else (),
        alert_pages.lines(session, tuple(session.scalars(wanted))),
        tuple(one for one in beside if one.place == row.place and one.id != row.id),
    )


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
