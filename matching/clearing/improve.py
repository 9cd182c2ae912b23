"""How is a divisible flow turned into a lawful clearing, and that into a better one, until time is up?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from matching.clearing.annealing import CHUNK_SECONDS, annealed
from matching.clearing.engine import MANY_LOTS, Engine
from matching.clearing.exact import MOST_PAIRS, solve_exactly
from matching.clearing.layout import TOTAL
from matching.clearing.market import Ints

if TYPE_CHECKING:
    from matching.clearing.clearing import Watch

CHUNK_LOTS = 20
"""To be decided between two looks at the clock, when a first answer is made."""

SMALL_ROUNDS = 20
"""Of search in a market that is small enough to be settled for good afterwards."""

COMPILING_S = 10.0
"""So many seconds, and it is worth while to compile the exact search, should it not be: that takes half."""

MOST_RUIN = 8
GIVE = 0.01
"""The part of the first gap by which the search may fall back behind its best."""


def improve(engine: Engine, watch: Watch, bound: float) -> tuple[Ints, int, bool]:
    """Decide every lot that was cut, search on, and settle a small market for good.

    Returns kilograms per pair, the rounds made, and whether nothing better exists.
    """
    if not len(engine.cut()):
        return engine.kg, 0, True
    small, limit = int(engine.numbers.fits.sum()) <= MOST_PAIRS, watch.limits.rounds
    if not small and engine.model == "whole" and _can_search(engine, watch):
        done = search_exactly(engine, watch, bound)
        if done >= 0:
            return engine.kg, done, False
    rounds = min(SMALL_ROUNDS, limit or SMALL_ROUNDS) if small else limit
    kg, done = annealed(engine, engine.kg.copy(), watch, bound, rounds)
    if not small or not watch.goes_on("prove", done, int(kg @ engine.numbers.gain) / engine.scale, bound):
        return kg, done, False
    seconds = watch.limits.seconds
    kg, proven = solve_exactly(engine, kg, None if seconds is None else seconds - watch.seconds)
    return kg, done, proven


def search_exactly(engine: Engine, watch: Watch, bound: float) -> int:
    """Bring the engine itself to a lawful flow, and that to a better one; return the rounds made.

    Who is told to stop still finishes the first answer, and it gets as long as the flow took even where time
    is up: it takes less, and is some ten times nearer than what can be had at once. Returns -1 where neither
    that nor most of the time left did for it: the lots not decided yet are still cut.
    """
    if watch.limits.seconds is not None:
        left = watch.limits.seconds - watch.seconds
        watch.reserved = min(left / 4, left - engine.flow_s)
    found = first_answer(engine, lambda: watch.in_time("dive", 0, engine.gain / engine.scale, bound))
    watch.reserved = 0.0
    return _search(engine, watch, bound, watch.limits.rounds) if found else -1


def _can_search(engine: Engine, watch: Watch) -> bool:
    """Say whether the exact search would come to something: it is quick enough, and compiled in time."""
    from matching.clearing.search import is_ready

    if engine.market.sizes[0] > MANY_LOTS:
        return False
    seconds = watch.limits.seconds
    return seconds is None or seconds - watch.seconds > COMPILING_S or is_ready()


def first_answer(engine: Engine, goes_on: Callable[[], bool] | None = None) -> bool:
    """Decide every lot that was cut; False: told not to go on before all were."""
    from matching.clearing.search import dive

    lots = engine.cut()
    for last in range(len(lots), 0, -CHUNK_LOTS):
        if goes_on is not None and not goes_on():
            return False
        if not dive(engine.net, engine.state, engine.work, lots[max(last - CHUNK_LOTS, 0) : last]):
            raise ArithmeticError("a lot could not even be left where it is")
    return True


def _search(engine: Engine, watch: Watch, bound: float, limit: int | None) -> int:
    """Ruin and recreate from an engine's lawful flow, and leave it at the best that was found."""
    from matching.clearing.search import ruin_and_recreate

    net, state, work = engine.net, engine.state, engine.work
    best = state.copy()
    missing = bound * engine.scale - engine.gain
    give = max(0, int(GIVE * missing))
    done, chunk = 0, 1
    planned = limit
    while limit is None or done < limit:
        if not watch.goes_on("improve", done, int(best[net[TOTAL]]) / engine.scale, bound):
            break
        before = watch.seconds
        left = (watch.limits.seconds or before) - before
        rounds = chunk if limit is None else min(chunk, limit - done)
        if limit is None or watch.limits.seconds is not None:
            planned = min(limit or 1 << 60, done + max(chunk, int(left / CHUNK_SECONDS * chunk)))
        made = ruin_and_recreate(net, state, work, best, done, rounds, planned or 1, give, MOST_RUIN)
        done += made
        if made < rounds:
            break
        took = max(watch.seconds - before, 1e-6)
        chunk = max(1, min(2 * chunk, int(chunk * CHUNK_SECONDS / took)))
    state[:] = best
    return done
