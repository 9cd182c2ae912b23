"""The live map over HTTP: a snapshot, and a stream of what changes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.response import ServerSentEvent

from marketplace.edge.api.documents import view
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit, signed_in_who
from marketplace.edge.live import LiveFeed
from marketplace.edge.recognise import Recognise
from tracking import live
from tracking.alerts.kinds import Severity


class LiveView(msgspec.Struct, frozen=True, kw_only=True):
    """One vehicle on the map; degrees WGS-84; `alert` is the gravest that still wants a look."""

    vehicle_id: UUID
    plate: str
    lat: float
    lon: float
    course_deg: int | None
    speed_kmh: float | None
    at: datetime
    version: int
    simulated: bool
    trip_id: UUID | None
    trip_state: str | None
    manifest_id: UUID | None
    alert: Severity | None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Every vehicle that the person's map shows."""

    version: int
    items: list[LiveView]


class Live(Controller):
    """Vehicles as they move."""

    path = "/api/v1/live"
    tags = ("live",)
    guards = (signed_in,)

    @get("/snapshot", sync_to_thread=True, operation_id="get_live_snapshot")
    def snapshot(self, request: Visit, door: NamedDependency[Door]) -> Snapshot:
        """Show every vehicle that the person's map shows, now."""
        with door.reading(request) as work:
            rows = live.snapshot(work.session, work.who)
            return Snapshot(version=live.version(work.session), items=[view(row, LiveView) for row in rows])

    @get("/positions", operation_id="stream_positions")
    async def positions(
        self, request: Visit, door: NamedDependency[Door], feed: NamedDependency[LiveFeed]
    ) -> ServerSentEvent:
        """Stream what changes as server-sent events named `positions`, each an array of vehicles.

        Read the snapshot after the stream has opened, and after each break: then nothing is missed.
        """
        version = await sync_to_thread(feed.version)

        async def still_in() -> bool:
            return (await Recognise(door).recognise(request)).who is not None

        return ServerSentEvent(feed.stream(signed_in_who(request), version, still_in))
