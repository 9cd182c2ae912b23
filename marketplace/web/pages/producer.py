"""Which pages let a producer list lots, look at their matches and accept one?"""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler
from msgspec import Struct
from sqlalchemy.exc import IntegrityError

from compliance.catalogue import queries as catalogue
from compliance.record.errors import N_, DomainError, NotFound, Stale
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from marketplace.deals import service as deals
from marketplace.edge import once
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_of
from marketplace.lots import queries as lots
from marketplace.lots import service
from marketplace.lots.rules import Figure, State
from marketplace.lots.tables import Lot
from marketplace.web import guidance_views, lot_form, lot_views
from marketplace.web.lot_form import LotForm
from marketplace.web.profile_views import lot_profile, made_up
from marketplace.web.reasons import composition_words, figure_fields

Answer = Response[str] | Response[bytes]
FORM_FIELDS = frozenset(LotForm.__struct_fields__)


class Accepted(Struct):
    """Which match a producer accepts."""

    match_id: UUID


class Lots(Controller):
    """The producer's lots."""

    path = "/lots"
    guards = (requires(Role.PRODUCER),)
    include_in_schema = False

    @get("/", sync_to_thread=True)
    def mine(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the lots of the producer's organisation."""
        with door.reading(request) as work:
            return page(request, "producer/lots.html", lines=lot_views.own_lots(work))

    @get("/new", sync_to_thread=True)
    def begin(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the form of a new lot, with what was typed before a sign-in ran out."""
        held = door.held(request)
        with door.reading(request) as work:
            form = lot_form.given_back(lot_form.fresh(work), held)
            return _form(request, work, form, given_back=bool(held))

    @post("/new", sync_to_thread=True)
    def list_one(self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[LotForm]) -> Answer:
        """List a lot; the same form sent twice lists one lot. Or only look at what it would fetch."""
        if data.look:
            with door.reading(request) as work:
                return _form(request, work, data)
        try:
            with door.work(request) as work:
                lot_id = _list_once(work, data)
        except IntegrityError:
            with door.reading(request) as work:
                lot_id = _listed_as(work, data)
        except DomainError as refusal:
            with door.reading(request) as work:
                return _form(request, work, data, refusal)
        return go(request, f"/lots/{lot_id}", N_("The lot is listed. Receivers are being looked for."))

    @get("/guidance", sync_to_thread=True)
    def guidance(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show what a lot would fetch, from what its form says so far."""
        said = {name: value for name, value in request.query_params.items() if name in FORM_FIELDS}
        with door.reading(request) as work:
            found = guidance_views.of_form(work, LotForm(**said))
        figures = figure_fields(reader(request))
        return page(request, "producer/_guidance.html", guidance=found, live=True, figures=figures)

    @get("/{lot_id:uuid}", sync_to_thread=True)
    def look(self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID]) -> Response[str]:
        """Show one lot with its matches."""
        with door.reading(request) as work:
            return _lot(request, work, lot_id)

    @get("/{lot_id:uuid}/matches", sync_to_thread=True)
    def matches(self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID]) -> Response[str]:
        """Show the matches alone: the page asks again until they are worked out."""
        with door.reading(request) as work:
            found = lot_views.matches_of(work, _own(work, lot_id), reader(request))
            return page(request, "producer/_matches.html", view=found)

    @get("/{lot_id:uuid}/edit", sync_to_thread=True)
    def reopen(self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID]) -> Response[str]:
        """Show the form of a lot that is listed already."""
        held = door.held(request)
        with door.reading(request) as work:
            row = _own(work, lot_id)
            form = lot_form.given_back(lot_form.of_lot(row), held)
            return _form(request, work, form, lot=row, given_back=bool(held))

    @post("/{lot_id:uuid}/edit", sync_to_thread=True)
    def change(
        self,
        request: Visit,
        door: NamedDependency[Door],
        lot_id: FromPath[UUID],
        data: URLEncodedBody[LotForm],
    ) -> Answer:
        """Change a lot, unless somebody changed it since the form was opened."""
        if data.look:
            with door.reading(request) as work:
                return _form(request, work, data, lot=_own(work, lot_id))
        try:
            with door.work(request) as work:
                _require_newest(work, lot_id, data)
                service.change_lot(work, lot_id, lot_form.draft_of(work, data))
        except NotFound:
            raise
        except DomainError as refusal:
            with door.reading(request) as work:
                row = _own(work, lot_id)
                data.version = str(row.version)
                return _form(request, work, data, refusal, lot=row)
        return go(request, f"/lots/{lot_id}", N_("The lot is changed. Its matches are worked out anew."))

    @post("/{lot_id:uuid}/withdraw", sync_to_thread=True)
    def withdraw(self, request: Visit, door: NamedDependency[Door], lot_id: FromPath[UUID]) -> Answer:
        """Take what is left of a lot off the market."""
        try:
            with door.work(request) as work:
                service.withdraw_lot(work, lot_id)
        except NotFound:
            raise
        except DomainError as refusal:
            with door.reading(request) as work:
                return _lot(request, work, lot_id, refusal)
        return go(request, f"/lots/{lot_id}", N_("The lot is off the market."))

    @post("/{lot_id:uuid}/accept", sync_to_thread=True)
    def accept(
        self,
        request: Visit,
        door: NamedDependency[Door],
        lot_id: FromPath[UUID],
        data: URLEncodedBody[Accepted],
    ) -> Answer:
        """Accept a match: this binds; a refusal is shown above the matches as they are now."""
        try:
            with door.work(request) as work:
                deal = deals.accept(work, data.match_id)
        except DomainError as refusal:
            with door.reading(request) as work:
                return _lot(request, work, lot_id, refusal)
        return go(request, f"/deals/{deal.id}", N_("The deal is agreed. The manifest is being drawn up."))


