"""Which matches hold when prices and rooms are a little other than stated? Asked as the market changes."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from compliance.record import ledger
from compliance.record.clock import Now
from compliance.record.database import transaction
from compliance.record.ids import new_id
from marketplace.lots import queries as lots
from marketplace.matches import firmness, market
from marketplace.matches.tables import MarketLook
from marketplace.solves import queries, service, stored
from marketplace.solves.clearing import DISTANCES
from marketplace.solves.rules import OVER, Kind, Limits, Progress
from marketplace.solves.tables import Solve
from matching.problem import Problem
from matching.session import LiveMarket
from matching.stopping import Limits as EngineLimits

PERCENT = 2.0
SAMPLES = 20
SECONDS = 10.0
"""So long the market is shaken at most; fewer samples than `SAMPLES` are told as what they are."""
MOST_LOTS = 20_000
"""A larger market is not shaken by itself: its problem alone is tens of megabytes."""


def snapshot(session: Session, now: datetime) -> dict[str, Any]:
    """Return the whole market as it now is, JSON-ready."""
    return stored.told(market.problem_of(session, lots.listed(session, now), now), DISTANCES)


def ask_when_due(engine: Engine, now: Now) -> bool:
    """Put a shaking into the queue unless one waits or nothing has happened since; tell whether it was.

    Where two workers do it for the first time at once, one of them gives way.
    """
    try:
        with transaction(engine) as session:
            return _ask(session, now())
    except IntegrityError:
        return False


def _ask(session: Session, at: datetime) -> bool:
    seq = session.scalars(select(ledger.head.c.seq)).one()
    look = session.get(MarketLook, firmness.SHAKEN, with_for_update=True)
    if (look is not None and look.seq >= seq) or queries.waits(session, Kind.SHAKE_MARKET):
        return False
    problem = snapshot(session, at)
    listed = len(problem["lots"])
    if look is None:
        session.add(MarketLook(id=firmness.SHAKEN, seq=seq, at=at, lots=listed))
    else:
        look.seq, look.at, look.lots = seq, at, listed
    if listed > MOST_LOTS:
        return False
    over = Solve.kind == Kind.SHAKE_MARKET.value, Solve.state.in_([one.value for one in OVER])
    session.execute(delete(Solve).where(*over))
    service.queue_up(session, Kind.SHAKE_MARKET, problem, Limits(SECONDS), service.PRODUCT, new_id(), at)
    return True


def answer(
    problem: dict[str, Any],
    limits: Limits,
    tell: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> dict[str, Any]:
    """Clear the market as it is, then slightly other ones until all samples are done or a limit is met.

    The first clearing, in which what is not compiled yet gets compiled, is not counted.
    """
    began: float | None = None
    each = max(0.1, limits.seconds / (SAMPLES + 1))
    live = LiveMarket(stored.read(Problem, problem), EngineLimits(seconds=each))

    def go_on(done: int) -> bool:
        nonlocal began
        began = began or time.monotonic()
        spent = time.monotonic() - began
        tell(Progress(iteration=done, seconds=round(spent, 1), of=SAMPLES))
        return not cancelled() and spent < limits.seconds

    found = live.recurrence(PERCENT, SAMPLES, limits.seed, go_on)
    return {
        "percent": PERCENT,
        "samples": next((one.samples for one in found.values()), 0),
        "matches": [
            {"lot": lot, "need": need, "made": one.made, "again": one.again}
            for (lot, need), one in found.items()
        ],
    }


def keep(session: Session, result: dict[str, Any], asked_at: datetime) -> None:
    """Keep an answer where the pages look it up; one without samples says nothing."""
    if result["samples"]:
        rows = [(UUID(one["lot"]), UUID(one["need"]), one["made"], one["again"]) for one in result["matches"]]
        firmness.keep(session, rows, result["samples"], result["percent"], asked_at)
