"""Which takers refuse a lot, for which reasons, and which of them would be the easiest to win over?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from matching.candidates import Candidates, measured
from matching.compatibility import pair_reasons, transport_reason
from matching.distances import Ints
from matching.facts import Facts, facts_of, ints
from matching.masks import efforts, refusals
from matching.problem import Lot, Problem
from matching.reasons import EFFORT, Reason
from matching.solution import Refusal

CELLS = 500_000  # pairs looked at in one go, which bounds the memory


@dataclass(frozen=True, slots=True)
class Miss:
    """A taker that cannot have a lot, the road to it, and every reason why not."""

    refusal: Refusal
    metres: int


def misses(problem: Problem, lot: Lot, k: int) -> tuple[Refusal, ...]:
    """List the `k` takers that hard rules keep from the lot and that least effort would bring in.

    Takers without a licence for the code are looked at only where no taker at all has one, since a new
    licence is the longest way of all.
    """
    return misses_of(facts_of(problem, [lot]), 0, k)


def misses_of(facts: Facts, lot: int, k: int) -> tuple[Refusal, ...]:
    """List what `misses` lists, for one row of the facts."""
    return tuple(miss.refusal for miss in nearest_misses(facts, ints([lot]), k).get(lot, ()))


def nearest_misses(facts: Facts, lots: Ints, k: int) -> dict[int, list[Miss]]:
    """List for each of many lots what `misses` lists for one, by the lots' rows."""
    blocked = _transport(facts.problem)
    found: dict[int, list[Miss]] = {}
    for pairs in _licensed(facts, lots):
        bits = refusals(facts, pairs.lot, pairs.taker, pairs.metres, pairs.seconds)
        stuck = np.array([blocked(facts.lots.rows[n]) is not None for n in pairs.lot.tolist()], dtype=bool)
        rows = np.flatnonzero((bits != 0) | stuck)
        ids = facts.takers.rank[pairs.taker[rows]]
        rows = rows[np.lexsort((ids, pairs.metres[rows], efforts(bits[rows]), pairs.lot[rows]))]
        for n in rows.tolist():
            mine = found.setdefault(int(pairs.lot[n]), [])
            if len(mine) < k:
                mine.append(_miss(facts, pairs, n, blocked))
    return found


def effort(reasons: list[Reason]) -> int:
    """Add up how hard these kinds of obstacle are to move, each kind once; an order and not a price."""
    return sum(EFFORT[code] for code in {reason.code for reason in reasons})


def _miss(facts: Facts, pairs: Candidates, n: int, blocked: Callable[[Lot], Reason | None]) -> Miss:
    lot, taker = facts.lots.rows[pairs.lot[n]], facts.takers.rows[pairs.taker[n]]
    metres, seconds = int(pairs.metres[n]), int(pairs.seconds[n])
    reasons = pair_reasons(facts.problem, lot, taker, metres, seconds)
    transport = blocked(lot)
    return Miss(Refusal(taker.id, tuple(reasons if transport is None else [*reasons, transport])), metres)


def _licensed(facts: Facts, lots: Ints) -> Iterator[Candidates]:
    """Yield the lots with every taker licensed for their code, or with all takers where none is."""
    everybody = np.arange(len(facts.takers.total_kg))
    for code in np.unique(facts.lots.code[lots]):
        licensed = facts.resources.taker[facts.resources.of_code(int(code))]
        takers = licensed if len(licensed) else everybody
        group = lots[facts.lots.code[lots] == code]
        step = max(1, CELLS // max(1, len(takers)))
        for start in range(0, len(group), step):
            some = group[start : start + step]
            yield measured(facts, np.repeat(some, len(takers)), np.tile(takers, len(some)))


def _transport(problem: Problem) -> Callable[[Lot], Reason | None]:
    """Remember why no vehicle can carry a lot: it hangs on its class, and on its mass in one trip."""
    known: dict[tuple[bool, str | None, int], Reason | None] = {}

    def blocked(lot: Lot) -> Reason | None:
        key = (lot.hazardous, lot.dg_class, lot.kg if lot.one_trip else 0)
        if key not in known:
            known[key] = transport_reason(problem, lot)
        return known[key]

    return blocked
