"""How is a divisible flow turned into a lawful clearing, and that into a better one, until time is up?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matching.clearing.engine import Engine
from matching.clearing.layout import FREE, MODE, part
from matching.clearing.units import KG

if TYPE_CHECKING:
    from matching.clearing.clearing import Watch

CHUNK = 0.05
"""Seconds between two looks at the clock."""

MOST_RUIN = 12
NOISE = 20


def improve(engine: Engine, watch: Watch, bound: float) -> int:
    """Decide every lot that was cut, then ruin and recreate; return the rounds made."""
    from matching.clearing.search import NEVER, dive, note, ruin_and_recreate

    net, state, work = engine.net, engine.state, engine.work
    for lot in engine.cut():
        note(net, work, lot)
    if not dive(net, state, work, NEVER, 0, True):
        raise ArithmeticError("a lot could not even be left where it is")
    limit = watch.limits.rounds
    done, chunk = 0, 16
    while watch.goes_on("improve", done, welfare_of(engine), bound):
        rounds = chunk if limit is None else min(chunk, limit - done)
        if rounds <= 0 or (part(net, state, MODE) == FREE).sum() == 0:
            break
        before = watch.seconds
        ruin_and_recreate(net, state, work, rounds, 0, MOST_RUIN, NOISE)
        done += rounds
        took = watch.seconds - before
        chunk = max(1, min(2 * chunk, int(chunk * CHUNK / max(took, 1e-6))))
    return done


def welfare_of(engine: Engine) -> float:
    """Give the welfare of the flow in CNY, as its whole numbers have it."""
    return engine.gain / engine.numbers.per_cny / KG
