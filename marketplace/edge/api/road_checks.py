"""Road checks over HTTP: ask by plate, number or QR code, and read what was answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from compliance.manifests.rules import Act, State
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry.rules import LicenceKind
from marketplace.edge.api.documents import (
    CursorParameter,
    Latitude,
    LimitParameter,
    Longitude,
    told,
    view,
)
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.edge.pages import reader
from marketplace.edge.paging import DEFAULT_LIMIT, Page, page_of
from marketplace.edge.problems import Reason
from marketplace.web.road_check_words import REMARKS
from marketplace.web.translation import Language, translate
from tracking.road_checks import queries, service
from tracking.road_checks.rules import By, Fault, Paper, Place, Remark, Verdict
from tracking.road_checks.tables import RoadCheck

OVERSEERS = requires(Role.INSPECTOR, Role.OPERATOR)


class NewRoadCheck(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A plate, a manifest's number (ours or the national one), or the text of a QR code; and where."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
    lat: Latitude | None = None
    lon: Longitude | None = None
    place: Annotated[str, msgspec.Meta(max_length=120)] = ""


class RemarkView(msgspec.Struct, frozen=True, kw_only=True):
    """Something to look at, in the reader's language."""

    code: Remark
    words: str


class HolderView(msgspec.Struct, frozen=True, kw_only=True):
    """A party."""

    name: str
    uscc: str
    simulated: bool


class PermitView(msgspec.Struct, frozen=True, kw_only=True):
    """A carrier's permit."""

    number: str
    kind: LicenceKind
    valid_to: date


class PaperView(msgspec.Struct, frozen=True, kw_only=True):
    """One manifest and what stands behind it, as of the check."""

    manifest_id: UUID
    number: str
    national_number: str
    state: State
    verdict: Verdict
    code: str
    waste_name: str
    hazardous: bool
    kg: int
    weighed: bool
    plate: str
    mover: HolderView
    carrier: HolderView
    receiver: HolderView
    origin: str
    destination: str
    vehicle_permit_to: date | None
    driver: str
    driver_permit_to: date | None
    licences: list[PermitView]
    signed_act: Act | None
    signed_at: datetime | None
    document_hash: str
    faults: list[Reason]
    remarks: list[RemarkView]


class SeenView(msgspec.Struct, frozen=True, kw_only=True):
    """Where the vehicle's own terminal said it was."""

    lat: float
    lon: float
    at: datetime
    speed_kmh: float | None
    apart_m: float | None


class RoadCheckView(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked what, when and where, and the answer as it was given."""

    id: UUID
    asked: str
    by: By
    verdict: Verdict
    plate: str
    at: datetime
    person_name: str
    lat: float | None
    lon: float | None
    place: str
    remarks: list[RemarkView]
    papers: list[PaperView]
    seen: SeenView | None


class RoadChecks(Controller):
    """For inspectors at the roadside."""

    path = "/api/v1/road-checks"
    tags = ("oversight",)
    guards = (OVERSEERS,)

    @post(
        "/",
        guards=[keyed],
        sync_to_thread=True,
        operation_id="make_road_check",
        responses=told(RoadCheckView),
    )
    def check(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[NewRoadCheck]
    ) -> Response[bytes]:
        """Ask what a plate, a manifest's number or a QR code stands for; that it was asked is kept."""

        def act(work: Work) -> RoadCheckView:
            row = service.check(work, data.text, Place(data.lat, data.lon, data.place))
            return check_view(row, reader(request))

        return door.once(request, act)

    @get("/", sync_to_thread=True, operation_id="get_road_checks")
    def checks(
        self,
        request: Visit,
        door: NamedDependency[Door],
        plate: Annotated[str | None, QueryParameter(description="only of this plate")] = None,
        cursor: CursorParameter = None,
        limit: LimitParameter = DEFAULT_LIMIT,
    ) -> Page[RoadCheckView]:
        """List the road checks, the newest first."""
        with door.reading(request) as work:
            statement = queries.visible_to(work.who)
            if plate:
                statement = statement.where(RoadCheck.plate == plate)
            return page_of(
                work.session,
                statement,
                RoadCheck.at,
                RoadCheck.id,
                lambda row: check_view(row, reader(request)),
                cursor=cursor,
                limit=limit,
            )

    @get("/{check_id:uuid}", sync_to_thread=True, operation_id="get_road_check")
    def one(self, request: Visit, door: NamedDependency[Door], check_id: FromPath[UUID]) -> RoadCheckView:
        """Show one road check as it was answered."""
        with door.reading(request) as work:
            return check_view(queries.road_check(work.session, check_id, work.who), reader(request))


def check_view(row: RoadCheck, language: Language) -> RoadCheckView:
    """Return a stored check as programs read it."""
    answer = service.answer_of(row)
    return RoadCheckView(
        id=row.id,
        asked=row.asked,
        by=By(row.by),
        verdict=answer.verdict,
        plate=row.plate,
        at=row.at,
        person_name=row.person_name,
        lat=row.lat,
        lon=row.lon,
        place=row.place,
        remarks=[_remark(one, language) for one in answer.remarks],
        papers=[_paper(one, language) for one in answer.papers],
        seen=view(answer.seen, SeenView) if answer.seen else None,
    )


def _paper(paper: Paper, language: Language) -> PaperView:
    plain = msgspec.to_builtins(paper)
    plain["faults"] = [msgspec.to_builtins(fault_in_words(one, language)) for one in paper.faults]
    plain["remarks"] = [msgspec.to_builtins(_remark(one, language)) for one in paper.remarks]
    plain["signed_act"] = paper.signed_act or None
    return msgspec.convert(plain, PaperView)


def _remark(one: Remark, language: Language) -> RemarkView:
    return RemarkView(code=one, words=translate(language, REMARKS[one]))


def fault_in_words(fault: Fault, language: Language) -> Reason:
    """Return a paper's fault as a reason in a language."""
    return Reason(
        detail=translate(language, fault.message, **fault.values),
        code=fault.rule.partition(".")[0],
        rule=fault.rule,
        article=fault.article,
        way_out=translate(language, fault.way_out, **fault.values),
    )
