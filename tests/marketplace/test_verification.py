"""Does `huanlian verify` find what somebody has changed behind the product's back, and name the row?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, Executable, select, text, update

from compliance.receipts.tables import Receipt
from compliance.record import ledger
from compliance.record.database import open_database
from marketplace.deals.tables import Deal
from marketplace.lots.tables import Lot
from marketplace.settlements.tables import JournalLine, Settlement, SettlementLine
from marketplace.verification import Finding, verify
from tests.factories.trade import Market, open_market
from tracking.weighings.tables import Weighing

Damage = Executable | Callable[[Connection], None]


def settled(engine: Engine) -> Market:
    """Return a market with one load settled and paid, and one lot left over."""
    market = open_market(engine, vehicles=1)
    deal_id = market.agree(kg=30_060)
    market.deliver(deal_id, 30_120, 30_060)
    market.receive(deal_id, 30_060)
    market.pay(deal_id, "producer")
    market.list_lot()
    market.idle()
    return market


@pytest.fixture(scope="module")
def original(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Market:
    """The settled market, made once: every test damages a copy."""
    path = tmp_path_factory.mktemp("settled") / "original.db"
    shutil.copy(sqlite_template, path)
    engine = open_database(f"sqlite:///{path}")
    market = settled(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return market


@pytest.fixture
def market(original: Market, tmp_path: Path) -> Iterator[Market]:
    """A copy of the settled market."""
    copy = tmp_path / "copy.db"
    shutil.copy(str(original.engine.url.database), copy)
    engine = open_database(f"sqlite:///{copy}")
    yield replace(original, engine=engine)
    engine.dispose()


@contextmanager
def unguarded(engine: Engine) -> Iterator[Connection]:
    """Yield a connection of somebody who has switched the database's own guards off."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            guards = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for name in connection.execute(text(guards)).scalars().all():
                connection.execute(text(f'DROP TRIGGER "{name}"'))
        yield connection


def found(market: Market, damage: Damage) -> tuple[Finding, ...]:
    """Damage a sound database and return what is found."""
    assert verify(market.engine).findings == ()
    with unguarded(market.engine) as connection:
        connection.execute(damage) if isinstance(damage, Executable) else damage(connection)
    return verify(market.engine).findings


def test_an_honest_database_holds(market: Market) -> None:
    """An operator would be warned of nothing, and stop listening."""
    told = verify(market.engine)
    assert told.holds
    assert (told.money_fen, told.manifests) == (0, 1)
    assert told.events == len(market.events(*{event.kind for event in every_event(market)}))
    assert len(told.head) == 64


def every_event(market: Market) -> list[ledger.Event]:
    """Return the whole record."""
    with market.work() as work:
        return [one.event for one in ledger.read(work.session, 0, 10_000)]


def test_a_changed_event_is_named(market: Market) -> None:
    """A fact could be rewritten after the inspector has gone."""
    (finding,) = found(
        market,
        update(ledger.events).where(ledger.events.c.seq == 7).values(data="{}"),
    )
    assert (finding.check, finding.row) == ("chain", "ledger 7")


def test_a_removed_event_is_named(market: Market) -> None:
    """A weighing could be made to never have happened."""
    (finding,) = found(market, text("DELETE FROM ledger WHERE seq = 9"))
    assert (finding.check, finding.row) == ("chain", "ledger 10")
    assert finding.reason == "event 9 is missing"


def test_a_cut_end_is_found(market: Market) -> None:
    """The last hour could be cut off."""
    last = len(every_event(market))
    (finding,) = found(market, text(f"DELETE FROM ledger WHERE seq = {last}"))
    assert (finding.check, finding.row) == ("chain", f"ledger {last}")


def test_money_made_from_nothing_is_named(market: Market) -> None:
    """An administrator could write a million on an account."""
    line = market.rows(select(JournalLine).order_by(JournalLine.fen.desc()))[0]
    findings = found(
        market,
        update(JournalLine).where(JournalLine.id == line.id).values(fen=line.fen + 1),
    )
    assert (findings[0].check, findings[0].row) == ("money", f"journal entry {line.entry_id}")
    assert verify(market.engine).money_fen == 1