@get(
    "/wastes", guards=[requires(Role.PRODUCER, Role.PROCESSOR)], sync_to_thread=True, include_in_schema=False
)
def wastes(request: Visit, door: NamedDependency[Door]) -> Response[str]:
    """Show the kinds of waste that a typed text may mean, or what is known of the one code it names."""
    text = request.query_params.get("code", "")
    with door.reading(request) as work:
        chosen = catalogue.find(work.session, text, work.today)
        found = [] if chosen else catalogue.search(work.session, text, work.today)
        return page(request, "producer/_wastes.html", text=text.strip(), chosen=chosen, found=found)


def _own(work: Work, lot_id: UUID) -> Lot:
    """Return a lot of the person's own organisation."""
    row = lots.lot(work.session, lot_id, work.who)
    if row.organisation_id != work.who.organisation_id:
        raise NotFound("lot", lot_id)
    return row


def _list_once(work: Work, form: LotForm) -> UUID:
    """List a lot, or return the one that this very form has listed already."""
    intent, person_id = _intent(form), work.who.person_id
    assert person_id is not None
    if once.answered(work.session, person_id, intent) is not None:
        return _listed_as(work, form)
    claimed = once.claim(work.session, person_id, intent, work.now)
    row = service.list_lot(work, lot_form.draft_of(work, form))
    claimed.body, claimed.status = str(row.id).encode(), 303
    return row.id


def _listed_as(work: Work, form: LotForm) -> UUID:
    assert work.who.person_id is not None
    earlier = once.answered(work.session, work.who.person_id, _intent(form))
    if earlier is None:
        raise NotFound("lot", form.intent)
    return UUID(bytes(earlier.content).decode())


def _intent(form: LotForm) -> once.Intent:
    key = f"page:list_lot:{form.intent[:60]}"
    return once.Intent(key, sha256(key.encode()).hexdigest())


def _require_newest(work: Work, lot_id: UUID, form: LotForm) -> None:
    if form.version != str(lots.own_lot(work.session, lot_id, work.who).version):
        raise Stale(
            N_("Someone has changed this lot since you opened the form."),
            way_out=N_("What you typed is still here. Send it again to overwrite the other change."),
        )


def _lot(request: Visit, work: Work, lot_id: UUID, refusal: DomainError | None = None) -> Response[str]:
    row = _own(work, lot_id)
    language = reader(request)
    site = registry.site(work.session, row.site_id)
    reasons = reasons_of(refusal, language)
    return page(
        request,
        "producer/lot.html",
        refusal.status if refusal else 200,
        lot=row,
        site=site,
        place=catalogue.full_name(work.session, site.division_code),
        waste=catalogue.find(work.session, row.code, work.today),
        composition=composition_words(row.composition, language),
        view=lot_views.matches_of(work, row, language),
        guidance=guidance_views.of_lot(work, row) if row.state == State.LISTED.value else None,
        live=False,
        refusals=reasons,
        profile=lot_profile(work, row.id, row.code, language),
        made_up=made_up(work, row, language),
    )


def _form(
    request: Visit,
    work: Work,
    data: LotForm,
    refusal: DomainError | None = None,
    lot: Lot | None = None,
    *,
    given_back: bool = False,
) -> Response[str]:
    session, who = work.session, work.who
    assert who.organisation_id is not None
    province = registry.organisation(session, who.organisation_id).division_code[:2]
    chosen = catalogue.find(session, data.code, work.today)
    return page(
        request,
        "producer/form.html",
        refusal.status if refusal else 200,
        form=lot_form.shown(data, refusal, reader(request)),
        lot=lot,
        sites=registry.sites_visible_to(session, who),
        places=lot_form.places(session, province),
        text=data.code.strip(),
        chosen=chosen,
        found=[] if chosen else catalogue.search(session, data.code, work.today),
        given_back=given_back,
        figures=figure_fields(reader(request)),
        guidance=guidance_views.of_form(work, data),
        live=True,
        figures_open=any(getattr(data, figure.value) for figure in Figure),
    )


ROUTES: list[ControllerRouterHandler] = [Lots, wastes]
