"""Do producers see the right matches, ranked and reasoned, and only those that still stand?"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from compliance.catalogue import service as catalogue
from compliance.record.database import reading
from compliance.registry import bookings
from compliance.registry.tables import LicenceLineRow, LicenceRow
from marketplace.lots import service as lots
from marketplace.matches import queries, service
from marketplace.matches.rules import State, freight_fen
from marketplace.matches.tables import Match, Outlook
from marketplace.needs import service as needs
from matching.reasons import NUMBERS, ReasonCode
from tests.factories.trade import OIL, Market
from tracking.fleet.tables import Vehicle


def offered_by(market: Market, lot_id: UUID) -> list[str]:
    """Return who offers to take a lot, best first."""
    return [market.name_of(match.processor_id) for match in market.matches(lot_id)]


def outlook(market: Market, lot_id: UUID) -> Outlook:
    """Return what came of looking at a lot."""
    with reading(market.engine) as session:
        found = queries.outlook(session, lot_id)
    assert found is not None
    return found


def refused(market: Market, lot_id: UUID) -> set[str]:
    """Return the codes of the reasons for which nobody takes a lot."""
    return {reason["code"] for one in outlook(market, lot_id).refusals for reason in one["reasons"]}


def test_a_listed_lot_is_matched_and_ranked_with_reasons(market: Market) -> None:
    """A producer would not know who takes the waste, who is the best of them, and why."""
    lot_id = market.list_lot()
    market.idle()
    best, second = market.matches(lot_id)
    assert [market.name_of(one.processor_id) for one in (best, second)] == ["processor", "distant"]
    assert (best.rank, second.rank, best.kg, best.price) == (1, 2, 20_000, Decimal(-2300))
    assert best.score > second.score
    assert best.metres < second.metres
    assert best.freight_fen > 0
    codes = {reason["code"] for reason in best.reasons}
    assert {ReasonCode.BEST_PRICE, ReasonCode.NEAREST, ReasonCode.ABOVE_EXPECTATION} <= codes
    assert all(reason["number"] == NUMBERS[ReasonCode(reason["code"])] for reason in best.reasons)
    (event,) = market.events("MatchProposed")
    assert event.data["matches"] == [str(best.id), str(second.id)]


def test_a_lot_goes_in_loads_that_the_vehicle_can_carry(market: Market) -> None:
    """A 30-tonne truck would be sent for a hundred tonnes."""
    lot_id = market.list_lot(kg=100_000)
    market.idle()
    assert {match.kg for match in market.matches(lot_id)} == {30_000}


def test_an_expired_licence_takes_nothing_and_the_producer_is_told(market: Market) -> None:
    """Hazardous waste would be promised to a place whose licence has run out, or vanish without a word."""
    with market.work() as work:
        for row in work.session.scalars(select(LicenceRow).where(LicenceRow.kind == "comprehensive")):
            row.valid_to = work.today - timedelta(days=1)
    lot_id = market.list_lot()
    market.idle()
    assert market.matches(lot_id) == []
    assert refused(market, lot_id) == {ReasonCode.CODE_NOT_LICENSED}
    assert outlook(market, lot_id).found == 0
    (event,) = market.events("MatchFailed")
    assert event.subject == lot_id


def test_a_used_up_licence_takes_nothing_and_the_producer_is_told(market: Market) -> None:
    """A processor would be sent more in a year than its licence allows (L4)."""
    with market.work() as work:
        for line in work.session.scalars(select(LicenceLineRow).where(LicenceLineRow.code == OIL)):
            line.yearly_kg = 20_000
    with market.work() as work:
        waste = catalogue.require(work, OIL, work.today, "code")
        for name in ("processor", "distant"):
            bookings.book(work, market.parties[name].id, work.new_id(), waste, market.need().mode, 20_000)
    lot_id = market.list_lot()
    market.idle()
    assert market.matches(lot_id) == []
    assert refused(market, lot_id) == {ReasonCode.QUOTA_EXHAUSTED}


def test_a_vehicle_whose_permit_has_lapsed_is_not_proposed(market: Market) -> None:
    """Hazardous waste would be put on the road in a truck that may not carry it (L9)."""
    with market.work() as work:
        lapsed = work.session.get_one(Vehicle, market.vehicles[0])
        lapsed.permit_to = work.today - timedelta(days=1)
    lot_id = market.list_lot()
    market.idle()
    assert {match.vehicle_id for match in market.matches(lot_id)} == {market.vehicles[1]}


def test_a_changed_lot_is_matched_anew(market: Market) -> None:
    """A producer would accept what was offered for a lot that is no longer the same."""
    lot_id = market.list_lot()
    market.idle()
    former = market.matches(lot_id)
    with market.work("producer") as work:
        lots.change_lot(work, lot_id, market.draft(kg=8_000))
    market.idle()
    assert {match.kg for match in market.matches(lot_id)} == {8_000}
    assert {market.get(Match, one.id).state for one in former} == {State.SUPERSEDED}


def test_what_was_ranked_before_a_change_is_not_proposed_after_it(market: Market) -> None:
    """A slow ranking would put offers for the former lot beside the new one."""
    lot_id = market.list_lot()
    with reading(market.engine) as session:
        ranked = service.work_out(session, [lot_id], market.at)
    with market.work("producer") as work:
        lots.change_lot(work, lot_id, market.draft(kg=8_000))
    with market.work() as work:
        service.propose(work, ranked)
    assert market.matches(lot_id) == []
    market.idle()
    assert {match.kg for match in market.matches(lot_id)} == {8_000}


def test_a_better_need_is_proposed_for_lots_that_have_matches(market: Market) -> None:
    """A producer would never hear of the processor that pays more."""
    lot_id = market.list_lot()
    market.idle()
    market.open_need("distant", price=Decimal(200))
    market.idle()
    assert offered_by(market, lot_id) == ["distant", "processor", "distant"]


def test_a_closed_need_is_off_offer(market: Market) -> None:
    """A producer would be shown an offer that cannot be accepted."""
    lot_id = market.list_lot()
    market.idle()
    with market.work("processor") as work:
        needs.close_need(work, market.needs["processor"])
    market.idle()
    assert offered_by(market, lot_id) == ["distant"]


def test_a_taken_vehicle_is_proposed_to_nobody_else(market: Market) -> None:
    """Two producers would be promised the same truck."""
    mine, other = market.list_lot(), market.list_lot("neighbour")
    market.idle()
    taken = market.matches(mine)[0]
    assert taken.vehicle_id in {match.vehicle_id for match in market.matches(other)}
    market.accept(taken.id)
    market.idle()
    assert {match.vehicle_id for match in market.matches(other)} == set(market.vehicles) - {taken.vehicle_id}


def test_a_lot_without_a_vehicle_is_matched_once_one_is_free(market: Market) -> None:
    """A producer would wait for ever, although trucks have come home."""
    first = market.agree()
    market.agree("neighbour")
    waiting = market.list_lot()
    market.idle()
    assert market.matches(waiting) == []
    assert refused(market, waiting) == {ReasonCode.NO_VEHICLE}
    market.deliver(first, 20_000, 20_000)
    market.receive(first, 20_000)
    assert offered_by(market, waiting) == ["processor", "distant"]


def test_a_lot_that_is_used_up_leaves_nothing_on_offer(market: Market) -> None:
    """A producer could sell the same tonnes twice."""
    lot_id = market.list_lot()
    market.idle()
    best, second = market.matches(lot_id)
    market.accept(best.id)
    assert market.matches(lot_id) == []
    assert [market.get(Match, one.id).state for one in (best, second)] == [State.ACCEPTED, State.SUPERSEDED]


@given(st.integers(0, 10_000_000), st.integers(0, 100_000_000))
def test_freight_is_rounded_half_up(per_tonne_fen: int, kg: int) -> None:
    """A carrier would lose half a fen on every second load (S1)."""
    exact = per_tonne_fen * kg
    assert freight_fen(Decimal(per_tonne_fen) / 100, kg) == (exact + 500) // 1000