def test_an_overdrawn_account_is_named(market: Market) -> None:
    """Somebody could spend what is not there."""
    carrier = str(market.parties["carrier"].id)
    theirs = JournalLine.owner_key == carrier, JournalLine.kind == "available"
    (line,) = market.rows(select(JournalLine).where(*theirs))
    other = (
        select(JournalLine.id)
        .where(JournalLine.entry_id == line.entry_id, JournalLine.fen == -line.fen)
        .limit(1)
    )

    def move(connection: Connection) -> None:
        connection.execute(update(JournalLine).where(JournalLine.id == line.id).values(fen=-line.fen))
        connection.execute(update(JournalLine).where(JournalLine.id.in_(other)).values(fen=line.fen))

    findings = found(market, move)
    assert f"account {carrier}/available" in {finding.row for finding in findings}
    assert {finding.check for finding in findings} == {"money"}


def test_a_changed_line_of_a_settlement_is_named(market: Market) -> None:
    """A carrier's freight could be raised on the invoice and not in the books."""
    (row,) = market.rows(select(Settlement))
    line = row.lines[0]
    raise_it = update(SettlementLine).where(SettlementLine.id == line.id).values(fen=line.fen + 100)
    findings = found(market, raise_it)
    assert findings[0].row == f"settlement:{row.id}:line:1:due"
    assert {finding.check for finding in findings} == {"money"}


def test_a_line_that_says_unpaid_although_it_is_booked_is_named(market: Market) -> None:
    """A payer would be asked for the same money again."""
    (row,) = market.rows(select(Settlement))
    unpay = update(SettlementLine).where(SettlementLine.id == row.lines[1].id).values(paid_at=None)
    (finding,) = found(market, unpay)
    assert finding.row == f"settlement:{row.id}:line:2:paid"


@pytest.mark.parametrize("column", ["kg", "left_kg"])
def test_mass_that_appears_in_a_lot_is_named(market: Market, column: str) -> None:
    """Waste could be sold that was never there."""
    lot = market.rows(select(Lot).order_by(Lot.created_at))[0]
    more = update(Lot).where(Lot.id == lot.id).values({column: getattr(lot, column) + 1})
    (finding,) = found(market, more)
    assert (finding.check, finding.row) == ("mass", f"lot {lot.id}")


def test_a_deal_that_takes_more_than_its_lot_had_is_named(market: Market) -> None:
    """A load could leave under a deal that covers half of it."""
    (deal,) = market.rows(select(Deal))
    (finding,) = found(market, update(Deal).values(kg=deal.kg - 10))
    assert (finding.check, finding.row) == ("mass", f"lot {deal.lot_id}")


def test_a_changed_ticket_is_named_by_its_receipt(market: Market) -> None:
    """A scale's word could be changed after the receipt was signed."""
    (receipt,) = market.rows(select(Receipt))
    lighter = (
        update(Weighing).where(Weighing.place == "destination", Weighing.role == "gross").values(kg=30_000)
    )
    (finding,) = found(market, lighter)
    assert (finding.check, finding.row) == ("mass", f"receipt {receipt.id}")


def test_a_settlement_over_more_than_was_accepted_is_named(market: Market) -> None:
    """A producer would pay for tonnes that the processor never took."""
    (row,) = market.rows(select(Settlement))
    (finding,) = found(market, update(Settlement).values(kg=row.kg + 1))
    assert (finding.check, finding.row) == ("mass", f"settlement {row.id}")


def test_damage_is_found_on_every_database(engine: Engine) -> None:
    """A market on PostgreSQL would be told that all is well whatever was done to it."""
    market = settled(engine)
    lot = market.rows(select(Lot).order_by(Lot.created_at))[0]

    def all_three(connection: Connection) -> None:
        connection.execute(text("DELETE FROM ledger WHERE seq = 2"))
        connection.execute(update(JournalLine).where(JournalLine.fen > 0).values(fen=JournalLine.fen + 1))
        connection.execute(update(Lot).where(Lot.id == lot.id).values(left_kg=1))

    findings = found(market, all_three)
    assert findings[0].row == "ledger 3"
    assert findings[1].row.startswith("journal entry ")
    assert findings[-1].row == f"lot {lot.id}"


def test_the_chain_is_told_first(market: Market) -> None:
    """An operator would mend a sum while the record itself is broken."""

    def both(connection: Connection) -> None:
        connection.execute(update(Lot).values(left_kg=1))
        connection.execute(text("DELETE FROM ledger WHERE seq = 2"))

    findings = found(market, both)
    assert [finding.check for finding in findings] == ["chain", "mass", "mass"]
