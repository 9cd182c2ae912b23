"""Is an accepted match binding, lawful, and never given twice?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select

from compliance.record.errors import Conflict, DomainError, NotFound
from compliance.registry.tables import LicenceDraw, LicenceLineRow, LicenceRow, Site
from marketplace.deals import queries
from marketplace.deals.rules import State
from marketplace.deals.tables import Deal
from marketplace.lots.rules import State as LotState
from marketplace.lots.tables import Lot
from marketplace.matches.rules import State as MatchState
from marketplace.matches.tables import Match
from marketplace.needs.tables import Need
from tests.factories.trade import OIL, Market, open_market, rules_of

WINNER = "won"


def together(*acts: Callable[[], object]) -> list[str]:
    """Do acts at the same time, each in its own thread, and return how each came out."""
    ready = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        ready.wait()
        try:
            act()
        except DomainError as refusal:
            return refusal.code
        return WINNER

    with ThreadPoolExecutor(len(acts)) as threads:
        return sorted(threads.map(run, acts))


def balance_of(market: Market) -> dict[str, int]:
    """Return what is left, booked and agreed in the whole market, kilograms."""
    with market.work() as work:
        total = lambda column: int(work.session.scalar(select(func.sum(column))) or 0)  # noqa: E731
        return {
            "lots": total(Lot.left_kg),
            "needs": total(Need.left_kg),
            "licences": total(LicenceDraw.kg),
            "deals": total(Deal.kg),
        }


def offered(market: Market, *producers: str) -> list[UUID]:
    """List a lot for each producer and return the best match of each."""
    lots = [market.list_lot(producer) for producer in producers]
    market.idle()
    return [market.matches(lot_id)[0].id for lot_id in lots]


def refusal(market: Market, match_id: UUID, who: str = "producer") -> DomainError:
    """Return why a match cannot be accepted, having made sure that trying left nothing."""
    before = balance_of(market)
    with pytest.raises(DomainError) as caught:
        market.accept(match_id, who)
    assert balance_of(market) == before
    assert market.events("DealAgreed") == []
    return caught.value


def test_accepting_binds_lot_need_vehicle_and_licence(market: Market) -> None:
    """A producer would have agreed to nothing in particular."""
    (match_id,) = offered(market, "producer")
    deal = market.get(Deal, market.accept(match_id))
    match = market.get(Match, match_id)
    state, lot, need = market.standing(deal.id)
    assert (state, match.state, lot.state) == (State.AGREED, MatchState.ACCEPTED, LotState.AGREED)
    assert (deal.kg, lot.left_kg, need.left_kg) == (20_000, 0, 280_000)
    assert (deal.price, deal.freight_fen, deal.vehicle_id) == (
        match.price,
        match.freight_fen,
        match.vehicle_id,
    )
    (draw,) = market.rows(select(LicenceDraw))
    assert (draw.deal_id, draw.kg, draw.confirmed) == (deal.id, 20_000, False)
    (event,) = market.events("DealAgreed")
    assert event.data["terms_hash"] == deal.terms_hash
    assert event.person_id == market.parties["producer"].who.person_id


def test_two_producers_who_want_one_truck_do_not_both_get_it(engine: Engine) -> None:
    """Two gates would wait for the same truck."""
    market = open_market(engine, vehicles=1)
    mine, other = offered(market, "producer", "neighbour")
    came = together(lambda: market.accept(mine), lambda: market.accept(other, "neighbour"))
    assert came == sorted([WINNER, "vehicle_taken"])
    assert balance_of(market) == {"lots": 20_000, "needs": 580_000, "licences": 20_000, "deals": 20_000}
    (deal,) = market.rows(select(Deal))
    loser = next(lot for lot in market.rows(select(Lot)) if lot.id != deal.lot_id)
    assert (loser.state, loser.left_kg) == (LotState.LISTED, 20_000)


def test_one_match_is_accepted_once(market: Market) -> None:
    """A double click would sell the same waste twice."""
    (match_id,) = offered(market, "producer")
    came = together(*[lambda: market.accept(match_id)] * 3)
    assert came == sorted([WINNER, "match_gone", "match_gone"])
    assert balance_of(market) == {"lots": 0, "needs": 580_000, "licences": 20_000, "deals": 20_000}


def test_two_matches_of_one_lot_do_not_sell_it_twice(market: Market) -> None:
    """Both processors would expect the same drums."""
    lot_id = market.list_lot()
    market.idle()
    best, second = market.matches(lot_id)
    came = together(lambda: market.accept(best.id), lambda: market.accept(second.id))
    assert came == sorted([WINNER, "match_gone"])
    assert balance_of(market)["deals"] == 20_000


def test_a_need_takes_no_more_than_it_has_room_for(market: Market) -> None:
    """A processor would be bound to take more than it asked for."""
    with market.work() as work:
        for row in work.session.scalars(select(Need)):
            row.left_kg = 30_000
    first, second = offered(market, "producer", "neighbour")
    with market.work() as work:
        work.session.get_one(Match, second).vehicle_id = market.vehicles[1]
        work.session.get_one(Match, first).vehicle_id = market.vehicles[0]
    came = together(lambda: market.accept(first), lambda: market.accept(second, "neighbour"))
    assert came == sorted([WINNER, "need_taken"])
    assert balance_of(market) == {"lots": 20_000, "needs": 40_000, "licences": 20_000, "deals": 20_000}


def test_the_licence_is_booked_or_the_deal_is_refused(market: Market) -> None:
    """A processor would take more in a year than its licence allows (L4)."""
    (match_id,) = offered(market, "producer")
    with market.work() as work:
        for line in work.session.scalars(select(LicenceLineRow).where(LicenceLineRow.code == OIL)):
            line.yearly_kg = 19_999
    assert rules_of(refusal(market, match_id)) == {"L4.quota_exceeded"}


def test_a_licence_that_ran_out_since_the_match_stops_the_deal(market: Market) -> None:
    """A carrier or a processor would act without a licence, because it had one yesterday (L3, L9)."""
    (match_id,) = offered(market, "producer")
    with market.work() as work:
        for row in work.session.scalars(select(LicenceRow)):
            row.valid_to = work.today - timedelta(days=1)
    told = refusal(market, match_id)
    assert rules_of(told) == {"L3.expired", "L9.expired"}
    assert {one.field for one in told.errors} == {"receiver", "carrier"}  # type: ignore[attr-defined]
    with market.work() as work:
        for row in work.session.scalars(select(LicenceRow).where(LicenceRow.kind == "dangerous_goods")):
            row.valid_to = work.today
            row.classes = ["3"]
    assert rules_of(refusal(market, match_id)) == {"L3.expired", "L9.class_not_covered"}


def test_a_full_licence_is_told_with_all_the_rest(market: Market) -> None:
    """A producer would wait for a later window, and then hear that the receiver's year is full (L4, W4)."""
    (match_id,) = offered(market, "producer")
    with market.work() as work:
        for line in work.session.scalars(select(LicenceLineRow).where(LicenceLineRow.code == OIL)):
            line.yearly_kg = 19_999
        for row in work.session.scalars(select(LicenceRow)):
            row.modes = []
            row.classes = []
    market.forward(days=10)
    wanted = {"L1.mode_not_covered", "L4.quota_exceeded", "L9.class_not_covered", "W4.window"}
    assert rules_of(refusal(market, match_id)) == wanted


