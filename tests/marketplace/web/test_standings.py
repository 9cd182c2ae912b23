"""Is everybody told why a lot, an offer or a deal does not move on, with all reasons at once?"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from compliance.manifests.rules import Act
from compliance.record.who import SYSTEM, Who
from compliance.registry import standing
from compliance.registry.rules import OrganisationKind
from compliance.registry.standing import Order
from compliance.registry.tables import LicenceLineRow, LicenceRow, Organisation
from marketplace.deals.tables import Deal
from marketplace.edge.problems import Reason, Standing
from marketplace.lots import service as lots
from marketplace.lots.tables import Lot
from marketplace.matches.tables import Match
from marketplace.web import standings
from marketplace.web.translation import Language
from tests.factories.trade import OIL, Market


def of_lot(market: Market, lot_id: UUID, who: Who | str = "producer") -> Standing:
    """Ask about a lot."""
    with market.work(who) as work:
        return standings.of_lot(work, work.session.get_one(Lot, lot_id), Language.EN)


def of_match(market: Market, match_id: UUID, who: Who | str = "producer") -> Standing:
    """Ask about an offer."""
    with market.work(who) as work:
        return standings.of_match(work, work.session.get_one(Match, match_id), Language.EN)


def of_deal(market: Market, deal_id: UUID, who: Who | str = "producer") -> Standing:
    """Ask about a deal."""
    with market.work(who) as work:
        return standings.of_deal(work, work.session.get_one(Deal, deal_id), Language.EN)


def rules(found: list[Reason]) -> list[str]:
    """Return by which rules, or codes where no rule stands behind it, something is said."""
    return [one.rule or one.code for one in found]


def suspend(market: Market, who: str) -> None:
    """Bar a party from today on."""
    with market.work(SYSTEM) as work:
        standing.suspend(work, market.parties[who].id, Order("under inquiry", work.today))


def test_a_lot_on_the_market_is_free_and_its_holder_warned(market: Market) -> None:
    """A producer would look for a fault where there is none, and not see what is missing (M5)."""
    lot_id = market.list_lot()
    market.idle()
    told = of_lot(market, lot_id)
    assert (told.act, told.allowed, told.reasons) == ("offer", True, [])
    assert "M5.no_plan" in rules(told.warnings)
    assert all(one.way_out for one in told.warnings)


def test_a_lot_is_told_everything_that_keeps_it(market: Market) -> None:
    """A producer would have the suspension lifted, and find the lot's window over (A1, W4)."""
    lot_id = market.list_lot()
    suspend(market, "producer")
    with market.work() as work:
        work.session.get_one(Organisation, market.parties["producer"].id).wanted = [OrganisationKind.PRODUCER]
    market.forward(days=10)
    assert rules(of_lot(market, lot_id).reasons) == ["W4.window", "A1.not_approved", "A1.suspended"]
    with market.work("producer") as work:
        lots.withdraw_lot(work, lot_id)
    assert rules(of_lot(market, lot_id).reasons)[0] == "lot_state"


def test_a_lot_that_nobody_can_take_says_what_its_nearest_takers_lack(market: Market) -> None:
    """A producer would read that all is well, and wait."""
    with market.work() as work:
        for row in work.session.scalars(select(LicenceRow)):
            row.modes = []
    lot_id = market.list_lot()
    market.idle()
    told = of_lot(market, lot_id)
    assert not told.allowed
    assert all(one.code.startswith("match.") and one.detail and one.way_out for one in told.reasons)


def test_an_offer_is_asked_by_the_very_gates_of_its_acceptance(market: Market) -> None:
    """An offer would look good until it is accepted, or its faults come one by one (L1, L4, L9, A1)."""
    lot_id = market.list_lot()
    market.idle()
    match = market.matches(lot_id)[0]
    fine = of_match(market, match.id)
    assert (fine.act, fine.allowed, fine.reasons) == ("accept", True, [])
    with market.work() as work:
        for line in work.session.scalars(select(LicenceLineRow).where(LicenceLineRow.code == OIL)):
            line.yearly_kg = 19_999
        for row in work.session.scalars(select(LicenceRow)):
            row.modes = []
            row.classes = []
    suspend(market, "carrier")
    told = of_match(market, match.id)
    assert set(rules(told.reasons)) == {
        "L1.mode_not_covered",
        "L4.quota_exceeded",
        "L9.class_not_covered",
        "A1.suspended",
    }
    assert all(one.article and one.way_out for one in told.reasons)


def test_an_offer_warns_of_a_year_nearly_full_and_keeps_the_plan_to_its_holder(market: Market) -> None:
    """A producer would not hear that the receiver is almost full; a rival would read its plan (L4, M5)."""
    lot_id = market.list_lot()
    market.idle()
    match = market.matches(lot_id)[0]
    with market.work() as work:
        for line in work.session.scalars(select(LicenceLineRow).where(LicenceLineRow.code == OIL)):
            line.yearly_kg = 24_000
    told = of_match(market, match.id)
    assert told.allowed
    assert {"L4.quota_near", "M5.no_plan"} <= set(rules(told.warnings))
    assert rules(of_match(market, match.id, "processor").warnings) == ["L4.quota_near"]
    market.accept(match.id)
    assert {"lot_taken", "vehicle_taken", "match_gone"} <= set(rules(of_match(market, match.id).reasons))


def test_a_deal_says_what_stands_against_its_next_act(market: Market) -> None:
    """A producer would see a deal that does not move, and not whose paper has run out (L3, L9)."""
    deal_id = market.agree()
    assert (of_deal(market, deal_id).act, of_deal(market, deal_id).allowed) == ("issue", True)
    assert "M5.no_plan" in rules(of_deal(market, deal_id).warnings)
    assert of_deal(market, deal_id, "carrier").warnings == []
    with market.work() as work:
        for row in work.session.scalars(select(LicenceRow)):
            row.modes = []
            row.classes = []
    told = of_deal(market, deal_id)
    assert rules(told.reasons) == ["L1.mode_not_covered", "L9.class_not_covered"]
    assert not told.allowed
    market.sign(deal_id, Act.CANCEL, "producer")
    market.idle()
    ended = of_deal(market, deal_id)
    assert (ended.act, rules(ended.reasons)) == ("", ["deal_state"])
