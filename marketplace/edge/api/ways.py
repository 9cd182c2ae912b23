"""Vehicles' ways over HTTP: what was found on them, a day's drives and stops, the replay of a trip."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from compliance.record.clock import local_date
from compliance.record.errors import N_, Invalid
from compliance.record.formulas import harmless
from compliance.record.who import Role
from marketplace.edge import problems
from marketplace.edge.api.documents import view
from marketplace.edge.door import Door
from marketplace.edge.guards import requires, signed_in
from marketplace.edge.identity import Visit
from marketplace.web.translation import Language, language_of
from tracking.judgement import queries, reports
from tracking.judgement.reports import Stay
from tracking.judgement.rules import Kind
from tracking.judgement.tables import EpisodeRow
from tracking.judgement.warnings import warnings
from tracking.trips import queries as trips

READERS = requires(Role.DISPATCHER, Role.INSPECTOR, Role.OPERATOR)
LONGEST = timedelta(days=31)

DayParameter = Annotated[date | None, QueryParameter(description="the day in China; today without it")]


class EpisodeView(msgspec.Struct, frozen=True, kw_only=True):
    """What was found between two moments of a vehicle's way (`until` null: it lasts); degrees WGS-84.

    `late`: found in a stretch that had been judged without it. `facts` are in metres, seconds, km/h.
    """

    id: UUID
    kind: Kind
    trip_id: UUID | None
    since: datetime
    until: datetime | None
    lat: float
    lon: float
    facts: dict[str, str | int | float | bool]
    found_at: datetime
    late: bool
    warnings: list[problems.Reason]
    """What the rulebook says of it, by the article of its day."""


class Episodes(msgspec.Struct, frozen=True, kw_only=True):
    """Episodes in the order of their beginning."""

    items: list[EpisodeView]


class StayView(msgspec.Struct, frozen=True, kw_only=True):
    """A drive, or a stop of five minutes or more; `site` names the known site of a stop."""

    kind: Kind
    since: datetime
    until: datetime | None
    seconds: int | None
    lat: float
    lon: float
    to_lat: float | None
    to_lon: float | None
    metres: int | None
    mean_kmh: float | None
    site: str
    trip_id: UUID | None
    unplanned: bool


class DayView(msgspec.Struct, frozen=True, kw_only=True):
    """A vehicle's day in China."""

    vehicle_id: UUID
    plate: str
    day: date
    metres: int
    drives: list[StayView]
    stops: list[StayView]
    noticed: list[EpisodeView]


class FixView(msgspec.Struct, frozen=True, kw_only=True):
    """One fix of a replay; degrees WGS-84."""

    at: datetime
    lat: float
    lon: float
    speed_kmh: float | None
    course_deg: int | None


class RouteView(msgspec.Struct, frozen=True, kw_only=True):
    """The planned way: [latitude, longitude] points; `estimated`: a straight line, no road was asked."""

    line: list[list[float]]
    distance_m: float
    duration_s: float
    source: str
    estimated: bool


class ArrivalView(msgspec.Struct, frozen=True, kw_only=True):
    """When the vehicle will arrive, by the plan's own pace from its last fix."""

    at: datetime
    left_m: float
    estimated: bool


class ReplayView(msgspec.Struct, frozen=True, kw_only=True):
    """A trip to be played: `fixes` are thinned from `of` stored ones."""

    trip_id: UUID
    plate: str
    simulated: bool
    of: int
    fixes: list[FixView]
    episodes: list[EpisodeView]
    route: RouteView | None
    arrival: ArrivalView | None


def episode_view(row: EpisodeRow, plate: str, language: Language) -> EpisodeView:
    """Return an episode of a vehicle as it now stands."""
    told = warnings(Kind(row.kind), row.facts, plate, local_date(row.since))
    columns = {name: getattr(row, name) for name in EpisodeView.__struct_fields__ if name != "warnings"}
    return msgspec.convert(
        columns | {"warnings": [problems.reason_of(one, language) for one in told]}, EpisodeView
    )


