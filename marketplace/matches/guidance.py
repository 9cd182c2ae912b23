"""What would a lot fetch that somebody thinks of listing, and what is that said from?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from compliance.catalogue import service as catalogue
from compliance.record.errors import DomainError, raise_all
from compliance.record.work import Work
from compliance.registry import queries as organisations
from compliance.registry import service as registry
from compliance.rulebook.rules import broken
from marketplace.deals.tables import Deal
from marketplace.lots.rules import LARGEST_KG
from marketplace.matches import board, market
from marketplace.matches.learning import LEAST_PRODUCERS, Learned, price_band
from marketplace.matches.market import Draft
from matching.guide import FEW_DEALS, PriceGuidance, guidance
from matching.learning.history import CONSTITUENTS

LATELY = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Guided:
    """Guidance, what was learned from past deals, and when the market was last cleared; None: never.

    Deals of few producers are counted but their prices not shown: one could tell whose they are.
    """

    found: PriceGuidance
    as_of: datetime | None
    tells_deals: bool
    learned: Learned


def checked(work: Work, draft: Draft) -> Draft:
    """Return a draft that makes sense, with its code as the catalogue writes it, or raise all its faults."""
    faults: list[DomainError] = []
    code = draft.code
    try:
        code = catalogue.require(work, draft.code, work.today, "code").code
    except DomainError as unknown:
        faults.append(unknown)
    if not 0 < draft.kg <= LARGEST_KG:
        faults.append(broken("P5.mass", work.today, field="tonnes", kg=draft.kg, largest_kg=LARGEST_KG))
    try:
        registry.check_place(work, draft.lat, draft.lon)
    except DomainError as outside:
        faults.append(outside)
    raise_all(faults)
    return replace(draft, code=code)


def home_division(work: Work) -> str:
    """Return the code of the district in which the person's organisation sits."""
    assert work.who.organisation_id is not None
    return organisations.organisation(work.session, work.who.organisation_id).division_code


def guide(work: Work, draft: Draft) -> Guided:
    """Say what a checked draft would fetch. Reads only, and clears nothing."""
    session = work.session
    problem, lot = market.problem_around(session, draft, work.now)
    look = board.looked(session)
    agreed, producers = _agreed(session, draft.code, work.now)
    found = guidance(problem, lot, board.prices_of_code(session, draft.code), agreed)
    return Guided(
        found,
        as_of=look.at if look else None,
        tells_deals=len(agreed) >= FEW_DEALS and producers >= LEAST_PRODUCERS,
        learned=price_band(session, draft.code, draft.division, _learnable(draft), work.today),
    )


def _learnable(draft: Draft) -> dict[str, object]:
    """Return the figures that the model of prices knows."""
    return {name: value for name, value in draft.composition.items() if name in CONSTITUENTS}


def _agreed(session: Session, code: str, now: datetime) -> tuple[list[Decimal], int]:
    """Return the prices agreed for a waste within a year, and how many producers agreed them."""
    lately = (Deal.code == code, Deal.agreed_at > now - LATELY)
    rows = session.execute(select(Deal.price, Deal.producer_id).where(*lately)).all()
    return [row.price for row in rows], len({row.producer_id for row in rows})
