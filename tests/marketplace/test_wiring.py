"""Does one event lead to the next, from a listed lot to a settled deal, with nothing done twice?"""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, select

from compliance.deadlines import service as deadlines
from compliance.deadlines.rules import Kind as Deadline
from compliance.deadlines.service import About
from compliance.ledgers import service as ledgers
from compliance.ledgers import stock
from compliance.ledgers.rules import Draft, Table
from compliance.ledgers.tables import LedgerEntry
from compliance.manifests import corrections
from compliance.manifests.rules import Act as ManifestAct
from compliance.manifests.seals import Field
from compliance.manifests.tables import Manifest
from compliance.receipts.tables import Receipt
from compliance.record import subscribers as record
from compliance.record.database import reading, transaction
from compliance.record.errors import RuleBroken
from compliance.registry.tables import LicenceLineRow
from compliance.rulebook.workdays import PUBLISHED_YEARS
from marketplace import worker
from marketplace.deals.tables import Deal
from marketplace.settlements import journal
from marketplace.settlements.tables import Settlement
from marketplace.verification import verify
from marketplace.wiring import subscribers
from tests.factories.trade import OIL, START, Market, open_market
from tools import reference_code
from tracking.alerts import queries as alerts
from tracking.alerts.kinds import Kind, Severity
from tracking.alerts.queries import Wanted
from tracking.trips.tables import Trip


@pytest.fixture
def market(engine: Engine) -> Market:
    """A market with one truck, on each database."""
    return open_market(engine, vehicles=1)


OVER_QUOTA = Wanted(kinds=frozenset({Kind.QUOTA_EXCEEDED}), severities=frozenset({Severity.ALARM}))
CHAIN = (
    "LotListed",
    "MatchProposed",
    "DealAgreed",
    "ManifestDrafted",
    "TripPlanned",
    "ManifestIssued",
    "Weighed",
    "ReceiptDrafted",
    "ReceiptSigned",
    "SettlementDue",
    "LinePaid",
    "SettlementPaid",
)


def test_a_listed_lot_becomes_a_settled_load(market: Market) -> None:
    """The loop would stop somewhere, and everybody wait for everybody else."""
    deal_id = market.agree()
    market.deliver(deal_id, 20_020, 20_000)
    market.receive(deal_id, 20_000)
    market.pay(deal_id, "producer")
    market.idle()
    told = [event.kind for event in market.events(*CHAIN)]
    assert tuple(dict.fromkeys(told)) == CHAIN
    assert told.count("Weighed") == 4
    assert market.standing(deal_id)[0] == "settled"
    assert market.manifest(deal_id).state == "confirmed"
    (receipt,) = market.rows(select(Receipt))
    assert (receipt.sender_kg, receipt.receiver_kg, receipt.accepted_kg) == (20_020, 20_000, 20_000)
    assert len(receipt.weighing_ids) == 4
    checked = verify(market.engine)
    assert (checked.findings, checked.money_fen) == ((), 0)
    with reading(market.engine) as session:
        assert journal.unbalanced_entries(session) == []


@pytest.mark.sqlite_alone
def test_a_load_outside_the_tolerance_is_settled_on_what_both_agree_upon(market: Market) -> None:
    """A producer would pay for tonnes that are in dispute (S2)."""
    deal_id = market.agree()
    market.deliver(deal_id, 20_000, 20_200)
    market.receive(deal_id, 20_200)
    row = market.settlement(deal_id)
    assert (row.kg, row.disputed_kg) == (20_000, 200)
    assert [line.fen for line in row.lines if line.kind == "waste"] == [4_600_000]
    assert len(market.events("WeightDisputed")) == 1
    assert verify(market.engine).holds


@pytest.mark.sqlite_alone
def test_a_load_accepted_in_part_is_settled_on_that_part(market: Market) -> None:
    """A processor would be paid for what it sent back."""
    deal_id = market.agree()
    market.deliver(deal_id, 20_000, 20_000)
    market.receive(deal_id, 12_000, "eight drums hold water")
    row = market.settlement(deal_id)
    assert (row.kg, row.disputed_kg) == (12_000, 0)
    assert verify(market.engine).holds


@pytest.mark.sqlite_alone
def test_a_refused_load_is_not_settled(market: Market) -> None:
    """A producer would pay for a load that came back."""
    deal_id = market.agree()
    market.deliver(deal_id, 20_000, 20_000)
    market.refuse(deal_id)
    assert market.standing(deal_id)[0] == "refused"
    assert market.rows(select(Settlement)) == []
    assert [event.data["act"] for event in market.events("DealMoved")] == ["refuse"]
    assert [(one.kg, one.out_kg) for one in market.rows(select(LedgerEntry))] == [(0, 20_000)]


@pytest.mark.sqlite_alone
def test_a_correction_reaches_the_ledgers_of_both_ends(market: Market) -> None:
    """The ledgers would keep the mass that both ends have agreed to correct (G4, M16)."""
    deal_id = market.agree()
    market.deliver(deal_id, 20_000, 20_000)
    market.receive(deal_id, 20_000)
    key = market.manifest(deal_id).id
    with market.work("processor") as work:
        row = work.session.get_one(Manifest, key)
        found = corrections.propose(work, row, {Field.ACCEPTED_KG: 19_000}, "misread")
    with market.work("producer") as work:
        row = work.session.get_one(Manifest, key)
        corrections.answer(work, row, corrections.one(work.session, key, found.id), True)
    market.idle()
    assert sorted((one.batch, one.kg, one.out_kg) for one in market.rows(select(LedgerEntry))) == [
        ("HWRK20261120001", 19_000, None),
        ("HWWWLY20261120001", 19_000, 20_000),
    ]


