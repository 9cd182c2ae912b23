"""Re-checks and site visits over HTTP: draw, record, look again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from compliance.record.errors import NotFound
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry.rules import OrganisationKind
from compliance.visits import queries, service
from compliance.visits.again import rank
from compliance.visits.rules import DIVISION, Answer, Purpose, State
from compliance.visits.service import Findings, Wanted
from compliance.visits.tables import SiteVisit, VisitDraw, VisitRound
from marketplace.edge.api.documents import told
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.once import keyed
from marketplace.parties.wire import Said, Sha256
from marketplace.scans import store_of
from marketplace.web.translation import Language, translate

OVERSEES = requires(Role.INSPECTOR, Role.OPERATOR)
READS = requires(Role.PRODUCER, Role.PROCESSOR, Role.DISPATCHER, Role.INSPECTOR, Role.OPERATOR)


class DrawWanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Whom to draw. `reason`: why the same parties are drawn from once more in a quarter."""

    purpose: Purpose
    kind: OrganisationKind
    count: Annotated[int, msgspec.Meta(ge=1, le=service.MOST_DRAWN)]
    division: Annotated[str, msgspec.Meta(pattern=DIVISION)] = ""
    reason: Annotated[str, msgspec.Meta(max_length=400)] = ""


class FindingsWanted(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What was found: an answer for each point of the list; photos as the upload of scans answered."""

    answers: dict[str, Answer]
    note: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    photos: Annotated[list[Sha256], msgspec.Meta(max_length=service.MOST_PHOTOS)] = []
    due_on: date | None = None
    order: Annotated[str, msgspec.Meta(max_length=1000)] = ""

    def meant(self) -> Findings:
        """Return the findings as the service takes them."""
        return Findings(self.answers, self.note, tuple(self.photos), self.due_on, self.order)


class PointView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to look at; a grave finding suspends at once."""

    key: str
    words_zh: str
    words_en: str
    rule: str
    grave: bool


class RoundView(msgspec.Struct, frozen=True, kw_only=True):
    """One time somebody went there."""

    at: datetime
    person_name: str
    answers: dict[str, Answer]
    note: str
    photos: list[str]


class VisitView(msgspec.Struct, frozen=True, kw_only=True):
    """One visit of one party, with its list and what was found."""

    id: UUID
    draw_id: UUID
    organisation_id: UUID
    purpose: Purpose
    inspector_id: UUID | None
    state: State
    due_on: date | None
    order: str
    created_at: datetime
    points: list[PointView]
    rounds: list[RoundView]


class VisitList(msgspec.Struct, frozen=True, kw_only=True):
    """Visits, the newest first."""

    items: list[VisitView]


class DrawnView(msgspec.Struct, frozen=True, kw_only=True):
    """Who was drawn, and who goes there."""

    organisation_id: UUID
    inspector_id: UUID | None


class DrawView(msgspec.Struct, frozen=True, kw_only=True):
    """One draw: whoever ranks the pool by SHA-256 of `seed:id` gets the same parties.

    The seed is SHA-256 of `anchor_digest/purpose/kind/division/period/earlier`, in form 1 of
    `anchor_digest/number`; `compliance/visits/again.py` draws again from this.
    """

    id: UUID
    number: int
    form: int
    period: str
    earlier: int
    """How often exactly this purpose, kind, division and period had been drawn from before."""
    reason: str
    anchor_day: date | None
    anchor_digest: str
    purpose: Purpose
    kind: OrganisationKind
    division: str
    seed: str
    pool: list[UUID]
    pool_hash: str
    inspectors: list[UUID]
    drawn: list[DrawnView]
    count: int
    at: datetime


class DrawList(msgspec.Struct, frozen=True, kw_only=True):
    """Draws, the newest first."""

    items: list[DrawView]


def visit_view(work: Work, row: SiteVisit) -> VisitView:
    """Return a visit as programs read it."""
    points = [
        PointView(
            key=one.key,
            words_zh=translate(Language.ZH, one.words),
            words_en=one.words,
            rule=one.rule,
            grave=one.grave,
        )
        for one in service.points_of(row)
    ]
    return VisitView(
        id=row.id,
        draw_id=row.draw_id,
        organisation_id=row.organisation_id,
        purpose=Purpose(row.purpose),
        inspector_id=row.inspector_id,
        state=State(row.state),
        due_on=row.due_on,
        order=row.order_text,
        created_at=row.created_at,
        points=points,
        rounds=[_round(one) for one in queries.rounds(work.session, row.id)],
    )


def _round(one: VisitRound) -> RoundView:
    return RoundView(
        at=one.at,
        person_name=one.person_name,
        answers={key: Answer(said) for key, said in one.answers.items()},
        note=one.note,
        photos=list(one.photos),
    )


def _draws(work: Work, rows: Sequence[VisitDraw]) -> list[DrawView]:
    visits = queries.of_draw(work.session, [row.id for row in rows])
    return [_draw(row, visits.get(row.id, [])) for row in rows]


def _draw(row: VisitDraw, visits: Sequence[SiteVisit]) -> DrawView:
    return DrawView(
        id=row.id,
        number=row.number,
        form=row.form,
        period=row.period,
        earlier=row.earlier,
        reason=row.reason,
        anchor_day=row.anchor_day,
        anchor_digest=row.anchor_digest,
        inspectors=[UUID(one) for one in row.inspectors],
        drawn=[
            DrawnView(organisation_id=one.organisation_id, inspector_id=one.inspector_id)
            for one in sorted(visits, key=lambda one: rank(row.seed, str(one.organisation_id)))
        ],
        purpose=Purpose(row.purpose),
        kind=OrganisationKind(row.kind),
        division=row.division,
        seed=row.seed,
        pool=[UUID(one) for one in row.pool],
        pool_hash=row.pool_hash,
        count=row.count,
        at=row.at,
    )


class Visits(Controller):
    """Re-checks 资质复查 and site visits 实地核查."""

    path = "/api/v1/visits"
    tags = ("visits",)

    @post(
        "/draws",
        guards=[OVERSEES, keyed],
        sync_to_thread=True,
        operation_id="draw_visits",
        responses=told(DrawView),
    )
    def draw(
        self, request: Visit, door: NamedDependency[Door], data: JSONBody[DrawWanted]
    ) -> Response[bytes]:
        """Draw parties and inspectors by a seed out of the last anchor; all of it goes on the record."""
        wanted = Wanted(data.purpose, data.kind, data.count, data.division, data.reason)
        return door.once(request, lambda work: _draw(*service.draw(work, wanted)))

    @get("/draws", guards=[OVERSEES], sync_to_thread=True, operation_id="list_draws")
    def draws(self, request: Visit, door: NamedDependency[Door]) -> DrawList:
        """List the draws, with all that is needed to draw again."""
        with door.reading(request) as work:
            return DrawList(items=_draws(work, queries.draws(work.session)))

    @get("/draws/{draw_id:uuid}", guards=[OVERSEES], sync_to_thread=True, operation_id="get_draw")
    def one_draw(self, request: Visit, door: NamedDependency[Door], draw_id: FromPath[UUID]) -> DrawView:
        """Give one draw, as the program that draws again reads it."""
        with door.reading(request) as work:
            return _draws(work, [queries.draw(work.session, draw_id)])[0]

    @get("/", guards=[READS], sync_to_thread=True, operation_id="list_visits")
    def mine(
        self, request: Visit, door: NamedDependency[Door], *, open_only: FromQuery[bool] = False
    ) -> VisitList:
        """List visits: all for who oversees; a party its own, once they have taken place."""
        with door.reading(request) as work:
            rows = queries.listed(work.session, work.who, open_only=open_only)
            return VisitList(items=[visit_view(work, row) for row in rows])

    @get("/{visit_id:uuid}", guards=[READS], sync_to_thread=True, operation_id="get_visit")
    def one(self, request: Visit, door: NamedDependency[Door], visit_id: FromPath[UUID]) -> VisitView:
        """Show one visit with its list and what was found."""
        with door.reading(request) as work:
            return visit_view(work, queries.visit(work.session, visit_id, work.who))

    @get(
        "/{visit_id:uuid}/photos/{sha256:str}", guards=[READS], sync_to_thread=True, operation_id="get_photo"
    )
    def photo(
        self, request: Visit, door: NamedDependency[Door], visit_id: FromPath[UUID], sha256: FromPath[str]
    ) -> Response[bytes]:
        """Give a photo of a visit as it was taken."""
        return photo_of(door, request, visit_id, sha256)

    @post(
        "/{visit_id:uuid}/findings",
        guards=[OVERSEES, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="record_visit",
        responses=told(VisitView, 200),
    )
    def record(
        self,
        request: Visit,
        door: NamedDependency[Door],
        visit_id: FromPath[UUID],
        data: JSONBody[FindingsWanted],
    ) -> Response[bytes]:
        """Write down what was found; what is not in order becomes an order with a day."""
        return _moved(request, door, lambda work: service.record(work, visit_id, data.meant()))

    @post(
        "/{visit_id:uuid}/recheck",
        guards=[OVERSEES, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="recheck_visit",
        responses=told(VisitView, 200),
    )
    def look_again(
        self,
        request: Visit,
        door: NamedDependency[Door],
        visit_id: FromPath[UUID],
        data: JSONBody[FindingsWanted],
    ) -> Response[bytes]:
        """Look whether an order was followed; where it was not, the party is suspended."""
        return _moved(request, door, lambda work: service.look_again(work, visit_id, data.meant()))

    @post(
        "/{visit_id:uuid}/call-off",
        guards=[OVERSEES, keyed],
        sync_to_thread=True,
        status_code=200,
        operation_id="call_visit_off",
        responses=told(VisitView, 200),
    )
    def call_off(
        self, request: Visit, door: NamedDependency[Door], visit_id: FromPath[UUID], data: JSONBody[Said]
    ) -> Response[bytes]:
        """Call a drawn visit off, and say why."""
        return _moved(request, door, lambda work: service.call_off(work, visit_id, data.reason))


def _moved(request: Visit, door: Door, act: Callable[[Work], SiteVisit]) -> Response[bytes]:
    return door.once(request, lambda work: visit_view(work, act(work)), status=200)


def photo_of(door: Door, request: Visit, visit_id: UUID, sha256: str) -> Response[bytes]:
    """Return a photo of a visit that the person may see, as a picture that runs nothing."""
    with door.reading(request) as work:
        row = queries.visit(work.session, visit_id, work.who)
        kept = {one for time in queries.rounds(work.session, row.id) for one in time.photos}
    if sha256 not in kept:
        raise NotFound("photo", sha256)
    data = store_of(door.settings).get(sha256)
    media_type = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(data, media_type=media_type, headers=headers)
