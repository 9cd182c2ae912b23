"""Is a received load settled and paid once, wholly, by those who owe it?"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DatabaseError

from compliance.record.database import reading, transaction
from compliance.record.errors import DomainError, Forbidden, NotFound, RuleBroken
from marketplace.deals import service as deals
from marketplace.deals.rules import Act as DealAct
from marketplace.deals.tables import Deal
from marketplace.settlements import journal, queries, service
from marketplace.settlements.rules import AccountKind, LineKind, Posting, State
from marketplace.settlements.tables import JournalEntry, JournalLine
from tests.factories.trade import FUNDS_FEN, Market


def received(market: Market, price: str = "-2300", kg: int = 30_060, disputed: int = 0) -> UUID:
    """Agree a deal and settle its load without driving it; return the deal."""
    deal_id = market.agree(price=None)
    with market.work() as work:
        work.session.get_one(Deal, deal_id).price = Decimal(price)
        deal = deals.move(work, deal_id, DealAct.RECEIVE)
        assert deal is not None
        service.draw_up(work, deal, market.manifest(deal_id).id, kg, disputed)
    return deal_id


def funds(market: Market, who: str, account: AccountKind = AccountKind.AVAILABLE) -> int:
    """Return a party's balance in fen."""
    with reading(market.engine) as session:
        return journal.balance(session, market.parties[who].id, account)


def total(market: Market) -> int:
    """Return the sum of all accounts."""
    with reading(market.engine) as session:
        return sum(journal.sums(session).values())


def entries(market: Market) -> int:
    """Return how many entries the journal has."""
    return len(market.rows(select(JournalEntry)))


def owed(market: Market, deal_id: UUID) -> dict[str, int]:
    """Return what each line of a deal's settlement is over, fen."""
    return {line.kind: line.fen for line in market.settlement(deal_id).lines}


def test_a_received_load_makes_everybody_owe(market: Market) -> None:
    """Producer, processor and carrier would each reckon for themselves (S4)."""
    deal_id = received(market, disputed=40)
    freight = market.get(Deal, deal_id).freight_fen
    assert owed(market, deal_id) == {
        LineKind.WASTE: 6_913_800,
        LineKind.FREIGHT: freight,
        LineKind.FEE: 34_569,
    }
    row = market.settlement(deal_id)
    assert (row.state, row.kg, row.disputed_kg) == (State.DUE, 30_060, 40)
    assert funds(market, "producer", AccountKind.PAYABLE) == -(6_913_800 + freight + 34_569)
    assert funds(market, "processor", AccountKind.RECEIVABLE) == 6_913_800
    assert funds(market, "carrier", AccountKind.RECEIVABLE) == freight
    assert total(market) == 0
    (event,) = market.events("SettlementDue")
    assert event.data["kg"] == 30_060


def test_the_payer_pays_and_the_deal_is_settled(market: Market) -> None:
    """Money would be owed for ever, or taken twice."""
    deal_id = received(market)
    sums = owed(market, deal_id)
    market.pay(deal_id, "producer")
    market.idle()
    assert market.settlement(deal_id).state == State.PAID
    assert market.standing(deal_id)[0] == "settled"
    assert funds(market, "producer") == FUNDS_FEN - sum(sums.values())
    assert funds(market, "processor") == FUNDS_FEN + sums[LineKind.WASTE]
    assert funds(market, "carrier") == sums[LineKind.FREIGHT]
    assert total(market) == 0
    with pytest.raises(DomainError) as caught:
        market.pay(deal_id, "producer")
    assert caught.value.code == "already_paid"
    assert len(market.events("LinePaid")) == 3
    assert len(market.events("SettlementPaid")) == 1


def test_both_sides_pay_their_own_part(market: Market) -> None:
    """A processor who pays for waste would be billed for the producer's freight too."""
    deal_id = received(market, price="800")
    market.pay(deal_id, "processor")
    assert market.settlement(deal_id).state == State.DUE
    assert funds(market, "processor") == FUNDS_FEN - 2_404_800
    market.pay(deal_id, "producer")
    assert market.settlement(deal_id).state == State.PAID
    assert total(market) == 0


def test_a_stranger_sees_and_pays_nothing(market: Market) -> None:
    """Prices between two parties would be read by a third."""
    deal_id = received(market)
    settlement_id = market.settlement(deal_id).id
    for who in ("neighbour", "distant", "inspector"):
        with pytest.raises(NotFound):
            market.pay(deal_id, who)
        with market.work(who) as work:
            assert queries.by_deals(work.session, [deal_id], work.who) == {}
            with pytest.raises(NotFound):
                queries.settlement(work.session, settlement_id, work.who)


def test_a_party_that_is_owed_has_nothing_to_pay(market: Market) -> None:
    """A carrier could mark a producer's debt as paid."""
    deal_id = received(market)
    for who in ("carrier", "processor", "operator"):
        with pytest.raises(Forbidden):
            market.pay(deal_id, who)


