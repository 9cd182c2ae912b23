"""Is the market shaken when it has changed, after what people wait for, and is it told what came of it?"""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import delete, select

from compliance.record.database import reading, transaction
from marketplace.lots.tables import Lot
from marketplace.matches import firmness
from marketplace.matches.firmness import Firmness
from marketplace.solves import engines, service, shaking
from marketplace.solves.rules import Kind, Limits, State
from marketplace.solves.tables import Solve
from tests.factories.trade import Market


def shaken(market: Market) -> dict[str, object]:
    """Take the next solve up, work it out and keep it, as a solver does; return the answer."""
    with transaction(market.engine) as session:
        row = service.take_up(session, "one", market.at, 1.0)
        assert row is not None
        assert row.kind == Kind.SHAKE_MARKET.value
        limits = Limits(row.seconds)
        found = engines.answer(Kind(row.kind), row.problem, limits, lambda _: None, lambda: False)
        service.finish(session, row.id, "one", found, market.at)
        shaking.keep(session, found, row.asked_at)
    return found


def told(market: Market, lot_id: UUID) -> list[Firmness]:
    """Return how firm the matches of a lot are, in their order."""
    matches = market.matches(lot_id)
    with reading(market.engine) as session:
        found = firmness.of_matches(session, session.get_one(Lot, lot_id), matches)
        return [found[row.id] for row in matches if row.id in found]


def due(market: Market) -> bool:
    """Ask for a shaking if one is due."""
    return shaking.ask_when_due(market.engine, lambda: market.at)


def test_the_market_is_shaken_once_for_each_change_and_after_what_people_wait_for(market: Market) -> None:
    """Solvers would shake an unchanged market all day, or a dispatcher wait behind it."""
    lot_id = market.list_lot(kg=20_000)
    market.idle()
    assert told(market, lot_id) == []
    assert due(market)
    assert not due(market), "one waits"
    market.forward(seconds=1)
    with market.work("operator") as work:
        mine = service.ask(work, Kind.CLEAR_MARKET, {}, Limits()).id
    with transaction(market.engine) as session:
        first = service.take_up(session, "one", market.at, 1.0)
        assert first is not None
        assert first.id == mine
        session.execute(delete(Solve).where(Solve.id == mine))
    assert shaken(market)["samples"] == shaking.SAMPLES
    assert not due(market), "nothing has happened since"
    found = [(one.made, one.again, one.samples) for one in told(market, lot_id)]
    assert found == [(True, shaking.SAMPLES, shaking.SAMPLES), (False, 0, shaking.SAMPLES)]
    market.forward(seconds=1)
    late = market.list_lot("neighbour", kg=12_000)
    market.idle()
    assert told(market, late) == [], "it came after the market was shaken"
    assert due(market)
    assert market.rows(select(Solve).where(Solve.state == State.DONE.value)) == [], "the last is dropped"


def test_receivers_that_are_worth_the_same_share_the_markets(market: Market) -> None:
    """A producer would be told that a match is firm which a fen would turn."""
    lot_id = market.list_lot(kg=20_000)
    market.idle()
    near, far = market.matches(lot_id)
    market.open_need("distant", price=Decimal(-2400) + Decimal(near.score) - Decimal(far.score))
    market.idle()
    market.forward(seconds=1)
    assert due(market)
    shaken(market)
    assert len([one for one in told(market, lot_id) if 0 < one.again < one.samples]) >= 2