class Ways(Controller):
    """What vehicles did."""

    path = "/api/v1"
    tags = ("ways",)

    @get(
        "/vehicles/{vehicle_id:uuid}/episodes",
        guards=[READERS],
        sync_to_thread=True,
        operation_id="get_episodes",
    )
    def episodes(
        self,
        request: Visit,
        door: NamedDependency[Door],
        vehicle_id: FromPath[UUID],
        since: Annotated[
            datetime | None, QueryParameter(description="a day before `until` without it")
        ] = None,
        until: Annotated[datetime | None, QueryParameter(description="now without it")] = None,
        kind: Annotated[list[Kind] | None, QueryParameter(description="only of these kinds")] = None,
    ) -> Episodes:
        """List what was found on a vehicle's way, at most 31 days at once; what was withdrawn is left out."""
        with door.reading(request) as work:
            row = reports.way_of(work.session, vehicle_id, work.who)
            last = until or work.now
            first = since or last - timedelta(days=1)
            if first.tzinfo is None or last.tzinfo is None or not timedelta() <= last - first <= LONGEST:
                raise Invalid(
                    N_("Ask for at most 31 days, with time zones, the earlier first."), field="since"
                )
            found = queries.episodes(work.session, row.id, first, last, [one.value for one in kind or ()])
            language = language_of(request)
            return Episodes(items=[episode_view(one, row.plate, language) for one in found])

    @get("/vehicles/{vehicle_id:uuid}/day", guards=[READERS], sync_to_thread=True, operation_id="get_day")
    def day(
        self,
        request: Visit,
        door: NamedDependency[Door],
        vehicle_id: FromPath[UUID],
        day: DayParameter = None,
    ) -> DayView:
        """Report a vehicle's day: drives, stops, and what was noticed."""
        with door.reading(request) as work:
            row = reports.way_of(work.session, vehicle_id, work.who)
            found = reports.day_of(work.session, row.id, day or local_date(work.now))
            return DayView(
                vehicle_id=row.id,
                plate=row.plate,
                day=found.day,
                metres=found.metres,
                drives=[view(one, StayView) for one in found.drives],
                stops=[view(one, StayView) for one in found.stops],
                noticed=[episode_view(one, row.plate, language_of(request)) for one in found.noticed],
            )

    @get(
        "/vehicles/{vehicle_id:uuid}/day.csv",
        guards=[READERS],
        sync_to_thread=True,
        operation_id="get_day_csv",
    )
    def day_csv(
        self,
        request: Visit,
        door: NamedDependency[Door],
        vehicle_id: FromPath[UUID],
        day: DayParameter = None,
    ) -> Response[str]:
        """Report the drives and stops of a vehicle's day as CSV (UTF-8, RFC 4180)."""
        with door.reading(request) as work:
            row = reports.way_of(work.session, vehicle_id, work.who)
            found = reports.day_of(work.session, row.id, day or local_date(work.now))
        rows = sorted((*found.drives, *found.stops), key=lambda one: one.since)
        name = f"{found.day.isoformat()}-{row.id}.csv"
        return Response(
            as_csv(row.plate, rows),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @get("/trips/{trip_id:uuid}/replay", guards=[signed_in], sync_to_thread=True, operation_id="get_replay")
    def replay(self, request: Visit, door: NamedDependency[Door], trip_id: FromPath[UUID]) -> ReplayView:
        """Return a trip's way to be played, with its episodes, planned way and expected arrival."""
        with door.reading(request) as work:
            trip = trips.trip(work.session, trip_id, work.who)
            found = reports.replay(work.session, trip)
            vehicle = reports.vehicle_of(work.session, trip)
            return ReplayView(
                trip_id=trip.id,
                plate=vehicle.plate,
                simulated=vehicle.simulated,
                of=found.of,
                fixes=[view(one, FixView) for one in found.fixes],
                episodes=[episode_view(one, vehicle.plate, language_of(request)) for one in found.episodes],
                route=None if found.route is None else view(found.route, RouteView),
                arrival=None if found.arrival is None else view(found.arrival, ArrivalView),
            )


COLUMNS = (
    "plate", "kind", "since", "until", "seconds", "metres", "mean_kmh", "lat", "lon", "to_lat", "to_lon",
    "site", "unplanned", "trip_id",
)  # fmt: skip


def as_csv(plate: str, rows: Iterable[Stay]) -> str:
    """Return drives and stops as CSV; a text that a spreadsheet would take for a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in rows:
        values = [plate, *(getattr(one, name) for name in COLUMNS[1:])]
        writer.writerow([_cell(value) for value in values])
    return out.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return harmless(value) if isinstance(value, str) else str(value)
