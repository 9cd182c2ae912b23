"""What is room at each need worth as the whole market stands, kept for pages that must not wait?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from compliance.record import ledger
from compliance.record.clock import Now
from compliance.record.database import reading, transaction
from marketplace.lots import queries as lots
from marketplace.matches import market
from marketplace.matches.tables import GatePrice, MarketLook
from matching.price import Prices, shadow_prices

ONLY = 1
"""The key of the one row that says when the market was last looked at."""


def refresh(engine: Engine, now: Now) -> bool:
    """Clear the whole market for its prices, unless nothing has happened since; tell whether it was done.

    Reads, thinks without a lock, then writes. Where two workers do it at once, one of them gives way.
    """
    with reading(engine) as session:
        seq = session.scalars(select(ledger.head.c.seq)).one()
        look = session.get(MarketLook, ONLY)
        if look is not None and look.seq >= seq:
            return False
        at = now()
        problem = market.problem_of(session, lots.listed(session, at), at)
    prices = shadow_prices(problem)
    try:
        with transaction(engine) as session:
            _write(session, prices, seq, at)
    except IntegrityError:
        return False
    return True


def _write(session: Session, prices: Prices, seq: int, at: datetime) -> None:
    session.execute(delete(GatePrice))
    session.add_all(
        GatePrice(need_id=UUID(taker_id), code=code, ask=ask, bid=prices.bid[taker_id, code], at=at)
        for (taker_id, code), ask in prices.ask.items()
    )
    look = session.get(MarketLook, ONLY, with_for_update=True)
    if look is None:
        session.add(MarketLook(id=ONLY, seq=seq, at=at, lots=len(prices.problem.lots)))
    elif look.seq <= seq:
        look.seq, look.at, look.lots = seq, at, len(prices.problem.lots)


def looked(session: Session) -> MarketLook | None:
    """Return when the market was last cleared for its prices; None: never."""
    return session.get(MarketLook, ONLY)


def prices_of_code(session: Session, code: str) -> Mapping[tuple[str, str], tuple[Decimal, Decimal]]:
    """Return (ask, bid) by need id and code; a need that nobody competes for is not there: zero, both."""
    rows = session.scalars(select(GatePrice).where(GatePrice.code == code))
    return {(str(row.need_id), row.code): (row.ask, row.bid) for row in rows}


def of_needs(session: Session, need_ids: set[UUID]) -> Mapping[UUID, GatePrice]:
    """Return what room is worth at some needs, by their ids."""
    rows = session.scalars(select(GatePrice).where(GatePrice.need_id.in_(need_ids)))
    return {row.need_id: row for row in rows}
