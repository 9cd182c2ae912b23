"""How is a divisible flow turned into a lawful clearing, and that into a better one, until time is up?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from matching.clearing.codes import ByCode
from matching.clearing.engine import MANY_LOTS, Engine
from matching.clearing.exact import MOST_PAIRS, solve_exactly
from matching.clearing.layout import TOTAL
from matching.clearing.market import Ints
from matching.clearing.rounding import rounded
from matching.clearing.units import KG

if TYPE_CHECKING:
    from matching.clearing.clearing import Watch

CHUNK_SECONDS = 0.05
"""Between two looks at the clock; the answer for a number of rounds does not depend on it."""

CHUNK_LOTS = 20
"""To be decided between two looks at the clock, when a first answer is made."""

SHALLOW_LOTS = 500
"""In larger markets a cut lot goes at once where most of it went, in place of a trial of all its places."""

SMALL_ROUNDS = 200
"""Of search in a market that is small enough to be settled for good afterwards."""

MOST_RUIN = 8
GIVE = 0.01
"""The part of the first gap by which the search may fall back behind its best."""


def improve(engine: Engine, watch: Watch, bound: float) -> tuple[Ints, int, bool]:
    """Decide every lot that was cut, then ruin and recreate; settle a small market for good.

    Returns kilograms per pair, the rounds made, and whether nothing better exists.
    """
    if not len(engine.cut()):
        return engine.kg, 0, True
    if engine.market.sizes[0] > MANY_LOTS and len(set(engine.market.resources.code.tolist())) > 1:
        return _by_code(engine, watch, bound)
    scale = engine.numbers.per_cny * KG
    if not first_answer(engine, lambda: watch.goes_on("dive", 0, engine.gain / scale, bound)):
        return rounded(engine.market, engine.numbers, engine.kg), 0, False
    small = int(engine.numbers.fits.sum()) <= MOST_PAIRS
    limit = min(SMALL_ROUNDS, watch.limits.rounds or SMALL_ROUNDS) if small else watch.limits.rounds
    done = _search(engine, watch, bound, limit, lambda: engine.gain)
    if not small or not watch.goes_on("improve", done, engine.gain / scale, bound):
        return engine.kg, done, False
    seconds = watch.limits.seconds
    kg, proven = solve_exactly(engine, engine.kg, None if seconds is None else seconds - watch.seconds)
    return kg, done, proven


def first_answer(engine: Engine, goes_on: Callable[[], bool] | None = None, *, many: bool = False) -> bool:
    """Decide every lot that was cut; False: told not to go on before all were.

    `many`: the market is one code of a very large one.
    """
    from matching.clearing.search import dive

    shallow = many and engine.market.sizes[0] > SHALLOW_LOTS
    lots = engine.cut()
    for last in range(len(lots), 0, -CHUNK_LOTS):
        if goes_on is not None and not goes_on():
            return False
        some = lots[max(last - CHUNK_LOTS, 0) : last]
        if not dive(engine.net, engine.state, engine.work, some, shallow):
            raise ArithmeticError("a lot could not even be left where it is")
    return True


def _by_code(engine: Engine, watch: Watch, bound: float) -> tuple[Ints, int, bool]:
    parts = ByCode(engine)

    def goes_on() -> bool:
        return watch.goes_on("dive", 0, parts.gain / engine.numbers.per_cny / KG, bound)

    for small in parts.begin():
        if not first_answer(small, goes_on, many=True) or not goes_on():
            parts.keep(small)
            return rounded(engine.market, engine.numbers, parts.kg), 0, False
    done, limit = 0, watch.limits.rounds
    step, last = max(1, 200 // len(parts.pieces)), -1
    while done > last:
        last = done
        for small in parts.again():
            if small.market.sizes[0] > SHALLOW_LOTS:
                continue  # a single round would take many seconds there
            rounds = step if limit is None else min(step, limit - done)
            done += _search(small, watch, bound, rounds, lambda: parts.gain)
    return parts.kg, done, False


def _search(engine: Engine, watch: Watch, bound: float, limit: int | None, gain: Callable[[], int]) -> int:
    """Ruin and recreate from an engine's lawful flow, and leave it at the best that was found."""
    from matching.clearing.search import ruin_and_recreate

    net, state, work = engine.net, engine.state, engine.work
    best = state.copy()
    missing = bound * engine.numbers.per_cny * KG - gain()
    give = max(0, int(GIVE * missing))
    done, chunk, scale = 0, 1, engine.numbers.per_cny * KG
    planned = limit
    while limit is None or done < limit:
        if not watch.goes_on("improve", done, (gain() - engine.gain + int(best[net[TOTAL]])) / scale, bound):
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
