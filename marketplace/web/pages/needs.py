"""What does a processor want, at which price, and who pays it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody
from litestar.types import ControllerRouterHandler

from compliance.catalogue import queries as catalogue
from compliance.record.errors import N_, DomainError, Invalid
from compliance.record.who import Role
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.rules import Mode
from compliance.registry.tables import Site
from marketplace.edge.door import Door
from marketplace.edge.guards import requires
from marketplace.edge.identity import Visit
from marketplace.edge.pages import go, page, reader
from marketplace.edge.problems import reasons_by_field
from marketplace.lots.rules import Figure
from marketplace.matches import board
from marketplace.matches.tables import GatePrice
from marketplace.needs import queries, service
from marketplace.needs.service import Edge, NeedDraft
from marketplace.needs.tables import Need
from marketplace.web.forms import Form
from marketplace.web.pages.typed import decimal, kilograms
from marketplace.web.reasons import figure_fields, limit_words
from marketplace.web.translation import Language

SAID_OPEN = N_("The need is open. Producers see it, and every fitting lot is matched with it.")
SAID_CLOSED = N_("The need is closed. What was agreed stays agreed.")
DAYS = tuple(f"day_{n}" for n in range(1, 8))
FIELDS = frozenset({"site_id", "code", "mode", "payer", "price", "kg", "valid_to", *Figure, *DAYS})
AT_LEAST = frozenset({Figure.METAL, Figure.HEAT})
"""Of these a processor wants some; of every other figure it bears only so much."""


WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


class NeedForm(msgspec.Struct):
    """What the form sends, as typed: the price is an amount and the words who pays it."""

    site_id: str = ""
    code: str = ""
    mode: str = ""
    payer: str = ""
    price: str = ""
    kg: str = ""
    valid_to: str = ""
    moisture_percent: str = ""
    ash_percent: str = ""
    chlorine_percent: str = ""
    sulphur_percent: str = ""
    metal_percent: str = ""
    heavy_metals_mg_kg: str = ""
    calorific_mj_kg: str = ""
    day_1: str = ""
    day_2: str = ""
    day_3: str = ""
    day_4: str = ""
    day_5: str = ""
    day_6: str = ""
    day_7: str = ""


@dataclass(frozen=True, slots=True)
class Permitted:
    """A waste that the own licences name, with what may still be taken this year."""

    code: str
    name: str
    left_kg: int


@dataclass(frozen=True, slots=True)
class Row:
    """One need as the list shows it."""

    need: Need
    name: str
    site: Site
    limits: Sequence[tuple[str, str]]
    room: GatePrice | None


class Needs(Controller):
    """The standing needs 需求 of a processor."""

    path = "/needs"
    include_in_schema = False
    guards = (requires(Role.PROCESSOR),)

    @get("/", sync_to_thread=True)
    def all(self, request: Visit, door: NamedDependency[Door]) -> Response[str]:
        """Show the own needs and the form for a new one."""
        held = {name: several[0] for name, several in door.held(request).items() if several}
        return self._shown(request, door, held)

    @post("/", sync_to_thread=True)
    def open(
        self, request: Visit, door: NamedDependency[Door], data: URLEncodedBody[NeedForm]
    ) -> Response[str] | Response[bytes]:
        """Open a need; what is refused comes back with everything still typed."""
        try:
            with door.work(request) as work:
                service.open_need(work, draft(data))
        except DomainError as refusal:
            return self._shown(request, door, msgspec.to_builtins(data), refusal)
        return go(request, "/needs", SAID_OPEN)

    @post("/{need_id:uuid}/close", sync_to_thread=True)
    def close(self, request: Visit, door: NamedDependency[Door], need_id: FromPath[UUID]) -> Response[bytes]:
        """Close a need."""
        with door.work(request) as work:
            service.close_need(work, need_id)
        return go(request, "/needs", SAID_CLOSED)

    def _shown(
        self,
        request: Visit,
        door: Door,
        typed: Mapping[str, str],
        refusal: DomainError | None = None,
    ) -> Response[str]:
        errors = reasons_by_field(refusal, reader(request)) if refusal else {}
        with door.reading(request) as work:
            may = permitted(work)
            return page(
                request,
                "processor/needs.html",
                refusal.status if refusal else 200,
                rows=rows(work, reader(request)),
                permitted=may,
                sites=registry.sites_visible_to(work.session, work.who),
                figures=[(n, w, n in AT_LEAST) for n, w in figure_fields(reader(request))],
                days=list(zip(DAYS, WEEKDAYS, strict=True)),
                limits_open=any(typed.get(name) for name in (*Figure, *DAYS)),
                modes=[mode.value for mode in (Mode.USE, Mode.DISPOSE, Mode.STORE, Mode.COLLECT)],
                form=Form(blank(work) | dict(typed), errors),
                refused=[one for field, several in errors.items() if field not in FIELDS for one in several],
            )


def blank(work: Work) -> dict[str, str]:
    """Return the form before anybody has typed."""
    fields: dict[str, str] = dict.fromkeys(FIELDS, "")
    return fields | {
        "mode": Mode.USE.value,
        "payer": "producer",
        "valid_to": (work.today + timedelta(days=180)).isoformat(),
    }


def draft(form: NeedForm) -> NeedDraft:
    """Return what the form means; the sign of the price follows from who pays (P1)."""
    amount = decimal(form.price, "price")
    if amount < 0:
        raise Invalid(
            N_("Write the amount without a sign."),
            field="price",
            way_out=N_("Say with “who pays” in which direction the money goes."),
        )
    return NeedDraft(
        site_id=_chosen(form.site_id),
        code=form.code.strip(),
        mode=_mode(form.mode),
        price=-amount if form.payer == "producer" else Decimal(amount),
        kg=kilograms(form.kg, "kg"),
        valid_to=_day(form.valid_to),
        limits=_limits(form),
        weekdays=frozenset(n for n, name in enumerate(DAYS, 1) if getattr(form, name)),
    )


def _limits(form: NeedForm) -> dict[Figure, dict[Edge, Decimal]]:
    """Return the limits that were typed: one end of each figure, which end hangs on the figure."""
    typed = {figure: getattr(form, figure.value).strip() for figure in Figure}
    return {
        figure: {Edge.LEAST if figure in AT_LEAST else Edge.MOST: decimal(text, figure.value)}
        for figure, text in typed.items()
        if text
    }


def rows(work: Work, language: Language) -> list[Row]:
    """Return the own needs, the open ones first."""
    own = queries.visible_to(work.who).where(Need.organisation_id == work.who.organisation_id)
    found = work.session.scalars(own.order_by(Need.open.desc(), Need.created_at.desc())).all()
    sites = registry.sites(work.session, {need.site_id for need in found})
    prices = board.of_needs(work.session, {need.id for need in found if need.open})
    return [
        Row(
            need,
            name_of(work, need.code),
            sites[need.site_id],
            limit_words(need.limits, language),
            prices.get(need.id),
        )
        for need in found
    ]


def permitted(work: Work) -> list[Permitted]:
    """Return what the own licences name today."""
    own = work.who.organisation_id
    held = registry.licences(work.session, [own], work.today.year).get(own, []) if own else []
    live = [one for one in held if one.valid_from <= work.today <= one.valid_to]
    return [
        Permitted(line.code, name_of(work, line.code), line.left_kg) for one in live for line in one.lines
    ]


def name_of(work: Work, code: str) -> str:
    """Return the name of a waste, empty for a code that is not in force today."""
    found = catalogue.find(work.session, code, work.today)
    return found.category_name if found else ""


def _chosen(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(N_("Choose one of your sites."), field="site_id") from None


def _mode(text: str) -> Mode:
    if text not in set(Mode):
        raise Invalid(N_("Choose what becomes of the waste."), field="mode")
    return Mode(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(N_("This is not a day."), field="valid_to") from None


ROUTES: list[ControllerRouterHandler] = [Needs]