def test_each_party_sees_its_own_lines(market: Market) -> None:
    """A carrier would read what the waste cost."""
    deal_id = received(market)
    seen = {}
    for who in ("producer", "processor", "carrier", "operator"):
        with market.work(who) as work:
            row = queries.by_deals(work.session, [deal_id], work.who)[deal_id]
            seen[who] = {line.kind for line in queries.lines_seen(row, work.who)}
    everything = {LineKind.WASTE, LineKind.FREIGHT, LineKind.FEE}
    assert seen["producer"] == seen["operator"] == everything
    assert (seen["processor"], seen["carrier"]) == ({LineKind.WASTE}, {LineKind.FREIGHT})


def test_who_has_too_little_pays_nothing_at_all(market: Market) -> None:
    """A settlement would stand half paid, with money gone and the debt still there."""
    deal_id = received(market, price="-3000", kg=33_000)
    before = entries(market), funds(market, "producer"), funds(market, "processor")
    with pytest.raises(RuleBroken) as caught:
        market.pay(deal_id, "producer")
    assert caught.value.rule == "S6.insufficient_funds"
    assert (entries(market), funds(market, "producer"), funds(market, "processor")) == before
    assert all(line.paid_at is None for line in market.settlement(deal_id).lines)
    assert market.events("LinePaid") == []
    market.fund("producer")
    market.pay(deal_id, "producer")
    assert market.settlement(deal_id).state == State.PAID


def together(*acts: Callable[[], object]) -> list[str]:
    """Do acts at the same time and return how each came out."""
    ready = Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        ready.wait()
        try:
            act()
        except DomainError as refusal:
            return refusal.code
        return "paid"

    with ThreadPoolExecutor(len(acts)) as threads:
        return sorted(threads.map(run, acts))


def test_two_clicks_pay_once(market: Market) -> None:
    """A payer who clicks twice would pay twice."""
    deal_id = received(market)
    sums = owed(market, deal_id)
    assert together(*[lambda: market.pay(deal_id, "producer")] * 3) == [
        "already_paid",
        "already_paid",
        "paid",
    ]
    assert funds(market, "producer") == FUNDS_FEN - sum(sums.values())
    assert len(market.events("LinePaid")) == 3
    assert len(market.events("SettlementPaid")) == 1


def test_both_payers_at_once_leave_it_paid(market: Market) -> None:
    """Each would see the other's line unpaid, and the settlement stand open for ever."""
    deal_id = received(market, price="800")
    came = together(lambda: market.pay(deal_id, "producer"), lambda: market.pay(deal_id, "processor"))
    assert came == ["paid", "paid"]
    assert market.settlement(deal_id).state == State.PAID
    assert len(market.events("SettlementPaid")) == 1
    assert total(market) == 0


def test_one_account_is_not_spent_twice(market: Market) -> None:
    """Two payments at once would each find the same money (S6)."""
    deal_ids = [received(market, price="-2300", kg=30_000), received(market, price="-2300", kg=30_000)]
    came = together(*[lambda deal_id=deal_id: market.pay(deal_id, "producer") for deal_id in deal_ids])
    assert came == ["S6", "paid"]
    assert funds(market, "producer") >= 0
    assert total(market) == 0


def test_the_same_intent_books_once(market: Market) -> None:
    """A repeated message of the bank would double a party's money."""
    reference = uuid4()
    for _ in range(2):
        with market.work() as work:
            service.fund(work, market.parties["producer"].id, 5_000, reference)
    assert funds(market, "producer") == FUNDS_FEN + 5_000
    assert len([event for event in market.events("FundsArrived") if event.data["fen"] == 5_000]) == 1


def test_an_entry_that_does_not_sum_to_zero_is_refused(market: Market) -> None:
    """Money would be made out of nothing (S6)."""
    before = entries(market)
    with pytest.raises(RuleBroken) as caught, market.work() as work:
        journal.book(work, "made", uuid4(), [Posting(None, AccountKind.FEE_INCOME, 1)])
    assert caught.value.rule == "S6.unbalanced"
    assert entries(market) == before


@pytest.mark.parametrize("model", [JournalEntry, JournalLine])
def test_the_journal_is_never_changed(market: Market, model: type) -> None:
    """An administrator could move money without a trace (S6)."""
    column = "intent" if model is JournalEntry else "owner_key"
    for statement in (update(model).values({column: "x"}), delete(model)):
        with pytest.raises(DatabaseError, match="append-only"), transaction(market.engine) as session:
            session.execute(statement)
    with pytest.raises(DatabaseError), transaction(market.engine) as session:
        session.execute(text(f"TRUNCATE {model.__tablename__} CASCADE"))
    assert funds(market, "producer") == FUNDS_FEN