def test_hazardous_waste_does_not_leave_its_province_without_approval(market: Market) -> None:
    """A producer would commit an offence by a click (X1)."""
    (match_id,) = offered(market, "producer")
    with market.work() as work:
        for row in work.session.scalars(select(Site)):
            if row.organisation_id == market.parties["processor"].id:
                row.division_code = "410100"
    assert rules_of(refusal(market, match_id)) == {"X1.approval_missing"}


def test_offers_end_with_their_windows(market: Market) -> None:
    """A truck would come after the lot's last day, or the processor be bound after its own (W4)."""
    (match_id,) = offered(market, "producer")
    market.forward(days=10)
    assert refusal(market, match_id).field == "ready_to"
    market.forward(days=91)
    told = refusal(market, match_id)
    assert rules_of(told) == {"W4.window"}
    assert {one.field for one in told.errors} == {"ready_to", "valid_to"}  # type: ignore[attr-defined]


def test_nobody_sells_anothers_lot(market: Market) -> None:
    """A competitor could bind a producer to a deal."""
    (match_id,) = offered(market, "producer")
    for who in ("neighbour", "processor", "carrier", "inspector", "operator"):
        assert isinstance(refusal(market, match_id, who), NotFound)


def test_an_unknown_match_is_not_found(market: Market) -> None:
    """A mistyped address would end in a crash."""
    assert isinstance(refusal(market, UUID(int=7)), NotFound)


def test_everybody_sees_their_own_deals(market: Market) -> None:
    """A competitor would read who sells what to whom, at which price."""
    deal_id = market.accept(offered(market, "producer")[0])

    def seen(who: str) -> set[UUID]:
        return {deal.id for deal in market.rows(queries.visible_to(market.parties[who].who))}

    for party in ("producer", "processor", "carrier", "inspector", "operator"):
        assert seen(party) == {deal_id}
    for stranger in ("neighbour", "distant"):
        assert seen(stranger) == set()
    with pytest.raises(NotFound), market.work("distant") as work:
        queries.deal(work.session, deal_id, work.who)
    with market.work("carrier") as work:
        assert queries.counts(work.session, work.who) == {"agreed": 1}


def test_a_second_accept_says_the_match_is_gone(market: Market) -> None:
    """A producer would be told that something broke, and not where to look."""
    (match_id,) = offered(market, "producer")
    market.accept(match_id)
    with pytest.raises(Conflict) as caught:
        market.accept(match_id)
    assert caught.value.code == "match_gone"
    assert caught.value.way_out
