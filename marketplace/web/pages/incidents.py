"""Which leave waits to be decided upon, and how does somebody report what happened to a load?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody
from litestar.types import ControllerRouterHandler

from compliance.manifests import evidence, exceptions, incidents, queries
from compliance.manifests.incidents import Incident
from compliance.manifests.situations import WAYS, Situation, State
from compliance.manifests.tables import Manifest, ManifestException
from compliance.qualification.scans import MOST_BYTES
from compliance.record.errors import N_, DomainError
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.rules import place_fault
from marketplace.edge.door import Door
from marketplace.edge.guards import signed_in
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.scans import store_of
from marketplace.web.forms import Form
from marketplace.web.pages.manifest_leave import Text, kept

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One exception that waits: on which manifest, in which words, asked by whom, and whether it is mine."""

    row: ManifestException
    manifest: Manifest
    words: str
    house: str
    mine: bool


@get("/exceptions", guards=[signed_in], sync_to_thread=True, include_in_schema=False)
def waiting(request: Visit, door: NamedDependency[Door]) -> Response[str]:
    """Show the leave that waits for a decision: first what this person decides, the oldest first."""
    with door.reading(request) as work:
        return page(request, "manifests/waiting.html", lines=lines(work), owed=owed(work), now=work.now)


def lines(work: Work) -> list[Line]:
    """Return the exceptions that wait on manifests a person may see, the own decisions first."""
    found = exceptions.waiting(work.who).order_by(ManifestException.asked_at).limit(SHOWN)
    return sorted(_lines(work, work.session.scalars(found).all()), key=lambda line: not line.mine)


def owed(work: Work) -> list[Line]:
    """Return the exceptions whose photo or scan is outstanding, the most pressing first."""
    decided = evidence.outstanding(work.who).where(ManifestException.state != State.ASKED.value)
    pressing = decided.order_by(ManifestException.evidence_due_at).limit(SHOWN)
    return _lines(work, work.session.scalars(pressing).all())


def _lines(work: Work, rows: Sequence[ManifestException]) -> list[Line]:
    houses = registry.names(work.session, {row.organisation_id for row in rows if row.organisation_id})
    return [_line(work, row, houses) for row in rows]


def _line(work: Work, row: ManifestException, houses: dict[UUID, str]) -> Line:
    manifest = work.session.get_one(Manifest, row.manifest_id)
    return Line(
        row,
        manifest,
        WAYS[Situation(row.situation)].words,
        houses.get(row.organisation_id, "") if row.organisation_id else "",
        exceptions.may_decide(work.who, manifest, row),
    )


class IncidentForm(msgspec.Struct):
    """What the form of an incident sends, as typed."""

    what: Text = ""
    spilled: bool = False
    hurt: bool = False
    place: Annotated[str, msgspec.Meta(max_length=200)] = ""
    lat: Annotated[str, msgspec.Meta(max_length=30)] = ""
    lon: Annotated[str, msgspec.Meta(max_length=30)] = ""
    file: UploadFile | None = None

    def typed(self) -> dict[str, str]:
        """Return what was typed, for the form that comes back; a file has to be chosen again."""
        ticked = {name: "true" for name in ("spilled", "hurt") if getattr(self, name)}
        return {name: getattr(self, name) for name in ("what", "place", "lat", "lon")} | ticked

    def where(self) -> tuple[float | None, float | None]:
        """Return the place that the phone told; one that cannot be read is no reason to lose the report."""
        try:
            lat, lon = float(self.lat), float(self.lon)
        except ValueError:
            return None, None
        return (lat, lon) if place_fault(lat, lon) is None else (None, None)


class Incidents(Controller):
    """The form in which whoever is with a load reports an incident (M18)."""

    path = "/manifests/{manifest_id:uuid}/incident"
    include_in_schema = False
    guards = (signed_in,)

    @get("/", sync_to_thread=True)
    def form(self, request: Visit, door: NamedDependency[Door], manifest_id: FromPath[UUID]) -> Response[str]:
        """Ask what has happened."""
        return self._shown(request, door, manifest_id, Form())

    @post("/", sync_to_thread=True, request_max_body_size=MOST_BYTES + 200_000)
    def report(
        self,
        request: Visit,
        door: NamedDependency[Door],
        manifest_id: FromPath[UUID],
        data: MultipartBody[IncidentForm],
    ) -> Response[str] | Response[bytes]:
        """Put an incident on the record; what is refused comes back as it was typed."""
        try:
            with door.work(request) as work:
                row = queries.manifest(work.session, manifest_id, work.who)
                photo = kept(work, store_of(door.settings), data.file)
                lat, lon = data.where()
                told = Incident(data.what, data.spilled, data.hurt, data.place, lat, lon, photo)
                incidents.report(work, row, told)
        except DomainError as refusal:
            form = Form(data.typed(), reasons_by_field(refusal, reader(request)))
            return self._shown(request, door, manifest_id, form, refusal.status)
        return go(request, f"/manifests/{manifest_id}", REPORTED)

    def _shown(
        self, request: Visit, door: Door, manifest_id: UUID, form: Form, status: int = 200
    ) -> Response[str]:
        with door.reading(request) as work:
            row = queries.manifest(work.session, manifest_id, work.who)
            return page(request, "manifests/incident.html", status, manifest=row, form=form)


REPORTED = N_("The incident is on the record, and the inspectors are told.")

ROUTES: list[ControllerRouterHandler] = [waiting, Incidents]
