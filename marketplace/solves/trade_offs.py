"""What does the market give up in one goal for more of another, and who would carry what to whom then?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from compliance.record.errors import N_, Invalid
from marketplace.lots import queries as lots
from marketplace.matches import market
from marketplace.solves import stored
from marketplace.solves.clearing import DISTANCES
from marketplace.solves.rules import Limits, Progress
from matching.problem import Problem
from matching.session import LiveMarket, TradeOff
from matching.stopping import Limits as EngineLimits

MOST_STEPS = 7
MOST_POINTS = 60
"""So many points are kept with their shipments, evenly over the range of welfare; the rest is close by."""


class Goal(StrEnum):
    """What is weighed against welfare."""

    TONNE_KM = "tonne_km"
    EMISSIONS = "emissions"
    LOTS = "lots"


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Which goals are weighed against welfare, and how finely: `steps` ^ goals clearings."""

    goals: tuple[Goal, ...] = tuple(Goal)
    steps: int = 4

    @property
    def clearings(self) -> int:
        """Return how often the market is cleared."""
        return int(self.steps ** len(self.goals))


def checked(wish: Wish) -> Wish:
    """Return a wish that can be worked out, each goal once, or raise what is wrong with it."""
    goals = tuple(dict.fromkeys(wish.goals))
    if not goals:
        raise Invalid(N_("Choose at least one goal to weigh against welfare."), field="goals")
    if not 2 <= wish.steps <= MOST_STEPS:
        raise Invalid(N_("Steps are 2 to {most}."), field="steps", values={"most": MOST_STEPS})
    return msgspec.structs.replace(wish, goals=goals)


def snapshot(session: Session, now: datetime, wish: Wish) -> dict[str, Any]:
    """Return the whole market as it now is and what is wished of it, JSON-ready."""
    problem = market.problem_of(session, lots.listed(session, now), now)
    return {"market": stored.told(problem, DISTANCES), "wish": msgspec.to_builtins(checked(wish))}


def answer(
    problem: dict[str, Any],
    limits: Limits,
    tell: Callable[[Progress], None],
    cancelled: Callable[[], bool],
) -> dict[str, Any]:
    """Clear the market for one weighting after the other, until all are done or a limit is met.

    The first clearing, in which what is not compiled yet gets compiled, is not counted.
    """
    wish = msgspec.convert(problem["wish"], Wish)
    began: float | None = None
    total = wish.clearings
    live = LiveMarket(
        stored.read(Problem, problem["market"]), EngineLimits(seconds=max(0.1, limits.seconds / total))
    )
    done = 0

    def go_on(cleared: int) -> bool:
        nonlocal began, done
        began, done = began or time.monotonic(), cleared
        spent = time.monotonic() - began
        tell(Progress(iteration=cleared, seconds=round(spent, 1), of=total))
        return not cancelled() and spent < limits.seconds

    found = live.trade_offs(["welfare", *wish.goals], wish.steps, go_on)
    return _told(live.problem, wish, thinned(found), len(found)) | {"cleared": done, "of": total}


def thinned(found: Sequence[TradeOff]) -> list[TradeOff]:
    """Return no more than `MOST_POINTS`, evenly, the first and the last among them."""
    if len(found) <= MOST_POINTS:
        return list(found)
    last = len(found) - 1
    return [found[round(n * last / (MOST_POINTS - 1))] for n in range(MOST_POINTS)]


def _told(problem: Problem, wish: Wish, points: Sequence[TradeOff], found: int) -> dict[str, Any]:
    """Return the points; a shipment is [row of the lot, row of the need, kilograms, metres]."""
    lot_ids = list(dict.fromkeys(one.lot_id for point in points for one in point.shipments))
    need_ids = list(dict.fromkeys(one.taker_id for point in points for one in point.shipments))
    lot_at, need_at = ({key: n for n, key in enumerate(ids)} for ids in (lot_ids, need_ids))
    return {
        "goals": [goal.value for goal in wish.goals],
        "steps": wish.steps,
        "found": found,
        "listed": len(problem.lots),
        "distances": f"{problem.distances.source} {problem.distances.version}".rstrip(),
        "lots": lot_ids,
        "needs": need_ids,
        "points": [
            {
                "welfare_cny": round(point.welfare, 2),
                "tonne_km": round(point.tonne_km, 1),
                "emissions_kg": round(point.emissions, 1),
                "lots_share": round(point.lots, 4),
                "shipments": [
                    [lot_at[one.lot_id], need_at[one.taker_id], one.kg, one.metres] for one in point.shipments
                ],
            }
            for point in points
        ],
    }
