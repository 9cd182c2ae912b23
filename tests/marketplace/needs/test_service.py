"""Which needs may be opened, by whom, and who sees them?"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from compliance.record.errors import Conflict, DomainError, Forbidden, NotFound
from compliance.registry.rules import Mode
from compliance.registry.tables import LicenceRow
from marketplace.needs import queries, service
from marketplace.needs.tables import Need
from tests.factories.trade import OIL, Market, fields_of, open_market, rules_of
from tests.factories.traders import PAPER


@pytest.fixture
def market(engine: Engine) -> Market:
    """A market in which nobody needs anything yet."""
    return open_market(engine, vehicles=1, needs_too=False)


def refusal(market: Market, who: str = "processor", **draft: object) -> DomainError:
    """Return why a need is not opened, having made sure that it left nothing."""
    with pytest.raises(DomainError) as caught, market.work(who) as work:
        service.open_need(work, market.need(**draft))
    assert market.rows(select(Need)) == []
    return caught.value


def test_a_licensed_processor_opens_a_need(market: Market) -> None:
    """A processor could not say what it takes."""
    need = market.get(Need, market.open_need("processor", price=Decimal("-2300.00")))
    assert (need.open, need.left_kg, need.price, need.code) == (True, 300_000, Decimal(-2300), OIL)
    (event,) = market.events("NeedOpened")
    assert event.subject == need.id


def test_every_fault_of_a_need_is_told_at_once(market: Market) -> None:
    """A processor would be sent back once for each field that is wrong."""
    told = refusal(
        market,
        site_id=market.parties["distant"].site_id,
        kg=0,
        price=Decimal("0.001"),
        valid_to=date(2026, 11, 19),
        mode=Mode.STORE,
    )
    assert rules_of(told) == {"P5.mass", "P1.price_form", "W4.window", "L1.mode_not_covered", "forbidden"}
    assert fields_of(told) == ["kg", "price", "receiver", "site_id", "valid_to"]
    assert rules_of(refusal(market, code="900-999-08", kg=-1)) == {"C1.unknown_code", "P5.mass"}


def relicense(market: Market, **changes: object) -> None:
    """Change the processor's licences as an administrator would."""
    with market.work() as work:
        held = select(LicenceRow).where(LicenceRow.organisation_id == market.parties["processor"].id)
        for row in work.session.scalars(held):
            for name, value in changes.items():
                setattr(row, name, value)


def test_a_need_wants_a_licence_that_covers_it_today(market: Market) -> None:
    """Hazardous waste would be offered a place that may not take it."""
    day = timedelta(days=1)
    relicense(market, valid_to=market.at.date() - day)
    assert rules_of(refusal(market)) == {"L3.expired"}
    relicense(market, valid_to=market.at.date() + 9 * day, valid_from=market.at.date() + day)
    assert rules_of(refusal(market)) == {"L3.not_yet_valid"}
    relicense(market, kind="road")
    assert rules_of(refusal(market)) == {"L1.no_licence"}
    assert rules_of(refusal(market, code=PAPER)) == {"L13.contractor_unverified"}


def test_only_a_processor_opens_needs(market: Market) -> None:
    """Producers would be matched with somebody who treats no waste."""
    for who in ("producer", "carrier", "inspector", "operator"):
        assert isinstance(refusal(market, who), Forbidden)


def test_a_closed_need_takes_nothing_more(market: Market) -> None:
    """A processor would be bound by an offer that it has ended."""
    need_id = market.open_need("processor")
    with pytest.raises(NotFound), market.work("distant") as work:
        service.close_need(work, need_id)
    with market.work("processor") as work:
        row = service.close_need(work, need_id)
        with pytest.raises(Conflict) as caught:
            service.take(row, 1)
    assert caught.value.values["left_kg"] == 0
    assert not market.get(Need, need_id).open


def test_a_need_takes_no_more_than_it_says(market: Market) -> None:
    """A processor would be sent more than it has room for."""
    need_id = market.open_need("processor", kg=1_000)
    with market.work() as work:
        row = queries.locked(work.session, need_id)
        with pytest.raises(Conflict):
            service.take(row, 1_001)
        service.take(row, 1_000)
    assert market.get(Need, need_id).left_kg == 0


def test_everybody_sees_the_needs_that_concern_them(market: Market) -> None:
    """A processor would read its competitor's gate price, or a producer find no taker."""
    open_, closed = market.open_need("processor"), market.open_need("distant")
    with market.work("distant") as work:
        service.close_need(work, closed)

    def seen(who: str) -> set[object]:
        return {need.id for need in market.rows(queries.visible_to(market.parties[who].who))}

    assert seen("producer") == {open_}
    assert seen("processor") == {open_}
    assert seen("distant") == {closed}
    assert seen("carrier") == set()
    assert market.rows(queries.visible_to(market.drivers[0])) == []
    assert seen("inspector") == seen("operator") == {open_, closed}
