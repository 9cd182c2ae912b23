"""Who may list, change and withdraw which lots?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from compliance.catalogue import service as catalogue
from compliance.record.errors import Conflict, DomainError, Forbidden, NotFound
from compliance.record.who import Role
from marketplace.lots import queries, service
from marketplace.lots.rules import State
from marketplace.lots.tables import Lot
from tests.factories.trade import OIL, Market, fields_of, rules_of
from tests.factories.traders import PAPER


def refusal(market: Market, who: str = "producer", **draft: object) -> DomainError:
    """Return why a draft is not listed, having made sure that it left nothing."""
    with pytest.raises(DomainError) as caught, market.work(who) as work:
        service.list_lot(work, market.draft(**draft))
    assert market.rows(select(Lot)) == []
    return caught.value


def test_a_listed_lot_stands_in_the_market(market: Market) -> None:
    """A producer's waste would find no taker, or be shown as something it is not."""
    lot = market.get(Lot, market.list_lot(price=Decimal("-2500.5")))
    assert (lot.state, lot.kg, lot.left_kg, lot.price) == (State.LISTED, 20_000, 20_000, Decimal("-2500.50"))
    assert (lot.code, lot.edition, lot.hazardous) == (OIL, "HW2025", True)
    (event,) = market.events("LotListed")
    assert (event.subject, event.data["kg"]) == (lot.id, 20_000)


def test_every_fault_of_a_draft_is_told_at_once(market: Market) -> None:
    """A producer would be sent back once for each field that is wrong."""
    told = refusal(
        market,
        site_id=market.parties["neighbour"].site_id,
        code="900-999-08",
        kg=-5,
        ready_to=market.at,
        price=Decimal("NaN"),
    )
    assert rules_of(told) == {"C1.unknown_code", "P5.mass", "W4.window", "P1.price_form", "forbidden"}
    assert fields_of(told) == ["code", "kg", "price", "ready_to", "site_id"]


def test_nobody_lists_on_anothers_site(market: Market) -> None:
    """A truck would be sent to a gate whose owner knows nothing of it."""
    told = refusal(market, site_id=market.parties["neighbour"].site_id)
    assert isinstance(told, Forbidden)
    assert told.field == "site_id"


def test_only_a_producer_lists(market: Market) -> None:
    """An inspector or a carrier would trade in waste that they do not hold."""
    for who in ("processor", "carrier", "inspector", "operator"):
        assert isinstance(refusal(market, who), Forbidden)


def test_a_code_out_of_force_is_refused_with_its_last_day(market: Market) -> None:
    """Hazardous waste would move under a name that the law no longer knows."""
    with market.work() as work:
        catalogue.withdraw(work, "HW2025", OIL, work.today - timedelta(days=1))
    told = refusal(market)
    assert rules_of(told) == {"C1.code_not_in_force"}
    assert told.values["valid_to"] == "2026-11-19"
    assert rules_of(refusal(market, code="rubbish")) == {"C1.bad_form"}


def test_a_changed_lot_loses_what_was_proposed_for_its_former_self(market: Market) -> None:
    """A producer would sell paper at the price that a processor offered for waste oil."""
    lot_id = market.list_lot()
    market.idle()
    stale = market.matches(lot_id)[0]
    with market.work("producer") as work:
        service.change_lot(work, lot_id, market.draft(code=PAPER, kg=5_000, price=None))
    assert market.matches(lot_id) == []
    with pytest.raises(Conflict) as caught:
        market.accept(stale.id)
    assert caught.value.code == "match_gone"
    lot = market.get(Lot, lot_id)
    assert (lot.code, lot.hazardous, lot.kg, lot.left_kg, lot.price) == (PAPER, False, 5_000, 5_000, None)


def test_a_lot_of_which_a_part_is_agreed_stays_as_it_is(market: Market) -> None:
    """A processor would be bound to take something else than was agreed."""
    market.agree(kg=50_000)
    (lot,) = market.rows(select(Lot))
    assert (lot.state, lot.left_kg) == (State.LISTED, 20_000)
    with pytest.raises(Conflict) as caught, market.work("producer") as work:
        service.change_lot(work, lot.id, market.draft())
    assert caught.value.code == "lot_agreed"


def test_a_withdrawn_lot_is_off_the_market_with_its_matches(market: Market) -> None:
    """A producer would be bound by a lot that was taken back."""
    lot_id = market.list_lot()
    market.idle()
    match = market.matches(lot_id)[0]
    with market.work("producer") as work:
        service.withdraw_lot(work, lot_id)
    assert market.get(Lot, lot_id).state == State.WITHDRAWN
    for act in (lambda: market.accept(match.id), lambda: withdraw(market, "producer", lot_id)):
        with pytest.raises(Conflict):
            act()


def withdraw(market: Market, who: str, lot_id: object) -> None:
    """Withdraw a lot as somebody."""
    with market.work(who) as work:
        service.withdraw_lot(work, lot_id)  # type: ignore[arg-type]


def test_nobody_withdraws_or_changes_anothers_lot(market: Market) -> None:
    """A competitor could take a lot off the market."""
    lot_id = market.list_lot()
    for who in ("neighbour", "processor", "carrier", "inspector"):
        with pytest.raises(NotFound):
            withdraw(market, who, lot_id)
        with pytest.raises(NotFound), market.work(who) as work:
            service.change_lot(work, lot_id, market.draft())


def seen(market: Market, who: str) -> set[object]:
    """Return which lots somebody sees."""
    return {lot.id for lot in market.rows(queries.visible_to(market.parties[who].who))}


def test_everybody_sees_the_lots_that_concern_them(market: Market) -> None:
    """A competitor would read a producer's stock and price, or a party would miss its own load."""
    gone, open_, dealt = market.list_lot(), market.list_lot("neighbour"), market.list_lot()
    withdraw(market, "producer", gone)
    market.idle()
    market.accept(market.matches(dealt)[0].id)
    everything = {gone, open_, dealt}
    assert seen(market, "producer") == {gone, dealt}
    assert seen(market, "neighbour") == {open_}
    assert seen(market, "processor") == {open_, dealt}
    assert seen(market, "distant") == {open_}
    assert seen(market, "carrier") == {dealt}
    assert {lot.id for lot in market.rows(queries.visible_to(market.drivers[0]))} == {dealt}
    assert seen(market, "inspector") == seen(market, "operator") == everything


def test_counts_are_of_what_one_sees(market: Market) -> None:
    """A page would tell a neighbour how many lots somebody else has."""
    market.list_lot()
    with market.work("neighbour") as work:
        assert queries.counts(work.session, work.who) == {}
        with pytest.raises(NotFound):
            queries.lot(work.session, market.rows(select(Lot))[0].id, work.who)
    with market.work("producer") as work:
        assert work.who.has(Role.PRODUCER)
        assert queries.counts(work.session, work.who) == {"listed": 1}
