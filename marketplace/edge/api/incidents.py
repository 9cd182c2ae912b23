"""What goes wrong with a load over HTTP: incidents, the queue of asked leave, the files that show it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from compliance.manifests import exceptions, incidents, queries
from compliance.manifests.incidents import Incident
from compliance.manifests.tables import Manifest, ManifestException
from compliance.record.errors import NotFound
from compliance.record.work import Work
from marketplace import loads
from marketplace.edge.api.documents import (
    CursorParameter,
    Latitude,
    LimitParameter,
    Longitude,
    Reason,
    Sha256,
    told,
    view,
)
from marketplace.edge.api.manifest_leave import ExceptionView
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.parties.document_api import file_of


class NewIncident(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What happened, whether anything ran out or people are hurt, where, and a photo (M18)."""

    what: Reason
    spilled: bool = False
    hurt: bool = False
    place: Annotated[str, msgspec.Meta(max_length=200)] = ""
    lat: Latitude | None = None
    lon: Longitude | None = None
    file: Sha256 | None = None


class IncidentView(msgspec.Struct, frozen=True, kw_only=True):
    """One incident as it stands on the record."""

    id: UUID
    at: datetime
    told_by: str
    house: str
    what: str
    spilled: bool
    hurt: bool
    place: str
    lat: float | None
    lon: float | None
    file: str | None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One exception that waits for a decision, and whether the reader decides upon it."""

    exception: ExceptionView
    number: str | None
    plate: str
    decidable: bool


class Incidents(Controller):
    """Accidents and spills on a load's way, and the files beside its manifest."""

    path = "/api/v1/manifests/{manifest_id:uuid}"
    tags = ("manifests",)
    guards = (signed_in,)

    @get("/incidents", sync_to_thread=True, operation_id="list_incidents")
    def incidents(
        self, request: Visit, door: NamedDependency[Door], manifest_id: FromPath[UUID]
    ) -> list[IncidentView]:
        """List what was reported about a load, oldest first."""
        with door.reading(request) as work:
            row = queries.manifest(work.session, manifest_id, work.who)
            return [view(one, IncidentView) for one in incidents.of_manifest(work.session, row.id)]

    @post(
        "/incidents",
        guards=[keyed],
        sync_to_thread=True,
        operation_id="report_incident",
        responses=told(IncidentView),
    )
    def report(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: JSONBody[NewIncident],
    ) -> Response[bytes]:
        """Report an incident with a load: the inspectors are told at once, and nothing is stopped."""

        def act(work: Work) -> IncidentView:
            row = queries.manifest(work.session, manifest_id, work.who)
            loads.require_uploaded(work, data.file)
            incident = Incident(**{name: getattr(data, name) for name in data.__struct_fields__})
            return view(incidents.report(work, row, incident), IncidentView)

        return door.once(request, act)

    @get("/files/{sha256:str}", sync_to_thread=True, operation_id="get_manifest_file")
    def file(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        sha256: FromPath[str],
    ) -> Response[bytes]:
        """Give a photo or paper that stands beside a manifest's exception or incident, as it was uploaded."""
        with door.reading(request) as work:
            row = queries.manifest(work.session, manifest_id, work.who)
            if sha256 not in loads.files_of(work, row):
                raise NotFound("scan", sha256)
        return file_of(door, sha256, "evidence")


def waiting_of(work: Work, row: ManifestException) -> Waiting:
    """Return an exception with the manifest it is about."""
    manifest = work.session.get_one(Manifest, row.manifest_id)
    return Waiting(
        exception=view(row, ExceptionView),
        number=manifest.number,
        plate=manifest.plate,
        decidable=exceptions.may_decide(work.who, manifest, row),
    )


class WaitingExceptions(Controller):
    """Leave that was asked and not decided upon yet."""

    path = "/api/v1/exceptions"
    tags = ("manifests",)
    guards = (signed_in,)

    @get("/", sync_to_thread=True, operation_id="list_waiting_exceptions")
    def waiting(
        self,
        request: Visit,
        door: NamedDependency[Door],
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[Waiting]:
        """List the exceptions that wait for a decision on manifests the reader may see, newest first."""
        with door.reading(request) as work:
            return page_of(
                work.session,
                exceptions.waiting(work.who),
                ManifestException.asked_at,
                ManifestException.id,
                lambda row: waiting_of(work, row),
                cursor=cursor,
                limit=limit,
            )
