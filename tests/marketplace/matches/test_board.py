"""Are the prices of the cleared market kept fresh, and what are producers told from them?"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select

from compliance.record.errors import DomainError
from compliance.registry.tables import Site
from marketplace.deals.tables import Deal
from marketplace.lots import service as lots
from marketplace.lots.rules import Figure
from marketplace.matches import board, guidance
from marketplace.matches.market import Draft
from marketplace.matches.tables import GatePrice, MarketLook
from marketplace.needs.service import Edge
from marketplace.needs.tables import Need
from tests.factories.trade import OIL, Market, fields_of, rules_of

AT_THE_PRODUCER = Draft(code=OIL, kg=20_000, lat=0, lon=0, division="420000")


def close_needs(market: Market) -> None:
    """Take every need off the market."""
    with market.work() as work:
        for need in work.session.scalars(select(Need)):
            need.open = False


def draft(market: Market, **more: object) -> Draft:
    """Return a draft of 20 t of waste oil at the producer's own site."""
    (site,) = market.rows(select(Site).where(Site.id == market.parties["producer"].site_id))
    place = site.location
    return replace(AT_THE_PRODUCER, lat=place.y, lon=place.x, **more)  # type: ignore[arg-type]


def guided(market: Market, **more: object) -> guidance.Guided:
    """Return what the producer is told of a draft."""
    with market.work("producer") as work:
        return guidance.guide(work, guidance.checked(work, draft(market, **more)))


def test_the_market_is_cleared_anew_only_when_something_has_happened(market: Market) -> None:
    """Workers would clear an unchanged market all day, or producers be shown prices of yesterday."""
    lot_id = market.list_lot()
    assert board.refresh(market.engine, lambda: market.at)
    assert not board.refresh(market.engine, lambda: market.at)
    with market.work("producer") as work:
        lots.withdraw_lot(work, lot_id)
    assert board.refresh(market.engine, lambda: market.at)
    (look,) = market.rows(select(MarketLook))
    assert look.lots == 0


def test_room_that_is_fought_over_is_worth_what_the_loser_would_have_gained(market: Market) -> None:
    """A producer would be told that a full plant is free; a processor not, what more licence would earn."""
    market.list_lot(kg=300_000, price=Decimal(-2700))
    market.list_lot(kg=300_000, price=Decimal(-2650))
    market.list_lot(kg=300_000, price=Decimal(-2600))
    board.refresh(market.engine, lambda: market.at)
    needs = {need.id: market.name_of(need.organisation_id) for need in market.rows(select(Need))}
    prices = {needs[row.need_id]: row for row in market.rows(select(GatePrice))}
    assert prices["processor"].ask > 0
    assert prices["processor"].ask >= prices["processor"].bid > 0


def test_a_draft_is_told_what_it_would_fetch_and_from_what(market: Market) -> None:
    """A producer would name a price that nobody gives, or give away what somebody would have paid for."""
    board.refresh(market.engine, lambda: market.at)
    told = guided(market)
    found = told.found
    assert [market.name_of(UUID(one.processor_id)) for one in found.offers] == ["processor", "distant"]
    assert found.high is not None
    assert found.low is not None
    assert found.low < found.high < Decimal(-2300)
    assert found.likely == found.high
    assert (found.placed_kg, found.comparables.count, told.tells_deals) == (20_000, 0, False)
    assert told.as_of == market.at


def test_without_a_clearing_it_is_said_that_there_was_none(market: Market) -> None:
    """Prices that leave all other lots out of account would pass for those of the market."""
    assert guided(market).as_of is None


def test_the_high_end_is_the_most_that_still_finds_a_receiver(market: Market) -> None:
    """The panel on the form would advise an expectation for which nobody comes."""
    high = guided(market).found.high
    assert high is not None
    for change, taken in ((Decimal("-0.02"), True), (Decimal("0.02"), False)):
        lot_id = market.list_lot(price=high + change)
        market.idle()
        assert any(match.score > 0 for match in market.matches(lot_id)) is taken


def test_limits_of_receivers_count_for_a_draft(market: Market) -> None:
    """A producer would be shown prices of receivers who cannot take the waste."""
    close_needs(market)
    market.open_need("processor", limits={Figure.MOISTURE: {Edge.MOST: Decimal(30)}})
    assert guided(market).found.offers == ()
    dry = guided(market, composition={"moisture_percent": Decimal(10)})
    assert len(dry.found.offers) == 1


def test_few_deals_are_counted_but_their_prices_are_not_shown(market: Market) -> None:
    """A rival could read off what the only other producer was paid."""
    market.agree()
    told = guided(market)
    assert (told.found.comparables.count, told.tells_deals) == (1, False)
    (deal,) = market.rows(select(Deal))
    market.forward(days=400)
    assert deal.price < 0
    assert guided(market).found.comparables.count == 0


def test_every_fault_of_a_draft_is_told_at_once(market: Market) -> None:
    """A caller would be sent back once for each parameter that is wrong."""
    wrong = Draft(code="900-999-08", kg=0, lat=114.3, lon=30.5, division="420000")
    with pytest.raises(DomainError) as caught, market.work("producer") as work:
        guidance.checked(work, wrong)
    assert rules_of(caught.value) == {"C1.unknown_code", "P5.mass", "GEO.swapped"}
    assert fields_of(caught.value) == ["code", "location", "tonnes"]