@pytest.mark.sqlite_alone
def test_a_cancelled_manifest_calls_the_truck_off(market: Market) -> None:
    """A driver would go for a load that nobody hands out."""
    deal_id = market.agree()
    market.sign(deal_id, ManifestAct.ISSUE, "producer")
    market.sign(deal_id, ManifestAct.CANCEL, "producer")
    market.idle()
    assert [trip.state for trip in market.rows(select(Trip))] == ["cancelled"]
    assert market.standing(deal_id)[0] == "cancelled"


@pytest.mark.sqlite_alone
def test_hazardous_waste_is_not_loaded_before_it_is_weighed(market: Market) -> None:
    """The loop could be closed without the proof that it is there for (M4)."""
    deal_id = market.agree()
    market.sign(deal_id, ManifestAct.ISSUE, "producer")
    with pytest.raises(RuleBroken) as caught:
        market.sign(deal_id, ManifestAct.LOAD, "carrier")
    assert caught.value.rule == "M4.not_weighed"


def test_events_that_are_told_again_change_nothing(market: Market) -> None:
    """A worker that was killed would draw up a second manifest, or a second settlement."""
    with market.work("producer") as work:
        made = ledgers.record(work, Draft(Table.GENERATED, work.today, OIL, 30_000))
        ledgers.record(work, Draft(Table.STORED, work.today, OIL, 30_000, source=made.batch))
    deal_id = market.agree()
    market.deliver(deal_id, 20_000, 20_000)
    market.receive(deal_id, 20_000)
    kept = entered(market)
    with transaction(market.engine) as session:
        for row in session.scalars(select(record.Subscription).where(record.Subscription.name != "matches")):
            row.cursor = 0
    market.idle()
    for model in (Manifest, Trip, Receipt, Settlement):
        assert len(market.rows(select(model))) == 1
    assert market.standing(deal_id)[0] == "received"
    assert len(market.events("SettlementDue")) == 1
    assert entered(market) == kept
    assert [one[0] for one in kept] == [
        "HWCK20261120001",
        "HWCS20261120001",
        "HWRK20261120001",
        "HWRK20261120001",
        "HWWWLY20261120001",
    ]
    with reading(market.engine) as session:
        assert stock.balances(session, market.parties["producer"].id, START.date())[OIL].left_kg == 10_000
    assert verify(market.engine).holds


def entered(market: Market) -> list[tuple[str, int, int]]:
    """Every line of all ledgers, with its version."""
    rows = market.rows(select(LedgerEntry))
    return sorted((one.batch, one.kg, one.version) for one in rows)


@pytest.mark.sqlite_alone
def test_every_reaction_waits_for_events_that_somebody_appends(market: Market) -> None:
    """A misspelt event would be waited for in vain."""
    deal_id = market.agree()
    market.deliver(deal_id, 20_000, 20_000)
    market.receive(deal_id, 20_000)
    market.pay(deal_id, "producer")
    waited = {kind for one in subscribers(market.now) for kind in one.kinds}
    assert waited <= set(reference_code.events())
    assert {event.kind for event in market.events(*waited)} >= {
        "LotListed",
        "ReceiptSigned",
    }
    assert worker.run_until_idle(market.engine, market.now) > 0


@pytest.mark.sqlite_alone
def test_a_licence_far_beyond_its_year_is_an_alarm_in_the_inspectors_queue(engine: Engine) -> None:
    """A works would take a fifth more than its licence, and only the ledger know of it (L4)."""
    market = open_market(engine, vehicles=2)
    loads = [market.agree(), market.agree("neighbour")]
    with market.work() as work:
        for line in work.session.scalars(select(LicenceLineRow)):
            line.yearly_kg = 30_000
    for deal_id in loads:
        market.deliver(deal_id, 20_000, 20_000)
        market.receive(deal_id, 20_000)
    assert len(market.events("QuotaExceeded")) == 2
    deal = market.get(Deal, loads[0])
    (row,) = market.rows(alerts.matching(market.parties["inspector"].who, OVER_QUOTA))
    assert (row.site_id, row.state) == (deal.destination_site_id, "open")
    assert (row.evidence["code"], row.evidence["percent"]) == (deal.code, 133)
    assert [one.id for one in market.rows(alerts.matching(market.parties["processor"].who, OVER_QUOTA))] == [
        row.id
    ]
    assert market.rows(alerts.matching(market.parties["producer"].who, OVER_QUOTA)) == []


@pytest.mark.sqlite_alone
def test_what_was_not_done_in_time_comes_to_the_inspectors_queue(market: Market) -> None:
    """A receiver that never confirms would only be counted on a page that nobody opens (M11)."""
    manifest = market.manifest(market.agree())
    about = About(manifest.id, manifest.receiver_id, "20264201000001")
    with market.work() as work:
        deadlines.start(work, Deadline.CONFIRM, about, date(2026, 11, 2), PUBLISHED_YEARS)
        deadlines.sweep(work, PUBLISHED_YEARS)
    market.idle()
    wanted = Wanted(kinds=frozenset({Kind.DEADLINE_OVERDUE}))
    (row,) = market.rows(alerts.matching(market.parties["inspector"].who, wanted))
    assert row.evidence == {"due_on": "2026-11-09", "deadlines": ["M11.confirm_in_time 20264201000001"]}
    assert market.rows(alerts.matching(market.parties["producer"].who, wanted)) == []
