"""What does a producer see of what a lot would fetch, while the form is being filled in and after?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from compliance.record.errors import N_, DomainError
from compliance.record.numbers import number_of
from compliance.record.work import Work
from compliance.registry import queries as registry
from compliance.registry.tables import Organisation
from marketplace.lots.rules import Figure
from marketplace.lots.tables import Lot
from marketplace.matches import board
from marketplace.matches import guidance as service
from marketplace.matches.learning import Learned
from marketplace.matches.market import Draft
from marketplace.matches.tables import Match
from marketplace.web.lot_form import NEW_SITE, LotForm
from matching.guide import Comparables, Offer

SHOWN = 3
FIRM = Decimal(100)
"""CNY per tonne by which prices may move before a match that is called firm gives way."""


@dataclass(frozen=True, slots=True)
class Row:
    """One receiver that may take such a lot."""

    organisation: Organisation
    offer: Offer


@dataclass(frozen=True, slots=True)
class View:
    """What a lot would fetch, or, in `missing`, what has to be filled in before that can be said."""

    missing: str = ""
    low: Decimal | None = None
    likely: Decimal | None = None
    high: Decimal | None = None
    placed_kg: int = 0
    kg: int = 0
    takers: int = 0
    rows: Sequence[Row] = ()
    deals: Comparables | None = None
    count: int = 0
    learned: Learned | None = None
    thin: bool = False
    as_of: datetime | None = None


class Hold(StrEnum):
    """How well a match holds against the rest of the market."""

    FIRM = "firm"
    CLOSE = "close"
    CONTESTED = "contested"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a match stands among all lots: what its room is worth to others, and by how much it leads them."""

    hold: Hold
    ask: Decimal
    lead: Decimal


def of_form(work: Work, form: LotForm) -> View:
    """Return the guidance for what a form says so far."""
    if not form.code.strip():
        return View(N_("Choose what kind of waste it is."))
    kg = number_of(form.tonnes)
    if kg is None or not 0 < kg < 10**9:
        return View(N_("Say how many tonnes there are."))
    place = _place(work, form)
    if place is None:
        return View(N_("Say where it lies."))
    stated = {figure.value: number_of(getattr(form, figure.value)) for figure in Figure}
    known = {name: value for name, value in stated.items() if value is not None}
    lat, lon, division = place
    draft = Draft(form.code.strip(), int(kg * 1000), lat, lon, division, known)
    try:
        return _view(work, service.checked(work, draft))
    except DomainError:
        return View(N_("Correct the fields first: with these nothing can be said."))


def of_lot(work: Work, lot: Lot) -> View:
    """Return the guidance for what is left of a listed lot."""
    site = registry.site(work.session, lot.site_id)
    known = {name: Decimal(value) for name, value in lot.composition.items()}
    place = site.location
    return _view(work, Draft(lot.code, lot.left_kg, place.y, place.x, site.division_code, known))


def standings(work: Work, rows: Sequence[Match]) -> dict[UUID, Standing]:
    """Return how each match stands in the market as it was last cleared; empty while it never was."""
    if board.looked(work.session) is None:
        return {}
    prices = board.of_needs(work.session, {row.need_id for row in rows})
    found = {}
    for row in rows:
        price = prices.get(row.need_id)
        ask = price.ask if price else Decimal(0)
        lead = row.score - ask
        hold = Hold.FIRM if lead >= FIRM else Hold.CLOSE if lead > 0 else Hold.CONTESTED
        found[row.id] = Standing(hold, ask, lead)
    return found


def _view(work: Work, draft: Draft) -> View:
    guided = service.guide(work, draft)
    found = guided.found
    names = registry.organisations(work.session, [UUID(one.processor_id) for one in found.offers[:SHOWN]])
    return View(
        low=found.low,
        likely=found.likely,
        high=found.high,
        placed_kg=found.placed_kg,
        kg=found.kg,
        takers=len(found.offers),
        rows=[Row(names[UUID(one.processor_id)], one) for one in found.offers[:SHOWN]],
        deals=found.comparables if guided.tells_deals else None,
        count=found.comparables.count,
        learned=guided.learned,
        thin=found.thin,
        as_of=guided.as_of,
    )


def _place(work: Work, form: LotForm) -> tuple[float, float, str] | None:
    """Return latitude, longitude and district of the site that was chosen or pointed at."""
    if form.site_id == NEW_SITE:
        lat, lon = number_of(form.lat), number_of(form.lon)
        if lat is None or lon is None:
            return None
        return float(lat), float(lon), form.division or service.home_division(work)
    for site in registry.sites_visible_to(work.session, work.who):
        if str(site.id) == form.site_id:
            return site.location.y, site.location.x, site.division_code
    return None
